import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type FindingChange, type StateChange, systemTime, Troubles, UnavailableError } from '../domain/index.ts';
import { effectsOf } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { AT_ONCE, THEN_EVERY_MS } from './group-pace.ts';
import { ALERT_CHANNEL } from './reconcile.ts';
import { at, ended, excursion, MINUTE, pallet, Scene, sgtin } from './testing/scene.ts';

const database = await testDatabase();
/** What is told of findings; null: the rule version is not known yet. */
let changes: readonly StateChange[] | null = [];
const troubles = new Troubles();
const scene = new Scene(database, { explainer: { explain: async () => changes }, troubles });

beforeAll(() => scene.worker.start());
afterAll(() => scene.worker.stop());
beforeEach(() => {
  changes = [];
  return scene.clear();
});

/** Moves the clock until nothing waits: what fails just as it is moved is put off once more, from then on. */
async function settledInTime(): Promise<void> {
  let isSettled = false;
  const settled = scene.worker.settled().finally(() => {
    isSettled = true;
  });
  while (!isSettled) {
    await scene.time.advance(MINUTE);
    await systemTime.sleep('what is under way', 5);
  }
  await settled;
}

test('looks again for readings that the writer had not stored yet', async () => {
  scene.readings.set('logger-7', [[at('10:00'), 8.4]]);
  await scene.found({ event: 'opened', finding: ended('10:00', '10:20', { readings: 2 }) });
  expect((await scene.alerts())[0]?.evidence.readings).toHaveLength(1);
  scene.readings.set('logger-7', [
    [at('10:00'), 8.4],
    [at('10:10'), 9.1],
  ]);
  await scene.time.advance(1_000);
  await scene.worker.settled();
  expect((await scene.alerts())[0]?.evidence.readings).toHaveLength(2);
  expect((await database.query('SELECT FROM alert_work')).rowCount).toBe(0);
});

test('tries again after a failure, without holding up the other groups', async () => {
  scene.failure = new Error('exposure is away');
  await database.transaction(async (client) => {
    await scene.findings.apply(effectsOf(client), [{ event: 'opened', finding: excursion() }]);
  });
  const unexpected = excursion({
    rule: 'not-expected',
    kind: 'unexpected',
    key: 'portal:dock/1',
    portal: { portal: 'dock/1', pass: 'pass-9', epcs: [sgtin(1)] },
  });
  const announced = Promise.withResolvers<void>();
  const listening = await database.listen(ALERT_CHANNEL, () => announced.resolve());
  await database.transaction(async (client) => {
    await scene.findings.apply(effectsOf(client), [{ event: 'opened', finding: unexpected }]);
  });
  await announced.promise;
  await listening.stop();
  expect((await scene.alerts()).map(({ kind }) => kind)).toEqual(['unexpected']);
  scene.failure = null;
  await settledInTime();
  expect((await scene.alerts()).map(({ kind }) => kind).toSorted()).toEqual(['threshold', 'unexpected']);
});

// Seen: some hundred groups that failed stood first in line, and no other alert was ever settled.
test('lets however many failing groups wait, and settles the others', async () => {
  scene.failing.add('broken');
  const broken = Array.from({ length: 300 }, (_, i) => excursion({ rule: 'broken', key: `broken-${i}/temperature` }));
  await database.transaction((client) =>
    scene.findings.apply(
      effectsOf(client),
      broken.map((finding) => ({ event: 'opened', finding })),
    ),
  );
  const announced = Promise.withResolvers<void>();
  const listening = await database.listen(ALERT_CHANNEL, () => announced.resolve());
  await database.transaction((client) =>
    scene.findings.apply(effectsOf(client), [{ event: 'opened', finding: excursion() }]),
  );
  await announced.promise;
  await listening.stop();
  expect((await scene.alerts()).map(({ rule }) => rule.id)).toEqual(['too-warm']);
  expect(troubles.list()).toMatchObject([
    { part: 'alerts', code: 'FAILED', text: expect.stringMatching(/^the exposure of broken-\d+ fails$/) },
  ]);
  scene.failing.clear();
  await settledInTime();
  expect(await scene.alerts()).toHaveLength(301);
  expect(troubles.list()).toEqual([]);
});

