import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { SimulatedReader, type SimulatedReaderOptions } from '../simulators/reader/index.ts';
import type { GatewayConfig } from './config.ts';
import { Gateway } from './gateway.ts';
import { dockReader, epcHex, gatewayConfig } from './testing/builders.ts';
import { TestPlatform } from './testing/platform.ts';

let platform: TestPlatform;
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  platform = new TestPlatform();
  await platform.start();
});

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await platform.stop();
});

async function aReader(options: Partial<SimulatedReaderOptions> = {}): Promise<SimulatedReader> {
  const reader = new SimulatedReader({ time: systemTime, ...options });
  await reader.start();
  stops.push(() => reader.stop());
  return reader;
}

async function aGateway(config: GatewayConfig): Promise<Gateway> {
  const gateway = new Gateway({ config, time: systemTime, logger: silentLogger, meter: silentMeter, random: () => 0 });
  await gateway.start();
  stops.push(() => gateway.stop());
  return gateway;
}

/** Resolves when the first reader of the gateway is reading. */
async function reading(gateway: Gateway): Promise<void> {
  await vi.waitFor(() => expect(gateway.status.readers[0]?.state).toBe('reading'), { timeout: 30_000, interval: 5 });
}

function theConfig(reader: SimulatedReader, changes: Parameters<typeof dockReader>[1] = {}): GatewayConfig {
  return gatewayConfig({ mqtt: { url: platform.url }, readers: [dockReader(reader.port, changes)] });
}

