import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  ExceptionDetailView,
  PartnerFileView,
  ReturnVerificationView,
  TransactionRecordView,
} from '../dashboards/api/index.ts';
import { type Answer, Company } from './testing/company.ts';

/*
 * Manufacturer, wholesaler and dispenser, each the real program with a database of its own, each killed with SIGKILL once in
 * the middle of a step that is drawn: nothing is lost, and nothing is told twice without the same identity.
 * ISOTHERM_TEST_SEED=N repeats what was drawn.
 */

const PATIENCE = { timeout: 120_000, interval: 250 };
const GTIN = '80614141123458';
const PALLET = 'urn:epc:id:sscc:0614141.1234567890';
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.812345.${serial}`;
/** The last of the three was listed and did not come: 9 came in its place. */
const LISTED = [1, 2, 3].map(sgtin);
const WRONG = sgtin(9);
const GLN_OF = { maker: '0614141000012', wholesaler: '4012345000009', dispenser: '4098765000003' } as const;
const ROLE_OF = { maker: 'manufacturer', wholesaler: 'wholesaler', dispenser: 'dispenser' } as const;
type Name = keyof typeof GLN_OF;
const NAMES = ['maker', 'wholesaler', 'dispenser'] as const;
const FIRST = `${GLN_OF.maker}:DEL1`;
const SECOND = `${GLN_OF.wholesaler}:DEL2`;
const at = (clock: string) => ({ eventTime: `2026-11-20T${clock}:00Z`, eventTimeZoneOffset: '+00:00' });

let houses: Readonly<Record<Name, Company>>;
beforeAll(async () => {
  const [maker, wholesaler, dispenser] = await Promise.all(NAMES.map((name) => Company.start(name, GLN_OF[name])));
  if (maker === undefined || wholesaler === undefined || dispenser === undefined) throw new Error('three are started');
  houses = { maker, wholesaler, dispenser };
}, 600_000);
afterAll(async () => {
  await Promise.all(Object.values(houses ?? {}).map((house) => house.stop()));
}, 60_000);

/** By mulberry32: the same seed draws the same steps and moments. */
function drawn(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const SEED = Number(process.env.ISOTHERM_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const draw = drawn(SEED);
/** Who is killed in which step, and how long after it began, ms. */
const STEPS = ['ships', 'receives', 'opens', 'answers', 'settles', 'sells', 'verifies', 'records'] as const;
type Step = (typeof STEPS)[number];
const kills = new Map<Step, { readonly name: Name; readonly afterMs: number }>();
for (const name of NAMES) {
  const free = STEPS.filter((step) => !kills.has(step));
  const step = free[draw(free.length)];
  if (step !== undefined) kills.set(step, { name, afterMs: draw(120) });
}

/** Does a step while somebody may be killed in it. */
async function during(step: Step, act: () => Promise<unknown>): Promise<void> {
  const kill = kills.get(step);
  const killed =
    kill === undefined
      ? null
      : new Promise((resolve) => setTimeout(resolve, kill.afterMs)).then(() => houses[kill.name].kill());
  await act();
  await killed;
}

const tokens = new Map<string, string>();
const tokenOf = (from: Name, to: Name) => ({ token: tokens.get(`${from} at ${to}`) ?? '' });

/** Each knows the other, with a token of the other's for what is agreed. */
async function meet(one: Name, other: Name) {
  const know = (here: Name, there: Name, more: object = {}) =>
    houses[here].ask('admin', 'PUT', `/api/v1/partners/${there}`, {
      ...{ name: there, address: `1 ${there} street`, glns: [GLN_OF[there]], roles: [ROLE_OF[there]] },
      ...{ sees: ['records', 'exceptions', 'verification'], sends: ['files', 'answers', 'requests'], ...more },
    });
  await Promise.all([know(one, other), know(other, one)]);
  for (const [here, there] of [
    [one, other],
    [other, one],
  ] as const) {
    const made = await houses[there].ask('admin', 'POST', `/api/v1/partners/${here}/tokens`, {
      name: `${here}-system`,
    });
    const { token } = made.body as { token: string };
    tokens.set(`${here} at ${there}`, token);
    const endpoints = {
      webhook: `${houses[there].url}/api/v1/partners/${here}/exceptions`,
      verification: `${houses[there].url}/verify`,
    };
    const known = await know(here, there, { endpoints, secrets: { authorization: `Bearer ${token}` } });
    expect([known.status, known.text]).toEqual([200, expect.anything()]);
  }
}

function shipping(shipment: string, from: Name, to: Name, epcs: readonly string[], clock: string) {
  const party = (who: Name) => `https://id.gs1.org/417/${GLN_OF[who]}`;
  return {
    ...{ type: 'ObjectEvent', ...at(clock), action: 'OBSERVE', bizStep: 'shipping', epcList: epcs },
    bizTransactionList: [{ type: 'desadv', bizTransaction: `urn:epcglobal:cbv:bt:${shipment}` }],
    sourceList: [{ type: 'owning_party', source: party(from) }],
    destinationList: [{ type: 'owning_party', destination: party(to) }],
  };
}

