import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { addressOf, readyLines } from './ready-lines.ts';

const SECRET = { id: 'gw:lyon-1', username: 'gw:lyon-1', password: 'a_b-c' };
const PLACE = { host: 'cold.example', port: 2_883, tlsPort: null };
const line = (what: string) => readyLines(SECRET, PLACE).find((one) => one.for === what)?.text ?? '';

test('lines for devices of common makes name the port that is open, and the topics that the dialects take', () => {
  expect(line('mosquitto')).toContain('-p 2883 -q 1 -i gw:lyon-1');
  const shelly = JSON.parse(/'(.*)'$/.exec(line('shelly'))?.[1] ?? '');
  expect(shelly.params.config).toMatchObject({ server: 'cold.example:2883', topic_prefix: 'gw:lyon-1', pass: 'a_b-c' });
  const ruuvi = JSON.parse(/'(.*)'$/.exec(line('ruuvi'))?.[1] ?? '');
  expect(ruuvi).toMatchObject({ mqtt_prefix: 'ruuvi/gw:lyon-1/', mqtt_port: 2_883 });
});

test('the gateway’s file is YAML that says what was meant, whatever stands in the id', () => {
  expect(parse(line('gateway'))).toMatchObject({
    ...{ id: 'gw:lyon-1', mqtt: { url: 'mqtt://cold.example:2883', password: 'a_b-c' } },
  });
});

test('the address for a camera is one that a program can take apart', () => {
  const url = new URL(addressOf(SECRET, PLACE));
  expect([decodeURIComponent(url.username), url.password, url.host]).toEqual([
    'gw:lyon-1',
    'a_b-c',
    'cold.example:2883',
  ]);
  expect(addressOf(SECRET, { ...PLACE, host: '::1' })).toContain('@[::1]:2883');
});
