import { beforeEach, describe, expect, test } from 'vitest';
import { eventHashId, readEpcisJson } from '../../codecs/epcis/index.ts';
import type { Excursion } from '../../domain/index.ts';
import { effectsOf } from '../../storage/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { at, door, MINUTE, notice, pallet, said, through, vial, vials, Yard } from '../testing/yard.ts';
import { EpcisExcursions } from './excursions.ts';
import { offsetIn } from './local-time.ts';
import { EpcisQueries } from './queries.ts';

const database = await testDatabase();
const yard = new Yard(database);
const queries = new EpcisQueries({ database });
const dock = door('dock-1');
beforeEach(() => yard.clear());

interface Declaration {
  readonly reason: string;
  readonly correctiveEventIDs?: readonly string[];
}

type Said = Readonly<Record<string, unknown>> & { readonly eventID: string; readonly errorDeclaration?: Declaration };

/** What partners get, oldest said first; each is held to our own check and to its own hash. */
async function events(...parameters: [string, string][]): Promise<Said[]> {
  const asked = new Map<string, string[]>(
    [...parameters, ['orderBy', 'recordTime'], ['orderDirection', 'ASC']].map(([name = '', value = '']) => [
      name,
      [value],
    ]),
  );
  const { events: records } = await queries.events(asked);
  for (const { event, context } of records) {
    const document = readEpcisJson(
      JSON.stringify({
        '@context': ['https://ref.gs1.org/standards/epcis/epcis-context.jsonld', ...context],
        ...{ type: 'EPCISDocument', schemaVersion: '2.0', creationDate: '2026-11-22T10:00:00Z' },
        epcisBody: { eventList: [event] },
      }),
    );
    expect(document.events.map((one) => eventHashId(one, document))).toEqual([event.eventID]);
  }
  return records.map(({ event }) => event as Said);
}

const standing = (all: readonly Said[]) => {
  const declared = new Set(all.filter(({ errorDeclaration }) => errorDeclaration).map(({ eventID }) => eventID));
  return all.filter(({ eventID }) => !declared.has(eventID)).map(({ eventID: _, ...event }) => event);
};

const lyon = { id: 'site:lyon', kind: 'site' as const, name: 'Lyon', parent: null, zone: 'Europe/Paris' };
const packed = (serials: readonly string[]) => ({
  ...{ type: 'AggregationEvent', eventTime: '2026-11-22T07:30:00.000Z', eventTimeZoneOffset: '+00:00' },
  ...{ parentID: pallet(1), childEPCs: serials, action: 'ADD', bizStep: 'packing' },
});
const passed = (bizStep: string, epcs: readonly string[]) => ({
  ...{ type: 'ObjectEvent', eventTime: '2026-11-22T10:00:00.000Z', eventTimeZoneOffset: '+01:00' },
  ...{ epcList: [...epcs].sort(), action: 'OBSERVE', bizStep },
  ...{ disposition: bizStep === 'receiving' || bizStep === 'arriving' ? 'in_progress' : 'in_transit' },
  readPoint: { id: 'portal:dock-1' },
  bizLocation: { id: bizStep === 'receiving' || bizStep === 'arriving' ? 'room:lyon/dock' : 'site:lyon/yard' },
});

