import { describe, expect, it } from 'vitest';
import { type NewAuditEntry, Personal, silentLogger, systemTime } from '../../domain/index.ts';
import { PostgresAuditTrail } from '../audit/index.ts';
import { effectsOf } from '../effects.ts';
import { testDatabase } from '../testing/database.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { addLeaf, addLeaves, LedgerSequencer, SigningKey } from './index.ts';
import { entryOf } from './leaves.ts';
import { leafHash } from './merkle.ts';
import { parseNote, signersOf } from './note.ts';
import { TreeEdge } from './tiles.ts';

const database = await testDatabase();
let key = SigningKey.random((id) => `isotherm-${id.slice(0, 12)}/ledger`);
const sequencerWith = (kept: Checkpoint | null = null) =>
  new LedgerSequencer({
    ...{ database, time: systemTime, logger: silentLogger, key: async () => key },
    head: { read: async () => kept, keep: async () => {} },
  });
const sequencer = sequencerWith();

const add = (n: number, kind = 'decision') =>
  database.transaction((client) =>
    addLeaves(
      effectsOf(client),
      Array.from({ length: n }, (_, at) => ({ kind, subject: `case:${at}`, content: { at, kind } })),
    ),
  );

async function tree(): Promise<{ size: number; root: Buffer; kinds: string[] }> {
  const { rows } = await database.query<{ kind: string; sha256: Buffer }>(
    'SELECT kind, sha256 FROM ledger_leaves ORDER BY index',
  );
  const edge = new TreeEdge(0, []);
  edge.append(rows.map(({ kind, sha256 }) => leafHash(entryOf(kind, sha256))));
  return { size: edge.size, root: edge.root(), kinds: rows.map(({ kind }) => kind) };
}

async function signed() {
  const { rows } = await database.query<{ note: string }>(
    'SELECT note FROM ledger_checkpoints ORDER BY size DESC LIMIT 1',
  );
  return parseCheckpoint(rows[0]?.note ?? '');
}

describe('the ledger', () => {
  it('begins with its own key, and signs what it has become', async () => {
    await add(3);
    await sequencer.placeAll();
    const { size, root, kinds } = await tree();
    expect(kinds).toEqual(['decision', 'decision', 'decision', 'ledger-key']);
    const { checkpoint, note } = await signed();
    expect(checkpoint).toEqual({ origin: key.name, size, root });
    expect(signersOf(note, [key.verifier])).toHaveLength(1);
    expect(await sequencer.placeAll()).toBe(0);
  });

  it('has an audit entry for every one, written in the same transaction, and none of what was rolled back', async () => {
    const trail = new PostgresAuditTrail({ database });
    const entry: NewAuditEntry = {
      at: systemTime.now(),
      actor: { id: 'user:7', name: 'paula', kind: 'user' },
      action: 'alert.resolve',
      subject: 'alert:1',
      origin: { via: 'http', address: '192.0.2.7' },
    };
    const id = await database.transaction((client) => trail.add(effectsOf(client), entry));
    const undone = database.transaction(async (client) => {
      await trail.add(effectsOf(client), entry);
      await addLeaf(effectsOf(client), { kind: 'decision', subject: 'case:9', content: {} });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await sequencer.placeAll()).toBe(1);
    const { rows } = await database.query(
      `SELECT l.kind, l.subject, l.cause, l.content, l.sha256 = e.sha256 AS same
       FROM ledger_leaves l JOIN audit_entries e ON e.id = l.cause`,
    );
    expect(rows).toEqual([{ kind: 'audit', subject: 'alert:1', cause: id, content: null, same: true }]);
  });

  it('grows by any batches to the tree of all of it', async () => {
    for (const n of [1, 254, 1, 300, 2]) {
      await add(n);
      await sequencer.placeAll();
      const { size, root } = await tree();
      expect((await signed()).checkpoint).toEqual({ origin: key.name, size, root });
    }
  });

  it('is written by one of several sequencers', async () => {
    await add(700);
    const placed = await Promise.all([1, 2, 3].map(() => sequencerWith().placeAll()));
    expect(placed.reduce((sum, n) => sum + n, 0)).toBe(700);
    const { size, root } = await tree();
    expect((await signed()).checkpoint).toEqual({ origin: key.name, size, root });
  });

  it('names a new key in a leaf before it signs with it', async () => {
    const before = key.verifier.toString();
    key = SigningKey.random(() => key.name);
    await sequencer.placeAll();
    const { rows } = await database.query<{ content: string }>(
      `SELECT content FROM ledger_leaves WHERE kind = 'ledger-key' ORDER BY index DESC LIMIT 1`,
    );
    expect(JSON.parse(rows[0]?.content ?? '')).toMatchObject({
      content: { before, verifier: key.verifier.toString() },
    });
    expect(signersOf((await signed()).note, [key.verifier])).toHaveLength(1);
  });

  it('keeps a personal value beside the leaf', async () => {
    const content = { contact: new Personal('paula@example.org') };
    await database.transaction((client) =>
      addLeaf(effectsOf(client), { kind: 'decision', subject: 'case:1', content }),
    );
    const { rows } = await database.query<{ content: string }>('SELECT content FROM ledger_pending');
    expect(rows[0]?.content).not.toContain('paula');
    expect((await database.query('SELECT value FROM audit_personal WHERE entry LIKE $1', ['leaf_%'])).rows).toEqual([
      { value: 'paula@example.org' },
    ]);
    await sequencer.placeAll();
  });

  it('cannot be changed, shortened or emptied by a statement', async () => {
    for (const table of ['ledger_leaves', 'ledger_tiles', 'ledger_checkpoints']) {
      for (const statement of [`DELETE FROM ${table}`, `TRUNCATE ${table}`]) {
        await expect(database.query(statement)).rejects.toThrow('the ledger is not changed');
      }
    }
    await expect(database.query('UPDATE ledger_leaves SET index = -1')).rejects.toThrow('is not changed');
    await expect(database.query(`UPDATE ledger_checkpoints SET note = ''`)).rejects.toThrow('is not changed');
    await expect(database.query(`UPDATE ledger_tiles SET hashes = '\\x00' || hashes WHERE level = 1`)).rejects.toThrow(
      'only grows',
    );
  });

  it('signs nothing that is not the continuation of what it has signed before', async () => {
    const { checkpoint } = await signed();
    await add(1);
    const ahead = sequencerWith({ ...checkpoint, size: checkpoint.size + 5 });
    await expect(ahead.placeAll()).rejects.toMatchObject({ code: 'LEDGER_BEHIND' });
    const other = sequencerWith({ ...checkpoint, root: Buffer.alloc(32) });
    await expect(other.placeAll()).rejects.toMatchObject({ code: 'LEDGER_BEHIND' });
    expect((await signed()).checkpoint).toEqual(checkpoint);
    await database.transaction(async (client) => {
      await client.query('SET LOCAL session_replication_role = replica');
      await client.query(
        `UPDATE ledger_tiles SET hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1) WHERE level = 1`,
      );
    });
    await expect(sequencer.placeAll()).rejects.toMatchObject({ code: 'LEDGER_CHANGED' });
    expect(
      parseNote(
        (await database.query<{ note: string }>('SELECT note FROM ledger_checkpoints ORDER BY size DESC LIMIT 1'))
          .rows[0]?.note ?? '',
      ).text,
    ).toContain(`\n${checkpoint.size}\n`);
  });
});
