import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { expect, it } from 'vitest';
import { silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { clientOf, natsHome, PostgresLog } from '../storage/index.ts';
import { record, textOf } from '../storage/log/conformance.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { NatsServer } from '../storage/testing/nats-server.ts';
import { eventually } from './api.ts';
import { isotherm } from './isotherm-process.ts';
import { systemPart } from './parts.ts';
import { underWay } from './testing/under-way.ts';

/*
 * `isotherm log to-postgres` on three servers: killed with -9 while it waits for the consumers, and again while it takes the
 * originals over, with the leader of a stream killed in between; called again it comes to its end.
 */

const path = systemPart('nats-server');
if (path === null) it.skip('a NATS server');
else
  it('the way back from three servers goes on where it was broken off, with one of them gone: nothing is lost or there twice', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-way-back-'));
    const database = await testDatabase({ maxConnections: 8 });
    await database.query('CREATE TABLE had (id serial, reader text, line text)');
    const servers = await NatsServer.cluster(path, 3);
    const nats = NatsServer.optionsOf(servers, { partitions: 2 });
    const connection = await connect({ servers: nats.servers.map((url) => new URL(url).host) });
    const manager = await jetstreamManager(connection);

    function open(isOnNats: boolean, home: Awaited<ReturnType<typeof natsHome>>) {
      const log = new PostgresLog({
        ...{ database, time: systemTime, logger: silentLogger, meter: silentMeter, ...(isOnNats && { home }) },
        expects: [
          { name: 'reader', families: ['readings'], isMandatory: true },
          { name: 'archiver', families: ['originals'], isMandatory: true },
        ],
        limits: { appendTimeoutMs: 30_000, pollMs: 300, standbyMs: 20, firstPauseMs: 1 },
      });
      const consumer = (name: string, family: 'readings' | 'originals') =>
        log.consumer({
          ...{ name, families: [family], isMandatory: true },
          handler: {
            async handle({ records }, effects) {
              const lines = records.map(({ payload }) => textOf(payload).slice(0, 20).trim());
              await clientOf(effects).query('INSERT INTO had (reader, line) SELECT $1, unnest($2::text[])', [
                name,
                lines,
              ]);
            },
          },
        });
      return { log, reader: consumer('reader', 'readings'), archiver: consumer('archiver', 'originals') };
    }

    const home = await natsHome(nats);
    const before = open(true, home);
    await before.log.start();
    const sent = new Map<string, string[]>();
    const MANY = 30;
    for (let n = 0; n < MANY; n++) {
      for (const source of ['dev-1', 'dev-2', 'dev-3']) {
        const line = `${source} ${n}`;
        sent.set(source, [...(sent.get(source) ?? []), line]);
        const reading = record(line, { source, kind: 'tick' });
        // Originals of some size: they are taken over in several slices.
        const original = record(line.padEnd(300_000), { source, kind: 'originals', family: 'originals' });
        await before.log.append([reading, original]);
      }
    }
    const env = {
      ...{ DATABASE_URL: database.url, NATS_URL: nats.servers.join(), NATS_MONITOR_URL: nats.monitors.join() },
      ...{ ISOTHERM_NATS_STREAM: nats.stream, ISOTHERM_NATS_PARTITIONS: '2' },
    };
    const leave = (killed?: AbortSignal, onError?: (text: string) => void) =>
      isotherm(['log', 'to-postgres', '--patience', '60'], {
        ...{ dataDir, env },
        ...(killed === undefined ? {} : { killed }),
        ...(onError === undefined ? {} : { onError }),
      });

    // Nobody reads yet: it is killed while it waits.
    const first = new AbortController();
    const waiting = await leave(first.signal, (text) => text.includes('still to be read') && first.abort());
    expect(waiting).toMatchObject({ code: null, stdout: '' });
    const { cluster } = await manager.streams.info(`${nats.stream}-1`);
    const leader = servers.find(({ name }) => name === cluster?.leader);
    await leader?.kill();
    await before.reader.start();
    // It is killed again while originals are taken over, slice by slice.
    const second = new AbortController();
    const archived = async () => {
      const { rows } = await database.query<{ n: number }>('SELECT count(*)::int AS n FROM log_originals');
      return rows[0]?.n ?? 0;
    };
    const isOver = new AbortController();
    const killAtFirst = async () => {
      while ((await archived()) === 0 && !isOver.signal.aborted) await systemTime.sleep('test', 5);
      second.abort();
    };
    const killing = underWay(killAtFirst());
    await leave(second.signal);
    isOver.abort();
    await killing.end;
    const taken = await archived();
    const last = await leave();
    expect(last.code, last.stderr).toBe(0);
    process.stderr.write(`originals taken over when it was killed: ${taken} of ${3 * MANY}\n`);
    await before.log.stop();
    await leader?.start();

    const after = open(false, home);
    await after.log.start();
    await after.log.append([record('dev-1 back', { source: 'dev-1', kind: 'tick' })]);
    sent.get('dev-1')?.push('dev-1 back');
    await after.reader.start();
    await after.archiver.start();
    const rows = await eventually(
      'all has been read',
      async () => (await database.query<{ reader: string; line: string }>('SELECT * FROM had ORDER BY id')).rows,
      (had) => had.length >= 2 * 3 * MANY + 1,
    );
    const of = (reader: string, source: string) =>
      rows.filter((row) => row.reader === reader && row.line.startsWith(`${source} `)).map(({ line }) => line);
    for (const [source, lines] of sent) {
      expect(of('reader', source)).toEqual(lines);
      expect(of('archiver', source).toSorted()).toEqual(lines.filter((line) => !line.endsWith('back')).toSorted());
    }
    expect((await database.query('SELECT FROM log_holes')).rows).toEqual([]);
    await after.log.stop();
    await connection.close();
    rmSync(dataDir, { recursive: true, force: true });
  }, 180_000);
