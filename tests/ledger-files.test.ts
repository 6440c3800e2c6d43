import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { forksBetween, verifyFile } from '../app/ledger-files/verify-files.ts';
import { excursionsOf, type Lot, NOW } from '../dashboards/server/testing/excursions.ts';
import { Installation } from '../dashboards/server/testing/installation.ts';
import { silentLogger, systemTime } from '../domain/index.ts';
import { AuditSequencer, exportRecords, LedgerIssuer, SigningKey } from '../storage/index.ts';
import { sequencerOf } from '../storage/testing/ledger.ts';
import { isotherm } from './isotherm-process.ts';

/* What reports and exports prove by themselves, and each way of tampering with them. */

let house: Installation;
let people: ReturnType<typeof excursionsOf>;
let folder = '';
let lot: Lot;
/** The report on a case that two signed, and an export of everything. */
let report: Buffer;
let exported = '';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

beforeAll(async () => {
  house = await Installation.start();
  people = excursionsOf(house);
  folder = mkdtempSync(join(tmpdir(), 'isotherm-proofs-'));
  lot = await decided();
  report = await reportOn(lot.id);
  exported = await exportTo('whole');
});
afterAll(async () => {
  await house.stop();
  rmSync(folder, { recursive: true });
});

async function decided(): Promise<Lot> {
  const { ask, person, excursion, bySigner, decide, revisionOf } = people;
  await house.ask('quality', 'PUT', '/products/80614141999992', { name: 'Dear', profile: '2-8C', valueClass: 5 });
  const [found, one, two] = [await excursion({ gtin: '899999' }), await person(), await person()];
  const step = { step: 'excuse', alert: found.alert };
  const stepped = {
    revision: await revisionOf(found.id),
    reason: 'door stood open',
    step,
    signature: bySigner(one.name),
  };
  expect((await ask('POST', `/cases/${found.id}/steps`, stepped, one.cookie)).status).toBe(201);
  expect((await decide(found, one.cookie, bySigner(one.name), { disposition: 'release' })).status).toBe(201);
  const signature = { ...bySigner(two.name), meaning: 'checked and approved' };
  const path = `/cases/${found.id}/decisions/1/signatures`;
  expect((await ask('POST', path, { signature }, two.cookie)).status).toBe(201);
  return found;
}

