import { expect, it } from 'vitest';
import { systemPart } from './parts.ts';
import { rollingUpgrade, type Stage } from './upgrade/rolling-upgrade.ts';

/*
 * `isotherm log partitions` from the program, while an installation of several processes with its readings on NATS takes load
 * over MQTT and HTTP and each process is started again: one broker, the other, what stores and judges, and the web.
 */

const STAGES: readonly Stage[] = [
  ['broker-1', 'broker'],
  ['broker-2', 'broker'],
  ['worker', 'ingest,trace,rules,alerts'],
  ['web', 'web,storage'],
];

const path = systemPart('nats-server');
if (path === null) it.skip('a NATS server');
else
  it('streams of readings that are raised while each process is started again lose and double nothing, and each alert is told once', async () => {
    const say = (text: string) => process.stdout.write(`raised while restarted: ${text}\n`);
    const load = { loggers: 6, warmUpMs: 1_000, besideMs: 500 };
    const nats = { program: path, servers: 1 } as const;
    const partitions = { 'broker-1': 2, 'broker-2': 4, worker: 8 };
    expect(await rollingUpgrade({ from: null, stages: STAGES, nats, partitions, ...load, say })).toEqual([]);
  }, 300_000);
