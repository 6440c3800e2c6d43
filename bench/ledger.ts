import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemTime } from '../domain/index.ts';
import {
  addLeaves,
  type Database,
  effectsOf,
  Ledger,
  LedgerSequencer,
  migrate,
  openDatabase,
  parseProof,
  provenBy,
  SigningKey,
  startEmbeddedPostgres,
} from '../storage/index.ts';
import { checkpointText } from '../storage/ledger/checkpoint.ts';
import { entryOf } from '../storage/ledger/leaves.ts';
import { leafHash } from '../storage/ledger/merkle.ts';
import { TreeEdge } from '../storage/ledger/tiles.ts';

/*
 * The ledger: leaves a second from addLeaf to a signed checkpoint, and how long a proof takes in a tree of ten million.
 * `node bench/ledger.ts [LEAVES]`
 */

const APPENDED = 100_000;
const A_TRANSACTION = 1_000;
const PROOFS = 200;

const key = SigningKey.random((id) => `bench-${id.slice(0, 12)}/ledger`);

async function append(database: Database): Promise<{ written: number; placed: number; both: number }> {
  const sequencer = new LedgerSequencer({
    ...{ database, time: systemTime, logger: silentLogger, key: async () => key },
  });
  await sequencer.placeAll();
  const began = performance.now();
  for (let at = 0; at < APPENDED; at += A_TRANSACTION) {
    const leaves = Array.from({ length: A_TRANSACTION }, (_, n) => ({
      ...{ kind: 'decision', subject: `case:${at + n}`, content: { disposition: 'release', serial: at + n } },
    }));
    await database.transaction((client) => addLeaves(effectsOf(client), leaves));
  }
  const written = performance.now();
  await sequencer.placeAll();
  const placed = performance.now();
  const rate = (ms: number) => Math.round((APPENDED / ms) * 1_000);
  return { written: rate(written - began), placed: rate(placed - written), both: rate(placed - began) };
}

/** The tree made longer past the sequencer, which would take its time: rows as it writes them. */
async function fill(database: Database, size: number): Promise<void> {
  const { rows } = await database.query<{ level: number; number: number; hashes: Buffer; size: number }>(
    'SELECT level, number, hashes, (SELECT max(size) FROM ledger_checkpoints) AS size FROM ledger_tiles ORDER BY level, number',
  );
  const from = rows[0]?.size ?? 0;
  const partial = rows.filter(({ level, number }) => number === Math.floor(Math.floor(from / 256 ** level) / 256));
  const edge = new TreeEdge(from, partial);
  for (let at = from; at < size; at += 65_536) {
    const count = Math.min(65_536, size - at);
    const hashes = Array.from({ length: count }, (_, n) =>
      createHash('sha256')
        .update(`leaf ${at + n}`)
        .digest(),
    );
    const tiles = edge.append(hashes.map((hash) => leafHash(entryOf('decision', hash))));
    await database.query(
      `INSERT INTO ledger_tiles SELECT * FROM unnest($1::int[], $2::bigint[], $3::bytea[])
       ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes`,
      [tiles.map(({ level }) => level), tiles.map(({ number }) => number), tiles.map((tile) => tile.hashes)],
    );
    await database.query(
      `INSERT INTO ledger_leaves (index, kind, subject, cause, sha256)
       SELECT n, 'decision', 'case:' || n, 'leaf_' || n, sha256(convert_to('leaf ' || n, 'UTF8'))
       FROM generate_series($1::bigint, $2::bigint - 1) AS n`,
      [at, at + count],
    );
  }
  const root = edge.root();
  const text = checkpointText({ origin: key.name, size, root });
  await database.query('INSERT INTO ledger_checkpoints VALUES ($1, $2, now(), $3)', [
    ...[size, root, `${text}\n${key.signatureOf(text)}`],
  ]);
  await database.query('ANALYZE');
}

async function prove(database: Database, size: number): Promise<number[]> {
  const ledger = new Ledger({ database });
  const took: number[] = [];
  for (let n = 0; n < PROOFS; n++) {
    const index = APPENDED + 10 + Math.floor(((size - APPENDED - 20) * n) / PROOFS);
    const began = performance.now();
    const proof = await ledger.prove(`case:${index}`);
    took.push(performance.now() - began);
    provenBy(parseProof(proof), [key.verifier]);
  }
  return took.sort((a, b) => a - b);
}

const size = Number(process.argv[2] ?? 10_000_000);
const dataDir = await mkdtemp(join(tmpdir(), 'isotherm-bench-ledger-'));
const embedded = await startEmbeddedPostgres({ dataDir, time: systemTime, logger: silentLogger });
try {
  const database = await openDatabase({ url: embedded.roles.owner, logger: silentLogger, time: systemTime });
  await migrate(database, silentLogger);
  const { written, placed, both } = await append(database);
  console.log(`${written} leaves/s written, ${placed}/s placed and signed, ${both}/s one after the other`);
  await fill(database, size);
  const took = await prove(database, size);
  const at = (share: number) => (took[Math.floor((took.length - 1) * share)] ?? Number.NaN).toFixed(1);
  console.log(`a proof at ${size} leaves: median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`);
  await database.close();
} finally {
  await embedded.stop();
  await rm(dataDir, { recursive: true });
}