async function reportOn(id: string): Promise<Buffer> {
  const response = await fetch(`${house.url}/api/v1/cases/${id}/report.pdf?to=${NOW}`, {
    headers: { authorization: `Bearer ${await house.token('quality')}` },
  });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

async function exportTo(name: string): Promise<string> {
  const { database } = house;
  const directory = join(folder, name);
  const place = () => sequencerOf(database, house.ledgerKey).placeAll();
  await exportRecords({
    ...{ database, directory, format: 'csv', shipment: null },
    ...{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY },
    issuer: new LedgerIssuer({ database, time: systemTime, place }),
  });
  return directory;
}

const keys = () => [house.ledgerKey.verifier];
async function faultsOf(name: string, bytes: Buffer | string, trusted = keys()): Promise<readonly string[]> {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return (await verifyFile(file, trusted)).faults;
}

/** With the rights of the tables' owner, past every trigger. */
const bySql = (sql: string) =>
  house.database.transaction(async (client) => {
    await client.query('SET LOCAL session_replication_role = replica');
    await client.query(sql);
  });

test('a report proves by itself, with the key alone, that it was issued as it is and that its facts are in the ledger', async () => {
  const file = join(folder, 'report.pdf');
  writeFileSync(file, report);
  const elsewhere = mkdtempSync(join(tmpdir(), 'isotherm-elsewhere-'));
  const proven = await isotherm(['ledger', 'verify', file, '--key', `${house.ledgerKey.verifier}`], {
    dataDir: elsewhere,
  });
  expect([proven.code, proven.stderr]).toEqual([0, '']);
  const { report: said, facts, checkpoint, signedBy } = JSON.parse(proven.stdout);
  expect(said).toMatchObject({ about: `case:${lot.id}`, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  // A decision, a step, their three signatures, and the entries of the audit trail.
  expect(facts).toBeGreaterThanOrEqual(8);
  expect([checkpoint.origin, signedBy]).toEqual([house.ledgerKey.name, keys().map(String)]);
  const changed = join(folder, 'changed.pdf');
  writeFileSync(changed, Buffer.concat([report, Buffer.from('%')]));
  const refused = await isotherm(['ledger', 'verify', file, changed, '--key', `${house.ledgerKey.verifier}`], {
    dataDir: elsewhere,
  });
  rmSync(elsewhere, { recursive: true });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/^.*changed\.pdf: changed: it is not the report that leaf \d+ was issued for\n$/);
});

test('the same report is the same bytes, proof and all, and takes one leaf', async () => {
  const count = async () => (await house.database.query(`SELECT FROM ledger_leaves WHERE kind = 'report'`)).rowCount;
  const before = await count();
  expect((await reportOn(lot.id)).equals(report)).toBe(true);
  expect(await count()).toBe(before);
});

const latin = (change: (text: string) => string) => () => Buffer.from(change(report.toString('latin1')), 'latin1');
const NOT_ISSUED = /changed: it is not the report that leaf \d+ was issued for/;

test('the report on a review of the audit trail proves by itself who signed it, and each entry that it prints', async () => {
  await new AuditSequencer({ database: house.database, time: systemTime, logger: silentLogger }).placeAll();
  const { cookie } = await people.ask('POST', '/session', { username: 'quality', password: 'demo' });
  const { body } = await people.ask('GET', '/audit/reviews/next', undefined, cookie);
  const { after, to, chain } = body;
  const signature = { meaning: 'reviewed the audit trail', user: 'quality', password: 'demo' };
  const review = { after, to, chain, comment: 'nothing out of the ordinary', signature };
  expect((await people.ask('POST', '/audit/reviews', review, cookie)).status).toBe(201);
  const response = await fetch(`${house.url}/api/v1/audit/reviews/1/report.pdf`, { headers: { cookie } });
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(await faultsOf('review.pdf', bytes)).toEqual([]);
  expect((await faultsOf('review-changed.pdf', flipped(bytes, bytes.indexOf('stream\n') + 40))).join()).toMatch(
    NOT_ISSUED,
  );
});

describe('of a report is named', () => {
  const trials: readonly (readonly [string, () => Buffer, RegExp])[] = [
    ['a byte of a page that was changed', () => flipped(report, report.indexOf('stream\n') + 40), NOT_ISSUED],
    ['a byte of an embedded file that was changed', () => flipped(report, embedded('readings.csv')), NOT_ISSUED],
    ['something added behind its end', () => Buffer.concat([report, Buffer.from('\n%%EOF\n')]), NOT_ISSUED],
    ['a title that was changed', latin((text) => text.replace(/Case C-0/, 'Case C-9')), NOT_ISSUED],
    ['its end that was cut off', () => report.subarray(0, report.length - 900), NOT_ISSUED],
    [
      'a proof that was taken out',
      latin((text) => text.replace(/\{"format":"isotherm-issued-1".*/, (all) => ' '.repeat(all.length))),
      /holds no proof that it was issued/,
    ],
    [
      'a proof whose index is another',
      latin((text) => text.replace(/index (\d)/, (_, n) => `index ${(Number(n) + 1) % 10}`)),
      /issued\.json: this proves nothing: the entry is not number/,
    ],
    [
      'a checkpoint of another size',
      latin((text) => text.replace(/(ledger\\n)(\d)/, (_, before, n) => `${before}${(Number(n) + 1) % 10}`)),
      /signature of .* does not fit/,
    ],
    ['a file that is no PDF any more', () => Buffer.from('%PDF-1.7\nnothing'), /holds no proof|cannot be read as PDF/],
  ];
  test.each(trials)('%s', async (_, make, fault) => {
    expect((await faultsOf('tampered.pdf', make())).join('\n')).toMatch(fault);
  });

  test('the key of another log', async () => {
    const other = SigningKey.random(() => house.ledgerKey.name);
    expect(await faultsOf('stranger.pdf', report, [other.verifier])).toContainEqual(
      expect.stringContaining('none of the keys given has signed'),
    );
  });

  test('the proof of another report in its place', async () => {
    const other = await decided();
    const theirs = (await reportOn(other.id)).toString('latin1');
    const swapped = latin((text) => text.replace(placeIn(text), placeIn(theirs)))();
    const faults = await faultsOf('swapped.pdf', swapped);
    expect(faults.join('\n')).toMatch(NOT_ISSUED);
    expect(faults.join('\n')).toMatch(/forked: ledger\.jsonl is of another tree/);
  });

  test('a decision that was changed in the database before the report was made', async () => {
    const other = await decided();
    await bySql(`UPDATE case_decisions SET disposition = 'reject' WHERE case_number = ${Number(other.id.slice(2))}`);
    const faults = await faultsOf('sql.pdf', await reportOn(other.id));
    expect(faults).toEqual([
      expect.stringMatching(new RegExp(`changed: leaf \\d+ of decision:${other.id}/1 says another "disposition"`)),
    ]);
  });

  test('a revision of a finding that was changed in the database, and one put in, before the report was made', async () => {
    const other = await decided();
    await bySql(`UPDATE finding_changes SET reason = 'all well' WHERE key = '${other.device}/temperature'`);
    await bySql(`INSERT INTO finding_changes (rule, key, from_at, event)
      SELECT rule, key, from_at, 'retracted' FROM findings WHERE key = '${other.device}/temperature'`);
    const faults = await faultsOf('finding.pdf', await reportOn(other.id));
    expect(faults).toEqual([
      expect.stringMatching(/changed: leaf \d+ of finding \d+ says another "reason"/),
      expect.stringMatching(/missing: finding \d+ has no leaf among the proofs/),
    ]);
  });

  test('an entry of the audit trail that was put into the database past the ledger', async () => {
    const other = await decided();
    await bySql(`UPDATE audit_entries
      SET leaf = regexp_replace(leaf, '"id":"evt_[^"]+"', '"id":"evt_00000000-0000-4000-8000-000000000000"')
      WHERE number = (SELECT max(number) FROM audit_entries WHERE subject = 'case:${other.id}')`);
    expect(await faultsOf('put-in.pdf', await reportOn(other.id))).toEqual([
      'missing: the audit entry evt_00000000-0000-4000-8000-000000000000 has no leaf among the proofs',
    ]);
  });
});

test('two files on two histories of one log are told apart', () => {
  const at = (size: number, root: string) => ({ origin: 'one/ledger', size, root: Buffer.from(root) });
  const files = [
    { file: 'a.pdf', checkpoints: [at(5, 'x'), at(9, 'y')] },
    { file: 'b.pdf', checkpoints: [at(9, 'y'), { ...at(5, 'other'), origin: 'two/ledger' }] },
    { file: 'c.pdf', checkpoints: [at(5, 'z')] },
  ];
  expect(forksBetween(files)).toEqual(['c.pdf: forked: its log one/ledger of 5 leaves has another root than in a.pdf']);
});

describe('an export', () => {
  test('proves by itself, as a folder and as a ZIP file, that it is whole and that its facts are in the ledger', async () => {
    const whole = await verifyFile(exported, keys());
    expect(whole.faults).toEqual([]);
    expect(whole.proves).toMatchObject({ export: { about: 'export' } });
    const zip = join(folder, 'export.zip');
    writeFileSync(zip, zipped(exported));
    expect(await verifyFile(zip, keys())).toEqual(whole);
  });

  const trials: readonly (readonly [string, (at: string) => void, RegExp])[] = [
    [
      'a file that was changed',
      (at) => edit(at, 'serials.csv', (text) => `${text}x`),
      /^changed: serials\.csv is not as export\.json has it$/m,
    ],
    ['a file that was taken out', (at) => rmSync(join(at, 'alerts.jsonl')), /^missing: alerts\.jsonl$/m],
    [
      'a file that was put in',
      (at) => writeFileSync(join(at, 'more.csv'), 'x'),
      /^added: more\.csv is not of this export$/m,
    ],
    [
      'a manifest that was changed',
      (at) => edit(at, 'export.json', (text) => text.replace('"rows"', '"Rows"')),
      /changed: export\.json is not the one that leaf \d+ was issued for/,
    ],
    [
      'an entry of the audit trail that was changed',
      (at) => edit(at, 'audit.jsonl', (text) => text.replace('"reason":"door stood open"', '"reason":"all was well"')),
      /changed: leaf \d+ of the audit entry evt_\S+ says another "reason"/,
    ],
    [
      'a signed record that was changed',
      (at) => edit(at, 'signed.jsonl', (text) => text.replace('too warm', 'all well')),
      /changed: leaf \d+ of decision:C-\d+\/1 says another "recordHash"/,
    ],
    [
      'the proof of a leaf that was taken out',
      (at) =>
        edit(at, 'ledger.jsonl', (text) =>
          text
            .split('\n')
            .filter((line) => !line.includes('"kind\\":\\"decision\\"'))
            .join('\n'),
        ),
      /missing: decision:C-\d+\/1 has no leaf among the proofs/,
    ],
    [
      'what a leaf states that was changed',
      (at) => edit(at, 'ledger.jsonl', (text) => text.replace('door stood open', 'all was well')),
      /ledger\.jsonl: leaf \d+ of \S+: changed: what it states is not what was hashed/,
    ],
    [
      'the proof of another leaf',
      (at) => edit(at, 'ledger.jsonl', (text) => text.replace(/"index":3,/, '"index":4,')),
      /ledger\.jsonl: leaf 4.*: it is not number 4 of the \d+ that were signed/,
    ],
    [
      'a checkpoint that is smaller',
      (at) => edit(at, 'ledger.jsonl', (text) => text.replace(/(ledger\\n)\d+/, '$11')),
      /ledger\.jsonl: the signature of .* does not fit/,
    ],
    ['that nothing proves it', (at) => rmSync(join(at, 'issued.json')), /^issued\.json: missing: issued\.json$/m],
    ['proofs that were taken out', (at) => rmSync(join(at, 'ledger.jsonl')), /missing: ledger\.jsonl/],
  ];
  test.each(trials)('names %s', async (name, tamper, fault) => {
    const copy = join(folder, name.replaceAll(' ', '-'));
    cpSync(exported, copy, { recursive: true });
    tamper(copy);
    expect((await verifyFile(copy, keys())).faults.join('\n')).toMatch(fault);
    // What is named of the folder is named of a ZIP file of it.
    writeFileSync(`${copy}.zip`, zipped(copy));
    expect((await verifyFile(`${copy}.zip`, keys())).faults.join('\n')).toMatch(fault);
  });

  test('of one shipment proves what was signed on it', async () => {
    const { database } = house;
    const directory = join(folder, 'shipment');
    await exportRecords({
      ...{ database, directory, format: 'csv', shipment: { id: lot.shipment, ranges: [] } },
      ...{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY },
      issuer: new LedgerIssuer({
        ...{ database, time: systemTime, place: () => sequencerOf(database, house.ledgerKey).placeAll() },
      }),
    });
    const { faults, proves } = await verifyFile(directory, keys());
    expect(faults).toEqual([]);
    expect(proves).toMatchObject({ export: { about: `export of shipment:${lot.shipment}` } });
    const signed = readFileSync(join(directory, 'signed.jsonl'), 'utf8');
    expect(signed).toContain(`signature:decision:${lot.id}/1/2`);
  });
});

test('a file of another kind, and none, are each said so', async () => {
  expect(await faultsOf('notes.txt', 'hello')).toEqual([expect.stringContaining('it is no proof; allowed: reports')]);
  expect((await verifyFile(join(folder, 'nowhere.pdf'), keys())).faults).toEqual(['cannot be read (ENOENT)']);
  expect((await verifyFile(folder, keys())).faults).toContain('missing: export.json');
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}

/** Where in the report the stream of an embedded file is. */
function embedded(name: string): number {
  const all = report.toString('latin1');
  const spec = all.slice(0, all.indexOf(`/UF (${name})`));
  const id = /\/F (\d+) 0 R(?![\s\S]*\/F \d+ 0 R)/.exec(spec)?.[1] ?? '';
  return all.indexOf('stream\n', all.indexOf(`\n${id} 0 obj`)) + 20;
}

function placeIn(text: string): string {
  const [place = ''] = /\{"format":"isotherm-issued-1".*?\nendstream/s.exec(text) ?? [];
  return place;
}

function edit(at: string, name: string, change: (text: string) => string): void {
  const before = readFileSync(join(at, name), 'utf8');
  const after = change(before);
  expect(after, `${name} was to be changed`).not.toBe(before);
  writeFileSync(join(at, name), after);
}

function zipped(at: string): Uint8Array {
  const files = readdirSync(at).map(
    (name) => [`export/${name}`, new Uint8Array(readFileSync(join(at, name)))] as const,
  );
  return zipSync(Object.fromEntries(files));
}
