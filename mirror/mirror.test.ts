import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { systemPart } from '../tests/parts.ts';
import { VictoriaMetrics } from '../tests/victoria-metrics.ts';
import { InfluxStub } from './testing/influx-stub.ts';
import { BASE, Installation, type InstallationOptions } from './testing/installation.ts';

const program = systemPart('victoria-metrics');

describe.skipIf(program === null)('the InfluxDB mirror', () => {
  const influx = new VictoriaMetrics(program ?? '');
  const running = new Set<Installation>();

  beforeAll(() => influx.start());
  afterEach(async () => {
    await Promise.all([...running].map((one) => one.stop()));
    running.clear();
  });
  afterAll(() => influx.remove());

  async function install(database: Database, options: Partial<InstallationOptions> = {}): Promise<Installation> {
    const installation = new Installation(database, { url: influx.url, isMirroring: true, ...options });
    running.add(installation);
    await installation.start();
    return installation;
  }

  it('holds every one of 100,000 readings once, though the server was away in the middle', async () => {
    const database = await testDatabase({ maxConnections: 20 });
    const installation = await install(database);
    const devices = Array.from({ length: 100 }, (_, n) => `away-${n}`);
    for (let round = 0; round < 20; round++) {
      if (round === 7) await influx.stop();
      if (round === 14) await influx.start();
      await installation.append(devices, 50, round * 50);
    }
    await installation.mirrored();
    const has = (stored: ReadonlyMap<string, { readonly size: number }>, device: string) =>
      stored.get(`${device}/temperature`)?.size === 1000;
    const stored = await influx.readings((seen) => devices.every((device) => has(seen, device)));
    for (const device of devices) {
      const points = stored.get(`${device}/temperature`) ?? new Map();
      expect(points.size).toBe(1000);
      for (let n = 0; n < 1000; n++) expect(points.get(BASE + n * 1000)).toBe(n / 8);
    }
  });

  it('keeps the value that was first in the log, whatever was sent again with another', async () => {
    const installation = await install(await testDatabase({ maxConnections: 20 }));
    await installation.say('first', BASE, 5);
    await installation.mirrored();
    // VictoriaMetrics would keep 9, InfluxDB the last: neither may ever be sent.
    await installation.say('first', BASE, 9);
    await installation.say('first', BASE, 5);
    await installation.say('both', BASE, 2, BASE, 7);
    await installation.mirrored();
    const stored = await influx.readings();
    expect([...(stored.get('first/temperature') ?? [])]).toEqual([[BASE, 5]]);
    expect([...(stored.get('both/temperature') ?? [])]).toEqual([[BASE, 2]]);
  });

  it('goes on where it was confirmed after its process was lost, sending again at most one batch', async () => {
    const database = await testDatabase({ maxConnections: 20 });
    const first = await install(database);
    await first.append(['restarted'], 500, 0);
    await first.mirrored();
    await first.stop();
    running.delete(first);
    const second = await install(database);
    await second.append(['restarted'], 500, 500);
    await second.mirrored();
    const stored = await influx.readings((seen) => seen.get('restarted/temperature')?.size === 1000);
    expect(stored.get('restarted/temperature')?.size).toBe(1000);
    expect(second.pointsSent).toBe(500);
  });

  it('copies everything stored when the log was dropped before it came to it, also what arrived late', async () => {
    const database = await testDatabase({ maxConnections: 20 });
    const without = await install(database, { isMirroring: false });
    await without.append(['dropped', 'dropped-too'], 6000, 0);
    await without.say('dropped', BASE - 86_400_000, 4);
    await without.written();
    await without.dropLog();
    await without.stop();
    running.delete(without);

    const mirroring = await install(database);
    await mirroring.say('dropped', BASE + 9_000_000, 6);
    await mirroring.mirrored();
    const stored = await influx.readings(
      (seen) => seen.get('dropped/temperature')?.size === 6002 && seen.get('dropped-too/temperature')?.size === 6000,
    );
    expect(stored.get('dropped/temperature')?.size).toBe(6002);
    expect(stored.get('dropped/temperature')?.get(BASE - 86_400_000)).toBe(4);
    expect(stored.get('dropped-too/temperature')?.size).toBe(6000);
    const { rows } = await database.query('SELECT is_finished FROM influx_copies');
    expect(rows).toEqual([{ is_finished: true }]);
  });
});

describe('the InfluxDB mirror, on a server that refuses', () => {
  const influx = new InfluxStub();
  let running: Installation | null = null;

  beforeAll(() => influx.start());
  beforeEach(() => influx.reset());
  afterEach(() => running?.stop());
  afterAll(() => influx.stop());

  async function install(database: Database, isMirroring = true): Promise<Installation> {
    await running?.stop();
    running = new Installation(database, { url: influx.url, isMirroring });
    await running.start();
    return running;
  }

  it('keeps refused points with the reason, counts them, and goes on with the others', async () => {
    const database = await testDatabase({ maxConnections: 20 });
    const installation = await install(database);
    influx.answer = (lines) => {
      const bad = lines.filter((line) => line.includes('device=bad'));
      if (bad.length === 0) return { status: 204 };
      return { status: 422, message: `partial write: field type conflict dropped=${bad.length}` };
    };
    await installation.append(['good', 'bad', 'fine'], 3, 0);
    await installation.mirrored();
    const { rows } = await database.query('SELECT reason, points, lines FROM influx_refused ORDER BY id');
    expect(rows).toEqual(
      [0, 1, 2].map((n) => ({
        reason: 'partial write: field type conflict dropped=1',
        points: 1,
        lines: `readings,device=bad,metric=temperature value=${n / 8} ${BASE + n * 1000}`,
      })),
    );
    expect([installation.pointsSent, installation.pointsRefused]).toEqual([6, 3]);
  });

  it('waits for a server that does not let it in, and buries nothing', async () => {
    const database = await testDatabase({ maxConnections: 20 });
    const installation = await install(database);
    let asked = 0;
    influx.answer = () => (++asked <= 10 ? { status: 401, message: 'unauthorized' } : { status: 204 });
    await installation.append(['patient'], 3, 0);
    await installation.mirrored();
    expect(asked).toBe(11);
    const { rows } = await database.query('SELECT FROM log_dead UNION ALL SELECT FROM influx_refused');
    expect(rows).toEqual([]);
  });

  it('takes up a copy of everything stored where it was interrupted', async () => {
    const database = await testDatabase({ maxConnections: 20 });
    const without = await install(database, false);
    await without.append(['copied-1', 'copied-2', 'copied-3'], 6_000, 0);
    await without.say('copied-1', BASE - 1000, 1);
    await without.written();
    await without.dropLog();
    const interrupted = new Promise<void>((resolve) => {
      influx.answer = () => {
        if (influx.requests.length <= 2) return { status: 204 };
        resolve();
        return { status: 503 };
      };
    });
    await install(database);
    await interrupted;
    influx.reset();
    await (await install(database)).mirrored();
    // It begins with the third page, 10,000 readings into 18,001; the record still in the log comes after the copy.
    const lines = influx.requests.flatMap((request) => request.lines);
    expect(lines[0]).toBe(`readings,device=copied-2,metric=temperature value=499.875 ${BASE + 3_999_000}`);
    expect(lines).toHaveLength(8_001 + 1);
  });
});