describe('a gateway with a reader and a platform', () => {
  test('a tag at the door is at the platform within a second, with its antenna, time, count and RSSI', async () => {
    const reader = await aReader();
    const gateway = await aGateway(theConfig(reader));
    await reading(gateway);
    const at = Date.now();
    reader.see({ antenna: 2, epcHex: epcHex(1), at, until: at + 40, rssiDbm: -61, count: 3 });
    await platform.until(({ sightings }) => sightings.length === 1);
    expect(Date.now() - at).toBeLessThan(1000);
    expect(platform.sightings).toEqual([
      {
        reader: 'dock-1',
        antenna: 2,
        epcHex: epcHex(1),
        epcBits: 96,
        firstSeen: at,
        lastSeen: at + 40,
        count: 3,
        rssiDbm: -61,
      },
    ]);
  });

  test.each([
    ['by an access operation', { accessSpecs: 1 }],
    ['while it counts, as Impinj readers do', { isImpinj: true }],
  ])('the numbers of two tags with one EPC, which the reader reads %s, are at the platform', async (_, options) => {
    const [one, other] = ['E280116020007A520B1C5E71', 'E280689400004003A1B2C3D4'];
    const reader = await aReader(options);
    const gateway = await aGateway(theConfig(reader, { tidWords: 6 }));
    await reading(gateway);
    const at = Date.now();
    for (const tidHex of [other, one, undefined, 'E2801160', '000000000000000000000000']) {
      reader.see({ antenna: 1, epcHex: epcHex(1), at, ...(tidHex !== undefined && { tidHex }) });
    }
    await platform.until(({ sightings }) => sightings[0]?.count === 5);
    expect(platform.sightings).toMatchObject([{ epcHex: epcHex(1), tids: [one, other] }]);
    await gateway.stop();
    // Taken up as it runs: nothing is set up twice.
    const again = await aGateway(theConfig(reader, { tidWords: 6, antennas: [{ antenna: 1, side: 'inside' }] }));
    await reading(again);
    reader.see({ antenna: 1, epcHex: epcHex(2), tidHex: one });
    await platform.until(({ sightings }) => sightings.some(({ epcHex: epc }) => epc === epcHex(2)));
    expect(platform.sightings.at(-1)).toMatchObject({ epcHex: epcHex(2), tids: [one] });
  });

  test('a reader that cannot read the numbers of tags reads without, and the log says so', async () => {
    const reader = await aReader();
    const warned: string[] = [];
    const logger = { ...silentLogger, warn: (_: object, message: string) => void warned.push(message) };
    const gateway = new Gateway({
      ...{ config: theConfig(reader, { tidWords: 6 }), time: systemTime },
      ...{ logger, meter: silentMeter, random: () => 0 },
    });
    await gateway.start();
    stops.push(() => gateway.stop());
    await reading(gateway);
    expect(warned).toContain('reading without the TIDs of tags');
    reader.see({ antenna: 1, epcHex: epcHex(1), tidHex: 'E280116020007A520B1C5E71' });
    await platform.until(({ sightings }) => sightings.length === 1);
    expect(platform.sightings[0]).not.toHaveProperty('tids');
  });

  test('reads of a tag that stays are one sighting, sent early and again as it grows', async () => {
    const reader = await aReader();
    const gateway = await aGateway(theConfig(reader));
    await reading(gateway);
    const at = Date.now();
    reader.see({ antenna: 1, epcHex: epcHex(1), at, rssiDbm: -70 });
    await platform.until(({ sightings }) => sightings.length === 1);
    reader.see({ antenna: 1, epcHex: epcHex(1), at: at + 500, rssiDbm: -50 });
    reader.see({ antenna: 1, epcHex: epcHex(1), at: at + 900, rssiDbm: -60 });
    await platform.until(({ sightings }) => sightings[0]?.count === 3);
    expect(platform.sightings).toEqual([
      expect.objectContaining({ firstSeen: at, lastSeen: at + 900, count: 3, rssiDbm: -50 }),
    ]);
  });

  test('an input of the reader arrives as an event', async () => {
    const reader = await aReader();
    const gateway = await aGateway(theConfig(reader));
    await reading(gateway);
    reader.gpi(1, true);
    await platform.until(({ gpi }) => gpi.length === 1);
    expect(platform.gpi).toEqual([{ reader: 'dock-1', port: 1, isHigh: true, at: expect.any(Number) }]);
  });

  test('batches are numbered from 1 without holes, also over a restart', async () => {
    const reader = await aReader();
    const config = theConfig(reader);
    for (let n = 1; n <= 2; n++) {
      const gateway = await aGateway(config);
      await reading(gateway);
      reader.see({ antenna: 1, epcHex: epcHex(n) });
      await platform.until(({ sightings }) => sightings.length === n);
      await gateway.stop();
    }
    const sequences = [...new Set(platform.batches.map(({ sequence }) => sequence))].toSorted((a, b) => a - b);
    expect(sequences).toEqual(sequences.map((_, index) => index + 1));
  });

  test('a batch says until when the reader is complete', async () => {
    const reader = await aReader();
    const gateway = await aGateway(theConfig(reader));
    await reading(gateway);
    const at = Date.now();
    reader.see({ antenna: 1, epcHex: epcHex(1), at });
    await platform.until(({ batches }) => batches.some(({ complete }) => complete.some((one) => one.at > at)));
    const last = platform.batches.findLast(({ complete }) => complete.length > 0);
    expect(last?.complete).toEqual([{ reader: 'dock-1', at: expect.any(Number) }]);
  });

  test('the stack light follows the command, and shows amber while the platform is away', async () => {
    const reader = await aReader();
    const gateway = await aGateway(theConfig(reader));
    await reading(gateway);
    await vi.waitFor(() => expect(platform.status).toMatchObject({ state: 'online' }));
    const shows = (green: boolean, amber: boolean, buzzer: boolean) =>
      vi.waitFor(() =>
        expect([reader.gpo.get(1), reader.gpo.get(2), reader.gpo.get(4)]).toEqual([green, amber, buzzer]),
      );
    platform.command('gw-1', { command: 'light', portal: 'portal:lyon/dock-1', colour: 'green', buzzer: true });
    await shows(true, false, true);
    await platform.stop();
    await shows(false, true, false);
    await platform.start();
    await vi.waitFor(() => expect(reader.gpo.get(1)).toBe(true), { timeout: 30_000 });
  });

  test('a green light was for the pallet before: the next one turns it amber until its own verdict', async () => {
    const reader = await aReader();
    const gateway = await aGateway(theConfig(reader));
    await reading(gateway);
    platform.command('gw-1', { command: 'light', portal: 'portal:lyon/dock-1', colour: 'green' });
    await vi.waitFor(() => expect(reader.gpo.get(1)).toBe(true));
    reader.see({ antenna: 1, epcHex: epcHex(1) });
    await vi.waitFor(() => expect([reader.gpo.get(1), reader.gpo.get(2)]).toEqual([false, true]));
    platform.command('gw-1', { command: 'light', portal: 'portal:lyon/dock-1', colour: 'red' });
    await vi.waitFor(() => expect([reader.gpo.get(2), reader.gpo.get(3)]).toEqual([false, true]));
  });
});

