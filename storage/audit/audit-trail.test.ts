import { beforeEach, describe, expect, it } from 'vitest';
import { type NewAuditEntry, Personal, silentLogger, systemTime } from '../../domain/index.ts';
import { effectsOf } from '../effects.ts';
import { testDatabase } from '../testing/database.ts';
import { type AuditHead, AuditSequencer, PostgresAuditTrail, verifyAudit } from './index.ts';

const database = await testDatabase();
const trail = new PostgresAuditTrail({ database });
const heads: AuditHead[] = [];
const sequencer = new AuditSequencer({
  ...{ database, time: systemTime, logger: silentLogger },
  keepHead: async (head) => {
    heads.push(head);
  },
});

const AT = Date.parse('2026-11-22T08:00:00.000Z');

function entry(n: number, more: Partial<NewAuditEntry> = {}): NewAuditEntry {
  return {
    at: AT + n * 1_000,
    actor: { id: 'user:7', name: 'paula', kind: 'user' },
    origin: { via: 'http', address: '192.0.2.7' },
    action: 'alert.acknowledge',
    subject: `alert:${n}`,
    new: { state: 'acknowledged', n },
    ...more,
  };
}

const add = (...entries: NewAuditEntry[]) => database.transaction((client) => trail.addAll(effectsOf(client), entries));

/** As somebody with SQL and the rights of the owner would. */
async function tamper(sql: string): Promise<void> {
  await database.transaction(async (client) => {
    await client.query('SET LOCAL session_replication_role = replica');
    await client.query(sql);
  });
}

beforeEach(async () => {
  await tamper('TRUNCATE audit_entries, audit_unplaced, audit_places, audit_personal RESTART IDENTITY');
  heads.length = 0;
});

const faults = async () => (await verifyAudit(database, heads.at(-1) ?? null)).faults.map(({ fault }) => fault);

describe('what was decided', () => {
  it('is read back latest first, by subject, actor, action and time', async () => {
    const paula = entry(1, { old: null, reason: 'I am on it' });
    const token = { id: 'token:3', name: 'erp', kind: 'token' } as const;
    await add(paula, entry(2, { actor: token }), entry(3, { action: 'alert.resolve' }), entry(4));
    const page = await trail.list({ limit: 3 });
    expect(page.items.map(({ subject }) => subject)).toEqual(['alert:4', 'alert:3', 'alert:2']);
    const rest = await trail.list({ limit: 3, cursor: page.nextCursor ?? '' });
    expect(rest).toMatchObject({ items: [{ ...paula, id: expect.stringMatching(/^evt_/) }], nextCursor: null });
    const subjects = async (query: object) =>
      (await trail.list({ limit: 9, ...query })).items.map(({ subject }) => subject);
    expect(await subjects({ subject: 'alert:2' })).toEqual(['alert:2']);
    expect(await subjects({ actor: 'erp' })).toEqual(['alert:2']);
    expect(await subjects({ actor: 'user:7', action: 'alert.acknowledge' })).toEqual(['alert:4', 'alert:1']);
    expect(await subjects({ since: AT + 3_000 })).toEqual(['alert:4', 'alert:3']);
    await expect(trail.list({ limit: 9, cursor: 'x' })).rejects.toMatchObject({ name: 'InputError' });
  });

  it('is not written when its effect is rolled back', async () => {
    const work = database.transaction(async (client) => {
      await trail.add(effectsOf(client), entry(1));
      throw new Error('the effect failed');
    });
    await expect(work).rejects.toThrow('the effect failed');
    expect((await trail.list({ limit: 9 })).items).toEqual([]);
  });

  it('is kept whatever the text: NUL, halves of surrogate pairs, numbers that are none', async () => {
    await add(
      entry(1, { subject: 'device:a\0b', reason: 'half \ud800 \0', new: { x: Number.NaN, '\udc00': [undefined] } }),
    );
    await sequencer.placeAll();
    const [one] = (await trail.list({ limit: 1 })).items;
    expect(one).toMatchObject({
      subject: 'device:a\0b',
      reason: 'half \ufffd \0',
      new: { x: 'NaN', '\ufffd': [null] },
    });
    expect(await faults()).toEqual([]);
  });

  it('cannot be changed, deleted or emptied by a statement', async () => {
    await add(entry(1));
    await sequencer.placeAll();
    for (const table of ['audit_entries', 'audit_places', 'audit_personal']) {
      for (const statement of [`DELETE FROM ${table}`, `TRUNCATE ${table}`]) {
        await expect(database.query(statement)).rejects.toThrow('the audit trail is not changed');
      }
    }
    await expect(database.query(`UPDATE audit_entries SET subject = 'x'`)).rejects.toThrow('is not changed');
    await expect(database.query('UPDATE audit_places SET place = 9')).rejects.toThrow('is not changed');
    await expect(database.query(`UPDATE audit_personal SET value = 'x'`)).rejects.toThrow('is not changed');
  });
});

