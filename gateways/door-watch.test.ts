import { beforeEach, expect, test } from 'vitest';
import { ManualTime, type Sighting } from '../domain/index.ts';
import { DoorWatch } from './door-watch.ts';
import { dockReader, epcHex, gatewayConfig } from './testing/builders.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
let time: ManualTime;
let begun: string[];
let watch: DoorWatch;

beforeEach(() => {
  time = new ManualTime(NOON);
  begun = [];
  const config = gatewayConfig({ mqtt: { url: 'mqtt://x' }, readers: [dockReader(1)] });
  watch = new DoorWatch({ config, time, begun: (portal) => begun.push(portal) });
});

function seen(at: number, n = 1, lastSeen = at): Sighting {
  return {
    reader: 'dock-1',
    antenna: 1,
    epcHex: epcHex(n),
    epcBits: 96,
    firstSeen: at,
    lastSeen,
    count: 1,
    rssiDbm: -50,
  };
}

test('the first tag of a pass begins it, the others do not', () => {
  watch.see([seen(NOON)], []);
  watch.see([seen(NOON, 1, NOON + 900), seen(NOON + 500, 2)], []);
  expect(begun).toEqual(['portal:lyon/dock-1']);
});

test('after a quiet time the next tag begins the next pass', async () => {
  watch.see([seen(NOON)], []);
  await time.advance(10_000);
  watch.see([seen(NOON + 10_000, 2)], []);
  expect(begun).toHaveLength(2);
});

test('a break of the light curtain begins one before any tag', () => {
  watch.see([], [{ reader: 'dock-1', port: 1, isHigh: true, at: NOON }]);
  watch.see([seen(NOON + 300)], []);
  expect(begun).toHaveLength(1);
});

test('what a reader had held over an outage begins nothing now', () => {
  watch.see([seen(NOON - 60_000, 1, NOON - 59_000), seen(NOON - 3_600_000, 2)], []);
  expect(begun).toEqual([]);
});
