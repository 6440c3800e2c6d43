import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { type Consumer, silentLogger, silentMeter, slotOf, systemTime, Troubles } from '../../../domain/index.ts';
import { systemPart } from '../../../tests/parts.ts';
import { underWay } from '../../../tests/testing/under-way.ts';
import { clientOf } from '../../effects.ts';
import { testDatabase } from '../../testing/database.ts';
import { NatsServer } from '../../testing/nats-server.ts';
import { SilentProxy } from '../../testing/silent-proxy.ts';
import { record, textOf } from '../conformance.ts';
import { isOpen, sourcesOf } from '../consuming/sources.ts';
import { logMetrics } from '../metrics.ts';
import { DEFAULT_LIMITS } from '../options.ts';
import { PostgresLog } from '../postgres-log.ts';
import { raiseStreams } from './divisions.ts';
import { holesSince } from './holes.ts';
import { NatsHome } from './home.ts';
import type { NatsOptions } from './options.ts';

/** The number of partitions raised while everything runs (docs/decisions/0256). */

const path = systemPart('nats-server');
if (path === null) it.skip('a NATS server');
else {
  const database = await testDatabase({ maxConnections: 8 });
  await database.query('CREATE TABLE written (id serial, reader text, line text)');
  const server = await NatsServer.start(path);
  const opened = new Set<{ stop(): Promise<void> }>();
  const DEVICES = Array.from({ length: 12 }, (_, n) => `dev-${n}`);

  afterEach(async () => {
    await Promise.all([...opened].map((one) => one.stop()));
    opened.clear();
    await database.query('DROP TRIGGER IF EXISTS log_readings_on_streams ON log_readings');
    await database.query(
      `TRUNCATE log_head, log_segments, log_consumers, log_checkpoints, log_streams, log_stream_marks, log_holes,
         log_divisions, written`,
    );
  });

  async function open(nats: NatsOptions, appendTimeoutMs = 20_000): Promise<NatsHome> {
    const home = new NatsHome({
      ...{ database, time: systemTime, logger: silentLogger, troubles: new Troubles(), nats, onSegment: () => {} },
      limits: { ...DEFAULT_LIMITS, pollMs: 200, handOverBytes: 0, appendTimeoutMs },
      metrics: logMetrics(silentMeter),
    });
    opened.add(home);
    await home.start();
    return home;
  }

  async function close(home: NatsHome): Promise<void> {
    opened.delete(home);
    await home.stop();
  }

  const raise = (nats: NatsOptions, partitions: number) =>
    raiseStreams({ database, nats, time: systemTime, logger: silentLogger }, partitions);

  const of = (device: string, n: number) => record(`${device} ${n}.`, { kind: 'tick', source: device });

  /** Reads as consumers do, whichever partition the draw names, and writes down what each device has. */
  class Reader {
    readonly got = new Map<string, string[]>();
    readonly #home: NatsHome;
    readonly #positions: Record<string, number> = {};

    constructor(home: NatsHome) {
      this.#home = home;
    }

    /** @returns whether it has moved */
    async read(draw: number, maxRecords: number): Promise<boolean> {
      const sources = sourcesOf(['readings'], this.#home).filter((at) => isOpen(this.#home, at, this.#positions));
      const source = sources[draw % sources.length];
      if (source === undefined) return false;
      const position = this.#positions[source.key] ?? 0;
      const { records, through = 0 } = await this.#home.after(source, position, { maxRecords, maxBytes: 1_000_000 });
      for (const { source: device, payload } of records) {
        this.got.set(device, [...(this.got.get(device) ?? []), textOf(payload)]);
      }
      const next = Math.max(records.at(-1)?.position ?? 0, through);
      this.#positions[source.key] = Math.max(next, position);
      return next > position;
    }

    /** As it is when all has been read. */
    async toTheEnd(): Promise<void> {
      await this.#home.heads();
      for (let idle = 0, turn = 0; idle < 2 * 64; turn++) idle = (await this.read(turn, 3)) ? 0 : idle + 1;
    }
  }

  type Step =
    | { readonly kind: 'append'; readonly home: number; readonly devices: readonly number[] }
    | { readonly kind: 'read'; readonly draw: number; readonly most: number }
    | { readonly kind: 'raise'; readonly by: number; readonly during: readonly number[] };

  const device = fc.nat(DEVICES.length - 1);
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('append' as const),
        home: fc.nat(1),
        devices: fc.array(device, { minLength: 1, maxLength: 4 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('read' as const), draw: fc.nat(63), most: fc.constantFrom(1, 5) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('raise' as const),
        by: fc.constantFrom(2, 3),
        during: fc.uniqueArray(device, { maxLength: 8 }),
      }),
    },
  );

  it('each device keeps its order, and nothing is lost or there twice, whoever appends, raises and reads when', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1, 2),
        fc.array(step, { minLength: 12, maxLength: 40 }),
        async (partitions, steps) => {
          const nats = server.options({ partitions });
          const homes = [await open(nats), await open(nats)] as const;
          const reader = new Reader(await open(nats));
          const late = new Reader(homes[0]);
          // Slowly and obviously: what each device was acknowledged, one after the other.
          const acknowledged = new Map<string, string[]>();
          const append = async (home: number, name: string) => {
            const own = acknowledged.get(name) ?? [];
            acknowledged.set(name, own);
            const next = of(name, own.length);
            own.push(textOf(next.payload));
            await homes[home % 2]?.append([next]);
          };
          let inForce = partitions;
          for (const one of steps) {
            if (one.kind === 'read') await reader.read(one.draw, one.most);
            else if (one.kind === 'append') {
              for (const [turn, index] of one.devices.entries()) await append(one.home + turn, DEVICES[index] ?? '');
            } else if (inForce * one.by <= 64) {
              inForce *= one.by;
              const under = one.during.map((index, turn) => append(turn, DEVICES[index] ?? ''));
              await Promise.all([...under, raise(nats, inForce)]);
            }
          }
          for (const { got } of [reader, late]) {
            await (got === reader.got ? reader : late).toTheEnd();
            expect(Object.fromEntries(got)).toEqual(Object.fromEntries(acknowledged));
          }
          expect(await holesSince(database, 0)).toEqual([]);
          for (const one of [...opened]) await one.stop();
          opened.clear();
          await database.query('TRUNCATE log_streams, log_stream_marks, log_divisions');
        },
      ),
      { numRuns: 10, endOnFailure: true },
    );
  }, 120_000);

  it('processes that run take up a higher number without a restart, and go on acknowledging and consuming', async () => {
    const nats = server.options({ partitions: 1 });
    const start = async (partitions: number) => {
      const log = new PostgresLog({
        ...{ database, time: systemTime, logger: silentLogger, meter: silentMeter },
        home: (options) => new NatsHome({ ...options, nats: { ...nats, partitions } }),
        expects: [{ name: 'reader', families: ['readings'], isMandatory: true }],
        limits: { appendTimeoutMs: 20_000, pollMs: 1_000, standbyMs: 20, firstPauseMs: 1 },
      });
      const reader = log.consumer({
        ...{ name: 'reader', families: ['readings'], isMandatory: true },
        handler: {
          async handle(batch, effects) {
            for (const { payload } of batch.records) {
              await clientOf(effects).query('INSERT INTO written (line) VALUES ($1)', [textOf(payload)]);
            }
          },
        },
      });
      opened.add(log);
      await log.start();
      return { log, reader };
    };
    const [first, second] = [await start(1), await start(1)];
    await first.reader.start();
    const acknowledged = new Map<string, string[]>();
    let isOver = false;
    let longestMs = 0;
    // A device sends its next reading to another process than the one before.
    const senders = DEVICES.map(async (name) => {
      const own: string[] = [];
      acknowledged.set(name, own);
      for (let n = 0; !isOver; n++) {
        const from = systemTime.monotonic();
        await (n % 2 === 0 ? first : second).log.append([of(name, n)]);
        longestMs = Math.max(longestMs, systemTime.monotonic() - from);
        own.push(textOf(of(name, n).payload));
      }
    });
    const sending = underWay(Promise.all(senders));
    const more = async () => {
      const count = () => [...acknowledged.values()].reduce((sum, { length }) => sum + length, 0);
      const enough = count() + 150;
      await sending.until('150 more are acknowledged', () => count() >= enough);
    };
    await more();
    // One process is started with the higher number, then the command is called; a third has the number of before.
    const third = await start(2);
    await more();
    expect(await raise(nats, 4)).toBe(4);
    await more();
    const lower = await start(1);
    await lower.log.append([of('dev-99', 0)]);
    acknowledged.set('dev-99', ['dev-99 0.']);
    isOver = true;
    await sending.end;
    const ends: [PostgresLog, Consumer][] = [[third.log, first.reader]];
    for (const [log, reader] of ends) await reader.passed(await log.heads());
    const { rows } = await database.query<{ line: string }>('SELECT line FROM written ORDER BY id');
    for (const [name, lines] of acknowledged) {
      const got = rows.map(({ line }) => line).filter((line) => line.startsWith(`${name} `));
      expect(got).toEqual(lines);
    }
    expect(Object.keys(await lower.log.heads()).filter((key) => key.startsWith('readings/'))).toHaveLength(4);
    const used = new Set([...acknowledged.keys()].map((name) => slotOf(name) % 4));
    expect(used.size).toBeGreaterThan(2);
    process.stderr.write(
      `longest wait for an acknowledgement while partitions went from 1 to 2 to 4: ${Math.round(longestMs)} ms\n`,
    );
    // Seen where a commit could be waited for: nobody waits for an election, or until a client gives up.
    expect(longestMs).toBeLessThan(5_000);
    expect(await holesSince(database, 0)).toEqual([]);
  });

  it('what was broken off is brought to its end by whoever appends next', async () => {
    const nats = server.options();
    const home = await open(nats);
    await home.append(DEVICES.map((name) => of(name, 0)));
    // As a process leaves it that is killed when it has changed a subject: nobody is acknowledged as before.
    await database.query('INSERT INTO log_divisions (partitions, first_sequence, begun) VALUES (2, 1, 0)');
    const connection = await connect({ servers: server.url });
    const { streams } = await jetstreamManager(connection);
    await streams.update(`${nats.stream}-0`, { subjects: [`${nats.stream}.0.of-2`] });
    await connection.close();
    await Promise.all(DEVICES.map((name) => home.append([of(name, 1)])));
    expect(home.partitions.readings).toBe(2);
    const reader = new Reader(home);
    await reader.toTheEnd();
    for (const name of DEVICES) expect(reader.got.get(name)).toEqual([`${name} 0.`, `${name} 1.`]);
    expect(await raise(nats, 2)).toBe(2);
  });

  it('a message whose answer was lost is not there twice, where partitions were raised before it was sent again', async () => {
    const nats = server.options();
    const proxy = new SilentProxy(server.url);
    opened.add({ stop: async () => proxy.stop() });
    const home = await open({ ...nats, servers: [await proxy.start(server.url)] });
    const other = await open(nats);
    await home.append(DEVICES.map((name) => of(name, 0)));
    const [before = 0] = Object.values(await other.heads());
    proxy.isMute = true;
    const under = Promise.all(DEVICES.map((name) => home.append([of(name, 1)])));
    const head = async () => (await other.heads())['readings/0'] ?? 0;
    while ((await head()) <= before) await systemTime.sleep('test', 10);
    expect(await raise(nats, 4)).toBe(4);
    await other.append(DEVICES.map((name) => of(`${name}-b`, 0)));
    proxy.isMute = false;
    await under;
    const reader = new Reader(other);
    await reader.toTheEnd();
    for (const name of DEVICES) expect(reader.got.get(name)).toEqual([`${name} 0.`, `${name} 1.`]);
  });

  it('a number that is no multiple is refused in one line, and where NATS has no room all stays as it is', async () => {
    const nats = server.options({ partitions: 2 });
    const home = await open(nats);
    const uneven = await raise(nats, 3).catch((error: unknown) => error);
    expect(uneven).toMatchObject({ code: 'NATS_PARTITIONS_UNEVEN' });
    expect(String(uneven)).toContain('given 3, allowed: a multiple of the 2 that there are, 2, 4, 6');
    await expect(raise(nats, 128)).rejects.toMatchObject({ code: 'NATS_PARTITIONS_UNEVEN' });
    await close(home);
    // A stream of somebody else has the name of one that is to be made.
    const connection = await connect({ servers: server.url });
    const { streams } = await jetstreamManager(connection);
    await streams.add({ name: `${nats.stream}-3`, subjects: [`orders-${nats.stream}`] });
    await expect(open({ ...nats, partitions: 4 })).rejects.toMatchObject({ code: 'NATS_STREAM_FOREIGN' });
    expect((await database.query('SELECT FROM log_divisions')).rows).toEqual([]);
    const again = await open(nats);
    await again.append(DEVICES.map((name) => of(name, 0)));
    // Once it is out of the way, it is raised: what the first try made is taken.
    await streams.delete(`${nats.stream}-3`);
    await connection.close();
    expect(await raise(nats, 4)).toBe(4);
    await again.append(DEVICES.map((name) => of(name, 1)));
    const reader = new Reader(again);
    await reader.toTheEnd();
    for (const name of DEVICES) expect(reader.got.get(name)).toEqual([`${name} 0.`, `${name} 1.`]);
  });
}
