import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { encodeFrame } from '../codecs/llrp/index.ts';
import { anyFrame } from '../codecs/llrp/testing/arbitrary.ts';
import { silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { SimulatedReader } from '../simulators/reader/index.ts';
import { systemPart } from '../tests/parts.ts';
import { Gateway } from './gateway.ts';
import { dockReader, epcHex, gatewayConfig } from './testing/builders.ts';
import { temporaryDirectory } from './testing/directory.ts';
import { TestPlatform } from './testing/platform.ts';
import { pcapOf, WireTap } from './testing/wire-tap.ts';

const hasTshark = systemPart('tshark') !== null;

test.skipIf(!hasTshark)('tshark finds nothing wrong with a session between gateway and simulated reader', async () => {
  const platform = new TestPlatform();
  await platform.start();
  const reader = new SimulatedReader({ time: systemTime, isImpinj: true });
  await reader.start();
  const tap = new WireTap(reader.port);
  await tap.start();
  const config = gatewayConfig({
    mqtt: { url: platform.url },
    readers: [dockReader(tap.port, { trigger: { port: 1 }, gpi: [{ port: 1 }, { port: 2 }] })],
  });
  const gateway = new Gateway({ config, time: systemTime, logger: silentLogger, meter: silentMeter, random: () => 0 });
  await gateway.start();
  await vi.waitFor(() => expect(gateway.status.readers[0]?.state).toBe('reading'), { timeout: 30_000 });
  reader.gpi(1, true);
  for (let n = 1; n <= 40; n++) reader.see({ antenna: 1 + (n % 2), epcHex: epcHex(n), phaseTurns: 0.3 });
  reader.see({ antenna: 1, epcHex: 'ABCDEF', epcBits: 21 });
  reader.antenna(2, false);
  reader.exception('something');
  reader.gpi(1, false);
  await platform.until(({ sightings, gpi }) => sightings.length === 41 && gpi.length === 2);
  platform.command('gw-1', { command: 'light', reader: 'dock-1', colour: 'red' });
  await vi.waitFor(() => expect(reader.gpo.get(3)).toBe(true));
  await gateway.stop();
  await reader.stop();
  await tap.stop();
  await platform.stop();
  const pcap = tap.pcap();
  const messages = dissected(pcap, 'llrp').flatMap((line) => line.split('\t')[1]?.split(',') ?? []);
  expect(messages.length).toBeGreaterThan(60);
  expect(dissected(pcap, WRONG)).toEqual([]);
});

test.skipIf(!hasTshark)('tshark finds nothing wrong with any message of the table', () => {
  const frames = fc
    .sample(anyFrame(), { numRuns: 400, seed: 3 })
    .filter(({ message }) => message.name !== 'CUSTOM_MESSAGE');
  const pcap = pcapOf(frames.map((frame) => ({ fromReader: true, bytes: Buffer.from(encodeFrame(frame)) })));
  // Quirks of tshark on good data: it miscounts a MAC address, takes Impinj's vendor data apart whoever made it, and
  // calls any value it has no name for an error.
  const known = /claimed|bytes available|Unrecognized configuration request/;
  expect(dissected(pcap, WRONG).filter((line) => !known.test(line))).toEqual([]);
});

const WRONG = '_ws.malformed || _ws.expert.severity == "Error"';

function dissected(pcap: Buffer, filter: string): string[] {
  const file = join(temporaryDirectory(), 'session.pcap');
  writeFileSync(file, pcap);
  const out = execFileSync(
    'tshark',
    ['-r', file, '-o', 'tcp.desegment_tcp_streams:TRUE', '-d', 'tcp.port==5084,llrp', '-Y', filter].concat([
      '-T',
      'fields',
      '-e',
      'frame.number',
      '-e',
      'llrp.type',
      '-e',
      '_ws.expert.message',
    ]),
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  return out.split('\n').filter((line) => line !== '');
}
