import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Labels, type Meter, silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { Notifier } from './index.ts';
import { Receiver } from './testing/receiver.ts';
import { at, excursion, Scene } from './testing/scene.ts';

/** What histograms were told, by name. */
const observed: { readonly name: string; readonly value: number; readonly labels: Labels }[] = [];
const meter: Meter = {
  ...silentMeter,
  histogram: ({ name }) => ({ observe: (value, labels = {}) => observed.push({ name, value, labels }) }),
};
const of = (name: string) => observed.filter((one) => one.name === name);

const database = await testDatabase({ maxConnections: 20 });
const receiver = new Receiver();
const running: { stop(): Promise<void> }[] = [receiver];
let scene: Scene;

beforeAll(async () => {
  const url = await receiver.start();
  const channels = [{ id: 'hook', kind: 'webhook' as const, url, secret: 'whsec_c2VjcmV0' }];
  scene = new Scene(database, { config: { channels, route: { channel: 'hook' } }, meter });
  await scene.worker.start();
  const notifier = new Notifier({ database, channels, time: systemTime, logger: silentLogger, meter });
  await notifier.start();
  running.push(scene.worker, notifier);
});
afterAll(async () => {
  for (const part of running.toReversed()) await part.stop();
});

it('what is counted from event time on is the reading that made an alert known, and late data counts by itself', async () => {
  // It is 12:00. The last reading outside was at 11:59:50, ten minutes after the first.
  await scene.found({
    event: 'opened',
    finding: excursion({
      from: at('11:49:50'),
      to: at('11:59:50'),
      runs: [{ from: at('11:49:50'), to: at('11:59:50') }],
    }),
  });
  await scene.found({
    event: 'opened',
    finding: excursion({ rule: 'other', from: at('09:00'), to: at('10:00'), endedBy: 'recovery', detectedLate: true }),
  });
  const silence = { kind: 'silence' as const, rule: 'silent', runs: [], from: at('11:59:30') };
  await scene.found({ event: 'opened', finding: excursion(silence) });
  // A change of one that is known counts no more.
  await scene.found({ event: 'closed', finding: excursion({ ...silence, to: at('11:59:45'), endedBy: 'recovery' }) });
  expect(of('isotherm_alerts_event_to_alert_seconds').map(({ value, labels }) => [value, labels.late])).toEqual([
    [10, 'false'],
    [7_200, 'true'],
    [30, 'false'],
  ]);
});

it('a delivery is counted once it has arrived, by its channel', async () => {
  await expect.poll(() => of('isotherm_alerts_alert_to_delivery_seconds').length, { timeout: 60_000 }).toBe(3);
  for (const { value, labels } of of('isotherm_alerts_alert_to_delivery_seconds')) {
    expect(labels).toEqual({ channel: 'hook' });
    expect(value).toBeGreaterThanOrEqual(0);
  }
});
