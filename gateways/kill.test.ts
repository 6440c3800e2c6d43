import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { sealManifest } from '../codecs/manifest/index.ts';
import { systemTime } from '../domain/index.ts';
import { SimulatedReader } from '../simulators/reader/index.ts';
import type { GatewayConfig } from './config.ts';
import { dockReader, epcHex, gatewayConfig } from './testing/builders.ts';
import { announcedManifest, MANIFEST_KEY } from './testing/manifests.ts';
import { TestPlatform } from './testing/platform.ts';

const program = fileURLToPath(new URL('./testing/gateway-process.ts', import.meta.url));

function gatewayProcess(config: GatewayConfig): ChildProcess {
  const child = spawn(process.execPath, [program, JSON.stringify(config)], { stdio: 'ignore' });
  // Also where the test fails before it ends it itself.
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function killed(gateway: ChildProcess): Promise<void> {
  const gone = once(gateway, 'exit');
  gateway.kill('SIGKILL');
  await gone;
}

test('kill -9 in the middle of a pass, twice: every read is at the platform once, or in a gap that says so', async () => {
  const platform = new TestPlatform();
  await platform.start();
  const reader = new SimulatedReader({ time: systemTime });
  await reader.start();
  const config = gatewayConfig({ mqtt: { url: platform.url }, readers: [dockReader(reader.port)] });
  const seen = new Map<string, number>();
  const see = () => {
    const hex = epcHex(seen.size + 1);
    const at = Date.now();
    expect(reader.see({ antenna: 1, epcHex: hex, at })).toBe(true);
    seen.set(hex, at);
    return hex;
  };
  const beat = () => new Promise<void>((resolve) => setImmediate(resolve));

  let gateway = gatewayProcess(config);
  await reader.listening();
  for (let kill = 0; kill < 2; kill++) {
    await vi.waitFor(() => expect(reader.isConnected).toBe(true), { timeout: 30_000, interval: 2 });
    await platform.until(({ batches }) => batches.some(({ complete }) => complete.length > 0));
    // Until some of them have come through: a kill before that would be none in the middle.
    const round = new Set<string>();
    const isUnderWay = () => platform.sightings.some((one) => round.has(one.epcHex));
    for (let n = 0; n < 200 || (n < 4_000 && !isUnderWay()); n++) {
      round.add(see());
      await beat();
    }
    await platform.until(isUnderWay);
    const dead = killed(gateway);
    for (let n = 0; n < 200; n++) {
      see();
      await beat();
    }
    await dead;
    gateway = gatewayProcess(config);
  }
  await vi.waitFor(() => expect(reader.isConnected && reader.waitingTags === 0).toBe(true), { timeout: 30_000 });
  see();
  const last = [...seen.keys()].at(-1);
  await platform.until(({ sightings }) => sightings.some((one) => one.epcHex === last));
  await killed(gateway);
  await reader.stop();
  await platform.stop();

  const arrived = new Map(platform.sightings.map((one) => [one.epcHex, one]));
  const missing = [...seen].filter(([hex]) => !arrived.has(hex));
  const unsaid = missing.filter(([, at]) => !platform.gaps.some(({ from, to }) => from <= at && at < to));
  expect(unsaid).toEqual([]);
  expect(arrived.size).toBeGreaterThan(2);
  for (const [hex, at] of seen) expect(arrived.get(hex)?.firstSeen ?? at).toBe(at);
  const sequences = [...new Set(platform.batches.map(({ sequence }) => sequence))].toSorted((a, b) => a - b);
  expect(sequences).toEqual(sequences.map((_, index) => index + 1));
});

test('kill -9 in the middle of a pass while the line is cut: started again, the gateway judges by the manifest on its disk', async () => {
  const platform = new TestPlatform();
  await platform.start();
  const reader = new SimulatedReader({ time: systemTime });
  await reader.start();
  const config = gatewayConfig({ mqtt: { url: platform.url }, readers: [dockReader(reader.port)] });
  const serials = [1, 2, 3, 4].map(epcHex);
  const see = (hexes: readonly string[]) => {
    for (const hex of hexes) expect(reader.see({ antenna: 1, epcHex: hex, rssiDbm: -50 })).toBe(true);
  };
  let gateway = gatewayProcess(config);
  await vi.waitFor(() => expect(reader.isConnected).toBe(true), { timeout: 30_000, interval: 5 });
  // It says so once it listens.
  await vi.waitFor(() => expect(platform.status).toMatchObject({ state: 'online' }), { timeout: 30_000, interval: 5 });
  platform.tell('gw-1', sealManifest(announcedManifest(serials), MANIFEST_KEY));
  await vi.waitFor(() => expect(platform.status).toMatchObject({ manifest: { version: 1 } }), { timeout: 30_000 });
  await platform.stop();
  // Amber: it is cut off.
  await vi.waitFor(() => expect(reader.gpo.get(2)).toBe(true), { timeout: 30_000, interval: 5 });
  see(serials.slice(0, 2));
  await vi.waitFor(() => expect(reader.waitingTags).toBe(0), { timeout: 30_000, interval: 5 });
  await killed(gateway);
  // What is read into a connection that is dead already is a gap, not this test's subject.
  await vi.waitFor(() => expect(reader.isConnected).toBe(false), { timeout: 30_000, interval: 5 });
  gateway = gatewayProcess(config);
  await vi.waitFor(() => expect(reader.isConnected).toBe(true), { timeout: 30_000, interval: 5 });
  // The pallet stands in the door still: what was read before and not on disk yet is read again.
  see(serials);
  await vi.waitFor(() => expect([1, 2, 3].map((port) => reader.gpo.get(port))).toEqual([true, false, false]), {
    timeout: 30_000,
    interval: 5,
  });
  // What was shown, before and after, goes up behind the reads.
  await platform.start();
  await platform.until(({ batches }) => batches.some(({ shown }) => shown?.some(({ light }) => light === 'green')));
  const lights = platform.batches.flatMap(({ shown = [] }) => shown);
  expect(lights.at(-1)).toMatchObject({ portal: 'portal:lyon/dock-1', light: 'green', manifest: 1 });
  await killed(gateway);
  await reader.stop();
  await platform.stop();
});
