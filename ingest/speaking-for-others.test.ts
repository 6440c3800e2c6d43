import { afterEach, describe, expect, test } from 'vitest';
import { decodeBatch, encodeBatch } from '../codecs/batch/index.ts';
import {
  decodeReadings,
  type GatewayBatch,
  ManualTime,
  type Quarantined,
  ReadingBuilder,
  type SpeaksFor,
  silentLogger,
  silentMeter,
} from '../domain/index.ts';
import { adoptedRecords, Intake } from './index.ts';
import { MemoryLog } from './testing/memory-log.ts';

const NOW = Date.parse('2026-11-22T10:00:00.000Z');

const [TAG, NEW_TAG, FOREIGN_TAG] = ['CB:B8:33:4C:88:4F', 'CB:B8:33:4C:88:50', 'CB:B8:33:4C:88:51'] as const;

/** gw-1 speaks for dock-1, probe-1 and a tag, has brought dock-2, probe-2 and a new tag before, and for nobody else. */
const speaksFor: SpeaksFor = {
  speaksFor: (credential, source) => {
    if (credential === source || ['dock-1', 'probe-1', TAG].includes(source)) return 'yes';
    return ['dock-2', 'probe-2', NEW_TAG].includes(source) ? 'waiting' : 'no';
  },
  heardOwn: () => {},
};

const log = new MemoryLog();
const time = new ManualTime(NOW);
const intake = new Intake({ log, time, speaksFor, logger: silentLogger, meter: silentMeter });
afterEach(() => log.records.splice(0));

async function send(clientId: string, topic: string, payload: Uint8Array): Promise<void> {
  const message = { clientId, topic, payload, packetId: 1, arrival: NOW };
  await new Promise<void>((resolve, reject) =>
    intake.accept(message, (error) => (error === undefined ? resolve() : reject(error))),
  );
}

function batch(change: Partial<GatewayBatch>): GatewayBatch {
  return { gateway: 'gw-1', sequence: 1, at: NOW, sightings: [], gpi: [], gaps: [], complete: [], ...change };
}

const quarantined = (): Quarantined[] =>
  log.records
    .filter(({ kind }) => kind === 'quarantine')
    .flatMap(({ payload }) => JSON.parse(Buffer.from(payload).toString()) as Quarantined[]);

describe('a gateway’s batch', () => {
  // It carried readings of other loggers, five minutes ahead, and made conflicts of the true ones.
  test('brings readings of what its credentials list; the rest is kept aside, by who said it or who waits', async () => {
    const builder = new ReadingBuilder();
    for (const device of ['gw-1', 'probe-1', 'probe-2', 'logger-7']) builder.add(device, 1, NOW, 4.5);
    await send('gw-1', 'isotherm/v1/gateways/gw-1/batches', encodeBatch(batch({}), builder.view()));
    const stored = log.records.filter(({ kind }) => kind === 'readings').map(({ payload }) => decodeReadings(payload));
    expect(stored.flatMap(({ devices }) => devices)).toEqual(['gw-1', 'probe-1']);
    expect(quarantined().map(({ source, reason, detail }) => [source, reason, detail])).toEqual([
      [
        'probe-2',
        'SOURCE_UNCONFIRMED',
        expect.stringMatching(/gw-1 brings probe-2 for the first time; an admin confirms or refuses it/),
      ],
      ['gw-1', 'SOURCE_FOREIGN', expect.stringMatching(/gw-1 does not speak for logger-7; allowed: what its/)],
    ]);
  });

  // One NUL in a reader's name buried the batch with all its good sightings, after PUBACK.
  test('with a name that no row can hold loses what is under that name, and nothing else', async () => {
    const seen = (reader: string) => ({
      ...{ reader, antenna: 1, epcHex: '3074', epcBits: 16, firstSeen: NOW, lastSeen: NOW, count: 1, rssiDbm: null },
    });
    const gap = { reader: 'dock-1', from: NOW - 1, to: NOW, reason: 'broken\0' };
    const gpi = [{ reader: 'dock-1\0', port: 1, isHigh: true, at: NOW }];
    const complete = [{ reader: 'dock-1\0', at: NOW }];
    const sightings = [seen('dock-1'), seen('dock-1\0')];
    const payload = encodeBatch(batch({ sightings, gpi, gaps: [gap], complete }));
    await send('gw-1', 'isotherm/v1/gateways/gw-1/batches', payload);
    const [trace] = log.records.filter(({ kind }) => kind === 'sightings');
    const kept = decodeBatch(trace?.payload ?? new Uint8Array()).batch;
    expect(kept).toMatchObject({ sightings: [{ reader: 'dock-1' }], gpi: [], complete: [] });
    expect(kept.gaps).toMatchObject([{ reason: 'broken\uFFFD' }]);
    expect(quarantined().map(({ source, reason }) => [source, reason])).toEqual([['gw-1', 'BATCH_MALFORMED']]);
    expect(JSON.stringify(quarantined())).not.toContain('\\u0000');
  });

  test('brings sightings, GPI events, gaps and ends of its readers only', async () => {
    const of = (reader: string) => ({
      sightings: [
        {
          ...{ reader, antenna: 1, epcHex: '3074', epcBits: 16 },
          firstSeen: NOW,
          lastSeen: NOW,
          count: 1,
          rssiDbm: null,
        },
      ],
      gpi: [{ reader, port: 1, isHigh: true, at: NOW }],
      gaps: [{ reader, from: NOW - 1, to: NOW, reason: 'the connection broke' }],
      complete: [{ reader, at: NOW }],
    });
    const [own, waiting, foreign] = [of('dock-1'), of('dock-2'), of('dock-3')];
    const all = batch({
      sightings: [...own.sightings, ...waiting.sightings, ...foreign.sightings],
      gpi: [...own.gpi, ...waiting.gpi, ...foreign.gpi],
      gaps: [...own.gaps, ...waiting.gaps, ...foreign.gaps],
      complete: [...own.complete, ...waiting.complete, ...foreign.complete],
    });
    await send('gw-1', 'isotherm/v1/gateways/gw-1/batches', encodeBatch(all));
    const trace = log.records.find(({ kind }) => kind === 'sightings');
    expect(decodeBatch(trace?.payload ?? new Uint8Array()).batch).toEqual(batch(own));
    expect(new Set(quarantined().map(({ reason }) => reason))).toEqual(
      new Set(['SOURCE_UNCONFIRMED', 'SOURCE_FOREIGN']),
    );
  });
});