function documentOf(...eventList: readonly object[]): string {
  return JSON.stringify({
    ...{ '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'], type: 'EPCISDocument' },
    ...{ schemaVersion: '2.0', creationDate: '2026-11-20T09:00:00Z', epcisBody: { eventList } },
  });
}

const MADE = {
  ...{ type: 'ObjectEvent', ...at('06:00'), action: 'ADD', bizStep: 'commissioning', disposition: 'active' },
  ...{ epcList: LISTED, ilmd: { 'cbvmda:lotNumber': 'A17', 'cbvmda:itemExpirationDate': '2031-06-30' } },
};
const PACKED = {
  ...{ type: 'AggregationEvent', ...at('07:00'), action: 'ADD', bizStep: 'packing' },
  ...{ parentID: PALLET, childEPCs: LISTED },
};

const capture = (who: Name, document: string) =>
  houses[who].surely(() => houses[who].ask('logistics', 'POST', '/epcis/v2/capture', document));

/** Brings a document to a partner as its system does: again until it is answered. */
async function bring(from: Name, to: Name, document: string): Promise<PartnerFileView> {
  const path = `/api/v1/partners/${from}/files?name=${from}.json`;
  const answer = await houses[to].surely(() => houses[to].ask(tokenOf(from, to), 'POST', path, document));
  expect([answer?.status, answer?.text]).toEqual([200, expect.anything()]);
  return answer?.body as PartnerFileView;
}

async function records(who: Name, query: string): Promise<TransactionRecordView | null> {
  const answer = await houses[who].surely(() => houses[who].ask('logistics', 'GET', `/api/v1/transactions?${query}`));
  return answer?.body as TransactionRecordView | null;
}

const hasSerials = (who: Name, query: string, serials: number) =>
  expect.poll(async () => (await records(who, query))?.serials, PATIENCE).toBe(serials);

async function exceptionsAt(who: Name): Promise<readonly ExceptionDetailView[]> {
  const list = await houses[who].surely(() => houses[who].ask('quality', 'GET', '/api/v1/exceptions?state=all'));
  return (list?.body as { items: ExceptionDetailView[] }).items;
}

async function exceptionAt(who: Name): Promise<ExceptionDetailView> {
  const [one] = await exceptionsAt(who);
  const path = `/api/v1/exceptions/${one?.id}`;
  return (await houses[who].surely(() => houses[who].ask('quality', 'GET', path)))?.body as ExceptionDetailView;
}

const wordsAt = async (who: Name) => (await exceptionAt(who)).thread.map(({ text }) => text);

/** As a person does who got no answer: looks whether it stands there, and says it again where it does not. */
async function say(who: Name, text: string, answer: string): Promise<void> {
  const { id } = await exceptionAt(who);
  await houses[who].surely(
    () => houses[who].ask('quality', 'POST', `/api/v1/exceptions/${id}/entries`, { text, answer }),
    async () => (await wordsAt(who)).includes(text),
  );
}

async function tell(who: Name): Promise<Answer | null> {
  const { id } = await exceptionAt(who);
  return houses[who].surely(() => houses[who].ask('logistics', 'POST', `/api/v1/exceptions/${id}/tell`, {}));
}