// Seen: one NUL in the name of a device, and no alert of any device was settled any more.
test('opens an alert without its serials where only they cannot be worked out, says so, and mends it later', async () => {
  scene.failing.add('too-warm-7');
  scene.exposed.set('logger-8', [pallet(2)]);
  const poisoned = excursion({ key: 'too-warm-7/temperature' });
  await database.transaction((client) =>
    scene.findings.apply(effectsOf(client), [{ event: 'opened', finding: poisoned }]),
  );
  const opened = async () => (await scene.service.list({ limit: 10 })).items;
  while ((await opened()).length === 0) {
    await scene.time.advance(MINUTE);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const [alert] = await opened();
  expect(alert).toMatchObject({
    ...{ state: 'open', severity: 'critical', affectedCount: 0, subject: { device: 'too-warm-7' } },
    evidence: { reason: 'its serials could not be worked out yet: the exposure of too-warm-7 fails' },
  });
  expect(troubles.list()).toMatchObject([{ part: 'alerts' }]);
  scene.failing.clear();
  scene.exposed.set('too-warm-7', [pallet(3)]);
  await settledInTime();
  const [mended] = await opened();
  expect(mended).toMatchObject({ id: alert?.id, affectedCount: 3 });
  expect(mended?.evidence).not.toHaveProperty('reason');
  expect(troubles.list()).toEqual([]);
});

test('of two findings of one group the one that fails costs itself', async () => {
  scene.failing.add('logger-7 from 10:00');
  await database.transaction((client) =>
    scene.findings.apply(effectsOf(client), [
      { event: 'opened', finding: ended('10:00', '10:10') },
      { event: 'opened', finding: ended('11:00', '11:10') },
    ]),
  );
  scene.exposed.set('logger-7', [pallet(2)]);
  while ((await scene.alerts()).length < 2) {
    await scene.time.advance(MINUTE);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await scene.alerts()).map(({ from, affectedCount }) => [from, affectedCount])).toEqual([
    [at('10:00'), 0],
    [at('11:00'), 2],
  ]);
  scene.failing.clear();
  await settledInTime();
  expect((await scene.alerts()).map(({ affectedCount }) => affectedCount)).toEqual([2, 2]);
});

test('writes what text of old facts it cannot keep with a mark in its place', async () => {
  scene.exposed.set('logger-7', [pallet(1)]);
  scene.lots.set(sgtin(1), 'A\0');
  changes = [{ at: at('10:00'), what: 'began', value: 8.4, text: 'half \ud800 and \0' }];
  await scene.found({ event: 'opened', finding: excursion() });
  const [alert] = await scene.alerts();
  expect(alert?.evidence.changes?.[0]?.text).toBe('half \ufffd and \ufffd');
  const { items } = await scene.service.serials(alert?.id ?? '', { limit: 1 });
  expect(items[0]?.lot).toBe('A\ufffd');
});

test('is not kept waiting once what was away is back, however long that took', async () => {
  scene.failure = new UnavailableError('DATABASE_UNAVAILABLE', 'the database is away');
  await database.transaction(async (client) => {
    await scene.findings.apply(effectsOf(client), [{ event: 'opened', finding: excursion() }]);
  });
  const hasFailed = async () => {
    while (!scene.time.waiting().includes('alerts: look again')) await new Promise((resolve) => setImmediate(resolve));
  };
  for (let tries = 0; tries < 8; tries++) {
    await hasFailed();
    await scene.time.advance(500);
  }
  await hasFailed();
  scene.failure = null;
  await scene.time.advance(500);
  await scene.worker.settled();
  expect(await scene.alerts()).toHaveLength(1);
});

test('may run twice on one database: every alert is opened once', async () => {
  const second = new Scene(database);
  await second.worker.start();
  const many = Array.from({ length: 40 }, (_, i) => excursion({ key: `logger-${i}/temperature` }));
  await Promise.all(
    many.map((finding) =>
      scene.found({ event: 'opened', finding }, { event: 'extended', finding: { ...finding, extreme: 12 } }),
    ),
  );
  await second.worker.settled();
  await second.worker.stop();
  const alerts = await scene.alerts();
  expect(alerts).toHaveLength(40);
  expect(new Set(alerts.map(({ subject }) => subject.device)).size).toBe(40);
});

// A logger that brought a week's backlog had its alert explained anew some fifty times a second, its readings read each time.
test('settles what changes all the time once a second, as it is then; and what opens at once', async () => {
  // Of no other test: how often a group has changed lately is the worker's to know.
  const fast = (extreme: number) => excursion({ key: 'logger-9/temperature', extreme });
  const grown = (extreme: number): FindingChange => ({ event: 'extended', finding: fast(extreme) });
  const apply = (change: FindingChange) =>
    database.transaction((client) => scene.findings.apply(effectsOf(client), [change]));
  const until = async (isSo: () => boolean | Promise<boolean>) => {
    while (!(await isSo())) await systemTime.sleep('what is under way', 5);
  };
  await scene.found({ event: 'opened', finding: fast(10) });
  for (let n = 1; n <= AT_ONCE; n++) await scene.found(grown(10 + n / 10));
  const [before] = await scene.alerts();
  expect(before?.evidence.extreme).toBe(10 + AT_ONCE / 10);
  await apply(grown(11));
  await until(() => scene.time.waiting().includes('alerts: look again'));
  await apply(grown(12));
  await apply({ event: 'opened', finding: excursion({ key: 'logger-8/temperature' }) });
  await until(async () => (await scene.alerts()).length === 2);
  expect((await scene.alerts())[0]).toEqual(before);
  await scene.time.advance(THEN_EVERY_MS);
  await until(async () => (await scene.alerts())[0]?.evidence.extreme !== before?.evidence.extreme);
  const [after] = await scene.alerts();
  expect([after?.evidence.extreme, after?.revision]).toEqual([12, (before?.revision ?? 0) + 1]);
});

test('settles after a restart what was found while it was down', async () => {
  const down = new Scene(database);
  await scene.worker.stop();
  await scene.found({ event: 'opened', finding: excursion() });
  expect(await scene.alerts()).toEqual([]);
  await down.worker.start();
  await down.worker.settled();
  expect(await scene.alerts()).toHaveLength(1);
  await down.worker.stop();
  await scene.worker.start();
});
