import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sharedTestdata, WITHOUT_SAMPLES } from '../../tests/parts.ts';
import { decodeImpinj, decodeZebra } from './index.ts';

const SAMPLES = sharedTestdata('payloads.json');

const impinj = (tag: object, more: object = {}) => ({ eventType: 'tagInventory', tagInventoryEvent: tag, ...more });
const zebra = (data: object, more: object = {}) => ({ type: 'SIMPLE', data, ...more });

test('tag events as others published them are taken', (context) => {
  if (SAMPLES === null) return context.skip(WITHOUT_SAMPLES);
  const samples = JSON.parse(readFileSync(SAMPLES, 'utf8'));
  expect(decodeImpinj(samples.impinj_r700_iot.payload)).toEqual({
    refused: [],
    events: [
      {
        ...{ kind: 'tag', antenna: 1, epcHex: '7EDA9038051002710002C0AE', rssiDbm: -60, count: 1, at: null },
        tidHex: 'E2801170200014CD9B5A08EC',
      },
    ],
  });
  expect(decodeZebra(samples.zebra_fx9600_iotc.payload)).toEqual({
    refused: [],
    events: [
      {
        ...{ kind: 'tag', antenna: 1, epcHex: 'E2C24500200000668534009C', rssiDbm: -39, count: 1 },
        at: Date.parse('2024-11-21T19:20:53.319Z'),
      },
    ],
  });
});

test('an Impinj EPC may come in base64 alone, without a signal strength, several events at once', () => {
  const timestamp = '2026-11-22T10:00:00.123456789Z';
  const at = Date.UTC(2026, 10, 22, 10, 0, 0, 123);
  const gpi = { eventType: 'gpiTransition', gpiTransitionEvent: { gpi: 2, transition: 'low-to-high' }, timestamp };
  expect(decodeImpinj([impinj({ epc: '_-8BAg==', antennaPort: 3 }, { timestamp }), gpi])).toEqual({
    refused: [],
    events: [
      { kind: 'tag', antenna: 3, epcHex: 'FFEF0102', rssiDbm: null, count: 1, at },
      { kind: 'gpi', port: 2, isHigh: true, at },
    ],
  });
});

test('the number of the tag comes with its EPC where the reader reads it, in hex or base64; what is none is left out', () => {
  const tid = 'E280116020007A520B1C5E71';
  const said = (message: unknown, decode: typeof decodeImpinj) => decode(message).events;
  const own = [expect.objectContaining({ kind: 'tag', tidHex: tid })];
  const none = [expect.not.objectContaining({ tidHex: expect.anything() })];
  expect(said(impinj({ epcHex: '30', antennaPort: 1, tidHex: tid.toLowerCase() }), decodeImpinj)).toEqual(own);
  expect(said(impinj({ epcHex: '30', antennaPort: 1, tid: '4oARYCAAelILHF5x' }), decodeImpinj)).toEqual(own);
  expect(said(zebra({ idHex: '30', antenna: 1, TID: tid }), decodeZebra)).toEqual(own);
  for (const wrong of ['', '00000000', 'E28', 'no', 7, null]) {
    expect(said(zebra({ idHex: '30', antenna: 1, TID: wrong }), decodeZebra)).toEqual(none);
  }
});

test('other events of a reader are signs of life', () => {
  const timestamp = '2026-11-22T11:00:00+0100';
  const alive = { refused: [], events: [{ kind: 'alive', at: Date.UTC(2026, 10, 22, 10) }] };
  expect(decodeImpinj({ eventType: 'inventoryStatus', inventoryStatusEvent: {}, timestamp })).toEqual(alive);
  expect(decodeZebra({ type: 'heartbeat', data: { cpu: 3 }, timestamp })).toEqual(alive);
});

test.each([
  [decodeImpinj, impinj({ epcHex: '30', antennaPort: 0 }), 'antennaPort: given 0, allowed: a number from 1'],
  [
    decodeImpinj,
    impinj({ epcHex: '3', antennaPort: 1 }),
    'epcHex or epc: given "3", allowed: hex or base64 of 1 to 62 bytes',
  ],
  [
    decodeImpinj,
    impinj({ epcHex: '30', antennaPort: 1 }, { timestamp: '2026-11-22 10:00' }),
    'timestamp: given "2026-11-22 10:00", allowed: RFC 3339 with a zone',
  ],
  [decodeImpinj, { hello: 1 }, 'eventType: given nothing; wanted tagInventory with a tagInventoryEvent'],
  [
    decodeZebra,
    zebra({ idHex: '30', antenna: 1, peakRssi: 'loud' }),
    'data.peakRssi: given "loud", allowed: -150 to 50 dBm',
  ],
  [decodeZebra, zebra({ antenna: 1 }), 'data.idHex: missing'],
  [decodeZebra, { type: 'gpi', data: { pin: 1, state: 'open' } }, 'data.state: given "open", allowed: HIGH, LOW'],
])('%o says what is wrong and takes the rest', (decode, wrong, reason) => {
  const good = decode === decodeImpinj ? impinj({ epcHex: 'AB', antennaPort: 1 }) : zebra({ idHex: 'AB', antenna: 1 });
  expect(decode([wrong, good])).toMatchObject({ refused: [{ reason, part: wrong }], events: [{ epcHex: 'AB' }] });
});

test('law: whatever JSON comes, each event is taken or refused, and what is taken is in bounds', () => {
  const nearly = fc.record(
    {
      timestamp: fc.oneof(fc.constant('2026-11-22T10:00:00Z'), fc.string(), fc.integer()),
      eventType: fc.constantFrom('tagInventory', 'x'),
      type: fc.constantFrom('SIMPLE', 'gpi', 'heartbeat', 7),
      tagInventoryEvent: fc.record(
        { epcHex: fc.oneof(fc.string(), fc.constant('30AB')), antennaPort: fc.integer(), peakRssiCdbm: fc.double() },
        { requiredKeys: [] },
      ),
      data: fc.record(
        { idHex: fc.oneof(fc.string(), fc.constant('30AB')), antenna: fc.integer(), peakRssi: fc.double() },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.array(fc.oneof(nearly, fc.jsonValue())), fc.jsonValue()), (message) => {
      for (const decode of [decodeImpinj, decodeZebra]) {
        const { events, refused } = decode(message);
        expect(events.length + refused.length).toBe(Array.isArray(message) ? message.length : 1);
        for (const event of events) {
          if (event.at !== null) expect(Number.isInteger(event.at)).toBe(true);
          if (event.kind !== 'tag') continue;
          expect(event.epcHex).toMatch(/^([0-9A-F]{2}){1,62}$/);
          expect(event.antenna).toBeGreaterThan(0);
          expect(event.rssiDbm ?? 0).toBeGreaterThanOrEqual(-150);
        }
      }
    }),
  );
});
