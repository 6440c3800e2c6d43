import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemTime } from '../../domain/index.ts';
import type { DecommissioningView } from '../api/index.ts';
import { Installation } from './testing/installation.ts';
import { NationalSystem } from './testing/national-system.ts';

const GTIN = '80614141123458';
const PLACE = 'site:corner';
const iso = (at: number) => new Date(at).toISOString();
const epcOf = (serial: string) => `urn:epc:id:sgtin:0614141.812345.${serial}`;

let house: Installation;

beforeAll(async () => {
  house = await Installation.start();
  for (const site of [PLACE, 'site:station'])
    await house.ask('admin', 'PUT', `/places/${site}`, { name: site, zone: 'Europe/Paris' });
});
afterAll(() => house.stop());

type Said = DecommissioningView & { code: string; detail: string };
const act = { place: PLACE, capacity: 'pharmacy', reason: 'supplied' };
const scan = (serial: string, lot = 'A17', expiry = '310600') => `(01)${GTIN}(21)${serial}(10)${lot}(17)${expiry}`;
async function ask(method: string, path: string, body?: object, role: 'dock' | 'admin' = 'dock') {
  const { status, body: said } = await house.ask(role, method, path, body);
  return { status, said: said as Said };
}
const enter = (more: object) => ask('POST', '/decommissionings', { ...act, ...more });
const revert = (id: string, more: object = {}) =>
  ask('POST', `/decommissionings/${id}/revert`, { place: PLACE, capacity: 'pharmacy', isDeclared: true, ...more });
const list = async (query = '') => {
  const { body } = await house.ask('dock', 'GET', `/decommissionings?${query}`);
  return (body as { items: DecommissioningView[] }).items;
};
const statusOf = async (serial: string) => {
  const { body } = await house.ask('admin', 'GET', `/serials/${encodeURIComponent(epcOf(serial))}`);
  return (body as { status?: string }).status;
};
const commission = (serial: string, more: object = {}) =>
  house.capture({
    ...{ type: 'ObjectEvent', eventTime: iso(systemTime.now() - 3_600_000), eventTimeZoneOffset: '+00:00' },
    ...{ action: 'ADD', bizStep: 'commissioning', disposition: 'active', epcList: [epcOf(serial)] },
    ilmd: { 'cbvmda:lotNumber': 'A17', 'cbvmda:itemExpirationDate': '2031-06-30', ...more },
  });

test('a pack that is supplied is kept with who, where, when and why, and is dispensed wherever it is looked at', async () => {
  await commission('S1');
  const { status, said } = await enter({ scan: scan('S1') });
  expect([status, said]).toMatchObject([
    201,
    {
      ...{ act: 'decommission', reason: 'supplied', clause: 'Art. 25(1), Art. 22(e)', place: PLACE, by: 'test-dock' },
      ...{ pack: { gtin: GTIN, serial: 'S1', lot: 'A17', expiry: '2031-06-30' }, answer: null },
      // As the code has it: a code without a day is told without one.
      send: { serial: 'S1', lot: 'A17', expiry: '310600' },
    },
  ]);
  expect(await statusOf('S1')).toBe('dispensed');

  const again = await enter({ scan: scan('S1'), reason: 'destroyed' });
  expect([again.status, again.said.code]).toEqual([409, 'DECOMMISSION_REPEATED']);
  expect(again.said.detail).toMatch(
    /^serial S1 was decommissioned already \(supplied\) at site:corner on .* by test-dock;/,
  );

  const back = await revert(said.id);
  expect([back.status, back.said]).toMatchObject([201, { act: 'revert', reverts: said.id }]);
  expect(await statusOf('S1')).toBe('active');
  expect((await revert(said.id)).said.code).toBe('REVERT_REPEATED');
  expect((await revert(back.said.id)).said.code).toBe('REVERT_OF_REVERT');
});

