import { expect, it } from 'vitest';
import { type Family, type NewRecord, silentLogger, silentMeter, systemTime } from '../../../domain/index.ts';
import { systemPart } from '../../../tests/parts.ts';
import { clientOf } from '../../effects.ts';
import { testDatabase } from '../../testing/database.ts';
import { NatsServer } from '../../testing/nats-server.ts';
import { record, textOf } from '../conformance.ts';
import { natsHome } from '../nats-home.ts';
import { PostgresLog } from '../postgres-log.ts';
import { holesSince } from './holes.ts';
import type { NatsOptions } from './options.ts';
import { leaveStreams } from './way-back.ts';

const path = systemPart('nats-server');
if (path === null) it.skip('a NATS server');
else
  it('readings go to NATS, back, and there again: each is read once, each device in its order, and no original is lost', async () => {
    const database = await testDatabase({ maxConnections: 8 });
    await database.query('CREATE TABLE written (id serial, reader text, line text)');
    const server = await NatsServer.start(path);
    const nats = server.options({ partitions: 2 });
    const sent = new Map<string, string[]>();

    async function open(home: NatsOptions | null, readers: readonly ['reader' | 'archive', Family][]) {
      const log = new PostgresLog({
        ...{ database, time: systemTime, logger: silentLogger, meter: silentMeter },
        ...(home !== null && { home: await natsHome(home) }),
        expects: [
          { name: 'reader', families: ['readings'], isMandatory: true },
          { name: 'archive', families: ['originals'], isMandatory: true },
        ],
        limits: { appendTimeoutMs: 1_000, pollMs: 200, standbyMs: 20, firstPauseMs: 1 },
      });
      const consumers = readers.map(([name, family]) =>
        log.consumer({
          ...{ name, families: [family], isMandatory: true },
          handler: {
            async handle(batch, effects) {
              for (const { payload } of batch.records) {
                const values = [name, textOf(payload)];
                await clientOf(effects).query('INSERT INTO written (reader, line) VALUES ($1, $2)', values);
              }
            },
          },
        }),
      );
      await log.start();
      for (const consumer of consumers) await consumer.start();
      return { log, toTheEnd: async () => Promise.all(consumers.map(async (one) => one.passed(await log.heads()))) };
    }

    /** One message of each of two devices, with what it was made of. */
    async function append(log: PostgresLog, line: string): Promise<void> {
      for (const source of ['dev-1', 'dev-2', 'dev-3']) {
        const reading = record(`${source} ${line}`, { source, kind: 'tick' });
        await log.append([reading, { ...reading, family: 'originals' } satisfies NewRecord]);
        sent.set(source, [...(sent.get(source) ?? []), `${source} ${line}`]);
      }
    }

    const waited: number[] = [];
    const leave = (patienceMs: number) =>
      leaveStreams({
        ...{ database, nats, time: systemTime, logger: silentLogger, patienceMs },
        onAway: () => {},
        onWaiting: (unread) => waited.push(unread.length),
      });

    await expect(leave(0)).rejects.toMatchObject({ code: 'LOG_NOT_ON_NATS' });
    const before = await open(null, []);
    await append(before.log, 'in tables');
    await before.log.stop();
    const there = await open(nats, []);
    await append(there.log, 'on streams');

    // Nobody reads: the way back is barred, and nothing that comes is acknowledged any more.
    await expect(leave(0)).rejects.toMatchObject({ code: 'LOG_UNREAD' });
    await expect(there.log.append([record('refused')])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    await there.log.stop();
    await server.kill();
    await server.start();
    // It is started anew meanwhile; the archive still waits for more.
    const emptied = await open(nats, [['reader', 'readings']]);
    expect(await leave(30_000)).toBe(3);
    expect(waited.at(-1)).toBe(0);
    // A process that was not stopped yet acknowledges nothing.
    await expect(emptied.log.append([record('refused')])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    await emptied.log.stop();

    const back = await open(null, [
      ['reader', 'readings'],
      ['archive', 'originals'],
    ]);
    await append(back.log, 'in tables again');
    await back.toTheEnd();
    await append(back.log, 'in tables at last');
    await back.log.stop();

    const again = await open(nats, []);
    await append(again.log, 'on streams again');
    await again.log.stop();
    // A stream that begins at a number of its own (nats-server #6753).
    await server.kill();
    await server.start();
    const last = await open(nats, [
      ['reader', 'readings'],
      ['archive', 'originals'],
    ]);
    await last.toTheEnd();
    await last.log.stop();

    const { rows } = await database.query<{ reader: string; line: string }>('SELECT * FROM written ORDER BY id');
    const of = (reader: string, source: string) =>
      rows.filter((row) => row.reader === reader && row.line.startsWith(source)).map(({ line }) => line);
    for (const [source, lines] of sent) {
      expect(of('reader', source)).toEqual(lines);
      // Of originals no order is kept between streams and tables.
      expect(of('archive', source).toSorted()).toEqual(lines.toSorted());
    }
    expect(await holesSince(database, 0)).toEqual([]);
  }, 120_000);
