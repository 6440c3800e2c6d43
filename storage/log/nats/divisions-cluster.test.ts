import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { expect, it } from 'vitest';
import {
  InputError,
  silentLogger,
  silentMeter,
  slotOf,
  systemTime,
  Troubles,
  UnavailableError,
} from '../../../domain/index.ts';
import { systemPart } from '../../../tests/parts.ts';
import { underWay } from '../../../tests/testing/under-way.ts';
import { testDatabase } from '../../testing/database.ts';
import { NatsServer } from '../../testing/nats-server.ts';
import { record, textOf } from '../conformance.ts';
import { isOpen, sourcesOf } from '../consuming/sources.ts';
import { logMetrics } from '../metrics.ts';
import { DEFAULT_LIMITS } from '../options.ts';
import { raiseStreams } from './divisions.ts';
import { holesSince } from './holes.ts';
import { NatsHome } from './home.ts';

/*
 * The number of partitions raised on three servers that keep copies for one another, with the leader of a stream killed in the
 * middle of it: as soon as it is begun, as soon as the new streams are there, as soon as a subject has been changed.
 */

const path = systemPart('nats-server');
if (path === null) it.skip('a NATS server');
else
  it('with the leader of a stream killed in the middle, more partitions come into force, and each device keeps what it was acknowledged, in order', async () => {
    const database = await testDatabase({ maxConnections: 10 });
    const servers = await NatsServer.cluster(path, 3);
    const nats = NatsServer.optionsOf(servers);
    const open = async () => {
      const home = new NatsHome({
        ...{ database, time: systemTime, logger: silentLogger, troubles: new Troubles(), nats, onSegment: () => {} },
        limits: { ...DEFAULT_LIMITS, pollMs: 200, handOverBytes: 0, appendTimeoutMs: 60_000 },
        metrics: logMetrics(silentMeter),
      });
      await home.start();
      return home;
    };
    const homes = [await open(), await open()] as const;
    const connection = await connect({ servers: nats.servers.map((url) => new URL(url).host) });
    const { streams } = await jetstreamManager(connection);
    const info = (partition: number) => streams.info(`${nats.stream}-${partition}`).catch(() => null);

    const acknowledged = new Map<string, string[]>();
    let isOver = false;
    let longestMs = 0;
    // A device sends its next reading to another process than the one before.
    const senders = Array.from({ length: 16 }, async (_, who) => {
      const own: string[] = [];
      acknowledged.set(`dev-${who}`, own);
      for (let n = 0; !isOver; n++) {
        const from = systemTime.monotonic();
        const text = `dev-${who} ${n}.`;
        await homes[n % 2 === 0 ? 0 : 1].append([record(text, { kind: 'tick', source: `dev-${who}` })]);
        longestMs = Math.max(longestMs, systemTime.monotonic() - from);
        own.push(text);
      }
    });
    const sending = underWay(Promise.all(senders));
    const more = async () => {
      const count = () => [...acknowledged.values()].reduce((sum, { length }) => sum + length, 0);
      const enough = count() + 100;
      await sending.until('100 more are acknowledged', () => count() >= enough);
    };

    const isBegun = async () =>
      (await database.query('SELECT FROM log_divisions WHERE in_force IS NULL')).rows.length > 0;
    let calls = 0;
    /** As somebody calls the command: again, where it says that NATS is away, or a server that has just come back is not counted yet. */
    const raise = async (partitions: number): Promise<number> => {
      calls++;
      try {
        return await raiseStreams({ database, nats, time: systemTime, logger: silentLogger }, partitions);
      } catch (error) {
        const isUncounted = error instanceof InputError && error.code === 'NATS_REPLICAS';
        if (!isUncounted && !(error instanceof UnavailableError)) throw error;
        await systemTime.sleep('test', 100);
        return raise(partitions);
      }
    };
    const rounds: readonly [number, () => Promise<boolean>][] = [
      [2, isBegun],
      [4, async () => (await info(3)) !== null],
      [8, async () => (await info(0))?.config.subjects[0]?.endsWith('.of-8') === true],
    ];
    for (const [partitions, isThere] of rounds) {
      await more();
      const former = await info(0);
      const leader = servers.find(({ name }) => name === former?.cluster?.leader);
      if (leader === undefined) throw new Error('a stream without a leader');
      const raising = await database.transaction(async (client) => {
        // It does not come into force before the leader is gone, however fast it is.
        await client.query('LOCK TABLE log_checkpoints IN SHARE ROW EXCLUSIVE MODE', []);
        const begun = underWay(raise(partitions));
        // Bounded, so that where it never is there the lock is let go of, and the test ends.
        await expect
          .poll(() => Promise.race([isThere(), begun.end.then(() => 'over')]), { timeout: 60_000, interval: 1 })
          .toBe(true);
        await leader.kill();
        expect(await isBegun()).toBe(true);
        return begun;
      });
      expect(await raising.end).toBe(partitions);
      await more();
      await leader.start();
    }
    await more();
    isOver = true;
    await sending.end;

    const reader = await open();
    await reader.heads();
    const got = new Map<string, string[]>();
    const positions: Record<string, number> = {};
    for (let hasMoved = true; hasMoved; ) {
      hasMoved = false;
      for (const source of sourcesOf(['readings'], reader).filter((at) => isOpen(reader, at, positions))) {
        const position = positions[source.key] ?? 0;
        const { records, through = 0 } = await reader.after(source, position, { maxRecords: 50, maxBytes: 1_000_000 });
        for (const { source: device, payload } of records) {
          got.set(device, [...(got.get(device) ?? []), textOf(payload)]);
        }
        const next = Math.max(records.at(-1)?.position ?? 0, through, position);
        positions[source.key] = next;
        hasMoved ||= next > position;
      }
    }
    process.stderr.write(
      `three raises, a leader killed in each: called ${calls} times, longest wait for an acknowledgement ${Math.round(longestMs)} ms\n`,
    );
    expect(Object.fromEntries(got)).toEqual(Object.fromEntries(acknowledged));
    expect(reader.partitions.readings).toBe(8);
    expect(new Set([...acknowledged.keys()].map((name) => slotOf(name) % 8)).size).toBeGreaterThan(4);
    expect(await holesSince(database, 0)).toEqual([]);
    await connection.close();
    for (const home of [...homes, reader]) await home.stop();
  }, 180_000);
