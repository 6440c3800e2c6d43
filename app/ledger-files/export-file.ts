import { createHash } from 'node:crypto';
import { z } from 'zod';
import { InputError } from '../../domain/index.ts';
import { type Checkpoint, ProofSet, parseIssued, type VerifierKey } from '../../storage/index.ts';
import type { ExportFolder } from './export-folder.ts';
import { KnownLeaves } from './known-leaves.ts';
import { Faults, type VerifiedFile } from './verified-file.ts';

const MANIFEST = 'export.json';
const ISSUED = 'issued.json';
const PROOFS = 'ledger.jsonl';

const manifestForm = z.object({
  files: z.array(z.object({ file: z.string(), bytes: z.number(), sha256: z.string() })),
});
const entryLine = z.object({ id: z.string(), entry: z.record(z.string(), z.unknown()) });
const signedLine = z.object({ subject: z.string(), text: z.string() });

/** What an export says of itself: its manifest by the leaf of its hash, its files by the manifest, its facts by their own. */
export async function verifiedExport(folder: ExportFolder, keys: readonly VerifierKey[]): Promise<VerifiedFile> {
  const faults = new Faults();
  const manifestText = await faults.of('', () => textOf(folder, MANIFEST));
  const issued = await faults.of(ISSUED, async () => parseIssued(await textOf(folder, ISSUED), 'export', keys));
  if (manifestText !== null) {
    if (issued !== null && issued.sha256 !== hashOf(manifestText)) {
      faults.add(`changed: ${MANIFEST} is not the one that leaf ${issued.index} was issued for`);
    }
    const manifest = await faults.of(MANIFEST, () => parsed(manifestText, manifestForm));
    if (manifest !== null) await compareFiles(folder, manifest.files, faults);
  }
  const leaves = new KnownLeaves();
  const set = folder.names.includes(PROOFS) ? await provenIn(folder, { keys, leaves, faults }) : null;
  if (issued !== null) {
    const { earlier } = issued;
    const isSame =
      earlier === null ? set === null : set !== null && earlier.root.equals(set.root) && earlier.size === set.size;
    if (!isSame) faults.add(`forked: ${PROOFS} is of another tree than the export was issued after`);
  }
  await compareFacts(folder, leaves, faults);
  return {
    proves:
      issued === null
        ? null
        : { export: { about: issued.about, index: issued.index, sha256: issued.sha256 }, facts: leaves.count },
    checkpoints: [issued?.checkpoint, set].filter((one) => one !== undefined && one !== null),
    ...{ signedBy: issued?.signers ?? [], faults: faults.found },
  };
}

async function compareFiles(
  folder: ExportFolder,
  files: z.output<typeof manifestForm>['files'],
  faults: Faults,
): Promise<void> {
  for (const { file, bytes, sha256 } of files) {
    await faults.of('', async () => {
      const hash = createHash('sha256');
      let length = 0;
      for await (const chunk of folder.chunks(file)) {
        hash.update(chunk);
        length += chunk.length;
      }
      if (length !== bytes || hash.digest('hex') !== sha256)
        faults.add(`changed: ${file} is not as ${MANIFEST} has it`);
    });
  }
  const known = new Set([MANIFEST, ISSUED, ...files.map(({ file }) => file)]);
  for (const name of folder.names.filter((one) => !known.has(one))) faults.add(`added: ${name} is not of this export`);
}

async function provenIn(
  folder: ExportFolder,
  { keys, leaves, faults }: { keys: readonly VerifierKey[]; leaves: KnownLeaves; faults: Faults },
): Promise<Checkpoint | null> {
  let set: ProofSet | null = null;
  for await (const line of linesOf(folder, PROOFS)) {
    if (set === null) {
      set = await faults.of(PROOFS, () => new ProofSet(line, keys));
      if (set === null) return null;
      continue;
    }
    const proven = set;
    const leaf = await faults.of(PROOFS, () => proven.leaf(line));
    if (leaf !== null) leaves.add(leaf);
  }
  return set?.checkpoint ?? null;
}

async function compareFacts(folder: ExportFolder, leaves: KnownLeaves, faults: Faults): Promise<void> {
  await faults.of('audit.jsonl', async () => {
    for await (const line of linesOf(folder, 'audit.jsonl')) {
      faults.add(...leaves.entryFaults(parsed(line, entryLine).entry));
    }
  });
  await faults.of('signed.jsonl', async () => {
    for await (const line of linesOf(folder, 'signed.jsonl')) {
      faults.add(...leaves.textFaults(parsed(line, signedLine)));
    }
  });
}

async function textOf(folder: ExportFolder, name: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of folder.chunks(name)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Split at newlines alone: a text in JSON may hold other ends of lines. */
async function* linesOf(folder: ExportFolder, name: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of folder.chunks(name)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function parsed<T extends z.ZodType>(text: string, form: T): z.output<T> {
  try {
    return form.parse(JSON.parse(text));
  } catch (cause) {
    throw new InputError('LEDGER_FILE_UNREADABLE', 'it is not as Isotherm writes it', {}, cause);
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
