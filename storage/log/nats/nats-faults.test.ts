import { readFileSync, writeFileSync } from 'node:fs';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterEach, describe, expect, it } from 'vitest';
import { type LogRecord, silentLogger, silentMeter, systemTime, Troubles } from '../../../domain/index.ts';
import { systemPart } from '../../../tests/parts.ts';
import { underWay } from '../../../tests/testing/under-way.ts';
import { testDatabase } from '../../testing/database.ts';
import { NatsServer } from '../../testing/nats-server.ts';
import { record, textOf } from '../conformance.ts';
import { logMetrics } from '../metrics.ts';
import { DEFAULT_LIMITS, type LogLimits } from '../options.ts';
import { PostgresHome } from '../postgres/home.ts';
import { holesSince } from './holes.ts';
import { NatsHome } from './home.ts';
import type { NatsOptions } from './options.ts';
import { endOf } from './positions.ts';

/** What a NATS server can do to readings that it has acknowledged. Each test has a server and a store of its own. */

const ALL = { maxBytes: 10_000_000, maxRecords: 100_000 };
const AT = { family: 'readings', partition: 0 } as const;

const path = systemPart('nats-server');
if (path === null) it.skip('a NATS server');
else {
  const database = await testDatabase({ maxConnections: 4 });
  const opened = new Set<NatsHome>();

  afterEach(async () => {
    await Promise.all([...opened].map((home) => home.stop()));
    opened.clear();
    await database.query('DROP TRIGGER IF EXISTS log_readings_on_streams ON log_readings');
    await database.query(
      'TRUNCATE log_head, log_segments, log_consumers, log_checkpoints, log_streams, log_stream_marks, log_holes, log_divisions',
    );
  });

  async function open(nats: NatsOptions, limits: Partial<LogLimits> = {}): Promise<NatsHome> {
    const home = new NatsHome({
      ...{ database, time: systemTime, logger: silentLogger, troubles: new Troubles(), nats, onSegment: () => {} },
      ...{ limits: { ...DEFAULT_LIMITS, pollMs: 200, handOverBytes: 0, ...limits }, metrics: logMetrics(silentMeter) },
    });
    opened.add(home);
    await home.start();
    return home;
  }

  async function close(home: NatsHome): Promise<void> {
    opened.delete(home);
    await home.stop();
  }

  async function everything(home: NatsHome, after = 0, partition = 0): Promise<LogRecord[]> {
    const found: LogRecord[] = [];
    for (let position = after; ; ) {
      const { records, through = 0, floor } = await home.after({ ...AT, partition }, position, ALL);
      found.push(...records);
      const next = Math.max(records.at(-1)?.position ?? 0, through, floor);
      if (next <= position) return found;
      position = next;
    }
  }

  async function appendEach(home: NatsHome, texts: readonly string[]): Promise<number[]> {
    const positions: number[] = [];
    for (const text of texts) for (const { position } of await home.append([record(text)])) positions.push(position);
    return positions;
  }

  describe('a NATS server that is killed', () => {
    it('between publish and acknowledgement, and comes back, loses nothing acknowledged and doubles nothing', async () => {
      const server = await NatsServer.start(path);
      const home = await open(server.options(), { appendTimeoutMs: 20_000 });
      const acknowledged: string[] = [];
      let isOver = false;
      const senders = Array.from({ length: 4 }, async (_, who) => {
        for (let n = 0; !isOver; n++) {
          const text = `${who} ${n}`;
          // Every other one with an identity of its own, as a gateway sends.
          await home.append([record(text, n % 2 === 0 ? {} : { source: `gw-${who}`, sequence: n })]);
          acknowledged.push(text);
        }
      });
      const sending = underWay(Promise.all(senders));
      for (let kills = 0; kills < 3; kills++) {
        const enough = acknowledged.length + 20;
        await sending.until('20 more are acknowledged', () => acknowledged.length >= enough);
        await server.kill();
        await server.start();
      }
      isOver = true;
      await sending.end;
      const got = (await everything(home)).map(({ payload }) => textOf(payload));
      expect(got.toSorted()).toEqual(acknowledged.toSorted());
      expect(await holesSince(database, 0)).toEqual([]);
    });

    it('and does not come back in time fails what waits, and takes what comes after its return', async () => {
      const server = await NatsServer.start(path);
      const home = await open(server.options(), { appendTimeoutMs: 300 });
      await home.append([record('before')]);
      await server.kill();
      await expect(home.append([record('lost')])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
      await server.start();
      const again = async (): Promise<unknown> => home.append([record('after')]).catch(again);
      await again();
      const texts = (await everything(home)).map(({ payload }) => textOf(payload));
      expect(texts.filter((text) => text === 'before')).toHaveLength(1);
      expect(texts.at(-1)).toBe('after');
    });
  });

  it('a server frozen past the deadline acknowledges nothing; what is sent again is taken, with an identity once', async () => {
    const server = await NatsServer.start(path);
    const home = await open(server.options(), { appendTimeoutMs: 300 });
    await home.append([record('before')]);
    const batch = record('batch', { source: 'gw-1', sequence: 7 });
    await server.pause();
    await expect(home.append([batch, record('loose')])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    server.resume();
    const again = async (): Promise<unknown> => home.append([batch, record('loose')]).catch(again);
    await again();
    const texts = (await everything(home)).map(({ payload }) => textOf(payload));
    expect(texts.filter((text) => text === 'batch')).toHaveLength(1);
    // The first one may have been stored before it was given up; behind the log the second has no effect.
    expect([1, 2]).toContain(texts.filter((text) => text === 'loose').length);
    expect(await holesSince(database, 0)).toEqual([]);
  });

  it('what was acknowledged a moment before all were stopped is missed at the next start, where the server has lost it', async () => {
    const server = await NatsServer.start(path);
    const nats = server.options();
    const home = await open(nats, { appendTimeoutMs: 20_000 });
    await appendEach(home, ['a', 'b']);
    await server.kill();
    const powerCut = server.keep();
    await server.start();
    await appendEach(home, ['c']);
    // No upkeep runs here, and no consumer: the appending process alone has written it down, within a moment.
    const noted = async () =>
      (await database.query<{ last: number }>('SELECT last_sequence AS last FROM log_streams')).rows;
    while ((await noted())[0]?.last !== 3) await systemTime.sleep('test', 20);
    await appendEach(home, ['d']);
    await close(home);
    expect(await noted()).toEqual([{ last: 4 }]);
    await server.kill();
    powerCut();
    await server.start();

    const after = await open(nats);
    expect(await holesSince(database, 0)).toMatchObject([{ first: 3, last: 4, reason: 'cut' }]);
    await appendEach(after, ['e']);
    expect((await everything(after)).map(({ payload }) => textOf(payload))).toEqual(['a', 'b', 'e']);
  });

  /** Turns one bit of a message's payload, in the server's file. */
  function flip(server: NatsServer, text: string): void {
    for (const file of server.blocks()) {
      const bytes = readFileSync(file);
      const at = bytes.indexOf(text);
      if (at < 0) continue;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(file, bytes);
      return;
    }
    throw new Error('the text is in no file');
  }

  describe('a byte changed on a server’s disk', () => {
    const texts = Array.from({ length: 12 }, (_, index) => `reading-number-${index}.`);

    // Seen with nats-server 2.15.1: after its start the stream ended before the changed message, and gave its numbers anew.
    it('that cuts the stream is told, and what is appended then stands behind all that was ever read', async () => {
      const server = await NatsServer.start(path);
      const nats = server.options();
      const before = await open(nats);
      const positions = await appendEach(before, texts);
      await before.trim([{ ...AT, consumer: 'writer', isMandatory: true, position: 0 }], async () => {});
      await close(before);
      await server.kill();
      flip(server, texts[7] ?? '');
      await server.start();

      const home = await open(nats);
      const [receipt] = await home.append([record('after')]);
      expect(receipt?.position).toBeGreaterThan(positions.at(-1) ?? 0);
      const got = (await everything(home)).map(({ payload }) => textOf(payload));
      expect(got).toEqual([...texts.slice(0, 7), 'after']);
      expect(await holesSince(database, 0)).toMatchObject([{ first: 8, last: 12, reason: 'cut' }]);
      // A consumer that had read to the end goes on with what is new, and misses nothing of it.
      expect((await everything(home, endOf(12))).map(({ payload }) => textOf(payload))).toEqual(['after']);
    });

    it('is noticed by a process that runs on, which appends behind what it knows', async () => {
      const server = await NatsServer.start(path);
      const home = await open(server.options(), { appendTimeoutMs: 20_000 });
      const positions = await appendEach(home, texts);
      await server.kill();
      flip(server, texts[3] ?? '');
      await server.start();
      const [receipt] = await home.append([record('after')]);
      expect(receipt?.position).toBeGreaterThan(positions.at(-1) ?? 0);
      expect((await everything(home)).map(({ payload }) => textOf(payload))).toEqual([...texts.slice(0, 3), 'after']);
      expect(await holesSince(database, 0)).toMatchObject([{ first: 4, last: 12, reason: 'cut' }]);
    });

    it('that the server hands on is found by our checksum, told once, and all others are read', async () => {
      const server = await NatsServer.start(path);
      const nats = server.options();
      const home = await open(nats);
      await appendEach(home, texts.slice(0, 3));
      // As a damaged server would: a message of the stream whose bytes are none of ours.
      const connection = await connect({ servers: nats.servers[0] ?? '' });
      await jetstream(connection).publish(`${nats.stream}.0`, 'not what was sent');
      await connection.close();
      await appendEach(home, texts.slice(3, 5));
      for (let times = 0; times < 2; times++) {
        expect((await everything(home)).map(({ payload }) => textOf(payload))).toEqual(texts.slice(0, 5));
      }
      expect(await holesSince(database, 0)).toMatchObject([{ first: 4, last: 4, reason: 'changed' }]);
      const { rows } = await database.query<{ bytes: Buffer }>('SELECT bytes FROM log_holes');
      expect(rows[0]?.bytes.toString()).toBe('not what was sent');
    });
  });

  describe('a hole in a stream', () => {
    it('is told and passed over, in its middle and at its beginning', async () => {
      const server = await NatsServer.start(path);
      const nats = server.options();
      const connection = await connect({ servers: nats.servers[0] ?? '' });
      const manager = await jetstreamManager(connection);
      const name = `${nats.stream}-0`;
      // Without what forbids it, so that the test can do what a server might.
      await manager.streams.add({ name, subjects: [`${nats.stream}.0`] });
      const home = await open(nats);
      await appendEach(home, ['a', 'b', 'c', 'd', 'e', 'f']);
      await manager.streams.deleteMessage(name, 4);
      await manager.streams.purge(name, { seq: 3 });
      expect((await everything(home)).map(({ payload }) => textOf(payload))).toEqual(['c', 'e', 'f']);
      const holes = await holesSince(database, 0);
      expect(holes.toSorted((one, other) => one.first - other.first)).toMatchObject([
        { first: 1, last: 2, reason: 'missing' },
        { first: 4, last: 4, reason: 'missing' },
      ]);
      await connection.close();
    });

    it('is a whole stream that somebody deleted: told, and made anew behind it', async () => {
      const server = await NatsServer.start(path);
      const nats = server.options();
      const home = await open(nats);
      const positions = await appendEach(home, ['a', 'b', 'c']);
      const connection = await connect({ servers: nats.servers[0] ?? '' });
      await (await jetstreamManager(connection)).streams.delete(`${nats.stream}-0`);
      await connection.close();
      const again = async (): Promise<readonly { position: number }[]> => home.append([record('d')]).catch(again);
      const [receipt] = await again();
      expect(receipt?.position).toBeGreaterThan(positions.at(-1) ?? 0);
      expect((await everything(home)).map(({ payload }) => textOf(payload))).toEqual(['d']);
      expect(await holesSince(database, 0)).toMatchObject([{ first: 1, last: 3, reason: 'cut' }]);
    });
  });

  it('a stream that is full refuses what comes, keeps what it has, and takes again when there is room', async () => {
    const server = await NatsServer.start(path);
    const nats = server.options();
    const home = await open(nats);
    await appendEach(home, ['a']);
    const connection = await connect({ servers: server.url });
    const { streams } = await jetstreamManager(connection);
    const room = (bytes: number) => streams.update(`${nats.stream}-0`, { max_bytes: bytes });
    await room(2_000);
    await expect(home.append([record('x'.repeat(5_000))])).rejects.toMatchObject({ code: 'LOG_FULL' });
    expect((await everything(home)).map(({ payload }) => textOf(payload))).toEqual(['a']);
    await room(100_000);
    await home.append([record('b')]);
    expect((await everything(home)).map(({ payload }) => textOf(payload))).toEqual(['a', 'b']);
    await connection.close();
  });

  it('what PostgreSQL has of the log is read to its end first, and nothing is appended there any more', async () => {
    const server = await NatsServer.start(path);
    const ofTables = {
      database,
      time: systemTime,
      logger: silentLogger,
      troubles: new Troubles(),
      onSegment: () => {},
    };
    const limits = { ...DEFAULT_LIMITS, pollMs: 200 };
    const tables = new PostgresHome({ ...ofTables, limits, metrics: logMetrics(silentMeter) });
    await tables.start();
    const before = await tables.append(['a', 'b', 'c'].map((text) => record(text)));
    const home = await open(server.options());
    // A process that was not stopped: its sender is not answered, and sends again to one that knows.
    await expect(tables.append([record('too late')])).rejects.toMatchObject({ code: 'LOG_APPEND_REFUSED' });
    await home.append([record('d'), record('t', { family: 'trace' })]);
    expect((await everything(home)).map(({ payload }) => textOf(payload))).toEqual(['a', 'b', 'c', 'd']);
    const [rest] = await home.count([{ ...AT, position: before[1]?.position ?? 0 }]);
    expect(rest?.records).toBe(2);
    // The archive has read nothing of a stream that begins beyond the tables: the log was called full for it.
    const archive = { family: 'originals', partition: 1, consumer: 'archive', isMandatory: true, position: 0 } as const;
    await home.trim([archive], async () => {});
    await home.append([record('e')]);
    await tables.stop();
  });

  describe('a start', () => {
    const refusal = (nats: NatsOptions) =>
      open(nats).then(
        () => null,
        (error: unknown) => error,
      );

    it('is refused where the server writes to its disk every two minutes, in one line that says what to set', async () => {
      const server = await NatsServer.start(path, { syncInterval: '' });
      const error = await refusal(server.options());
      expect(error).toMatchObject({ code: 'NATS_SYNC_LAZY' });
      expect(String(error)).toContain('every 120 s');
      expect(String(error)).toContain('sync_interval: always');
      expect(String(error)).not.toContain('\n');
      await open(server.options({ acceptsUnsynced: true }));
    });

    it('is refused where that cannot be seen, for a copy too few, and for messages too small', async () => {
      const server = await NatsServer.start(path);
      expect(await refusal(server.options({ monitors: [] }))).toMatchObject({ code: 'NATS_SYNC_UNSEEN' });
      const nowhere = await refusal(server.options({ monitors: ['http://127.0.0.1:1'] }));
      expect(nowhere).toMatchObject({ code: 'NATS_MONITOR_UNAVAILABLE' });
      const three = server.options({ replicas: 3 });
      expect(await refusal(three)).toMatchObject({ code: 'NATS_SYNC_UNSEEN' });
      expect(await refusal({ ...three, acceptsUnsynced: true })).toMatchObject({ code: 'NATS_REPLICAS' });
      const small = await NatsServer.start(path, { maxPayload: '1MB' });
      expect(await refusal(small.options())).toMatchObject({ code: 'NATS_PAYLOAD_SMALL' });
    });

    it('sees by the system account what the monitoring would show, and refuses a user who is not of it', async () => {
      const server = await NatsServer.start(path, { hasAccounts: true });
      const systemOf = (url: string) => ({ servers: [url], credentials: null });
      const nats = server.options({ servers: [server.urlOf('app')], monitors: [] });
      await open({ ...nats, system: systemOf(server.urlOf('system')) });
      expect(await refusal({ ...nats, system: systemOf(server.urlOf('app')) })).toMatchObject({
        code: 'NATS_NOT_SYSTEM',
      });
      const stranger = await refusal({ ...nats, system: systemOf(server.urlOf('system', 'guessed')) });
      expect(stranger).toMatchObject({ code: 'NATS_UNAVAILABLE' });
      expect(String(stranger)).not.toContain('guessed');
      const lazy = await NatsServer.start(path, { hasAccounts: true, syncInterval: '' });
      const more = { servers: [lazy.urlOf('app')], monitors: [], system: systemOf(lazy.urlOf('system')) };
      expect(await refusal(lazy.options(more))).toMatchObject({ code: 'NATS_SYNC_LAZY' });
    });

    it('is refused on a stream of somebody else', async () => {
      const server = await NatsServer.start(path);
      const other = server.options();
      const connection = await connect({ servers: server.url });
      const manager = await jetstreamManager(connection);
      await manager.streams.add({ name: `${other.stream}-0`, subjects: ['orders'], storage: 'memory' });
      await connection.close();
      expect(await refusal(other)).toMatchObject({ code: 'NATS_STREAM_FOREIGN' });
    });
  });
}
