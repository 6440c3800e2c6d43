import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Accounts } from '../access/index.ts';
import { systemTime } from '../domain/index.ts';
import type { Database } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { NatsServer } from '../storage/testing/nats-server.ts';
import { AcknowledgedPublisher } from './acknowledged-publisher.ts';
import { Api, eventually } from './api.ts';
import { type IsothermProcess, isotherm, startIsotherm } from './isotherm-process.ts';
import { systemPart } from './parts.ts';
import { underWay } from './testing/under-way.ts';

/*
 * The program with its readings on NATS: over MQTT in, acknowledged, stored, judged, told, and led back to the message; over a
 * kill -9 of the NATS server and of the program. And the starts that it refuses.
 */

const path = systemPart('nats-server');
if (path === null) it.skip('a NATS server');
else {
  const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-on-nats-'));
  const base = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
  const WARM = Array.from({ length: 60 }, (_, n) => ({ time: base + n * 60_000, temperature: 12 }));
  const processes = new Set<IsothermProcess>();
  let database: Database;
  let accounts: Accounts;
  let server: NatsServer;
  let env: Record<string, string>;
  let token = '';

  async function start(): Promise<IsothermProcess> {
    const started = await startIsotherm({ command: 'serve', dataDir, env });
    processes.add(started);
    return started;
  }

  /** As a logger does: again until it is acknowledged. */
  async function send(program: IsothermProcess, device: string, readings: readonly object[]): Promise<void> {
    const publisher = new AcknowledgedPublisher(new Map([[device, await accounts.credentials.create(device)]]));
    while (publisher.acknowledged.size === 0) {
      await publisher.publish(program.mqttUrl, [{ device, payload: JSON.stringify(readings) }], () => {});
    }
  }

  async function stored(program: IsothermProcess, device: string): Promise<void> {
    const question = `/readings?device=${device}&metric=temperature&from=${base}&to=${base + 3_600_000}`;
    await eventually(
      `the readings of ${device}`,
      () => new Api(program.httpUrl, token).all(question),
      (items) => items.length === 60,
    );
  }

  beforeAll(async () => {
    server = await NatsServer.start(path);
    database = await testDatabase({ maxConnections: 2 });
    accounts = new Accounts({ database, time: systemTime });
    env = {
      ...{ DATABASE_URL: database.url, NATS_URL: server.url, NATS_MONITOR_URL: server.monitorUrl },
      ISOTHERM_NATS_REPLICAS: '1',
    };
    token = await accounts.tokens.create({ name: 'nats', role: 'admin' });
    writeFileSync(join(dataDir, 'isotherm.yaml'), '{}');
  });

  afterAll(async () => {
    await Promise.all([...processes].map((one) => one.stop()));
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('takes a reading over MQTT, acknowledges, judges and tells it, and finds the message it came in', async () => {
    const program = await start();
    const api = new Api(program.httpUrl, token);
    await api.send('POST', '/shipments', {
      ...{ id: 'SHP-NATS', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
      departs: new Date(base - 3_600_000).toISOString(),
      arrives: new Date(base + 72 * 3_600_000).toISOString(),
      units: [
        {
          ...{ sscc: 'urn:epc:id:sscc:0614141.1000000097', devices: ['nats-1'] },
          children: ['urn:epc:id:sgtin:0614141.812345.907'],
          from: new Date(base - 3_600_000).toISOString(),
        },
      ],
      products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2028-06-30' }],
    });
    await send(program, 'nats-1', WARM);
    await stored(program, 'nats-1');
    await eventually(
      'the excursion is an alert with the serial it touched',
      () => api.all<{ subject: { device?: string }; affected: { count: number } }>('/alerts'),
      (alerts) => alerts.some(({ subject, affected }) => subject.device === 'nats-1' && affected.count === 1),
    );
    // The archive takes what waits every ten minutes: until then the message is in the stream.
    const question = `/readings/original?device=nats-1&metric=temperature&time=${base}`;
    const { items } = await api.get<{ items: { source: string; segment: number | null }[] }>(question);
    expect(items).toMatchObject([{ source: 'nats-1', segment: null }]);
    const { code, stdout } = await isotherm(['original', 'nats-1', 'temperature', String(base)], { dataDir, env });
    expect(code).toBe(0);
    expect(JSON.parse(Buffer.from(JSON.parse(stdout).payload, 'base64').toString())).toEqual(WARM);

    const { rows } = await database.query<{ tables: number; stream: number }>(
      `SELECT (SELECT count(*) FROM log_readings)::int AS tables, (SELECT last_sequence FROM log_streams) AS stream`,
    );
    expect(rows[0]?.tables).toBe(0);
  }, 180_000);

  it('goes on after a kill -9 of the NATS server, and of itself, with all that it acknowledged', async () => {
    const [program] = processes;
    if (program === undefined) throw new Error('the program runs');
    await server.kill();
    const sending = underWay(send(program, 'nats-2', WARM));
    await server.start();
    await sending.end;
    await program.kill();
    processes.delete(program);
    const again = await start();
    await stored(again, 'nats-2');
    expect((await database.query('SELECT FROM log_holes')).rows).toEqual([]);
  }, 180_000);

  it('goes back to PostgreSQL by isotherm log to-postgres, and there again', async () => {
    const [program] = processes;
    if (program === undefined) throw new Error('the program runs');
    const { code, stdout, stderr } = await isotherm(['log', 'to-postgres'], { dataDir, env });
    expect({ code, stderr: stderr.replaceAll(/messages still to be read: .*\n/g, '') }).toEqual({
      code: 0,
      stderr: '',
    });
    expect(stdout).toContain('take NATS_URL away from every process');
    await program.stop();
    processes.delete(program);
    const onNats = env;
    env = { DATABASE_URL: database.url };
    const back = await start();
    // Readings from before, on streams, and what comes now.
    await stored(back, 'nats-2');
    await send(back, 'nats-3', WARM);
    await stored(back, 'nats-3');
    await back.stop();
    processes.delete(back);
    env = onNats;
    const again = await start();
    await send(again, 'nats-4', WARM);
    await stored(again, 'nats-4');
    expect((await database.query('SELECT FROM log_holes')).rows).toEqual([]);
  }, 180_000);

  it('does not start without NATS on the same database, nor on a server that writes to its disk later', async () => {
    for (const one of processes) await one.stop();
    processes.clear();
    const without = await isotherm(['serve'], {
      dataDir,
      env: { DATABASE_URL: database.url, ISOTHERM_HTTP_PORT: '0', ISOTHERM_MQTT_PORT: '0' },
    });
    expect([without.code, without.stderr]).toEqual([1, expect.stringContaining('give NATS_URL to every process')]);
    const lazy = await NatsServer.start(path, { syncInterval: '' });
    const more = {
      NATS_URL: lazy.url,
      NATS_MONITOR_URL: lazy.monitorUrl,
      ISOTHERM_HTTP_PORT: '0',
      ISOTHERM_MQTT_PORT: '0',
    };
    const refused = await isotherm(['serve'], { dataDir, env: { ...env, ...more } });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('sync_interval: always')]);
    expect(refused.stderr).not.toMatch(/^\s+at /m);
  }, 120_000);
}
