import { afterAll, describe, expect, test } from 'vitest';
import { ExcursionCases } from '../../quality/index.ts';
import { effectsOf } from '../../storage/index.ts';
import { PATIENCE_MS } from '../../tests/testing/bounds.ts';
import type { CaseView, Condition, DeviceView, ShipmentDetail } from '../api/index.ts';
import { excursionsOf, HOUR, iso, type Lot, MINUTE, NOW } from './testing/excursions.ts';
import { Installation, TOO_WARM } from './testing/installation.ts';

const house = await Installation.start();
await house.tell({ type: 'rule', version: TOO_WARM, by: 'paula' });
const { alone, ask, bySigner, decide, excursion, mayMoveOn, person } = excursionsOf(house);
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

describe('what a rule on goods found is lifted by who decides in its case', () => {
  let made = 0;
  /** The goods of a shipment have used more than they stand. @returns when the case has it */
  async function usedUp({ shipment, serials }: Lot): Promise<string> {
    const id = `used-up-${++made}`;
    const { rows } = await house.database.query<{ number: number }>(
      `INSERT INTO alerts (id, rule, key, rule_version, kind, severity, state, shipments, summary, from_at, detected_at,
         detected_late, evidence, evidence_complete, affected_count)
       VALUES ($1, 'used-up', $2, 1, 'budget', 'warning', 'open', ARRAY[$3], 'used up', now(), now(), false,
         '{"extreme": 61, "limit": 60}', true, $4) RETURNING number`,
      [id, `shipment:${shipment}`, shipment, serials.length],
    );
    const [{ number } = { number: 0 }] = rows;
    await house.database.query(
      `INSERT INTO alert_exposures (alert, part, shipment, from_at, serials, epc_digest, identity_digest)
       VALUES ($1, 1, $2, now(), $3, '', '')`,
      [number, shipment, serials.length],
    );
    await house.database.query('INSERT INTO alert_serials (alert, part, epc) SELECT $1, 1, unnest($2::text[])', [
      ...[number, serials],
    ]);
    await house.database.transaction((client) =>
      new ExcursionCases({ targetMs: HOUR }).alertsSettled(effectsOf(client), [number], Date.now()),
    );
    return id;
  }
  const alertsOf = async (id: string) =>
    ((await house.ask('quality', 'GET', `/cases/${id}`)).body as CaseView).evidence.alerts.map((one) => one.id).sort();

  // It was lifted by any signed decision on the pack: what was known when it was signed is what it was signed on.
  test('found after the release it joins the case, which says so, and the pack waits until it is signed again', async () => {
    const [lot, { name, cookie }] = [await excursion({ count: 1 }), await person()];
    const [epc = ''] = lot.serials;
    await decide(lot, cookie, bySigner(name), { disposition: 'release' });
    expect(await mayMoveOn(epc)).toBe(true);
    const found = await usedUp(lot);
    expect(await alertsOf(lot.id)).toEqual([lot.alert, found].sort());
    expect((await house.ask('quality', 'GET', `/cases/${lot.id}`)).body).toMatchObject({ state: 'evidence changed' });
    expect(await mayMoveOn(epc)).toBe(false);
    await decide(lot, cookie, alone, { disposition: 'release' });
    expect(await mayMoveOn(epc)).toBe(true);
  });

  test('what is signed of the pack in a complaint, or in the case of another shipment, does not lift it', async () => {
    const [lot, other, { name, cookie }] = [
      await excursion({ count: 1 }),
      await excursion({ count: 1 }),
      await person(),
    ];
    const [epc = ''] = lot.serials;
    await decide(lot, cookie, bySigner(name), { disposition: 'release' });
    await usedUp(lot);
    const complaint = { kind: 'complaint', title: 'a dented box', serials: [epc], reason: 'the ward says so' };
    const opened = await ask('POST', '/cases', complaint, cookie);
    expect(opened.status).toBe(201);
    const { id } = opened.body as { id: string };
    const answered = await decide({ ...lot, id }, cookie, alone, { disposition: 'release' });
    expect(answered.status).toBe(201);
    expect(await mayMoveOn(epc)).toBe(false);
    // The pack went on with the other one, and used up what it stands there too.
    await usedUp({ ...other, serials: [epc] });
    expect((await decide({ ...other, serials: [epc] }, cookie, alone, { disposition: 'release' })).status).toBe(201);
    expect(await mayMoveOn(epc)).toBe(false);
    expect((await decide(lot, cookie, alone, { disposition: 'release' })).status).toBe(201);
    expect(await mayMoveOn(epc)).toBe(true);
  });

  test('after its case was closed it opens the one that follows it up, where it is decided', async () => {
    const [lot, { name, cookie }] = [await excursion({ count: 1 }), await person()];
    const [epc = ''] = lot.serials;
    await decide(lot, cookie, bySigner(name), { disposition: 'release' });
    expect((await ask('POST', `/cases/${lot.id}/close`, { reason: 'all well' }, cookie)).status).toBe(200);
    const found = await usedUp(lot);
    const { body } = await ask('GET', `/cases?shipment=${lot.shipment}&state=open`, undefined, cookie);
    const [next] = body.items as { id: string; follows: string }[];
    expect(next).toMatchObject({ follows: lot.id, serials: { affected: 1, undecided: 1 } });
    expect(await alertsOf(next?.id ?? '')).toEqual([lot.alert, found].sort());
    expect(await mayMoveOn(epc)).toBe(false);
    await decide({ ...lot, id: next?.id ?? '' }, cookie, alone, { disposition: 'release' });
    expect(await mayMoveOn(epc)).toBe(true);
  });

  test('the time after the reception is no part of the case, though what was found lasts for good', async () => {
    const [lot, { name, cookie }] = [await excursion({ count: 1 }), await person()];
    const received = NOW - 75 * MINUTE;
    await house.database.query('UPDATE shipments SET received_at = $2 WHERE id = $1', [lot.shipment, received]);
    await usedUp(lot);
    await decide(lot, cookie, bySigner(name), { disposition: 'release' });
    const { body } = await ask('GET', `/cases/${lot.id}/decisions/1/record`, undefined, cookie);
    expect(JSON.parse(String(body.record))).toMatchObject({ alerts: [{}, { to: null }], groups: [{ to: received }] });
  });
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