// It was refused as decommissioned already, and nobody knew whether it had been he.
test('under a key that was cut off by a kill a pack is decommissioned, and reverted, once', async () => {
  const lost = (key: string) =>
    house.database.query('UPDATE answered_requests SET status = NULL, answer = NULL WHERE key = $1', [key]);
  const twice = async (key: string, path: string, body: object) => {
    const send = () => house.ask('dock', 'POST', path, body, { 'Idempotency-Key': key });
    const first = await send();
    await lost(key);
    const again = await send();
    expect([again.status, again.body]).toMatchObject([201, { id: (first.body as { id: string }).id }]);
    return (first.body as { id: string }).id;
  };
  const wish = { place: PLACE, capacity: 'pharmacy' };
  const id = await twice('k1', '/decommissionings', { ...wish, scan: scan('K1'), reason: 'supplied' });
  await twice('k2', `/decommissionings/${id}/revert`, { ...wish, isDeclared: true });
});

test.each([
  [
    'a reason of others',
    { reason: 'free sample' },
    422,
    'DECOMMISSION_REASON_BAD',
    /allowed: supplied, opened, not returnable/,
  ],
  ['a place that is none', { place: 'site:nowhere' }, 404, 'PLACE_UNKNOWN', /no place site:nowhere/],
  ['a time to come', { at: '2035-01-01T00:00:00Z' }, 422, 'DECOMMISSION_TIME_BAD', /it is .* now/],
  [
    'a pack past its expiry',
    { scan: scan('S2', 'A17', '200131') },
    409,
    'DECOMMISSION_STOPPED',
    /expired on 2020-01-31/,
  ],
  ['lot and expiry run into the serial', { scan: `01${GTIN}21S21731063010A17` }, 400, 'EPC_NO_SEPARATOR', /separator/],
  ['a market that asks for none', { market: 'india' }, 422, 'DECOMMISSION_REASON_BAD', /allowed: none: India/],
])('%s is refused with one line', async (_, more, status, code, line) => {
  const { status: was, said } = await enter({ scan: scan('S2'), ...more });
  expect([was, said.code]).toEqual([status, code]);
  expect(said.detail).toMatch(line);
});

test('what stops a pack stops its supply, not its destruction; and what it was before keeps it from being active again', async () => {
  await commission('S3');
  await house.capture({
    ...{ type: 'ObjectEvent', eventTime: iso(systemTime.now() - 60_000), eventTimeZoneOffset: '+00:00' },
    ...{ action: 'OBSERVE', disposition: 'recalled', epcList: [epcOf('S3')] },
  });
  await expect.poll(() => statusOf('S3')).toBe('recalled');
  const supplied = await enter({ scan: scan('S3') });
  expect([supplied.status, supplied.said.code]).toEqual([409, 'DECOMMISSION_STOPPED']);
  expect((await enter({ scan: scan('S3', 'B18'), reason: 'supplied' })).said.detail).toMatch(/lot B18 was given/);

  const sample = await enter({ scan: scan('S3'), reason: 'sample' });
  expect(sample.status).toBe(201);
  const back = await revert(sample.said.id);
  expect([back.status, back.said.code]).toEqual([409, 'REVERT_STOPPED']);
  expect(back.said.detail).toMatch(/the pack is recalled since/);
});

test('a revert that Art. 13 does not let through is refused, and the pack stays decommissioned', async () => {
  const { said } = await enter({ scan: scan('S4') });
  expect((await revert(said.id, { place: 'site:station' })).said.code).toBe('REVERT_ELSEWHERE');
  expect((await revert(said.id, { isDeclared: false })).said.code).toBe('REVERT_UNDECLARED');
  expect((await revert('00000000-0000-4000-8000-000000000000')).status).toBe(404);
  expect((await revert("' OR 1=1")).status).toBe(404);
  const before = systemTime.now() - 10 * 86_400_000 - 1;
  const late = await enter({ scan: scan('S5'), at: iso(before) });
  expect((await revert(late.said.id)).said).toMatchObject({ code: 'REVERT_TOO_LATE' });
  const destroyed = await enter({ scan: scan('S6'), reason: 'destroyed' });
  expect((await revert(destroyed.said.id)).said.code).toBe('REVERT_FORBIDDEN');
});