describe('a pass leaves as an event', () => {
  beforeEach(async () => {
    await yard.hears({ fact: { type: 'place', place: lyon, by: 'test' } }, said.portal(dock));
  });

  test('once it is settled: what went through, what of it was read, in the local time of the site', async () => {
    await yard.hearsAtOnce([said.seen(through(dock, 'in', at('10:00'), vials(1, 3)))], at('10:00:05'));
    expect(await events()).toEqual([]);
    await yard.hears(said.complete(dock, at('10:05')));
    expect(standing(await events())).toEqual([passed('arriving', vials(1, 3))]);
    expect(await events(['EQ_bizStep', 'arriving'], ['MATCH_epc', vial(2)])).toHaveLength(1);
  });

  test('a minute late where a reader does not say how far it is complete', async () => {
    await yard.hearsAtOnce([said.seen(through(dock, 'out', at('10:00'), [vial(1)]))], at('10:00'));
    await yard.hearsAtOnce([{ now: at('10:00:30') }], at('10:00:30'));
    expect(await events()).toEqual([]);
    await yard.hearsAtOnce([{ now: at('10:01:30') }], at('10:01:30'));
    expect(standing(await events())).toEqual([passed('departing', [vial(1)])]);
  });

  test('without a step where no direction was seen, and not for strays and foreign tags', async () => {
    const [first] = through(dock, 'in', at('10:00'), [vial(1)]);
    const foreign = { ...first, epcHex: 'E2801160600002054E6D1234', reader: 'dock-1-reader', antenna: 1, epcBits: 96 };
    const reads = through(dock, 'in', at('10:00'), [vial(1)]).slice(0, 1);
    await yard.hears(said.seen([...reads, { ...reads[0], ...foreign } as (typeof reads)[0]]));
    await yard.hears(said.complete(dock, at('10:05')));
    const { bizStep: _, disposition: _d, bizLocation: _l, ...seen } = passed('arriving', [vial(1)]);
    expect(standing(await events())).toEqual([seen]);
  });

  test('is the same event when everything is heard again', async () => {
    const arrivals = [said.seen(through(dock, 'in', at('10:00'), vials(1, 3))), said.complete(dock, at('10:05'))];
    await yard.hears(...arrivals);
    const before = await events();
    await yard.hears(...arrivals, said.portal(dock), said.complete(dock, at('10:06')));
    expect(await events()).toEqual(before);
  });

  test('is corrected when a late notice shows what it was, and again when the notice is another', async () => {
    await yard.hears(said.seen(through(dock, 'in', at('10:00'), vials(1, 3))), said.complete(dock, at('10:05')));
    await yard.hears(said.asn(notice('SHP-1', [{ sscc: pallet(1), children: vials(1, 4) }])));
    const all = await events();
    expect(standing(all)).toEqual([packed(vials(1, 4)), passed('receiving', [...vials(1, 3), pallet(1)])]);
    const [wrong] = all.filter(({ bizStep }) => bizStep === 'arriving');
    const [right] = all.filter(({ bizStep }) => bizStep === 'receiving');
    expect(all.filter(({ errorDeclaration }) => errorDeclaration)).toEqual([
      {
        ...wrong,
        errorDeclaration: {
          ...{ declarationTime: '2026-11-22T23:00:00.000Z', reason: 'incorrect_data' },
          correctiveEventIDs: [right?.eventID],
        },
      },
    ]);

    await yard.hears(said.asn(notice('SHP-1', [{ sscc: pallet(1), children: vials(1, 5) }])));
    const again = await events();
    const [repacked] = again.filter(({ type, errorDeclaration }) => type === 'AggregationEvent' && errorDeclaration);
    const now = again.filter(({ type, errorDeclaration }) => type === 'AggregationEvent' && !errorDeclaration).at(-1);
    expect(repacked?.errorDeclaration).toMatchObject({
      reason: 'incorrect_data',
      correctiveEventIDs: [now?.eventID],
    });
    expect(standing(again)).toContainEqual(packed(vials(1, 5)));
  });

  test('said, withdrawn and said again is a third event, since the first was declared an error', async () => {
    const first = said.asn(notice('SHP-1', [{ sscc: pallet(1), children: vials(1, 2) }]));
    const other = said.asn(notice('SHP-1', [{ sscc: pallet(1), children: vials(1, 3) }]));
    await yard.hears(first, other, first);
    const aggregations = standing(await events(['eventType', 'AggregationEvent']));
    expect(aggregations).toEqual([
      { ...packed(vials(1, 2)), 'isotherm:corrects': expect.stringMatching(/^ni:/), 'isotherm:correction': 1 },
    ]);
    await yard.hears(other, first);
    expect(standing(await events(['eventType', 'AggregationEvent']))).toMatchObject([{ 'isotherm:correction': 2 }]);
  });
});

