import { expect, test } from 'vitest';
import { decodeBatch } from '../codecs/batch/index.ts';
import { dialectNamed } from '../codecs/payloads/index.ts';
import { ReadingBuilder, SPEAKS_FOR_ALL } from '../domain/index.ts';
import { type DialectMessage, dialectRecords } from './dialect-records.ts';

const NOW = Date.UTC(2026, 10, 22, 10);

function said(name: string, payload: string, change: Partial<DialectMessage> = {}) {
  const topic = `isotherm/v1/dialects/${name}/dock-1`;
  const dialect = dialectNamed(name);
  if (dialect === undefined) throw new Error(`no dialect ${name}`);
  const sent = { topic, payload: Buffer.from(payload), arrival: NOW, timeless: NOW };
  const message = { ...sent, dialect, source: 'dock-1', sender: 'dock-1', speakers: SPEAKS_FOR_ALL };
  const { record, refusals } = dialectRecords({ ...message, ...change }, () => new ReadingBuilder());
  const quarantined = refusals.toQuarantined(message);
  return {
    record,
    quarantined,
    refused: refusals.counts(),
    batch: record === null ? null : decodeBatch(record.payload).batch,
  };
}

const tag = (epcHex: string, more: object = {}) =>
  JSON.stringify({
    eventType: 'tagInventory',
    tagInventoryEvent: { epcHex, antennaPort: 2, peakRssiCdbm: -6150 },
    ...more,
  });

test('events one a line are sightings of the reader, and say that all before is told', () => {
  const later = { timestamp: '2026-11-22T09:59:59Z' };
  const { record, batch } = said(
    'impinj-r700',
    `${tag('AB', { timestamp: '2026-11-22T09:59:58Z' })}\n${tag('CD', later)}\n`,
  );
  expect(record).toMatchObject({ family: 'trace', kind: 'sightings', source: 'dock-1', sequence: null, arrival: NOW });
  expect(batch?.sightings).toEqual([
    {
      reader: 'dock-1',
      antenna: 2,
      epcHex: 'AB',
      epcBits: 8,
      firstSeen: NOW - 2000,
      lastSeen: NOW - 2000,
      count: 1,
      rssiDbm: -61.5,
    },
    {
      reader: 'dock-1',
      antenna: 2,
      epcHex: 'CD',
      epcBits: 8,
      firstSeen: NOW - 1000,
      lastSeen: NOW - 1000,
      count: 1,
      rssiDbm: -61.5,
    },
  ]);
  expect(batch?.complete).toEqual([{ reader: 'dock-1', at: NOW - 1000 }]);
});

test('an event without a time was when it first arrived', () => {
  expect(said('impinj-r700', tag('AB'), { timeless: NOW - 7 }).batch?.sightings[0]?.firstSeen).toBe(NOW - 7);
});

test('what cannot be is kept aside with the reason, and costs only itself', () => {
  const events = `[${tag('AB')},${tag('nonsense')},${tag('CD', { timestamp: '2030-01-01T00:00:00Z' })}]`;
  const { batch, refused, quarantined } = said('impinj-r700', events);
  expect(batch?.sightings.map(({ epcHex }) => epcHex)).toEqual(['AB']);
  expect(refused).toEqual([
    ['SIGHTING_MALFORMED', 1],
    ['TIME_AHEAD', 1],
  ]);
  expect(quarantined).toMatchObject([{ source: 'dock-1', reason: 'SIGHTING_MALFORMED' }, { reason: 'TIME_AHEAD' }]);
});

test('what is no JSON is kept aside whole', () => {
  const { record, quarantined } = said('zebra-fx', 'hello');
  expect([record, quarantined.length, quarantined[0]?.reason]).toEqual([null, 1, 'PAYLOAD_NOT_JSON']);
});

test('a heartbeat says that the reader has told everything', () => {
  const { batch } = said('zebra-fx', '{"type":"heartbeat","data":{},"timestamp":"2026-11-22T10:00:00.000+0000"}');
  expect([batch?.sightings, batch?.complete]).toEqual([[], [{ reader: 'dock-1', at: NOW }]]);
});
