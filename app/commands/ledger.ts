import { writeFile } from 'node:fs/promises';
import { InputError, systemTime } from '../../domain/index.ts';
import {
  type Checkpoint,
  type Database,
  effectsOf,
  Ledger,
  PostgresAuditTrail,
  VerifierKey,
} from '../../storage/index.ts';
import { withDatabase } from '../administration.ts';
import { commandOrigination } from '../command-actor.ts';
import type { Config } from '../config/index.ts';
import { forksBetween, verifyFile } from '../ledger-files/verify-files.ts';
import { type LedgerKeys, ledgerKeys, rotateLedgerKey } from '../ledger-key.ts';
import { placeLeaves } from '../ledger-placing.ts';
import { checkLedger } from '../platform/ledger-check.ts';
import { configFor, readOptions, usageError } from './options.ts';

const USAGE =
  'ledger key [--witness|--rotate --reason TEXT [--new-origin]] | prove SUBJECT [--out FILE] | verify [FILE...] [--key KEY] [--config FILE]';

/**
 * `isotherm ledger`: `key` prints the verifier key (C2SP signed-note), `--rotate` after making a new one, `--witness` that
 * by which it cosigns ledgers of others; `prove SUBJECT`
 * writes a proof that the newest leaf about it is in (C2SP tlog-proof); `verify FILE...` checks proofs, reports and exports
 * by themselves, without a network, `verify` the installation, row by row.
 * @returns 1 where something does not fit
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, {
    rotate: { type: 'boolean' },
    witness: { type: 'boolean' },
    'new-origin': { type: 'boolean' },
    reason: { type: 'string' },
    out: { type: 'string' },
    key: { type: 'string', multiple: true },
  });
  const [action, ...more] = positionals;
  const config = configFor(values.config);
  const [subject, ...others] = more;
  if (action === 'key' && subject === undefined) {
    if (values.rotate === true) return rotate(config, values.reason?.trim() ?? '', values['new-origin'] === true);
    if (values['new-origin'] === true) throw usageError(USAGE);
    const { signing } = await ledgerKeys(config);
    process.stdout.write(`${values.witness === true ? signing.asWitness().cosigner : signing.verifier}\n`);
    return 0;
  }
  if (action === 'prove' && subject !== undefined && others.length === 0) {
    return prove(config, subject, values.out ?? null);
  }
  if (action !== 'verify') throw usageError(USAGE);
  const trusted = (values.key ?? []).map((text) => VerifierKey.parse(text));
  return more.length === 0 ? verifyInstallation(config) : verifyFiles(config, more, trusted);
}

/** What waits gets its place first: whether a server runs or not. */
async function placed<T>(config: Config, run: (database: Database) => Promise<T>): Promise<T> {
  return withDatabase(config, async (database) => {
    await placeLeaves(config, database);
    return run(database);
  });
}

async function rotate(config: Config, reason: string, isNewOrigin: boolean): Promise<number> {
  if (reason === '') throw new InputError('REASON_REQUIRED', '--reason: say why the key is changed');
  const { verifier: before } = (await ledgerKeys(config)).signing;
  const verifier = await withDatabase(config, async (database) => {
    const fresh = (await rotateLedgerKey(config, isNewOrigin)).signing.verifier;
    await database.transaction((client) =>
      new PostgresAuditTrail({ database }).add(effectsOf(client), {
        ...commandOrigination(),
        ...{ at: systemTime.now(), action: 'ledger.key', subject: `installation:ledger`, reason },
        old: { key: before.toString() },
        new: { key: fresh.toString() },
      }),
    );
    return fresh;
  });
  process.stdout.write(`${verifier}\n`);
  return 0;
}

async function prove(config: Config, subject: string, out: string | null): Promise<number> {
  const proof = await placed(config, (database) => new Ledger({ database }).prove(subject));
  if (out === null) process.stdout.write(proof);
  else await writeFile(out, proof);
  return 0;
}

async function verifyInstallation(config: Config): Promise<number> {
  const verdict = await withDatabase(config, (database) => checkLedger(config, database));
  process.stdout.write(`${JSON.stringify(verdict)}\n`);
  for (const { what, fault } of verdict.faults) process.stderr.write(`${what}: ${fault}\n`);
  return verdict.faults.length === 0 ? 0 : 1;
}

async function verifyFiles(config: Config, files: readonly string[], trusted: readonly VerifierKey[]): Promise<number> {
  const keys = trusted.length > 0 ? trusted : ownKeys(await ledgerKeys(config));
  const faults: string[] = [];
  const looked: { file: string; checkpoints: readonly Checkpoint[] }[] = [];
  for (const file of files) {
    const { proves, checkpoints, signedBy, faults: found } = await verifyFile(file, keys);
    faults.push(...found.map((fault) => `${file}: ${fault}`));
    looked.push({ file, checkpoints });
    const [newest] = checkpoints;
    if (proves === null || newest === undefined || found.length > 0) continue;
    const { origin, size, root } = newest;
    const checkpoint = { origin, size, root: root.toString('hex') };
    process.stdout.write(`${JSON.stringify({ file, ...proves, checkpoint, signedBy: signedBy.map(String) })}\n`);
  }
  faults.push(...forksBetween(looked));
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  return faults.length === 0 ? 0 : 1;
}

function ownKeys({ signing, former }: LedgerKeys): VerifierKey[] {
  return [signing.verifier, ...former];
}