test('packing and unpacking leave as aggregations', async () => {
  await yard.hears(said.packed(pallet(1), vials(1, 2), at('07:30')), said.unpacked(pallet(1), [vial(1)], at('09:00')));
  expect(standing(await events())).toEqual([
    packed(vials(1, 2)),
    { ...packed([vial(1)]), eventTime: '2026-11-22T09:00:00.000Z', action: 'DELETE', bizStep: 'unpacking' },
  ]);
});

describe('an excursion leaves as an event', () => {
  const excursions = new EpcisExcursions({
    readingsUrl: (device, metric, from, to) => `https://isotherm.example/${device}/${metric}?${from}-${to}`,
  });
  const warm = (change: Partial<Excursion> = {}): Excursion => ({
    ...{ id: 'a1', device: 'logger-7', metric: 'temperature', from: at('10:00'), to: at('10:20') },
    readings: [8.4, 9.1, 8.2].map((value, index) => ({ time: at('10:00') + index * 5 * MINUTE, value })),
    epcs: vials(1, 2),
    ...change,
  });
  const tell = (change: Partial<Excursion> = {}) =>
    database.transaction((client) => excursions.tell(effectsOf(client), warm(change), at('12:00')));
  const event = (until: string, minValue: number, maxValue: number, epcs = vials(1, 2)) => ({
    ...{ type: 'ObjectEvent', eventTime: new Date(at(until)).toISOString(), eventTimeZoneOffset: '+00:00' },
    ...{ epcList: epcs, action: 'OBSERVE', bizStep: 'sensor_reporting' },
    sensorElementList: [
      {
        sensorMetadata: {
          ...{ startTime: '2026-11-22T10:00:00.000Z', endTime: new Date(at(until)).toISOString() },
          deviceID: 'device:logger-7',
          rawData: `https://isotherm.example/logger-7/temperature?${at('10:00')}-${at(until)}`,
        },
        sensorReport: [{ type: 'Temperature', exception: 'ALARM_CONDITION', minValue, maxValue, uom: 'CEL' }],
      },
    ],
  });

  test('with the alarm, the window, least and greatest value and where the readings are, not the readings', async () => {
    await tell();
    await tell();
    expect(standing(await events())).toEqual([event('10:20', 8.2, 9.1)]);
    expect(await events()).toHaveLength(1);
  });

  test('while it runs once, whatever it grows to, and once more when it has ended', async () => {
    await tell({ to: null, readings: [{ time: at('10:00'), value: 8.4 }] });
    await tell({ to: null });
    expect(standing(await events())).toEqual([event('10:00', 8.4, 8.4)]);
    await tell();
    expect(standing(await events())).toEqual([event('10:00', 8.4, 8.4), event('10:20', 8.2, 9.1)]);
    // It ran on after all.
    await tell({ to: null });
    await tell({ to: at('10:40') });
    expect(standing(await events())).toEqual([event('10:00', 8.4, 8.4), event('10:40', 8.2, 9.1)]);
  });

  test('again when other serials turn out to be affected, and not at all when it did not happen', async () => {
    await tell();
    await tell({ epcs: vials(1, 3) });
    expect(standing(await events())).toEqual([event('10:20', 8.2, 9.1, vials(1, 3))]);
    await database.transaction((client) => excursions.retract(effectsOf(client), 'a1', at('13:00')));
    const all = await events();
    expect(standing(all)).toEqual([]);
    expect(all.map(({ errorDeclaration }) => errorDeclaration?.reason)).toEqual([
      ...[undefined, 'incorrect_data', undefined, 'did_not_occur'],
    ]);
  });

  test('not for a battery', async () => {
    await tell({ metric: 'battery' });
    expect(await events()).toEqual([]);
  });
});

test.each([
  ['Europe/Paris', '2026-07-22T10:00:00Z', '+02:00'],
  ['Europe/Paris', '2026-11-22T10:00:00Z', '+01:00'],
  ['America/St_Johns', '2026-11-22T10:00:00Z', '-03:30'],
  ['Pacific/Kiritimati', '2026-11-22T10:00:00Z', '+14:00'],
  ['UTC', '2026-11-22T10:00:00Z', '+00:00'],
])('%s at %s is %s', (zone, when, offset) => {
  expect(offsetIn(zone, Date.parse(when))).toBe(offset);
});
