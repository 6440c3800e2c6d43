import { readFileSync, writeFileSync } from 'node:fs';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { expect, it } from 'vitest';
import { silentLogger, silentMeter, systemTime, Troubles } from '../../../domain/index.ts';
import { systemPart } from '../../../tests/parts.ts';
import { underWay } from '../../../tests/testing/under-way.ts';
import { testDatabase } from '../../testing/database.ts';
import { NatsServer } from '../../testing/nats-server.ts';
import { record, textOf } from '../conformance.ts';
import { logMetrics } from '../metrics.ts';
import { DEFAULT_LIMITS } from '../options.ts';
import { holesSince } from './holes.ts';
import { NatsHome } from './home.ts';

/** Three servers, three copies: what is asked for where nothing else is said. */

const path = systemPart('nats-server');
if (path === null) it.skip('a NATS server');
else
  it('of three servers any may be killed, one be damaged, and one freeze: nothing acknowledged is doubled, called lost, or lost untold', async () => {
    const database = await testDatabase({ maxConnections: 4 });
    const servers = await NatsServer.cluster(path, 3);
    const nats = NatsServer.optionsOf(servers);
    const home = new NatsHome({
      ...{ database, time: systemTime, logger: silentLogger, troubles: new Troubles(), nats, onSegment: () => {} },
      ...{ limits: { ...DEFAULT_LIMITS, pollMs: 200, handOverBytes: 0, appendTimeoutMs: 30_000 } },
      metrics: logMetrics(silentMeter),
    });
    await home.start();
    const connection = await connect({ servers: nats.servers.map((url) => new URL(url).host) });
    const manager = await jetstreamManager(connection);
    const leader = async (): Promise<NatsServer> => {
      const info = await manager.streams.info(`${nats.stream}-0`).catch(() => null);
      return servers.find(({ name }) => name === info?.cluster?.leader) ?? leader();
    };
    const acknowledged: string[] = [];
    let isOver = false;
    let longestMs = 0;
    const senders = Array.from({ length: 3 }, async (_, who) => {
      for (let n = 0; !isOver; n++) {
        const text = `message ${who} ${n}.`;
        const from = systemTime.monotonic();
        await home.append([record(text, n % 2 === 0 ? {} : { source: `gw-${who}`, sequence: n })]);
        longestMs = Math.max(longestMs, systemTime.monotonic() - from);
        acknowledged.push(text);
      }
    });
    const sending = underWay(Promise.all(senders));
    const more = async () => {
      const enough = acknowledged.length + 20;
      await sending.until('20 more are acknowledged', () => acknowledged.length >= enough);
    };
    await more();
    const killed = await leader();
    await killed.kill();
    await more();
    await killed.start();
    await more();
    // One whose disk has turned a bit while it was away.
    const damaged = await leader();
    await damaged.kill();
    const file = damaged
      .blocks()
      .find((block) => block.includes(nats.stream) && readFileSync(block).includes('message 1 3.'));
    if (file === undefined) throw new Error('the message is in no file');
    const bytes = readFileSync(file);
    const at = bytes.indexOf('message 1 3.');
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    await damaged.start();
    await more();
    // A machine that is gone without a word: no connection is closed.
    const frozen = await serving(servers);
    await frozen.pause();
    await more();
    frozen.resume();
    isOver = true;
    await sending.end;
    const got: string[] = [];
    for (let after = 0; ; ) {
      const at = { family: 'readings', partition: 0 } as const;
      const { records, through = 0 } = await home.after(at, after, { maxBytes: 10_000_000, maxRecords: 100_000 });
      got.push(...records.map(({ payload }) => textOf(payload)));
      const next = Math.max(records.at(-1)?.position ?? 0, through);
      if (next <= after) break;
      after = next;
    }
    process.stderr.write(
      `longest wait for an acknowledgement over two leaders killed and one frozen: ${Math.round(longestMs)} ms\n`,
    );
    expect(new Set(got).size).toBe(got.length);
    const read = new Set(got);
    const lost = acknowledged.filter((text) => !read.has(text));
    // What a damaged server takes from the others is theirs to prevent; ours is that nobody is left believing it is there.
    if (lost.length > 0) expect(await holesSince(database, 0)).not.toEqual([]);
    else expect(await holesSince(database, 0)).toEqual([]);
    await connection.close();
    await home.stop();
  }, 120_000);

/** The one that Isotherm is connected to. */
async function serving(servers: readonly NatsServer[]): Promise<NatsServer> {
  for (const server of servers) {
    const answer = await fetch(`${server.monitorUrl}/connz`);
    const { connections } = (await answer.json()) as { connections: readonly { name?: string }[] };
    if (connections.some(({ name = '' }) => name.startsWith('isotherm'))) return server;
  }
  return serving(servers);
}
