import { afterAll, expect, test } from 'vitest';
import type { Bucket, ShipmentJourneyView } from '../api/index.ts';
import { runsOf, suspectsOf } from './brief-runs.ts';
import { excursionsOf, HOUR, iso, MINUTE, NOW } from './testing/excursions.ts';
import { Installation, TOO_WARM } from './testing/installation.ts';

const house = await Installation.start();
await house.tell({ type: 'rule', version: TOO_WARM, by: 'paula' });
const { ask, person, excursion, bySigner, decide, revisionOf } = excursionsOf(house);
afterAll(() => house.stop());

async function journeyOf(shipment: string): Promise<ShipmentJourneyView> {
  const { status, body } = await house.ask('dock', 'GET', `/shipments/${shipment}/journey`);
  expect(status).toBe(200);
  return body as ShipmentJourneyView;
}

test('a journey has its unit with its logger, its excursion, and what was decided by whom', async () => {
  const { name, cookie } = await person();
  const lot = await excursion();
  await decide(lot, cookie, bySigner(name), { reason: 'forty minutes at 9 °C' });
  const journey = await journeyOf(lot.shipment);
  expect(journey.to).toBeNull();
  expect(Date.parse(journey.from)).toBe(NOW - 5 * HOUR);
  expect(journey.devices).toEqual([
    expect.objectContaining({ device: lot.device, from: iso(NOW - 5 * HOUR), to: null, metrics: ['temperature'] }),
  ]);
  expect(journey.alerts).toEqual([
    expect.objectContaining({ id: lot.alert, device: lot.device, from: iso(NOW - 2 * HOUR), kind: 'threshold' }),
  ]);
  expect(journey.decisions).toEqual([
    expect.objectContaining({ case: lot.id, disposition: 'quarantine', serials: 3, by: [name] }),
  ]);
  // The excursion is the alert's; nothing else was beyond.
  expect(journey.brief).toEqual([]);
  const unknown = await house.ask('dock', 'GET', '/shipments/SHP-404/journey');
  expect(unknown).toMatchObject({ status: 404, body: { code: 'SHIPMENT_UNKNOWN' } });
});

// A red spike on the chart had no word: was it overlooked?
test('a spike too short for its rule is told with how long it was and how long it would have to be', async () => {
  const lot = await excursion();
  await house.measure(lot.device, [
    [NOW - 241 * MINUTE, 8.4],
    [NOW - 239 * MINUTE, 9.7],
    [NOW - 234 * MINUTE, 5],
  ]);
  const { brief, isCloseWhole } = await journeyOf(lot.shipment);
  expect(isCloseWhole).toBe(true);
  // 8.4 °C until the reading of 5 °C a minute later, that of every five; then 9.7 °C until the next of these.
  expect(brief).toEqual([
    expect.objectContaining({
      ...{ device: lot.device, side: 'above', limit: 8, rule: 'too-warm', ruleMinutes: 10 },
      ...{ from: iso(NOW - 241 * MINUTE), to: iso(NOW - 240 * MINUTE), minutes: 1, extreme: 8.4 },
    }),
    expect.objectContaining({ from: iso(NOW - 239 * MINUTE), minutes: 4, extreme: 9.7 }),
  ]);
});

test('what the sensor gave as an error is told as suspect, and is no excursion', async () => {
  const lot = await excursion();
  await house.measure(lot.device, [[NOW - 201 * MINUTE, 85]]);
  const { brief, suspects } = await journeyOf(lot.shipment);
  expect(brief).toEqual([]);
  expect(suspects).toMatchObject([
    { device: lot.device, from: iso(NOW - 201 * MINUTE), to: iso(NOW - 201 * MINUTE), count: 1, least: 85, most: 85 },
  ]);
});

test('time that a rule does not count is told with what excused it, and no longer than the rule lets it', async () => {
  const { rule } = TOO_WARM;
  if (rule.kind !== 'threshold') throw new Error('a threshold is meant');
  const unless = { metric: 'defrost', above: 0.5, atMostMs: 20 * MINUTE } as const;
  await house.tell({ type: 'rule', version: { ...TOO_WARM, rule: { ...rule, id: 'fridge', unless } }, by: 'paula' });
  const lot = await excursion();
  expect((await journeyOf(lot.shipment)).excused).toEqual([]);
  const flags: [number, number][] = [
    [NOW - 200 * MINUTE, 0],
    [NOW - 190 * MINUTE, 1],
    [NOW - 178 * MINUTE, 0],
    // Its end is lost: it excuses for twenty minutes.
    [NOW - 100 * MINUTE, 1],
    // A glitch of no length in the reading that says so.
    [NOW - 40 * MINUTE, 0],
  ];
  await house.measure(lot.device, flags, 'defrost');
  const by = { device: lot.device, how: 'rule', rule: 'fridge', metric: 'defrost', case: null, step: null, who: null };
  expect((await journeyOf(lot.shipment)).excused).toEqual([
    { ...by, from: iso(NOW - 190 * MINUTE), to: iso(NOW - 178 * MINUTE), reason: null },
    { ...by, from: iso(NOW - 100 * MINUTE), to: iso(NOW - 80 * MINUTE), reason: null },
  ]);
});

