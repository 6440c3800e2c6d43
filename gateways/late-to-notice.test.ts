import { expect, test, vi } from 'vitest';
import { silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { SimulatedReader } from '../simulators/reader/index.ts';
import { Link } from '../tests/chaos/link.ts';
import { Gateway } from './gateway.ts';
import { dockReader, epcHex, gatewayConfig } from './testing/builders.ts';
import { TestPlatform } from './testing/platform.ts';

test('a read that a reader sent into a connection of which only the gateway knew that it is dead was lost unsaid', async () => {
  const platform = new TestPlatform();
  await platform.start();
  const reader = new SimulatedReader({ time: systemTime });
  await reader.start();
  const link = new Link({ host: '127.0.0.1', port: reader.port });
  await link.start();
  const config = gatewayConfig({ mqtt: { url: platform.url }, readers: [dockReader(link.port)] });
  const gateway = new Gateway({ config, time: systemTime, logger: silentLogger, meter: silentMeter, random: () => 0 });
  await gateway.start();
  await platform.until(({ batches }) => batches.some(({ complete }) => complete.length > 0));
  link.state = 'lose';
  await vi.waitFor(() => expect(gateway.status.readers[0]?.state).toBe('waiting'), { interval: 5 });
  await systemTime.sleep('after it was noticed', 20);
  // The reader sends on, for minutes: it has a connection.
  const lost = Date.now();
  expect(reader.see({ antenna: 1, epcHex: epcHex(1), at: lost })).toBe(true);
  expect([reader.isConnected, reader.waitingTags]).toEqual([true, 0]);
  await systemTime.sleep('until it notices', 600);
  link.giveUp();
  await vi.waitFor(() => expect(reader.isConnected).toBe(false), { interval: 5 });
  const held = Date.now();
  expect(reader.see({ antenna: 1, epcHex: epcHex(2), at: held })).toBe(true);
  link.state = 'open';
  await platform.until(({ gaps, sightings }) => gaps.length > 0 && sightings.length > 0);
  expect(platform.sightings.map((one) => one.epcHex)).toEqual([epcHex(2)]);
  const [gap] = platform.gaps;
  expect(gap?.from).toBeLessThan(lost);
  expect(gap?.to).toBeGreaterThan(lost);
  // No further than where the reader is known to have kept what it saw.
  expect(gap?.to).toBeLessThanOrEqual(held + 250);
  await gateway.stop();
  link.stop();
  await reader.stop();
  await platform.stop();
});
