import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Finding, type KeptFact, silentLogger, systemTime } from '../../domain/index.ts';
import { underWay } from '../../tests/testing/under-way.ts';
import { CHAIN_START, chainHash } from '../archive/segment.ts';
import { PostgresAuditTrail } from '../audit/index.ts';
import { effectsOf } from '../effects.ts';
import { PostgresFacts } from '../facts.ts';
import { PostgresFindings } from '../findings/postgres-findings.ts';
import { Deletions } from '../retention/index.ts';
import { testDatabase } from '../testing/database.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { addLeaves, Ledger, LedgerSequencer, parseProof, provenBy, SigningKey, verifyLedger } from './index.ts';

const database = await testDatabase();
const trail = new PostgresAuditTrail({ database });
const key = SigningKey.random((id) => `isotherm-${id.slice(0, 12)}/ledger`);
let kept: Checkpoint | null = null;

const sequencerOf = (signing: SigningKey) =>
  new LedgerSequencer({
    ...{ database, time: systemTime, logger: silentLogger, key: async () => signing },
    head: {
      read: async () => null,
      keep: async (note) => {
        kept = parseCheckpoint(note).checkpoint;
      },
    },
  });

/** With the rights of the tables' owner, past every trigger. */
async function tamper(...statements: string[]): Promise<void> {
  await database.transaction(async (client) => {
    await client.query('SET LOCAL session_replication_role = replica');
    for (const sql of statements) await client.query(sql);
  });
}

/** Audit entries and leaves that state something, in three batches: 300 and the key. */
async function fill(): Promise<void> {
  for (let batch = 0; batch < 3; batch++) {
    await database.transaction(async (client) => {
      const effects = effectsOf(client);
      await trail.addAll(
        effects,
        Array.from({ length: 50 }, (_, n) => ({
          at: Date.UTC(2026, 10, 22),
          actor: { id: 'user:7', name: 'paula', kind: 'user' } as const,
          action: 'alert.resolve',
          subject: `alert:${batch}-${n}` as const,
          origin: { via: 'http', address: null } as const,
        })),
      );
      await addLeaves(
        effects,
        Array.from({ length: 50 }, (_, n) => ({ kind: 'decision', subject: `case:${batch}-${n}`, content: { n } })),
      );
    });
    await sequencerOf(key).placeAll();
  }
}

const verdict = (keys = [key.verifier]) => verifyLedger({ database, keys, kept });
const faults = async () => (await verdict()).faults.map(({ what, fault }) => `${what}: ${fault}`);

beforeEach(async () => {
  const tables = ['audit_entries', 'audit_unplaced', 'audit_places', 'archive_segments', 'facts', 'finding_changes'];
  const ours = ['ledger_pending', 'ledger_leaves', 'ledger_tiles', 'ledger_checkpoints'];
  await tamper(`TRUNCATE ${[...tables, 'deletions', ...ours].join(', ')} RESTART IDENTITY`);
  kept = null;
  await fill();
  expect(await verdict()).toMatchObject({ leaves: 301, waiting: 0, checkpoints: 3, faults: [], head: { size: 301 } });
});

