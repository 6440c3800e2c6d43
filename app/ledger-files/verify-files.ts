import { readFile, stat } from 'node:fs/promises';
import { InputError } from '../../domain/index.ts';
import { type Checkpoint, isProofFile, parseProof, provenBy, type VerifierKey } from '../../storage/index.ts';
import { verifiedExport } from './export-file.ts';
import { folderAt, folderInZip } from './export-folder.ts';
import { isReport, verifiedReport } from './report-file.ts';
import { Faults, type VerifiedFile } from './verified-file.ts';

const MOST_BYTES = 1024 ** 3;
const ZIP = 'PK\u0003\u0004';

/** Proofs, reports and exports by themselves, without a network: what each proves, and what does not fit. */
export async function verifyFile(file: string, keys: readonly VerifierKey[]): Promise<VerifiedFile> {
  const faults = new Faults();
  const verified = await faults.of('', () => verifiedBy(file, keys));
  return verified ?? { proves: null, checkpoints: [], signedBy: [], faults: faults.found };
}

/**
 * Whether files that rest on one log do so on one history: two trees of one size are one tree.
 * @returns what does not fit, a line each
 */
export function forksBetween(files: readonly { readonly file: string; readonly checkpoints: readonly Checkpoint[] }[]) {
  const seen = new Map<string, { readonly file: string; readonly root: Buffer }>();
  return files.flatMap(({ file, checkpoints }) =>
    checkpoints.flatMap(({ origin, size, root }) => {
      const name = `${origin} ${size}`;
      const before = seen.get(name);
      if (before === undefined) seen.set(name, { file, root });
      return before === undefined || before.root.equals(root)
        ? []
        : [`${file}: forked: its log ${origin} of ${size} leaves has another root than in ${before.file}`];
    }),
  );
}

/** @throws {InputError} LEDGER_FILE_UNREADABLE, LEDGER_FILE_UNKNOWN and those of {@link provenBy} */
async function verifiedBy(file: string, keys: readonly VerifierKey[]): Promise<VerifiedFile> {
  const bytes = await contentOf(file);
  if (bytes === null) return verifiedExport(await folderAt(file), keys);
  if (isReport(bytes)) return verifiedReport(bytes, keys);
  if (bytes.subarray(0, ZIP.length).toString('latin1') === ZIP) return verifiedExport(folderInZip(bytes), keys);
  const text = bytes.toString('utf8');
  if (!isProofFile(text)) {
    throw new InputError(
      'LEDGER_FILE_UNKNOWN',
      'it is no proof; allowed: reports (PDF), exports (their folder, or a ZIP file of it) and files that isotherm ledger prove writes',
      { file },
    );
  }
  const proof = parseProof(text);
  const { checkpoint, signers, kind, content } = provenBy(proof, keys);
  const proves = { proven: { index: proof.index, kind, content } };
  return { proves, checkpoints: [checkpoint], signedBy: signers, faults: [] };
}

/** @returns null of a folder */
async function contentOf(file: string): Promise<Buffer | null> {
  try {
    const found = await stat(file);
    if (found.isDirectory()) return null;
    if (found.size > MOST_BYTES) {
      throw new InputError('LEDGER_FILE_UNREADABLE', 'it is larger than 1 GiB: unpack it, and verify the folder', {
        file,
      });
    }
    return await readFile(file);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new InputError('LEDGER_FILE_UNREADABLE', `cannot be read (${code})`, { file }, cause);
  }
}
