import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StateChange } from '../domain/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { by } from '../storage/testing/people.ts';
import { ALERT_CHANNEL } from './reconcile.ts';
import { at, ended, excursion, pallet, Scene, sgtin } from './testing/scene.ts';

const database = await testDatabase();
/** What is told of findings; null: the rule version is not known yet. */
let changes: readonly StateChange[] | null = [];
const scene = new Scene(database, { explainer: { explain: async () => changes } });

beforeAll(() => scene.worker.start());
afterAll(() => scene.worker.stop());
beforeEach(() => {
  changes = [];
  return scene.clear();
});

async function trail(id: string) {
  return (await scene.service.events(id)).map(({ action, by }) => (by === null ? action : `${action} by ${by}`));
}

describe('a finding becomes an alert', () => {
  it('that explains itself: rule, readings, and every serial with its own interval and dose', async () => {
    scene.exposed.set('logger-7', [
      pallet(2),
      pallet(1, { from: at('10:05'), to: at('10:12'), shipment: 'SHP-2', unit: null }),
    ]);
    scene.readings.set('logger-7', [
      [at('09:55'), 5.1],
      [at('10:00'), 8.4],
      [at('10:10'), 9.1],
    ]);
    changes = [{ at: at('10:00'), what: 'began', value: 8.4, text: '8.4 °C, above 8 °C.' }];
    await scene.found({ event: 'opened', finding: excursion({ readings: 2 }) });
    const [alert] = await scene.alerts();
    expect(alert).toEqual({
      id: expect.any(String),
      kind: 'threshold',
      severity: 'critical',
      state: 'open',
      rule: { id: 'too-warm', version: 1 },
      subject: { device: 'logger-7', metric: 'temperature' },
      summary: 'logger-7 above 8 °C for 20 min',
      from: at('10:00'),
      to: null,
      detectedAt: at('10:10'),
      detectedLate: false,
      evidence: {
        limit: 8,
        extreme: 9.1,
        minutesOutOfRange: 20,
        endedBy: null,
        runs: [{ from: at('10:00'), to: at('10:20') }],
        readings: [
          { time: at('09:55'), value: 5.1 },
          { time: at('10:00'), value: 8.4 },
          { time: at('10:10'), value: 9.1 },
        ],
        changes: [{ at: at('10:00'), what: 'began', value: 8.4, text: '8.4 °C, above 8 °C.' }],
        words: {
          key: 'summary.threshold',
          values: { device: 'logger-7', limit: '8', unit: '°C', side: 'above', duration: '20 min' },
        },
      },
      affectedCount: 2,
      atStake: null,
      shipments: ['SHP-1001', 'SHP-2'],
      mergedInto: null,
      splitFrom: null,
      acknowledgedBy: null,
      acknowledgedAt: null,
      resolvedBy: null,
      resolvedAt: null,
      assignedTo: null,
      snoozedUntil: null,
      reopened: 0,
      revision: 1,
    });
    const { items } = await scene.service.serials(alert?.id ?? '', { limit: 10 });
    const known = { gtin: '80614141123458', lot: 'A17', expiry: '2027-06-30' };
    const whole = { ...known, from: at('10:00'), to: null, minutesOutOfRange: 20, min: 4.5, max: 9.1, mkt: 7.2 };
    const unit = 'urn:epc:id:sscc:0614141.1234567890';
    expect(items).toEqual([
      { epc: sgtin(1), serial: '1', unit, ...whole },
      { epc: sgtin(2), serial: '2', unit, ...whole },
      { epc: sgtin(1), serial: '1', unit: null, ...whole, from: at('10:05'), to: at('10:12') },
    ]);
    expect(await scene.service.breadth(alert?.id ?? '')).toEqual({ minutes: { least: 20, most: 20 }, units: [unit] });
  });

  it('and explains how it came about as soon as the version of its rule is known', async () => {
    changes = null;
    await scene.found({ event: 'opened', finding: excursion() });
    expect((await scene.alerts())[0]?.evidence).not.toHaveProperty('changes');
    changes = [{ at: at('10:10'), what: 'opened', value: null, text: 'A finding.' }];
    scene.time.advance(500);
    await scene.worker.settled();
    expect((await scene.alerts())[0]?.evidence.changes).toEqual(changes);
  });

  it('with the text of its rule', async () => {
    const worded = new Scene(database, {
      summaryTemplate: (rule, version) =>
        `${rule}/${version}: {{device}} at {{extreme}} {{unit}}, {{shipment}} {{nothing}}`,
    });
    await worded.worker.start();
    await scene.worker.stop();
    worded.exposed.set('logger-7', [pallet(1)]);
    await worded.found({ event: 'opened', finding: excursion({ ruleVersion: 3 }) });
    expect((await scene.alerts())[0]?.summary).toBe('too-warm/3: logger-7 at 9.1 °C, SHP-1001 –');
    await worded.worker.stop();
    await scene.worker.start();
  });

  it('of a pass with unexpected serials: those serials, the portal and the pass', async () => {
    await scene.found({
      event: 'opened',
      finding: excursion({
        rule: 'not-expected',
        kind: 'unexpected',
        severity: 'warning',
        key: 'portal:dock/1',
        to: at('10:01'),
        endedBy: 'recovery',
        extreme: null,
        limit: null,
        minutesOutOfRange: null,
        runs: [],
        portal: { portal: 'dock/1', pass: 'pass-9', epcs: [sgtin(3), sgtin(1), sgtin(2)] },
      }),
    });
    const [alert] = await scene.alerts();
    expect(alert).toMatchObject({
      kind: 'unexpected',
      subject: { portal: 'dock/1' },
      summary: '3 serials nobody expects at dock/1',
      affectedCount: 3,
      evidence: { pass: 'pass-9', readings: [] },
    });
    const { items } = await scene.service.serials(alert?.id ?? '', { limit: 10 });
    expect(items.map(({ epc, from, to, minutesOutOfRange }) => [epc, from, to, minutesOutOfRange])).toEqual(
      [1, 2, 3].map((n) => [sgtin(n), at('10:00'), at('10:01'), null]),
    );
  });

  // Seen: the shipment that a bulk read concerned said "Alerts: none" under a green tick.
  it('of a pass names the shipments and units its serials belong to, and those they came with', async () => {
    const unit = 'urn:epc:id:sscc:0614141.1234567899';
    scene.carried = {
      groups: [
        { unit, shipment: 'SHP-7', serials: [sgtin(1), sgtin(2)] },
        { unit: null, shipment: null, serials: [sgtin(3)] },
      ],
      shipments: ['SHP-1', 'SHP-7'],
    };
    const portal = { portal: 'dock/1', pass: 'pass-9', epcs: [sgtin(1), sgtin(2), sgtin(3)] };
    const finding = excursion({ rule: 'not-expected', kind: 'unexpected', key: 'portal:dock/1', runs: [], portal });
    await scene.found({ event: 'opened', finding });
    const [alert] = await scene.alerts();
    expect(alert).toMatchObject({ shipments: ['SHP-1', 'SHP-7'], affectedCount: 3, subject: { portal: 'dock/1' } });
    for (const shipment of ['SHP-1', 'SHP-7']) {
      const { items } = await scene.service.list({ shipment, limit: 5 });
      expect(items.map(({ id }) => id)).toEqual([alert?.id]);
    }
    expect((await scene.service.ofSerial(sgtin(3))).map(({ id }) => id)).toEqual([alert?.id]);
    expect((await scene.service.ofSerial(unit)).map(({ id }) => id)).toEqual([alert?.id]);
    expect((await scene.service.breadth(alert?.id ?? '')).units).toEqual([unit]);
  });

  it('and is announced when it commits', async () => {
    const announced: string[] = [];
    const first = Promise.withResolvers<void>();
    const listening = await database.listen(ALERT_CHANNEL, (id) => {
      announced.push(id);
      first.resolve();
    });
    await scene.found({ event: 'opened', finding: excursion() });
    await first.promise;
    await listening.stop();
    expect(announced).toEqual((await scene.alerts()).map(({ id }) => id));
  });
});