test('what people signed does not count is told on the journey and on the serial, until it is taken back', async () => {
  const [lot, { name, cookie }] = [await excursion(), await person()];
  const [epc = ''] = lot.serials;
  const spare = `spare-${lot.number}`;
  await house.measure(spare, [[NOW - 3 * HOUR, 5]]);
  const attached = await house.ask('logistics', 'POST', `/shipments/${lot.shipment}/attachments`, {
    ...{ device: spare, unit: `urn:epc:id:sscc:0614141.1${String(lot.number).padStart(9, '0')}` },
    ...{ from: iso(NOW - 4 * HOUR), reason: 'a second one, to be sure' },
  });
  expect(attached).toMatchObject({ status: 200 });
  const take = async (path: string, more: object) => {
    const signature = bySigner(name);
    const sent = { revision: await revisionOf(lot.id), reason: 'the lid was open for the count', signature, ...more };
    const { status, body } = await ask('POST', `/cases/${lot.id}/steps${path}`, sent, cookie);
    expect([status, body.code]).toEqual([201, undefined]);
    return Number(body.number);
  };
  const step = await take('', { step: { step: 'excuse', alert: lot.alert } });
  const [from, to] = [NOW - 2 * HOUR, NOW - 80 * MINUTE];
  const broken = { step: 'declare broken', device: lot.device, from: iso(from), to: iso(to), instead: spare };
  const choice = await take('', { step: broken });
  const span = {
    device: lot.device,
    from: iso(from),
    to: iso(to),
    case: lot.id,
    reason: 'the lid was open for the count',
  };
  expect((await journeyOf(lot.shipment)).excused).toEqual([
    { ...span, how: 'excuse', rule: null, metric: null, step, who: name },
    { ...span, how: 'declare broken', rule: null, metric: null, step: choice, who: name },
  ]);
  const serial = async () => (await house.ask('dock', 'GET', `/serials/${encodeURIComponent(epc)}`)).body;
  expect(await serial()).toMatchObject({
    cases: [{ id: lot.id, kind: 'excursion' }],
    evidence: [
      { ...span, step: 'excuse', number: step, instead: null, who: name },
      { ...span, step: 'declare broken', number: choice, instead: spare, who: name },
    ],
  });
  await take(`/${choice}/undo`, {});
  expect((await journeyOf(lot.shipment)).excused).toHaveLength(1);
  expect(await serial()).toMatchObject({ evidence: [{ number: step }] });
});

test('readings for a chart come as its width needs them: in one answer, and the one reading at 20 °C is in it', async () => {
  const start = NOW - 40 * 24 * HOUR;
  const readings = Array.from({ length: 9_000 }, (_, i): [number, number] => [
    start + i * 5 * MINUTE,
    i === 4_321 ? 20 : 5 + (i % 7) / 10,
  ]);
  await house.measure('logger-long', readings);
  for (const points of [50, 200, 600]) {
    const { body } = await house.ask(
      'dock',
      'GET',
      `/readings?device=logger-long&from=${start}&to=${NOW}&resolution=auto&points=${points}`,
    );
    const { items, nextCursor } = body as { items: Bucket[]; nextCursor: string | null };
    expect(nextCursor).toBeNull();
    expect(items.length).toBeLessThanOrEqual(points + 1);
    expect(items.length).toBeGreaterThan(points / 4);
    expect(Math.max(...items.map(({ max }) => max))).toBe(20);
    expect(items.reduce((sum, { n }) => sum + n, 0)).toBe(readings.length);
  }
  // Close by, each reading is itself.
  const peak = start + 4_321 * 5 * MINUTE;
  const near = await house.ask(
    'dock',
    'GET',
    `/readings?device=logger-long&from=${peak - HOUR}&to=${peak + HOUR}&resolution=auto&points=1000`,
  );
  expect(near.body).toMatchObject({ resolution: 'raw' });
  expect((near.body as { items: Bucket[] }).items).toHaveLength(24);
});

test('a suspect reading neither begins nor ends a run, one exactly at the limit is within', () => {
  const watched = { side: 'above', limit: 8, isInclusive: false, rule: null, forMs: null } as const;
  const at = (minute: number, value: number, isSuspect = false) => ({
    ...{ time: iso(NOW + minute * MINUTE), value },
    ...(isSuspect ? { quality: 'suspect' as const, reason: 'ERROR_CODE' as const } : {}),
  });
  const runs = runsOf([at(0, 8), at(1, 8.1), at(2, -127, true), at(3, 8.6), at(4, 8), at(5, 85, true)], watched);
  expect(runs).toEqual([{ from: NOW + MINUTE, to: NOW + 4 * MINUTE, extreme: 8.6, watched }]);
  const suspects = suspectsOf([at(0, -127, true), at(1, 85, true), at(2, 5), at(3, 85, true)]);
  expect(suspects.map(({ count, least, most }) => [count, least, most])).toEqual([
    [2, -127, 85],
    [1, 85, 85],
  ]);
  const cold = { ...watched, side: 'below', limit: 2 } as const;
  expect(runsOf([at(0, 1.5), at(1, 1.2)], cold)).toMatchObject([{ to: NOW + MINUTE, extreme: 1.2 }]);
});
