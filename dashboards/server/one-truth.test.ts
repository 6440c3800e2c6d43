import { afterAll, describe, expect, test } from 'vitest';
import { PATIENCE_MS } from '../../tests/testing/bounds.ts';
import type { Condition, DeviceView, ShipmentDetail } from '../api/index.ts';
import { excursionsOf, iso, MINUTE, NOW } from './testing/excursions.ts';
import { Installation, TOO_WARM } from './testing/installation.ts';

const house = await Installation.start();
await house.tell({ type: 'rule', version: TOO_WARM, by: 'paula' });
const { bySigner, decide, excursion, mayMoveOn, person } = excursionsOf(house);
afterAll(() => house.stop());

async function shipment(id: string): Promise<ShipmentDetail> {
  const { status, body } = await house.ask('dock', 'GET', `/shipments/${id}`);
  expect(status).toBe(200);
  return body as ShipmentDetail;
}

async function verified(serial: string): Promise<{ mayMoveOn: boolean; findings: string[] }> {
  const { body } = await house.ask('dock', 'POST', '/verifications', { gtin: '80614141123458', serial });
  const { mayMoveOn, findings } = body as { mayMoveOn: boolean; findings: { finding: string }[] };
  return { mayMoveOn, findings: findings.map(({ finding }) => finding) };
}

const DECIDED = `UPDATE case_serials SET decision = 1, decided_revision = 1, changed_revision = 1, is_in_force = true WHERE case_number = $1`;

/** What is done to the one alert, the case on it and the shipment, and whether anything then waits for a person. */
describe('a shipment and its packs say the same of what nobody has decided', () => {
  test.each<[alert: string, caseOfIt: string, hold: boolean, waits: string[], finding: string[]]>([
    ['open', 'undecided', false, ['alert', 'case'], ['excursion']],
    ['acknowledged', 'undecided', false, ['alert', 'case'], ['excursion']],
    // The alert was resolved, the goods were not decided on: the pack was verified as fine, the shipment waited.
    ['resolved', 'undecided', false, ['case'], ['excursion']],
    ['resolved', 'second signer', false, ['case'], ['excursion']],
    // A person looks at it; what a person released is stopped by a person.
    ['resolved', 'evidence changed', false, ['case'], []],
    ['resolved', 'undecided', true, ['case', 'hold'], ['excursion', 'on hold']],
    // A person looks at it; a complaint alone stops nothing.
    ['resolved', 'complaint', false, ['case'], []],
    ['resolved', 'decided', false, [], []],
    ['resolved', 'closed', false, [], []],
    ['resolved', 'decided', true, ['hold'], ['on hold']],
    ['retracted', 'decided', false, [], []],
    ['open', 'closed', false, ['alert'], ['excursion']],
  ])('alert %s, case %s, on hold %s', async (alert, caseOfIt, isHeld, waits, finding) => {
    const lot = await excursion({ count: 1 });
    const number = Number(lot.id.slice(2));
    const { database } = house;
    await database.query('UPDATE alerts SET state = $2 WHERE id = $1', [lot.alert, alert]);
    const state = { decided: 'decided', closed: 'closed', 'evidence changed': 'evidence changed' }[caseOfIt] ?? 'open';
    const kind = caseOfIt === 'complaint' ? 'complaint' : 'excursion';
    const undecided = state === 'open' ? 1 : 0;
    if (state !== 'open') await database.query(DECIDED, [number]);
    if (caseOfIt === 'evidence changed')
      await database.query('UPDATE case_serials SET changed_revision = 2 WHERE case_number = $1', [number]);
    if (caseOfIt === 'second signer')
      await database.query('UPDATE case_serials SET decision = 1, decided_revision = 1 WHERE case_number = $1', [
        number,
      ]);
    await database.query(
      `UPDATE cases SET state = $2, kind = $3, undecided = $4, affected = 1,
           closed_at = CASE WHEN $2 = 'closed' THEN now() END WHERE number = $1`,
      [number, state, kind, undecided],
    );
    if (isHeld) await house.ask('quality', 'PUT', `/holds/shipment:${lot.shipment}`, { reason: 'query 12' });
    const { waiting, condition } = await shipment(lot.shipment);
    expect(waiting.map(({ kind }) => kind)).toEqual(waits);
    const answer = await verified(lot.serials[0]?.split('.').at(-1) ?? '');
    expect(answer.findings.toSorted()).toEqual(finding);
    // One is fine exactly where the other is.
    expect(answer.mayMoveOn).toBe(waits.length === 0 || ['complaint', 'evidence changed'].includes(caseOfIt));
    expect(condition.pending === null).toBe(waits.length === 0);
  });
});

/** What a rule on goods found, with the minutes used and those that they stand. */
describe('a pack in an alert of a rule on goods may move on only where that says nothing of an excursion', () => {
  test.each<[kind: string, extreme: number | null, limit: number | null, finding: string[]]>([
    ['goodsMkt', 9.1, 8, ['excursion']],
    ['goodsFreezeThaw', 2, 1, ['excursion']],
    // WHO: more than ten hours above 30 °C in all.
    ['cumulative', 601, 600, ['excursion']],
    ['budget', 61.53, 60, ['excursion']],
    // Rounded they are the same, found is what is more.
    ['budget', 60, 60, ['excursion']],
    // Four fifths are used, as the rule asks: a warning.
    ['budget', 48.5, 60, []],
    ['budgetForecast', 70, 60, []],
  ])('%s, %d of %d', async (kind, extreme, limit, finding) => {
    const lot = await excursion({ count: 1 });
    const { database } = house;
    await database.query(
      `UPDATE alerts SET kind = $2, metric = NULL, device = NULL,
         evidence = evidence || jsonb_build_object('extreme', $3::float8, 'limit', $4::float8) WHERE id = $1`,
      [lot.alert, kind, extreme, limit],
    );
    await database.query(`UPDATE cases SET state = 'closed', undecided = 0, closed_at = now() WHERE number = $1`, [
      Number(lot.id.slice(2)),
    ]);
    const { waiting } = await shipment(lot.shipment);
    expect(waiting.map((one) => one.kind)).toEqual(['alert']);
    const answer = await verified(lot.serials[0]?.split('.').at(-1) ?? '');
    expect(answer).toEqual({ mayMoveOn: finding.length === 0, findings: finding });
  });
});