describe('an alert follows its finding', () => {
  it('stays itself while the excursion runs and ends, and stays open until a person resolves it', async () => {
    await scene.found({ event: 'opened', finding: excursion() });
    await scene.found({ event: 'extended', finding: excursion({ extreme: 10.5 }) });
    await scene.found({ event: 'closed', finding: ended('10:00', '10:37', { extreme: 10.5 }) });
    const alerts = await scene.alerts();
    expect(alerts).toHaveLength(1);
    expect(alerts[0]).toMatchObject({ state: 'open', to: at('10:37'), revision: 3, evidence: { extreme: 10.5 } });
    expect(await trail(alerts[0]?.id ?? '')).toEqual(['opened']);
  });

  it('raises no revision when the same is computed again', async () => {
    scene.exposed.set('logger-7', [pallet(3)]);
    await scene.found({ event: 'opened', finding: excursion() });
    const before = await scene.alerts();
    await scene.found({ event: 'opened', finding: excursion({ detectedAt: at('11:00') }) });
    await scene.exposureChanged('logger-7', 'the ASN SHP-9 arrived');
    expect(await scene.alerts()).toEqual(before);
  });

  it('keeps its id when late readings move its beginning', async () => {
    await scene.found({ event: 'opened', finding: excursion() });
    const [before] = await scene.alerts();
    await scene.found(
      { event: 'retracted', finding: excursion() },
      { event: 'opened', finding: excursion({ from: at('09:30'), detectedAt: at('11:30'), detectedLate: true }) },
    );
    const after = await scene.alerts();
    expect(after.map(({ id, from, state }) => [id, from, state])).toEqual([[before?.id, at('09:30'), 'open']]);
    expect(after[0]).toMatchObject({ detectedAt: at('10:10'), detectedLate: true, revision: 2 });
  });

  it('is retracted with the reason when its finding is', async () => {
    await scene.found({ event: 'opened', finding: excursion() });
    await scene.found({ event: 'retracted', finding: excursion(), reason: 'the ASN SHP-1001 arrived' });
    const [alert] = await scene.alerts();
    expect(alert).toMatchObject({
      state: 'retracted',
      evidence: { reason: 'the ASN SHP-1001 arrived' },
      mergedInto: null,
    });
    expect(await trail(alert?.id ?? '')).toEqual(['opened', 'retracted']);
  });

  it('opens anew, with an id of its own, when what was retracted happened after all', async () => {
    await scene.found({ event: 'opened', finding: excursion() });
    await scene.found({ event: 'retracted', finding: excursion() });
    await scene.found({ event: 'opened', finding: excursion() });
    expect((await scene.alerts()).map(({ state }) => state)).toEqual(['retracted', 'open']);
  });
});

