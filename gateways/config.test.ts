import { expect, test } from 'vitest';
import { InputError } from '../domain/index.ts';
import { parseGatewayConfig } from './config.ts';

const least = {
  id: 'gw-lyon',
  mqtt: { url: 'mqtt://127.0.0.1:1883' },
  readers: [{ id: 'dock-1', host: '10.0.0.5', antennas: [{ antenna: 1 }] }],
};

function wrong(change: object): string {
  try {
    parseGatewayConfig({ ...least, ...change }, 'gateway.yaml');
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'taken';
}

test('the least configuration has sensible defaults', () => {
  const config = parseGatewayConfig(least, 'gateway.yaml');
  expect(config).toMatchObject({ dataDir: './data/gateway', gatherMs: 50, updateMs: 1000 });
  expect(config.readers[0]).toMatchObject({
    keepaliveMs: 30_000,
    powerDbm: 27,
    session: 1,
    searchMode: 'dual',
    tls: false,
  });
});

test.each([
  [{ id: 'a b' }, 'gateway.yaml: id: "a b" given; letters, digits and . _ : -, at most 128 of them'],
  [{ raeders: [] }, 'gateway.yaml: raeders: no such key'],
  [
    { mqtt: { url: 'localhost' } },
    'gateway.yaml: mqtt.url: "localhost" given; an address such as mqtt://127.0.0.1:1883',
  ],
  [{ readers: [{ ...least.readers[0], port: 70_000 }] }, 'gateway.yaml: readers[0].port: 70000 given; '],
  [
    { readers: [{ ...least.readers[0], listenPort: 5084 }] },
    'gateway.yaml: readers[0].host: give either host or listenPort',
  ],
  [{ readers: [least.readers[0], least.readers[0]] }, 'gateway.yaml: readers[1].id: another reader has this id'],
  [
    { readers: [{ ...least.readers[0], antennas: [{ antenna: 1 }, { antenna: 1 }] }] },
    'gateway.yaml: readers[0].antennas[1].antenna: this antenna is there twice',
  ],
])('a wrong key is one line that names it: %j', (change, line) => {
  expect(wrong(change)).toContain(line);
  expect(wrong(change)).not.toContain('\n');
});
