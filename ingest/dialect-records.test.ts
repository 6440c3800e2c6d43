import { expect, test } from 'vitest';
import { decodeBatch } from '../codecs/batch/index.ts';
import { dialectNamed } from '../codecs/payloads/index.ts';
import { type Quarantined, ReadingBuilder, SPEAKS_FOR_ALL } from '../domain/index.ts';
import { adoptedRecords } from './adoption.ts';
import { type DialectMessage, dialectRecords } from './dialect-records.ts';
import { FrameTimes } from './frame-times.ts';

const NOW = Date.UTC(2026, 10, 22, 10);

function said(name: string, payload: string, change: Partial<DialectMessage> = {}) {
  const topic = `isotherm/v1/dialects/${name}/dock-1`;
  const dialect = dialectNamed(name);
  if (dialect === undefined) throw new Error(`no dialect ${name}`);
  const sent = { topic, payload: Buffer.from(payload), arrival: NOW, timeless: NOW };
  const decoding = { decode: dialect.decode, frames: new FrameTimes() };
  const message = { ...sent, ...decoding, source: 'dock-1', sender: 'dock-1', speakers: SPEAKS_FOR_ALL };
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

test('one frame by two gateways is one reading, of the time of the first', () => {
  const uplink = (received_at: string, frm_payload = 'A2c0AQ==') => ({
    end_device_ids: { device_id: 'probe-1', dev_addr: '26012345' },
    uplink_message: {
      session_key_id: 'AX+x',
      f_cnt: 104,
      received_at,
      frm_payload,
      decoded_payload: { temperature: 5.1 },
    },
  });
  const dialect = dialectNamed('the-things-stack');
  if (dialect === undefined) throw new Error('no such dialect');
  const frames = new FrameTimes();
  const times = (message: object) => {
    const builder = new ReadingBuilder();
    const payload = Buffer.from(JSON.stringify(message));
    dialectRecords(
      {
        ...{
          decode: dialect.decode,
          frames,
          source: 'tts',
          topic: 'isotherm/v1/dialects/the-things-stack/tts',
          payload,
        },
        ...{ arrival: NOW, timeless: NOW, sender: 'tts', speakers: SPEAKS_FOR_ALL },
      },
      () => builder,
    );
    return [...builder.view().time.subarray(0, builder.count)];
  };
  const first = NOW - 60_000;
  expect(times(uplink(new Date(first).toISOString()))).toEqual([first]);
  expect(times(uplink(new Date(first + 48_000).toISOString()))).toEqual([first]);
  // The counter began anew, or the device sent something else.
  expect(times(uplink(new Date(first + 49_000).toISOString(), 'A2c0Ag=='))).toEqual([first + 49_000]);
});

test('what waits for a person waits under its device, in a form that can be adopted', () => {
  const dialect = dialectNamed('tive');
  if (dialect === undefined) throw new Error('no such dialect');
  const payload = Buffer.from('{"EntityName":"A1","EntryTimeEpoch":1600000000000,"Temperature":{"Celsius":5}}');
  const topic = 'isotherm/v1/dialects/tive/cloud';
  const { others } = dialectRecords(
    {
      ...{ decode: dialect.decode, frames: new FrameTimes(), source: 'cloud', topic, payload },
      ...{ arrival: NOW, timeless: NOW, sender: 'cloud', speakers: SPEAKS_FOR_ALL },
    },
    () => new ReadingBuilder(),
  );
  const [entry] = others.flatMap(({ source, refusals }) =>
    refusals.toQuarantined({ arrival: NOW, source, topic, payload: null }),
  );
  expect(entry).toMatchObject({ source: 'A1', reason: 'TIME_TOO_OLD' });
  const adopted = adoptedRecords(entry as Quarantined, NOW);
  expect(adopted.readings).toBe(1);
});