describe('what SQL did to the ledger, or to a row under it, is found and named', () => {
  const flip = (column: string) => `${column} = set_byte(${column}, 0, get_byte(${column}, 0) # 1)`;

  it.each([
    [
      'an audit entry changed',
      `UPDATE audit_entries SET leaf = replace(leaf, 'paula', 'pauls') WHERE subject = 'alert:1-7'`,
      /alert:1-7.*changed: the row it was written with/,
    ],
    [
      'an audit entry changed with its hash',
      `UPDATE audit_entries SET leaf = 'x', sha256 = sha256('x') WHERE subject = 'alert:1-7'`,
      /alert:1-7.*changed: the row/,
    ],
    [
      'an audit entry given to another subject',
      `UPDATE audit_entries SET subject = 'alert:9' WHERE subject = 'alert:1-7'`,
      /changed: the row it was written with is about alert:9/,
    ],
    ['an audit entry removed', `DELETE FROM audit_entries WHERE subject = 'alert:1-7'`, /alert:1-7.*removed: the row/],
    [
      'a statement changed',
      `UPDATE ledger_leaves SET content = replace(content, '"n":3', '"n":4') WHERE subject = 'case:1-3'`,
      /case:1-3.*what it states is not what was hashed/,
    ],
    [
      'a leaf that names another kind',
      `UPDATE ledger_leaves SET kind = 'signature' WHERE subject = 'case:1-3'`,
      /case:1-3.*kind, subject or id are not as in/,
    ],
    [
      'a leaf that names another subject',
      `UPDATE ledger_leaves SET subject = 'case:x' WHERE subject = 'case:1-3'`,
      /case:x.*kind, subject or id/,
    ],
    [
      'a statement made one that names no row',
      `UPDATE ledger_leaves SET kind = 'finding', content = '{"content":{"change":"x"}}' WHERE subject = 'case:1-3'`,
      /case:1-3.*what it states is not what was hashed/,
    ],
    ['a leaf removed', 'DELETE FROM ledger_leaves WHERE index = 40', /leaf 40: removed/],
    [
      'two leaves exchanged',
      'UPDATE ledger_leaves SET index = -index WHERE index IN (40, 41); UPDATE ledger_leaves SET index = 81 + index WHERE index < 0',
      /checkpoint 101: its root is not that of its leaves/,
    ],
    ['a hash of a leaf changed', `UPDATE ledger_leaves SET ${flip('sha256')} WHERE index = 7`, /leaf 7 .*changed/],
    [
      'a tile changed',
      `UPDATE ledger_tiles SET ${flip('hashes')} WHERE level = 0 AND number = 0`,
      /tile 0\/0: changed/,
    ],
    ['a tile above changed', `UPDATE ledger_tiles SET ${flip('hashes')} WHERE level = 1`, /tile 1\/0: changed/],
    ['a tile removed', 'DELETE FROM ledger_tiles WHERE level = 0 AND number = 1', /tile 0\/1: removed/],
    [
      'a tile longer than its leaves',
      `UPDATE ledger_tiles SET hashes = hashes || sha256('x') WHERE number = 1`,
      /tiles of level 0: 302 hashes, and leaves make 301/,
    ],
    [
      'a checkpoint swapped for another',
      'UPDATE ledger_checkpoints SET note = (SELECT note FROM ledger_checkpoints WHERE size = 101) WHERE size = 201',
      /checkpoint 201: swapped/,
    ],
    [
      'a checkpoint with another signature',
      `UPDATE ledger_checkpoints SET note = replace(note, right(note, 20), 'AAAAAAAAAAAAAAAAAA==' || chr(10)) WHERE size = 201`,
      /checkpoint 201: /,
    ],
    ['a root changed', `UPDATE ledger_checkpoints SET ${flip('root')} WHERE size = 201`, /checkpoint 201: its root/],
    [
      'the last checkpoint removed',
      'DELETE FROM ledger_checkpoints WHERE size = 301',
      /the ledger: 301 leaves, and the last was not signed/,
    ],
  ])('%s', async (_, sql, found) => {
    await tamper(sql);
    const all = await faults();
    expect(
      all.some((fault) => found.test(fault)),
      all.join('\n'),
    ).toBe(true);
  });

  it('an audit entry put in past the ledger', async () => {
    await tamper(
      `INSERT INTO audit_entries (id, at, actor_id, actor_name, action, subject, leaf, sha256)
       SELECT 'evt_x', at, actor_id, actor_name, action, subject, leaf, sha256 FROM audit_entries LIMIT 1`,
    );
    expect(await faults()).toEqual([expect.stringMatching(/^evt_x: it has no leaf/)]);
  });

  it('a leaf taken away before it had its place', async () => {
    await database.transaction((client) =>
      trail.add(effectsOf(client), {
        at: 1,
        actor: { id: 'platform', name: 'Isotherm', kind: 'platform' },
        action: 'alert.open',
        subject: 'alert:1',
        origin: { via: 'platform', address: null },
      }),
    );
    expect(await verdict()).toMatchObject({ waiting: 1, faults: [] });
    await database.query('DELETE FROM ledger_pending');
    expect(await faults()).toEqual([expect.stringMatching(/it has no leaf/)]);
  });

  it('a tail cut off with everything that was made of it', async () => {
    await tamper(
      'DELETE FROM audit_entries WHERE id IN (SELECT cause FROM ledger_leaves WHERE index >= 201)',
      'DELETE FROM ledger_leaves WHERE index >= 201',
      'DELETE FROM ledger_checkpoints WHERE size > 201',
      'DELETE FROM ledger_tiles WHERE level = 1 OR number > 0',
      'UPDATE ledger_tiles SET hashes = substring(hashes FROM 1 FOR 201 * 32)',
    );
    expect(await faults()).toEqual(['the ledger: removed: it ends after 201 leaves, and 301 had been signed']);
  });

  it('a ledger written anew from its beginning, with a key of the forger or the true one', async () => {
    for (const forger of [SigningKey.random(() => key.name), key]) {
      const before = kept;
      await tamper(
        `UPDATE audit_entries SET leaf = replace(leaf, 'paula', 'pauls')`,
        'UPDATE audit_entries SET sha256 = sha256(convert_to(leaf, $$UTF8$$))',
        'INSERT INTO ledger_pending (kind, subject, cause, sha256, content) SELECT l.kind, l.subject, cause, coalesce(e.sha256, l.sha256), content FROM ledger_leaves l LEFT JOIN audit_entries e ON id = cause ORDER BY index',
        'TRUNCATE ledger_leaves, ledger_tiles, ledger_checkpoints',
      );
      await sequencerOf(forger).placeAll();
      kept = before;
      const all = await faults();
      expect(
        all.some((fault) => /the ledger: rewritten: its first 301 leaves/.test(fault)),
        all.join('\n'),
      ).toBe(true);
    }
  });

  it('signed by a key that the installation does not have', async () => {
    const found = await verifyLedger({ database, keys: [], kept });
    // The leaf that names the key is in the ledger itself, which a forger writes too.
    expect(found.faults.map(({ fault }) => fault).filter((fault) => /signed by no key/.test(fault))).toHaveLength(3);
  });
});