describe('what can go wrong', () => {
  test('the platform away: reads wait on disk and arrive once it is back, none lost', async () => {
    const reader = await aReader();
    const gateway = await aGateway(theConfig(reader));
    await reading(gateway);
    await platform.stop();
    for (let n = 1; n <= 50; n++) reader.see({ antenna: 1, epcHex: epcHex(n) });
    await vi.waitFor(() => expect(gateway.status.spool.pending).toBeGreaterThan(0));
    await platform.start();
    await platform.until(({ sightings }) => sightings.length === 50);
    await vi.waitFor(() => expect(gateway.status.spool.pending).toBe(0), { timeout: 30_000 });
  });

  test('a broken connection: what the reader saw meanwhile arrives with its own time', async () => {
    const reader = await aReader();
    const gateway = await aGateway(theConfig(reader));
    await reading(gateway);
    reader.dropConnection();
    await vi.waitFor(() => expect(reader.isConnected).toBe(false), { interval: 1 });
    const at = Date.now() - 5000;
    for (let n = 1; n <= 300; n++) reader.see({ antenna: 1, epcHex: epcHex(n), at });
    await platform.until(({ sightings }) => sightings.length === 300);
    expect(new Set(platform.sightings.map(({ firstSeen }) => firstSeen))).toEqual(new Set([at]));
    expect(platform.gaps).toEqual([]);
  });

  test('a reader restarted with its clock at 2000-01-01: times are corrected, and the time it was away is a gap', async () => {
    const reader = await aReader();
    const gateway = await aGateway(theConfig(reader));
    await reading(gateway);
    reader.see({ antenna: 1, epcHex: epcHex(1) });
    await platform.until(({ batches }) => batches.some(({ complete }) => complete.length > 0));
    reader.reboot(Date.UTC(2000, 0, 1) - Date.now());
    await vi.waitFor(() => expect(reader.listensAt(1)).toBe(true), { timeout: 30_000 });
    const at = Date.now();
    reader.see({ antenna: 1, epcHex: epcHex(2), at });
    await platform.until(({ sightings, gaps }) => sightings.length === 2 && gaps.length === 1);
    expect(Math.abs((platform.sightings[1]?.firstSeen ?? 0) - at)).toBeLessThan(500);
    expect(platform.gaps).toEqual([
      expect.objectContaining({ reader: 'dock-1', reason: expect.stringMatching(/restarted/) }),
    ]);
    expect(gateway.status.readers[0]?.clock.isCorrected).toBe(true);
  });

  test('a reader whose buffer overflows: the loss is a gap', async () => {
    const reader = await aReader({ bufferTags: 20 });
    const gateway = await aGateway(theConfig(reader));
    await reading(gateway);
    reader.dropConnection();
    await vi.waitFor(() => expect(reader.isConnected).toBe(false), { interval: 1 });
    for (let n = 1; n <= 30; n++) reader.see({ antenna: 1, epcHex: epcHex(n) });
    expect(reader.lostTags).toBe(10);
    await platform.until(({ sightings, gaps }) => sightings.length === 20 && gaps.length === 1);
    expect(platform.gaps[0]?.reason).toMatch(/overflow/);
  });

  test('a silent, half-open reader is dropped after two missed keepalives and taken up again', async () => {
    const reader = await aReader();
    const gateway = await aGateway(theConfig(reader));
    await reading(gateway);
    // A gap reaches back to where the reader was last complete: before the first time there is nothing to reach back to.
    await platform.until(({ batches }) => batches.some(({ complete }) => complete.length > 0));
    reader.misbehave({ isSilent: true });
    await vi.waitFor(() => expect(gateway.status.readers[0]?.state).toBe('waiting'), { timeout: 30_000 });
    expect(gateway.status.readers[0]?.reason).toMatch(/nothing heard|no answer/);
    reader.see({ antenna: 1, epcHex: epcHex(1) });
    reader.misbehave({ isSilent: false });
    await platform.until(({ sightings, gaps }) => sightings.length === 1 && gaps.length === 1);
    expect(platform.gaps[0]?.reason).toMatch(/reports under way may be missing/);
  });

  // Seen in the backlog bench: 200,000 new sightings did not fit into one call's arguments, and the gateway died.
  test('takes a burst of 200,000 tags at once', { timeout: 600_000 }, async () => {
    const reader = await aReader({ bufferTags: 200_000 });
    // Gathered for long enough that the burst becomes new sightings in one go.
    const gateway = await aGateway({ ...theConfig(reader), gatherMs: 3_000, updateMs: 60_000 });
    await reading(gateway);
    for (let n = 1; n <= 200_000; n++) reader.see({ antenna: 1, epcHex: epcHex(n) });
    const sent = () => platform.batches.reduce((sum, one) => sum + one.sightings.length, 0);
    await platform.until(() => sent() >= 200_000);
    expect(sent()).toBe(200_000);
  });

  test('a gateway that was killed says that reads may be missing, one that was stopped does not', async () => {
    const reader = await aReader();
    const config = theConfig(reader);
    const isComplete = (past: number) =>
      platform.until(({ batches }) => batches.some((one) => one.complete.some(({ at }) => at > past)));
    const stopped = await aGateway(config);
    await reading(stopped);
    reader.see({ antenna: 1, epcHex: epcHex(1) });
    await isComplete(0);
    await stopped.stop();
    const second = await aGateway(config);
    await reading(second);
    const now = Date.now();
    reader.see({ antenna: 1, epcHex: epcHex(2) });
    await isComplete(now);
    expect(platform.gaps).toEqual([]);
    await second.crash();
    await aGateway(config);
    await platform.until(({ gaps }) => gaps.length === 1);
    expect(platform.gaps[0]).toMatchObject({ reader: 'dock-1', reason: expect.stringMatching(/killed/) });
  });

  test('another client at the reader: the gateway says so and waits', async () => {
    const reader = await aReader();
    const first = await aGateway(theConfig(reader));
    await reading(first);
    const second = await aGateway(
      gatewayConfig({ id: 'gw-2', mqtt: { url: platform.url }, readers: [dockReader(reader.port)] }),
    );
    await vi.waitFor(() => expect(second.status.readers[0]?.reason).toMatch(/another client is connected/), {
      timeout: 30_000,
    });
    expect(first.status.readers[0]?.state).toBe('reading');
  });

  test.each(['fragmented', 'coalesced'] as const)(
    '%s segments and keepalives in the middle of a request change nothing',
    async (segments) => {
      const reader = await aReader();
      reader.misbehave({ segments, keepaliveMidRequest: true });
      const gateway = await aGateway(theConfig(reader));
      await reading(gateway);
      for (let n = 1; n <= 200; n++) reader.see({ antenna: 1, epcHex: epcHex(n) });
      await platform.until(({ sightings }) => sightings.length === 200);
    },
  );

  test('a slow reader is waited for', async () => {
    const reader = await aReader();
    reader.misbehave({ answerDelayMs: 150, complainsOnStop: true });
    const gateway = await aGateway(theConfig(reader));
    await reading(gateway);
    reader.see({ antenna: 1, epcHex: epcHex(1) });
    await platform.until(({ sightings }) => sightings.length === 1);
  });

  test('what somebody else has set up on the reader is removed', async () => {
    const reader = await aReader();
    const first = await aGateway(theConfig(reader));
    await reading(first);
    await first.stop();
    const [before] = reader.rospecs.keys();
    const second = await aGateway(theConfig(reader, { powerDbm: 20 }));
    await reading(second);
    expect([...reader.rospecs.values()]).toEqual(['active']);
    expect(reader.rospecs.has(before ?? 0)).toBe(false);
  });

  test('garbage on the wire closes the connection, and reading goes on after the next one', async () => {
    const reader = await aReader();
    const gateway = await aGateway(theConfig(reader));
    await reading(gateway);
    reader.sendGarbage(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await vi.waitFor(() => expect(gateway.status.readers[0]?.reason).toMatch(/no LLRP message header/), {
      interval: 1,
    });
    await reading(gateway);
    reader.see({ antenna: 1, epcHex: epcHex(1) });
    await platform.until(({ sightings }) => sightings.length === 1);
  });

  test('a full spool: the reader keeps what it sees, and everything arrives once there is room', async () => {
    const reader = await aReader();
    const gateway = await aGateway({ ...theConfig(reader), spool: { maxBytes: 2000 } });
    await reading(gateway);
    await platform.stop();
    let seen = 0;
    while (gateway.status.spool.state === 'ok') {
      for (let n = 0; n < 10; n++) reader.see({ antenna: 1, epcHex: epcHex(++seen) });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(gateway.status.spool.state).toBe('full');
    await vi.waitFor(() => expect(gateway.status.readers[0]?.state).not.toBe('reading'), { interval: 1 });
    await vi.waitFor(() => expect(reader.isConnected).toBe(false), { interval: 1 });
    for (let n = 0; n < 100; n++) reader.see({ antenna: 1, epcHex: epcHex(++seen) });
    await vi.waitFor(() => expect(gateway.status.readers[0]?.state).toBe('configuring'), { timeout: 30_000 });
    expect(reader.waitingTags).toBeGreaterThanOrEqual(100);
    await platform.start();
    await platform.until(({ sightings }) => sightings.length === seen);
    expect(platform.gaps).toEqual([]);
  });

  test('a gateway killed with reads on disk that no batch holds makes the batch after its restart', async () => {
    const reader = await aReader();
    const config = theConfig(reader);
    const gateway = await aGateway({ ...config, updateMs: 60_000 });
    await reading(gateway);
    const at = Date.now();
    reader.see({ antenna: 1, epcHex: epcHex(1), at });
    await platform.until(({ sightings }) => sightings.length === 1);
    // What has been acknowledged leaves the disk a little later; only then does a change of size mean a new read.
    await vi.waitFor(() => expect(gateway.status.spool.pending).toBe(0), { interval: 1 });
    const { bytes } = gateway.status.spool;
    reader.see({ antenna: 1, epcHex: epcHex(1), at: at + 700, rssiDbm: -40 });
    await vi.waitFor(() => expect(gateway.status.spool.bytes).not.toBe(bytes), { interval: 1 });
    await gateway.crash();
    await aGateway(config);
    await platform.until(({ sightings }) => sightings[0]?.count === 2);
    expect(platform.sightings).toEqual([
      expect.objectContaining({ firstSeen: at, lastSeen: at + 700, count: 2, rssiDbm: -40 }),
    ]);
  });
});

describe('kinds of readers', () => {
  test('an Impinj reader is asked for its extensions and gives RSSI to the hundredth', async () => {
    const reader = await aReader({ isImpinj: true });
    const gateway = await aGateway(theConfig(reader));
    await reading(gateway);
    reader.see({ antenna: 1, epcHex: epcHex(1), rssiDbm: -60.55, phaseTurns: 0.5 });
    await platform.until(({ sightings }) => sightings.length === 1);
    expect(platform.sightings[0]?.rssiDbm).toBe(-60.55);
  });

  test('a reader with only an uptime gives event times by the gateway clock', async () => {
    const reader = await aReader({ hasUtcClock: false });
    const gateway = await aGateway(theConfig(reader));
    await reading(gateway);
    const at = Date.now();
    reader.see({ antenna: 1, epcHex: epcHex(1), at });
    await platform.until(({ sightings }) => sightings.length === 1);
    expect(Math.abs((platform.sightings[0]?.firstSeen ?? 0) - at)).toBeLessThan(200);
  });

  test('a reader that cannot hold its reports leaves a gap where the connection was lost', async () => {
    const reader = await aReader({ canHold: false });
    const gateway = await aGateway(theConfig(reader));
    await reading(gateway);
    reader.see({ antenna: 1, epcHex: epcHex(1) });
    await platform.until(({ batches }) => batches.some(({ complete }) => complete.length > 0));
    reader.dropConnection();
    await platform.until(({ gaps }) => gaps.length === 1);
    expect(platform.gaps[0]?.reason).toMatch(/cannot hold/);
  });

  test('with a light curtain as trigger tags are read only while it is broken', async () => {
    const reader = await aReader();
    const gateway = await aGateway(theConfig(reader, { trigger: { port: 1 } }));
    await reading(gateway);
    expect(reader.see({ antenna: 1, epcHex: epcHex(1) })).toBe(false);
    reader.gpi(1, true);
    expect(reader.see({ antenna: 1, epcHex: epcHex(2) })).toBe(true);
    reader.gpi(1, false);
    expect(reader.see({ antenna: 1, epcHex: epcHex(3) })).toBe(false);
    await platform.until(({ sightings, gpi }) => sightings.length === 1 && gpi.length === 2);
  });

  test('a reader that calls the gateway is taken like one that is called', async () => {
    const reader = await aReader();
    const { host: _host, port: _port, ...called } = dockReader(0);
    const gateway = await aGateway(
      gatewayConfig({ mqtt: { url: platform.url }, readers: [{ ...called, listenPort: 0 }] }),
    );
    await reader.callClient('127.0.0.1', gateway.listenPort('dock-1') ?? 0);
    await reading(gateway);
    reader.see({ antenna: 1, epcHex: epcHex(1) });
    await platform.until(({ sightings }) => sightings.length === 1);
  });

  test('several readers are one gateway', async () => {
    const [first, second] = [await aReader(), await aReader({ version: 2 })];
    const gateway = await aGateway(
      gatewayConfig({
        mqtt: { url: platform.url },
        readers: [dockReader(first.port), dockReader(second.port, { id: 'dock-2' })],
      }),
    );
    await vi.waitFor(() => expect(gateway.status.readers.map(({ state }) => state)).toEqual(['reading', 'reading']), {
      timeout: 30_000,
    });
    first.see({ antenna: 1, epcHex: epcHex(1) });
    second.see({ antenna: 1, epcHex: epcHex(1) });
    await platform.until(({ sightings }) => sightings.length === 2);
    expect(platform.sightings.map(({ reader }) => reader).toSorted()).toEqual(['dock-1', 'dock-2']);
  });
});