// Such an alert opens no case: what was released in the case of the excursion stayed stopped by it for good.
test('a release lets a pack go for what rules on goods had found by then, not for what they find afterwards', async () => {
  const lot = await excursion({ count: 1 });
  const { name, cookie } = await person();
  await decide(lot, cookie, bySigner(name), { disposition: 'release' });
  const found = (at: string) =>
    house.database.query(
      `UPDATE alerts SET id = 'used-up', kind = 'cumulative', metric = NULL, device = NULL, state = 'open',
         detected_at = (SELECT to_timestamp(at / 1000.0) FROM goods_decisions WHERE case_id = $2) + $3::interval
       WHERE id = $1 OR id = 'used-up'`,
      [lot.alert, lot.id, at],
    );
  await found('-1 second');
  expect(await mayMoveOn(lot.serials[0] ?? '')).toBe(true);
  await found('1 second');
  expect(await mayMoveOn(lot.serials[0] ?? '')).toBe(false);
});

describe('what is measured now is one value wherever it is shown', () => {
  let made = 0;
  /** A shipment under way whose logger has said nothing yet. */
  async function quiet() {
    const device = `quiet-${++made}`;
    const { status } = await house.ask('logistics', 'POST', '/shipments', {
      ...{ id: `SHP-Q${made}`, profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon', products: [] },
      ...{ departs: iso(NOW - 60 * MINUTE), arrives: iso(NOW + 60 * MINUTE) },
      units: [
        {
          sscc: `urn:epc:id:sscc:0614141.2${String(made).padStart(9, '0')}`,
          devices: [device],
          children: [],
          from: NOW - 60 * MINUTE,
        },
      ],
    });
    expect(status).toBe(201);
    return { device, shipment: `SHP-Q${made}` };
  }
  const deviceCondition = async (id: string) => (await house.ask('dock', 'GET', `/devices/${id}`)).body as DeviceView;

  // 7.6 °C as received, 8.4 °C as judged: the unit said 7.6 and in range beside a chart above its limit.
  test('the latest temperature is corrected as the chart is, and says what was sent', async () => {
    const lot = await quiet();
    await house.ask('admin', 'POST', '/devices', { id: lot.device, kind: 'logger', correction: { temperature: 0.8 } });
    await house.measure(lot.device, [[NOW - MINUTE, 7.6]]);
    const latest = async () => (await shipment(lot.shipment)).units[0]?.condition;
    await expect.poll(async () => (await latest())?.received, { timeout: PATIENCE_MS }).toBe(7.6);
    expect(await latest()).toMatchObject({
      temperature: 8.4,
      now: 'warning',
      state: 'warning',
    } satisfies Partial<Condition>);
    const { body } = await house.ask(
      'dock',
      'GET',
      `/readings?device=${lot.device}&metric=temperature&from=${NOW - 90_000}&points=100&resolution=auto`,
    );
    expect((body as { items: { mean: number }[] }).items.at(-1)?.mean).toBeCloseTo(8.4);
    const device = await deviceCondition(lot.device);
    expect(device.condition).toMatchObject({ temperature: 8.4, received: 7.6 });
    expect(device.latest).toMatchObject([{ metric: 'temperature', value: 8.4, received: 7.6 }]);
  });

  test('an error code is no temperature: the last that is judged as fact is shown, and its time', async () => {
    const lot = await quiet();
    await house.measure(lot.device, [
      [NOW - 3 * MINUTE, 5.2],
      [NOW - 2 * MINUTE, 85],
    ]);
    const { units } = await shipment(lot.shipment);
    expect(units[0]?.condition).toMatchObject({ temperature: 5.2, at: iso(NOW - 3 * MINUTE), now: 'inRange' });
    const device = await deviceCondition(lot.device);
    expect(device.latest).toMatchObject([{ metric: 'temperature', value: 85, isSuspect: true }]);
    expect(Date.parse(device.lastHeard ?? '')).toBe(NOW - 2 * MINUTE);
  });

  test('a reading that people set aside is not the latest any more', async () => {
    const lot = await quiet();
    await house.measure(lot.device, [
      [NOW - 3 * MINUTE, 5.2],
      [NOW - 2 * MINUTE, 9.9],
    ]);
    const { status } = await house.ask('quality', 'POST', '/readings/set-aside', {
      ...{ device: lot.device, metric: 'temperature', from: NOW - 2.5 * MINUTE, to: NOW - MINUTE },
      reason: 'held in the hand',
    });
    expect(status).toBeLessThan(300);
    const latest = async () => (await shipment(lot.shipment)).units[0]?.condition.temperature;
    await expect.poll(latest, { timeout: PATIENCE_MS }).toBe(5.2);
  });
});