test('packs that were scanned at once are all kept, each once', async () => {
  const all = await Promise.all(Array.from({ length: 60 }, (_, n) => enter({ scan: scan(`M${n % 30}`) })));
  expect(all.filter(({ status }) => status === 201)).toHaveLength(30);
  expect(all.filter(({ status }) => status === 409)).toHaveLength(30);
});

describe('a gateway to the national system', () => {
  test('fetches what waits, sends it, and brings the answers, each of which is told as what it most likely is', async () => {
    const national = new NationalSystem();
    national.upload({ gtin: GTIN, serial: 'N1', lot: 'A17', expiry: '310600' });
    national.upload({ gtin: GTIN, serial: 'n2', lot: 'A17', expiry: '310600' });
    national.upload({ gtin: GTIN, serial: 'N3', lot: 'A17', expiry: '310600' });
    national.upload({ gtin: GTIN, serial: 'N4', lot: 'A17', expiry: '310600' });
    national.upload({ gtin: GTIN, serial: 'N5', lot: 'A17', expiry: '310631' });
    national.upload({ gtin: GTIN, serial: 'N6', lot: 'B18', expiry: '310600' });
    // Supplied elsewhere before: what a falsified copy looks like.
    national.supply({ gtin: GTIN, serial: 'N4', lot: 'A17', expiry: '310600' }, 'another pharmacy');
    const entries = new Map<string, string>();
    // N2: Caps Lock was on; N7: the maker has not uploaded it.
    for (const serial of ['N1', 'N2', 'N3', 'N4', 'N5', 'N6', 'N7']) {
      const { said } = await enter({ scan: scan(serial) });
      entries.set(said.id, serial);
    }
    const waiting = (await list('waiting=true&limit=1000')).filter(({ id }) => entries.has(id));
    expect(waiting.map(({ pack }) => pack.serial)).toEqual(['N1', 'N2', 'N3', 'N4', 'N5', 'N6', 'N7']);

    const answers = waiting.flatMap(({ id, pack, send }) => {
      const answer = national.supply({ gtin: pack.gtin, ...send }, PLACE);
      // The answer to the first attempt was lost on the way, so the gateway sends it again.
      const last = pack.serial === 'N3' ? national.supply({ gtin: pack.gtin, ...send }, PLACE) : answer;
      return [{ entry: id, ...last, at: iso(systemTime.now()), attempts: pack.serial === 'N3' ? 2 : 1 }];
    });
    expect((await ask('POST', '/decommissioning-answers', { answers })).said).toEqual({ added: 7 });
    // The gateway was killed before it knew that we have them: nothing is kept twice.
    expect((await ask('POST', '/decommissioning-answers', { answers })).said).toEqual({ added: 0 });
    expect((await list('waiting=true&limit=1000')).filter(({ id }) => entries.has(id))).toEqual([]);

    const told = async () =>
      Object.fromEntries(
        (await list(`gtin=${GTIN}&limit=1000`)).flatMap(({ id, answer }) => {
          const serial = entries.get(id);
          return serial === undefined ? [] : [[serial, [answer?.alert ?? null, answer?.kind, answer?.class]]];
        }),
      );
    expect(await told()).toEqual({
      ...{ N1: [null, 'none', 'done'], N2: ['A3', 'open', 'compare'], N3: ['A24', 'procedural', 'own action'] },
      ...{ N4: ['A24', 'investigate', 'investigate'], N5: ['A52', 'open', 'compare'], N6: ['A68', 'open', 'compare'] },
      N7: ['A3', 'open', 'compare'],
    });

    // A person looks at the packs.
    const printed = { lot: 'A17', expiry: '310600' };
    for (const [id, serial] of entries) {
      const body = { ...printed, serial: serial === 'N2' ? 'n2' : serial };
      if (['N2', 'N7'].includes(serial))
        expect((await ask('PUT', `/decommissionings/${id}/printed`, body)).status).toBe(200);
    }
    expect(await told()).toMatchObject({
      N2: ['A3', 'technical', 'reading'],
      N7: ['A3', 'investigate', 'investigate'],
    });
  });

  test('is told which answer has no entry, and nothing of the rest is kept', async () => {
    const { said } = await enter({ scan: scan('N8') });
    const good = { entry: said.id, code: 'NMVS_SUCCESS', at: iso(systemTime.now()) };
    const strange = { ...good, entry: '00000000-0000-4000-8000-000000000000' };
    const { status, said: refusal } = await ask('POST', '/decommissioning-answers', { answers: [good, strange] });
    expect([status, refusal.code]).toEqual([422, 'DECOMMISSIONING_ANSWERS_BAD']);
    expect(refusal.detail).toBe(`answers.1.entry: there is no entry ${strange.entry} in the ledger; nothing was kept`);
    const early = await ask('POST', '/decommissioning-answers', { answers: [{ ...good, at: '2020-01-01T00:00:00Z' }] });
    expect(early.said.detail).toMatch(/at or after that of the entry/);
    expect((await list('gtin=80614141123458&serial=N8'))[0]?.answer).toBeNull();
  });

  test('may take the ledger as a file and bring it back with the answers filled in', async () => {
    const { said } = await enter({ scan: scan('=N9') });
    const token = await house.token('dock');
    const headers = { authorization: `Bearer ${token}` };
    const file = await (await fetch(`${house.url}/api/v1/decommissionings.csv?waiting=true`, { headers })).text();
    // It was a file of its head alone, cut off, with status 200.
    const wrong = await fetch(`${house.url}/api/v1/decommissionings.csv?gtin=80614141123459`, { headers });
    expect([wrong.status, await wrong.json()]).toMatchObject([400, { code: 'EPC_CHECK_DIGIT' }]);
    const [head = '', ...lines] = file.trim().split(/\r?\n/);
    const own = lines.find((line) => line.startsWith(said.id)) ?? '';
    expect(head).toMatch(/^entry,number,act,.*,code,alert,alertId,answeredAt,kind,class$/);
    expect(own).toContain("'=N9");
    const bring = (text: string) =>
      fetch(`${house.url}/api/v1/decommissioning-answers`, {
        ...{ method: 'POST', body: text },
        headers: { ...headers, 'content-type': 'text/csv' },
      });
    const at = iso(systemTime.now());
    const taken = await bring(`entry;code;at;note\r\n${said.id};NMVS_SUCCESS;${at};thanks\r\n`);
    expect([taken.status, await taken.json()]).toEqual([200, { added: 1 }]);
    const bad = await bring(`entry;code;at\r\n${said.id};NMVS_SUCCESS;yesterday\r\n`);
    expect([bad.status, await bad.json()]).toMatchObject([
      400,
      { detail: expect.stringMatching(/^row 1, at: expected an RFC/) },
    ]);
    expect((await bring('serial;answer\r\n1;good\r\n')).status).toBe(400);
  });
});

test('an answer to a revert says whether it was ours to revert', async () => {
  const national = new NationalSystem();
  const pack = { gtin: GTIN, serial: 'R1', lot: 'A17', expiry: '310600' };
  national.upload(pack);
  const { said } = await enter({ scan: scan('R1') });
  const bring = (entry: string, answer: object) =>
    ask('POST', '/decommissioning-answers', { answers: [{ entry, ...answer, at: iso(systemTime.now()) }] });
  await bring(said.id, national.supply(pack, PLACE));
  const back = await revert(said.id);
  await bring(back.said.id, national.undo(pack, 'another pharmacy'));
  expect((await list('gtin=80614141123458&serial=R1'))[0]?.answer).toMatchObject({
    class: 'not saleable',
    cause: 'another place',
  });
  await bring(back.said.id, national.undo(pack, PLACE));
  expect((await list('gtin=80614141123458&serial=R1'))[0]?.answer).toMatchObject({ class: 'done', answers: 2 });
  // Active again, the pack may be supplied again, once.
  expect((await enter({ scan: scan('R1') })).status).toBe(201);
});