describe('a message of a dialect', () => {
  const uplink = Buffer.from('{"temperature":4.5}');

  test('that a service brings of others is taken, waits, or is refused as its list says', async () => {
    for (const source of ['probe-1', 'probe-2', 'logger-7']) await send('gw-1', `zigbee2mqtt/${source}`, uplink);
    const stored = log.records.filter(({ kind }) => kind === 'readings').map(({ payload }) => decodeReadings(payload));
    expect(stored.flatMap(({ devices }) => devices)).toEqual(['probe-1']);
    expect(quarantined().map(({ source, reason, topic }) => [source, reason, topic])).toEqual([
      ['probe-2', 'SOURCE_UNCONFIRMED', 'zigbee2mqtt/probe-2'],
      ['gw-1', 'SOURCE_FOREIGN', 'zigbee2mqtt/logger-7'],
    ]);
  });

  test('of a tag behind a gateway is taken, waits, or is refused as the gateway’s list says', async () => {
    // Test vector of docs.ruuvi.com, data format 5: 24.3 °C.
    const heard = { data: '0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F', ts: String(NOW / 1_000) };
    for (const tag of [TAG, NEW_TAG, FOREIGN_TAG]) {
      await send('gw-1', `ruuvi/gw-1/${tag}`, Buffer.from(JSON.stringify(heard)));
    }
    const stored = log.records.filter(({ kind }) => kind === 'readings').map(({ payload }) => decodeReadings(payload));
    expect(new Set(stored.flatMap(({ devices }) => devices))).toEqual(new Set([TAG]));
    expect(quarantined().map(({ source, reason }) => [source, reason])).toEqual([
      [NEW_TAG, 'SOURCE_UNCONFIRMED'],
      ['gw-1', 'SOURCE_FOREIGN'],
    ]);
  });
});

describe('what waited for its source to be confirmed can be adopted', () => {
  const adopt = (entry: Quarantined) => adoptedRecords(entry, NOW + 60_000);
  const waiting = () => quarantined().filter(({ reason }) => reason === 'SOURCE_UNCONFIRMED');

  test('readings of a batch, and of a message that has no time', async () => {
    const builder = new ReadingBuilder();
    builder.add('probe-2', 1, NOW - 5_000, 4.5);
    await send('gw-1', 'isotherm/v1/gateways/gw-1/batches', encodeBatch(batch({}), builder.view()));
    await send('gw-1', 'zigbee2mqtt/probe-2', Buffer.from('{"temperature":4.75}'));
    const adopted = waiting().map((entry) => adopt(entry).records.map(({ payload }) => decodeReadings(payload)));
    expect(adopted.flat().map(({ devices, time: at, value }) => [devices, [...at], [...value]])).toEqual([
      [['probe-2'], [NOW - 5_000], [4.5]],
      [['probe-2'], [NOW], [4.75]],
    ]);
  });

  test('sightings of a reader', async () => {
    const seen = { reader: 'dock-2', antenna: 1, epcHex: '3074', epcBits: 16, count: 1, rssiDbm: -60 };
    const sightings = [{ ...seen, firstSeen: NOW - 2_000, lastSeen: NOW - 1_000 }];
    const gpi = [{ reader: 'dock-2', port: 1, isHigh: true, at: NOW }];
    await send('gw-1', 'isotherm/v1/gateways/gw-1/batches', encodeBatch(batch({ sightings, gpi })));
    const [entry] = waiting();
    if (entry === undefined) throw new Error('nothing waits');
    const [record] = adopt(entry).records;
    expect(record).toMatchObject({ family: 'trace', kind: 'sightings', source: 'gw-1', sequence: null });
    expect(decodeBatch(record?.payload ?? new Uint8Array()).batch).toMatchObject({ sightings, gpi, complete: [] });
  });

  test('not what is of somebody else', async () => {
    const builder = new ReadingBuilder();
    builder.add('logger-7', 1, NOW, 4.5);
    await send('gw-1', 'isotherm/v1/gateways/gw-1/batches', encodeBatch(batch({}), builder.view()));
    const [entry] = quarantined();
    if (entry === undefined) throw new Error('nothing was kept aside');
    expect(() => adopt(entry)).toThrow(/SOURCE_FOREIGN: .*discard it/);
  });
});
