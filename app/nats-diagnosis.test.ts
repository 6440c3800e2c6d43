import { expect, it } from 'vitest';
import { systemTime } from '../domain/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { NatsServer } from '../storage/testing/nats-server.ts';
import { systemPart } from '../tests/parts.ts';
import { loadConfig } from './config/index.ts';
import { diagnoseNats } from './nats-diagnosis.ts';

const path = systemPart('nats-server');
if (path === null) it.skip('a NATS server');
else
  it('isotherm doctor says of NATS what is not as it has to be, and what was lost', async () => {
    const database = await testDatabase({ maxConnections: 2 });
    await database.query(`INSERT INTO log_consumers (name, mandatory, declared, seen) VALUES ('writer', true, 0, 0)`);
    await database.query(`INSERT INTO log_checkpoints (consumer, family, partition) VALUES ('writer', 'readings', 0)`);
    const server = await NatsServer.start(path);
    const asked = async (more: Record<string, string> = {}) => {
      const env = {
        ...{ DATABASE_URL: database.url, NATS_URL: server.url, NATS_MONITOR_URL: server.monitorUrl },
        ...{ ISOTHERM_NATS_REPLICAS: '1', ...more },
      };
      const lines: string[] = [];
      for await (const { about, verdict, found } of diagnoseNats(loadConfig({ env, cwd: '/' }))) {
        lines.push(`${verdict} ${about}: ${found}`);
      }
      return lines;
    };
    expect(await asked()).toEqual([
      expect.stringMatching(/^good NATS server \w+: version 2\.\d+\.\d+, writes to its disk before it acknowledges$/),
      'good NATS streams: there are none yet; the first start makes them',
      'good the log on NATS: nothing that was acknowledged was lost within a week',
      'good the log on NATS: writer is 0 messages behind',
    ]);

    await database.query(
      `INSERT INTO log_holes (partition, first, last, reason, found_at) VALUES (0, 5, 7, 'missing', $1)`,
      [systemTime.now()],
    );
    const lazy = await NatsServer.start(path, { syncInterval: '' });
    const found = await asked({ NATS_MONITOR_URL: lazy.monitorUrl, ISOTHERM_NATS_REPLICAS: '2' });
    expect(found[0]).toMatch(/^bad NATS server \w+: version \S+, writes to its disk later than it acknowledges$/);
    expect(found[1]).toBe('bad NATS servers: 1 of 2 can be seen');
    expect(found).toContain('bad the log on NATS: 3 messages that were acknowledged are gone');

    await lazy.kill();
    await server.kill();
    const away = await asked();
    expect(away.filter((line) => line.startsWith('bad NATS'))).toEqual([
      expect.stringMatching(/^bad NATS servers: the monitoring of NATS at .* cannot be asked/),
      expect.stringMatching(/^bad NATS streams: NATS cannot be had/),
    ]);
  });