describe('excursions that turn out to be one', () => {
  it('leave the oldest alert; the others say into which they went', async () => {
    await scene.found({ event: 'opened', finding: ended('10:00', '10:10') });
    await scene.found({ event: 'opened', finding: ended('10:30', '11:30') });
    await scene.found(
      { event: 'retracted', finding: ended('10:30', '11:30') },
      { event: 'merged', finding: ended('10:00', '11:30') },
    );
    const [first, second] = await scene.alerts();
    expect(first).toMatchObject({ state: 'open', from: at('10:00'), to: at('11:30') });
    expect(second).toMatchObject({ state: 'retracted', mergedInto: first?.id });
    expect(await trail(first?.id ?? '')).toEqual(['opened', 'changed']);
    expect(await trail(second?.id ?? '')).toEqual(['opened', 'merged']);
  });

  it('are open again where one of them had not been resolved', async () => {
    await scene.found({ event: 'opened', finding: ended('10:00', '10:10') });
    await scene.service.resolve((await scene.alerts())[0]?.id ?? '', by('paula'), { comment: 'looked at' });
    await scene.found({ event: 'opened', finding: ended('10:30', '11:30') });
    await scene.found(
      { event: 'retracted', finding: ended('10:30', '11:30') },
      { event: 'merged', finding: ended('10:00', '11:30') },
    );
    const [first] = await scene.alerts();
    expect(first).toMatchObject({ state: 'open', resolvedBy: null, resolvedAt: null });
    expect(await trail(first?.id ?? '')).toEqual(['opened', 'resolved by paula', 'reopened']);
  });

  it('or two: the larger part keeps the alert, the other says from which it was split', async () => {
    await scene.found({ event: 'opened', finding: ended('10:00', '11:30') });
    await scene.found(
      { event: 'split', finding: ended('10:00', '10:10') },
      { event: 'opened', finding: ended('10:30', '11:30') },
    );
    const [first, second] = await scene.alerts();
    expect(first).toMatchObject({ from: at('10:30'), to: at('11:30'), splitFrom: null });
    expect(second).toMatchObject({ from: at('10:00'), to: at('10:10'), splitFrom: first?.id, state: 'open' });
    expect(await trail(second?.id ?? '')).toEqual(['split']);
  });
});