describe('the order', () => {
  it('is given once to each committed entry, also to one that commits after later ones', async () => {
    const late = await database.pool.connect();
    try {
      await late.query('BEGIN');
      await trail.add(effectsOf(late), entry(1));
      await add(entry(2), entry(3));
      expect(await sequencer.placeAll()).toBe(2);
      await late.query('COMMIT');
    } finally {
      late.release();
    }
    expect(await sequencer.placeAll()).toBe(1);
    expect(await sequencer.placeAll()).toBe(0);
    const { rows } = await database.query(
      'SELECT place, subject FROM audit_places JOIN audit_entries ON id = entry ORDER BY place',
    );
    expect(rows).toEqual([
      { place: 1, subject: 'alert:2' },
      { place: 2, subject: 'alert:3' },
      { place: 3, subject: 'alert:1' },
    ]);
    expect(heads.map(({ place }) => place)).toEqual([2, 3]);
    expect(await verifyAudit(database, heads.at(-1) ?? null)).toMatchObject({
      ...{ entries: 3, placed: 3, waiting: 0, faults: [], head: heads.at(-1) },
    });
  });

  it('is given by one of several sequencers', async () => {
    await add(...Array.from({ length: 200 }, (_, n) => entry(n)));
    const others = Array.from(
      { length: 4 },
      () => new AuditSequencer({ database, time: systemTime, logger: silentLogger }),
    );
    const placed = await Promise.all(others.map((one) => one.placeAll()));
    expect(placed.reduce((sum, n) => sum + n, 0)).toBe(200);
    expect(await faults()).toEqual([]);
  });
});

describe('an audit row changed by SQL is found', () => {
  beforeEach(async () => {
    await add(...[1, 2, 3, 4, 5].map((n) => entry(n)));
    await sequencer.placeAll();
    expect(await faults()).toEqual([]);
  });

  it.each([
    [
      'what the leaf says',
      `UPDATE audit_entries SET leaf = replace(leaf, 'paula', 'peter') WHERE number = 2`,
      /^changed/,
    ],
    ['who it was, as a list shows it', `UPDATE audit_entries SET actor_name = 'peter' WHERE number = 2`, /actor_name/],
    ['when', `UPDATE audit_entries SET at = at - interval '1 day' WHERE number = 2`, /^changed: at/],
    [
      'leaf and hash together',
      `UPDATE audit_entries SET leaf = replace(leaf, 'paula', 'peter'),
         sha256 = sha256(replace(leaf, 'paula', 'peter')::bytea) WHERE number = 2`,
      /^changed or moved/,
    ],
    ['a removed entry', 'DELETE FROM audit_entries WHERE number = 3', /^removed: the entry of this place/],
    ['a removed place', 'DELETE FROM audit_places WHERE place = 3', /^removed: places 3 to 3/],
    ['rows cut off the end', 'DELETE FROM audit_places WHERE place > 3', /ends at place 3, it had come to 5/],
    [
      'two in each other’s place',
      `UPDATE audit_places p SET entry = q.entry FROM audit_places q
        WHERE (p.place, q.place) IN ((2, 3), (3, 2)) AND p.place <> q.place`,
      /^changed or moved/,
    ],
    ['a personal value', `UPDATE audit_personal SET value = '198.51.100.1'`, /personal value is not the one/],
    ['a personal value gone without an act', 'UPDATE audit_personal SET value = NULL, salt = NULL', /no entry records/],
  ])('%s', async (_what, sql, expected) => {
    // A unique index would see two equal entries for a moment.
    await database.query('ALTER TABLE audit_places DROP CONSTRAINT IF EXISTS audit_places_entry_key');
    await tamper(sql);
    const found = await faults();
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toMatch(expected);
  });
});

describe('a personal value', () => {
  const act = {
    ...({
      at: AT,
      actor: { id: 'user:1', name: 'ada', kind: 'user' },
      origin: { via: 'http', address: null },
    } as const),
    reason: 'asked for under article 17',
  };

  it('stands in no entry, only its salted hash', async () => {
    await add(
      entry(1, { reason: new Personal('Paula has a cold') }),
      entry(2, { reason: new Personal('Paula has a cold') }),
    );
    const { rows } = await database.query<{ leaf: string }>('SELECT leaf FROM audit_entries');
    expect(rows.some(({ leaf }) => leaf.includes('cold') || leaf.includes('192.0.2.7'))).toBe(false);
    expect(new Set(rows.map(({ leaf }) => /"reason":(\{[^}]*\})/.exec(leaf)?.[1])).size).toBe(2);
    const [latest] = (await trail.list({ limit: 1 })).items;
    expect(latest).toMatchObject({ reason: 'Paula has a cold', origin: { address: '192.0.2.7' } });
  });

  it('is erased by a recorded act, of one entry or of one actor, and the trail still fits', async () => {
    const [first = ''] = await add(entry(1, { reason: new Personal('a') }), entry(2));
    const erase = (which: { entry: string } | { actor: string }) =>
      database.transaction((client) => trail.erase(effectsOf(client), which, act));
    expect(await erase({ entry: first })).toBe(2);
    expect(await erase({ actor: 'user:7' })).toBe(1);
    expect(await erase({ actor: 'user:7' })).toBe(0);
    await sequencer.placeAll();
    const history = await trail.history('alert:1');
    expect(history).toMatchObject([{ reason: '(erased)', actor: { name: 'paula' }, origin: { address: '(erased)' } }]);
    expect((await trail.history(`audit:${first}`)).map(({ action, reason }) => [action, reason])).toEqual([
      ['audit.erase', 'asked for under article 17'],
    ]);
    expect(await verifyAudit(database, null)).toMatchObject({ erased: 3, faults: [] });
  });
});