describe('a row that a leaf states in full, changed or removed by SQL, is named', () => {
  const rule = { type: 'rule', version: { rule: 'too-warm', version: 3, limit: 8 }, by: 'paula' };
  const finding: Finding = {
    rule: 'too-warm',
    ruleVersion: 1,
    kind: 'threshold',
    severity: 'critical',
    key: 'logger-7/temperature',
    from: Date.UTC(2026, 10, 22),
    to: null,
    endedBy: null,
    extreme: 9.1,
    readings: 8,
    minutesOutOfRange: null,
    runs: [],
    limit: 8,
    detectedAt: Date.UTC(2026, 10, 22, 1),
    detectedLate: false,
  };

  beforeEach(async () => {
    await tamper('TRUNCATE facts, findings, finding_changes, alert_work, deletions RESTART IDENTITY');
    const deletions = new Deletions({ database });
    const range = { what: 'readings', from: 0, to: 1_000, setting: 'retention.readings=400d', extent: 'all' } as const;
    await deletions.finish(await deletions.begin(range, 5_000), { deleted: 7, kept: 0 }, 6_000);
    const findings = new PostgresFindings({ database });
    await database.transaction(async (client) => {
      const effects = effectsOf(client);
      await findings.apply(effects, [{ event: 'opened', finding }]);
      await findings.apply(effects, [{ event: 'retracted', finding, reason: 'the logger was set aside' }]);
      // As the tracer keeps one; what a rule says is no matter here.
      await new PostgresFacts({ database }).keep(effects, [
        { position: 1, arrival: 1, fact: rule as unknown as KeptFact['fact'] },
      ]);
    });
    await sequencerOf(key).placeAll();
    const kinds = await database.query<{ kind: string }>('SELECT kind FROM ledger_leaves WHERE index >= 301');
    expect(kinds.rows.map(({ kind }) => kind).sort()).toEqual([
      'audit',
      'audit',
      'audit',
      'deletion',
      'deletion-result',
      'finding',
      'finding',
      'rule-version',
    ]);
    expect(await faults()).toEqual([]);
  });

  it.each([
    [
      'the text of a rule version',
      `UPDATE facts SET fact = replace(fact::text, '8', '25')::json`,
      'rule-version',
      /record of facts says something else/,
    ],
    ['a rule version', 'DELETE FROM facts', 'rule-version', /record of facts does not have it/],
    ['what was deleted', `UPDATE deletions SET to_at = 900`, 'deletion', /log of deletions says something else/],
    [
      'how much was deleted',
      `UPDATE deletions SET deleted = 0`,
      'deletion-result',
      /log of deletions says something else/,
    ],
    ['a deletion', 'DELETE FROM deletions', 'deletion', /does not have it/],
    [
      'why a finding was retracted',
      `UPDATE finding_changes SET reason = 'x' WHERE event = 'retracted'`,
      'finding',
      /history of the finding says something else/,
    ],
    ['that a finding was made', `DELETE FROM finding_changes WHERE event = 'opened'`, 'finding', /does not have it/],
    [
      'when a finding began',
      `UPDATE finding_changes SET from_at = from_at + interval '1 hour' WHERE event = 'opened'`,
      'finding',
      /says something else/,
    ],
  ])('%s', async (_, sql, kind, fault) => {
    await tamper(sql);
    const found = (await verdict()).faults;
    expect(
      found.some((one) => one.what.endsWith(`(${kind})`) && fault.test(one.fault)),
      JSON.stringify(found),
    ).toBe(true);
  });

  // Only what was changed or taken away was looked for: a row that was put in past the ledger had no leaf to differ from.
  it.each([
    [
      'a revision of a finding',
      `INSERT INTO finding_changes (rule, key, from_at, event) VALUES ('too-warm', 'logger-9/temperature', now(), 'retracted')`,
      /^finding:too-warm\/logger-9\/temperature, change \d+: it has no leaf/,
    ],
    [
      'a rule version',
      `INSERT INTO facts SELECT 2, arrival, type, replace(fact::text, '8', '25')::json FROM facts`,
      /^rule fact 2: it has no leaf/,
    ],
    [
      'a decision that acts',
      `INSERT INTO facts VALUES (3, now(), 'decision', '{"type":"decision"}')`,
      /^decision fact 3: it has no leaf/,
    ],
    [
      'a deletion',
      `INSERT INTO deletions (at, what, from_at, to_at, setting, extent) SELECT at, what, from_at, to_at, setting, extent FROM deletions`,
      /^deletion:\d+: it has no leaf/,
    ],
  ])('%s that was put in past the ledger is named', async (_, sql, named) => {
    await tamper(sql);
    expect(await faults()).toEqual([expect.stringMatching(named)]);
  });
});

