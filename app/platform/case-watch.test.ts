import { afterAll, expect, test } from 'vitest';
import { silentLogger, silentMeter, systemTime, type TimeSource, Troubles } from '../../domain/index.ts';
import { PostgresAuditTrail, PostgresFacts, PostgresHistory, PostgresLog } from '../../storage/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { PARTS, type Part } from '../processes.ts';
import { watchCases } from './case-watch.ts';
import { Lifetime } from './lifetime.ts';

const database = await testDatabase({ maxConnections: 2 });
const log = new PostgresLog({ database, logger: silentLogger, meter: silentMeter, time: systemTime });
const storage = {
  ...{ database, log, audit: new PostgresAuditTrail({ database }), facts: new PostgresFacts({ database }) },
  history: new PostgresHistory({ database }),
};
const lifetimes: Lifetime[] = [];
afterAll(() => Promise.all(lifetimes.map((one) => one.end())));

/** The clocks that a process with these parts sets, by name, and those that still run. */
function clocksOf(parts: readonly Part[]) {
  const running = new Set<string>();
  const time: TimeSource = {
    ...systemTime,
    every: (name) => {
      running.add(name);
      return { name, cancel: () => running.delete(name) };
    },
  };
  const lifetime = new Lifetime();
  lifetimes.push(lifetime);
  watchCases(
    {
      // Nothing else of them is looked at here.
      ...({ config: { quality: { target: '24h', targets: {} } } } as Parameters<typeof watchCases>[0]),
      ...{ parts: new Set(parts), lifetime, time, logger: silentLogger, meter: silentMeter, troubles: new Troubles() },
      onProgress: () => {},
    },
    storage,
    { passed: async () => {} },
  );
  return { running, lifetime };
}

// They ran with the page, so each of three processes on one database compared every case, and told every decision.
test('signed decisions are told, and decided cases compared, by the one process that keeps cases', async () => {
  const both = ['decisions to be told', 'evidence of decided cases'];
  const owner = clocksOf(['alerts']);
  expect([...owner.running]).toEqual(both);
  expect([...clocksOf(PARTS).running]).toEqual(both);
  expect([...clocksOf(PARTS.filter((part) => part !== 'alerts')).running]).toEqual([]);
  await owner.lifetime.end();
  expect([...owner.running]).toEqual([]);
});