describe('when the affected serials change', () => {
  it('whoever acted is told which came and went, and why', async () => {
    scene.exposed.set('logger-7', [pallet(3)]);
    await scene.found({ event: 'opened', finding: ended('10:00', '10:37') });
    const [alert] = await scene.alerts();
    const id = alert?.id ?? '';
    await scene.service.acknowledge(id, by('paula'));
    scene.exposed.set('logger-7', [pallet(0, { serials: [sgtin(2), sgtin(3), sgtin(4), sgtin(5)] })]);
    await scene.exposureChanged('logger-7', 'packing of 2 serials arrived late');
    expect(await scene.service.get(id)).toMatchObject({
      state: 'acknowledged',
      affectedCount: 4,
      revision: 3,
      evidence: { reason: 'packing of 2 serials arrived late' },
    });
    expect((await scene.service.events(id)).at(-1)).toMatchObject({
      action: 'changed',
      by: null,
      detail: {
        serials: { added: 2, removed: 1, addedEpcs: [sgtin(4), sgtin(5)], removedEpcs: [sgtin(1)] },
        reason: 'packing of 2 serials arrived late',
      },
    });
  });

  it('an open alert that is assigned counts as acted on; one that is merely open does not', async () => {
    scene.exposed.set('logger-7', [pallet(3)]);
    await scene.found({ event: 'opened', finding: ended('10:00', '10:37') });
    const [alert] = await scene.alerts();
    const id = alert?.id ?? '';
    scene.exposed.set('logger-7', [pallet(2)]);
    await scene.exposureChanged('logger-7', 'first');
    expect(await trail(id)).toEqual(['opened']);
    await scene.service.assign(id, by('paula'), 'quentin');
    scene.exposed.set('logger-7', [pallet(1)]);
    await scene.exposureChanged('logger-7', 'second');
    expect(await trail(id)).toEqual(['opened', 'assigned by paula', 'changed']);
  });

  it('of many that came and went twenty are named and all are counted', async () => {
    scene.exposed.set('logger-7', [pallet(30)]);
    await scene.found({ event: 'opened', finding: ended('10:00', '10:37') });
    const [alert] = await scene.alerts();
    await scene.service.acknowledge(alert?.id ?? '', by('paula'));
    scene.exposed.set('logger-7', [pallet(0, { serials: Array.from({ length: 25 }, (_, i) => sgtin(100 + i)) })]);
    await scene.exposureChanged('logger-7', 'another notice');
    const { detail = {} } = (await scene.service.events(alert?.id ?? '')).at(-1) ?? {};
    const { serials } = detail as { serials: { addedEpcs: string[]; removedEpcs: string[] } };
    expect(serials).toMatchObject({ added: 25, removed: 30 });
    expect([serials.addedEpcs.length, serials.removedEpcs.length]).toEqual([20, 20]);
  });

  it('an end or a beginning that moved is told to who acted, with what it was; one that runs on is not', async () => {
    await scene.found({ event: 'opened', finding: excursion() });
    const [alert] = await scene.alerts();
    const id = alert?.id ?? '';
    await scene.service.acknowledge(id, by('paula'));
    await scene.found({ event: 'extended', finding: excursion({ extreme: 11 }) });
    await scene.found({ event: 'closed', finding: ended('10:00', '10:40', { extreme: 11 }) });
    expect(await trail(id)).toEqual(['opened', 'acknowledged by paula']);
    await scene.found({
      event: 'extended',
      finding: ended('10:00', '10:50', { extreme: 11 }),
      reason: 'late readings',
    });
    expect((await scene.service.events(id)).at(-1)).toMatchObject({
      action: 'changed',
      detail: {
        to: { before: '2026-11-22T10:40:00.000Z', now: '2026-11-22T10:50:00.000Z' },
        reason: 'late readings',
      },
    });
    await scene.found(
      { event: 'retracted', finding: ended('10:00', '10:50') },
      { event: 'opened', finding: ended('09:30', '10:50', { extreme: 11 }) },
    );
    const { detail = {} } = (await scene.service.events(id)).at(-1) ?? {};
    expect(detail).toMatchObject({ from: { before: '2026-11-22T10:00:00.000Z', now: '2026-11-22T09:30:00.000Z' } });
    expect(detail).not.toHaveProperty('to');
  });

  it('the last of several reasons stands', async () => {
    await scene.worker.stop();
    await scene.found(
      { event: 'opened', finding: ended('10:00', '10:37'), reason: 'the first' },
      { event: 'extended', finding: ended('10:00', '10:40'), reason: 'the last' },
    );
    await scene.worker.start();
    await scene.worker.settled();
    expect((await scene.alerts())[0]?.evidence.reason).toBe('the last');
  });

  it('what is learnt of them late is shown too', async () => {
    scene.exposed.set('logger-7', [pallet(2)]);
    await scene.found({ event: 'opened', finding: excursion() });
    scene.lots.set(sgtin(2), 'B42');
    await scene.exposureChanged('logger-7', 'the ASN SHP-1001 arrived');
    const [alert] = await scene.alerts();
    const { items } = await scene.service.serials(alert?.id ?? '', { limit: 10 });
    expect(items.map(({ lot }) => lot)).toEqual(['A17', 'B42']);
    expect((await scene.service.ofSerial(sgtin(2))).map(({ id }) => id)).toEqual([alert?.id]);
  });

  it('the figures of a running excursion change without writing its serials again', async () => {
    scene.exposed.set('logger-7', [pallet(10_000)]);
    await scene.found({ event: 'opened', finding: excursion() });
    const questions = scene.identityQuestions;
    const serialRows =
      'SELECT min(xmin::text::bigint) AS first, max(xmin::text::bigint) AS last, count(*) AS rows FROM alert_serials';
    const before = await database.query(serialRows);
    scene.exposed.set('logger-7', [pallet(10_000, { minutesOutOfRange: 25, max: 9.9 })]);
    await scene.found({ event: 'extended', finding: excursion({ minutesOutOfRange: 25, extreme: 9.9 }) });
    expect((await database.query(serialRows)).rows).toEqual(before.rows);
    expect(scene.identityQuestions).toBe(questions);
    const [alert] = await scene.alerts();
    expect(alert).toMatchObject({ affectedCount: 10_000, revision: 2 });
    const { items, nextCursor } = await scene.service.serials(alert?.id ?? '', { limit: 100 });
    expect(items[0]).toMatchObject({ minutesOutOfRange: 25, max: 9.9 });
    expect(nextCursor).not.toBeNull();
  });
});