describe('a segment of the archive, changed, removed or put in by SQL, is named', () => {
  beforeEach(async () => {
    let previous = CHAIN_START;
    for (const number of [1, 2, 3]) {
      const content = createHash('sha256').update(`messages ${number}`).digest();
      const span = {
        firstPosition: number * 10,
        lastPosition: number * 10 + 9,
        arrivedFrom: number,
        arrivedTo: number,
      };
      const sha256 = chainHash(previous, { number, ...span, messages: 7, bytes: 70, contentSha256: content });
      await database.query('INSERT INTO archive_segments VALUES ($1, $2, $3, $4, $5, 7, 70, $6, $7)', [
        number,
        span.firstPosition,
        span.lastPosition,
        number,
        number,
        content,
        sha256,
      ]);
      previous = sha256;
    }
    await sequencerOf(key).placeAll();
    expect(await verdict()).toMatchObject({ leaves: 304, faults: [] });
  });

  const of2 = /^leaf 302 \(archive-segment of archive-segment:2, archive-segment:2\): /;
  it.each([
    ['how many messages it has', 'UPDATE archive_segments SET messages = 6 WHERE number = 2', 'changed: the row'],
    ['when they arrived', 'UPDATE archive_segments SET arrived_from = 0 WHERE number = 2', 'changed: the row'],
    ['what it holds', `UPDATE archive_segments SET content_sha256 = sha256('x') WHERE number = 2`, 'changed: the row'],
    ['its hash', `UPDATE archive_segments SET sha256 = sha256('x') WHERE number = 2`, 'changed: the row'],
    ['all of it', 'DELETE FROM archive_segments WHERE number = 2', 'removed: the row'],
  ])('%s', async (_, sql, fault) => {
    await tamper(sql);
    const [first = '', ...more] = await faults();
    expect(first).toMatch(of2);
    expect(first).toContain(fault);
    // The one after it is chained to its hash.
    expect(more.every((one) => /archive-segment:3/.test(one))).toBe(true);
  });

  it('one that was put in past the ledger', async () => {
    await tamper(
      'INSERT INTO archive_segments SELECT 4, 40, 49, 4, 4, 7, 70, content_sha256, sha256 FROM archive_segments WHERE number = 3',
    );
    expect(await faults()).toEqual([expect.stringMatching(/^archive-segment:4: it has no leaf/)]);
  });
});

