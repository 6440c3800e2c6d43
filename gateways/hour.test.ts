import { expect, test } from 'vitest';
import { ManualTime, silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { SimulatedReader } from '../simulators/reader/index.ts';
import { Gateway } from './gateway.ts';
import { dockReader, epcHex, gatewayConfig } from './testing/builders.ts';
import { TestPlatform } from './testing/platform.ts';

test('the platform away for an hour: every read arrives with its own time, none lost, no gap', {
  timeout: 30_000,
}, async () => {
  const platform = new TestPlatform();
  await platform.start();
  const time = new ManualTime(Date.now());
  const reader = new SimulatedReader({ time });
  await reader.start();
  const config = gatewayConfig({
    mqtt: { url: platform.url },
    readers: [dockReader(reader.port, { keepaliveMs: 600_000, answerMs: 120_000 })],
  });
  const gateway = new Gateway({ config, time, logger: silentLogger, meter: silentMeter, random: () => 0 });
  await gateway.start();
  const until = async (check: () => boolean) => {
    for (let step = 0; !check(); step++) {
      if (step > 4_000) throw new Error(`not within reach: ${JSON.stringify(gateway.status)}`);
      await time.advance(20);
      await systemTime.sleep('test: wire', 1);
    }
  };
  await until(() => gateway.status.readers[0]?.state === 'reading');
  await platform.stop();
  const seen: [string, number][] = [];
  for (let minute = 0; minute < 60; minute++) {
    for (let n = 0; n < 5; n++) {
      const epc = epcHex(minute * 5 + n + 1);
      seen.push([epc, time.now()]);
      expect(reader.see({ antenna: 1, epcHex: epc })).toBe(true);
    }
    await time.advance(60_000);
    await until(() => reader.waitingTags === 0);
  }
  expect(gateway.status.spool.pending).toBeGreaterThan(59);
  await platform.start();
  await until(() => platform.sightings.length >= seen.length);
  expect(platform.sightings.map(({ epcHex: epc, firstSeen }) => [epc, firstSeen]).sort()).toEqual(seen.sort());
  expect(platform.gaps).toEqual([]);
  await gateway.stop();
  await reader.stop();
  await platform.stop();
});