describe(`manufacturer, wholesaler and dispenser, each killed once (seed ${SEED})`, () => {
  test('meet, and name themselves', async () => {
    for (const who of NAMES) {
      const own = { name: who, gln: GLN_OF[who], address: `1 ${who} street`, zone: 'UTC' };
      expect((await houses[who].ask('admin', 'PUT', '/api/v1/organisation', own)).status).toBe(200);
    }
    await meet('maker', 'wholesaler');
    await meet('wholesaler', 'dispenser');
    await meet('maker', 'dispenser');
  }, 300_000);

  test('the maker ships, and the wholesaler has the same file once, however often it comes', async () => {
    const document = documentOf(MADE, PACKED, shipping(FIRST, 'maker', 'wholesaler', [PALLET], '08:00'));
    await during('ships', () => capture('maker', document));
    await during('receives', () => bring('maker', 'wholesaler', document));
    expect(['taken', 'repeated']).toContain((await bring('maker', 'wholesaler', document)).fate);
    for (const who of ['maker', 'wholesaler'] as const) await hasSerials(who, `shipment=${FIRST}`, 3);
    const { rows } = await houses.wholesaler.database.query<{ n: number }>(
      "SELECT count(*) AS n FROM partner_files WHERE fate = 'taken'",
    );
    expect(rows).toEqual([{ n: 1 }]);
  }, 600_000);

  test('one serial is wrong: the exception is shared, answered and settled, the same thread at both ends', async () => {
    const opened = {
      ...{ kind: 'data errors', partner: 'maker', title: 'A serial that nobody listed', shipment: FIRST },
      ...{ text: 'Serial 9 came in the place of 3.', epcs: [WRONG, sgtin(3)], finding: 'scan at receiving' },
    };
    await during('opens', async () => {
      await houses.wholesaler.surely(
        () => houses.wholesaler.ask('dock', 'POST', '/api/v1/exceptions', opened),
        async () => (await exceptionsAt('wholesaler')).length > 0,
      );
      await tell('wholesaler');
    });
    await expect.poll(async () => (await exceptionsAt('maker')).length, PATIENCE).toBe(1);
    await during('answers', async () => {
      await say('maker', 'Mispicked; the data of 9 is on its way.', 'corrected');
      await tell('maker');
    });
    await expect.poll(async () => (await wordsAt('wholesaler')).length, PATIENCE).toBe(2);
    await during('settles', async () => {
      await say('wholesaler', 'It came.', 'settled');
      await tell('wholesaler');
    });
    await expect.poll(async () => (await exceptionAt('maker')).state, PATIENCE).toBe('settled');
    for (const who of ['maker', 'wholesaler'] as const) {
      expect((await exceptionsAt(who)).length).toBe(1);
      expect(await wordsAt(who)).toEqual([opened.text, 'Mispicked; the data of 9 is on its way.', 'It came.']);
      await expect.poll(async () => (await exceptionAt(who)).telling, PATIENCE).toBeNull();
    }
  }, 600_000);

  test('the wholesaler sells on, and a return to the dispenser is verified by the maker', async () => {
    const sold = shipping(SECOND, 'wholesaler', 'dispenser', [sgtin(1)], '12:00');
    await during('sells', async () => {
      await capture('wholesaler', documentOf(sold));
      await bring('wholesaler', 'dispenser', documentOf(MADE, sold));
    });
    await hasSerials('dispenser', `gtin=${GTIN}&serial=1`, 1);
    const { dispenser } = houses;
    await dispenser.ask('admin', 'PUT', '/api/v1/verification-directory/0614141', { partner: 'maker' });
    const verify = async (serial: string) => {
      const pack = { gtin: GTIN, serial, lot: 'A17', expiry: '2031-06-30' };
      return (await dispenser.surely(() => dispenser.ask('dock', 'POST', '/api/v1/returns', pack)))
        ?.body as ReturnVerificationView;
    };
    await during('verifies', () => verify('1'));
    await expect.poll(async () => (await verify('1')).outcome, PATIENCE).toBe('verified');
    expect(await verify('777')).toMatchObject({ outcome: 'not verified', saleable: false });
    // What the dispenser was told is on record at the maker, question by question.
    const told = await dispenser.database.query<{ id: string }>(
      "SELECT corr_uuid AS id FROM return_verifications WHERE outcome IN ('verified', 'not verified')",
    );
    const kept = await houses.maker.database.query<{ id: string }>('SELECT corr_uuid AS id FROM verification_answers');
    const ids = kept.rows.map(({ id }) => id);
    for (const { id } of told.rows) expect(ids.filter((one) => one === id)).toEqual([id]);
  }, 600_000);

  test('a lot is recalled: each finds what it had of it', async () => {
    for (const who of NAMES) {
      const path = `/api/v1/recall?gtin=${GTIN}&lot=A17`;
      const found = await houses[who].surely(() => houses[who].ask('quality', 'GET', path));
      expect([who, (found?.body as { items: unknown[] }).items.length]).toEqual([who, 3]);
    }
  }, 300_000);

  test('a regulator’s request is answered with both transactions of the lot, signed, and its clock ends', async () => {
    const { wholesaler } = houses;
    const suspicion = { kind: 'suspect product', title: 'Asked by FDA', place: 'site:x', reason: 'a request' };
    const opened = await wholesaler.surely(() => wholesaler.ask('quality', 'POST', '/api/v1/cases', suspicion));
    const { id } = opened?.body as { id: string };
    const request = { direction: 'in', partner: 'FDA', official: true, text: `Trace ${GTIN}, lot A17` };
    const asked = await wholesaler.ask('quality', 'POST', `/api/v1/cases/${id}/trace-requests`, request);
    expect(asked.status).toBe(201);
    let jws = '';
    await during('records', async () => {
      const path = `/api/v1/transactions/record.jws?gtin=${GTIN}&lot=A17`;
      jws = (await wholesaler.surely(() => wholesaler.ask('quality', 'GET', path)))?.text ?? '';
    });
    const payload = Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString();
    const said = JSON.parse(payload) as TransactionRecordView;
    expect(said.items.map(({ shipment, from, to }) => [shipment, from.partner, to.partner])).toEqual([
      [FIRST, 'maker', 'own'],
      [SECOND, 'own', 'dispenser'],
    ]);
    const answer = { answer: 'Given as signed record of both transactions.' };
    const done = await wholesaler.surely(() =>
      wholesaler.ask('quality', 'POST', `/api/v1/cases/${id}/trace-requests/1/answer`, answer),
    );
    expect(done).toMatchObject({ status: 200, body: { answeredBy: 'test-quality' } });
  }, 600_000);
});