describe('a proof of one leaf', () => {
  it('holds by itself, for its content alone', async () => {
    const text = await new Ledger({ database }).prove('case:1-3');
    const proof = parseProof(text);
    expect(provenBy(proof, [key.verifier])).toMatchObject({
      kind: 'decision',
      content: { subject: 'case:1-3', content: { n: 3 } },
      checkpoint: { origin: key.name, size: 301 },
    });
    const other = {
      ...proof,
      extra: { ...proof.extra, content: proof.extra.content?.replace('"n":3', '"n":4') ?? null },
    };
    expect(() => provenBy(other, [key.verifier])).toThrow('not the one whose hash');
    expect(() => provenBy({ ...proof, index: proof.index + 1 }, [key.verifier])).toThrow('proves nothing');
    expect(() => provenBy(proof, [])).toThrow('none of the keys given');
    expect(() => provenBy({ ...proof, note: proof.note.replace('\n301\n', '\n302\n') }, [key.verifier])).toThrow(
      'does not fit',
    );
  });

  it('holds while the ledger grows between its questions', async () => {
    const ledger = new Ledger({ database });
    const grow = async () => {
      for (let n = 0; n < 40; n++) {
        await database.transaction((client) =>
          addLeaves(effectsOf(client), [{ kind: 'decision', subject: 'case:busy', content: n }]),
        );
        await sequencerOf(key).placeAll();
      }
    };
    let isDone = false;
    const growing = underWay(
      grow().finally(() => {
        isDone = true;
      }),
    );
    while (!isDone) provenBy(parseProof(await ledger.prove('case:2-3')), [key.verifier]);
    await growing.end;
    expect(provenBy(parseProof(await ledger.prove('case:busy')), [key.verifier]).content).toMatchObject({
      content: 39,
    });
  });

  it('is of the newest about a subject, and there is none of what was never recorded', async () => {
    const ledger = new Ledger({ database });
    await database.transaction((client) =>
      addLeaves(effectsOf(client), [{ kind: 'decision', subject: 'case:1-3', content: 'newer' }]),
    );
    await sequencerOf(key).placeAll();
    expect(provenBy(parseProof(await ledger.prove('case:1-3')), [key.verifier]).content).toMatchObject({
      content: 'newer',
    });
    await expect(ledger.prove('case:nowhere')).rejects.toMatchObject({ code: 'LEDGER_SUBJECT_UNKNOWN' });
  });
});
