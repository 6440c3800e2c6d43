import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { readEpcis } from '../../codecs/epcis/index.ts';
import type { Epc, EpcisCapture, Place } from '../../domain/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { sharedTestdata, WITHOUT_SAMPLES } from '../../tests/parts.ts';
import { TraceQueries } from '../queries.ts';
import { type Arrival, at, notice, pallet, said, vial, vials, Yard } from '../testing/yard.ts';

const database = await testDatabase();
const yard = new Yard(database);
const queries = new TraceQueries({ database });
const PALLET = pallet(1);
const CASE = 'urn:epc:id:sgtin:0614141.912345.17';
const ID = '0614141000012:DEL100';

beforeEach(() => yard.clear());

let captures = 0;
function captured(...events: EpcisCapture['events']): Arrival {
  captures += 1;
  const head = { id: `capture-${captures}`, at: at('12:00'), errorBehaviour: 'rollback' as const };
  return { fact: { type: 'epcis', capture: { ...head, context: [], refused: [], events }, by: 'partner' } };
}

const happened = (clock: string) => ({
  ...{ eventTime: new Date(at(clock)).toISOString(), eventTimeZoneOffset: '+00:00' },
});

function commissioned(epcs: readonly Epc[], lot: string, clock = '06:00') {
  const ilmd = { 'cbvmda:lotNumber': lot, 'cbvmda:itemExpirationDate': '2027-06-30' };
  return { type: 'ObjectEvent', ...happened(clock), action: 'ADD', bizStep: 'commissioning', epcList: epcs, ilmd };
}

function packed(parentID: Epc, childEPCs: readonly Epc[], clock = '07:00') {
  return { type: 'AggregationEvent', ...happened(clock), action: 'ADD', bizStep: 'packing', parentID, childEPCs };
}

function shipped(epcList: readonly Epc[], change: object = {}, clock = '08:00') {
  return {
    ...{ type: 'ObjectEvent', ...happened(clock), action: 'OBSERVE', bizStep: 'shipping', epcList },
    bizTransactionList: [
      { type: 'po', bizTransaction: 'urn:epcglobal:cbv:bt:0614141000012:PO-9' },
      { type: 'desadv', bizTransaction: `urn:epcglobal:cbv:bt:${ID}` },
    ],
    sourceList: [{ type: 'owning_party', source: 'urn:epc:id:sgln:0614141.00001.0' }],
    destinationList: [{ type: 'location', destination: 'urn:epc:id:sgln:0614141.00777.0' }],
    ...change,
  };
}

const withdrawn = (event: object) => ({ ...event, errorDeclaration: { declarationTime: '2026-11-23T00:00:00Z' } });
const EVENTS = [
  commissioned(vials(1, 3), 'A17'),
  packed(CASE, vials(1, 3), '06:30'),
  packed(PALLET, [CASE]),
  shipped([PALLET]),
];

const LYON: Place = {
  ...{ id: 'site:lyon', kind: 'site', name: 'Lyon', parent: null, zone: 'Europe/Paris' },
  gln: '0614141007776',
};

describe('a shipping event', () => {
  test('makes a shipment of its pallets and all that is packed in them, with lots from commissioning', async () => {
    await yard.hears(captured(...EVENTS));
    expect(await queries.shipment(ID)).toMatchObject({
      ...{ id: ID, state: 'in transit', departs: at('08:00'), arrives: null, serialCount: 3, profile: 'unknown' },
      ...{ origin: 'site:0614141000012', destination: 'site:0614141007776' },
      units: [
        { epc: CASE, parent: PALLET, serialCount: 3 },
        { epc: PALLET, parent: null, serialCount: 3 },
      ],
      products: [{ gtin: '80614141123458', lot: 'A17', expiry: '2027-06-30' }],
    });
  });

  test('makes the same shipment in whatever order we hear of it', async () => {
    const product = { gtin: '80614141123458', name: 'Examplumab', profile: '2-8C' };
    const stability = { budgetMs: 3_600_000, mktWindowMs: null };
    const all: Arrival[] = [
      ...EVENTS.map((event) => captured(event)),
      { fact: { type: 'place', place: LYON, by: 'test' } },
      { fact: { type: 'product', product: { ...product, stability }, by: 'test' } },
    ];
    await yard.hears(...all);
    const told = await queries.shipment(ID);
    expect(told).toMatchObject({ destination: 'site:lyon', profile: '2-8C', products: [{ name: 'Examplumab' }] });
    await yard.clear();
    await yard.hears(...all.toReversed());
    expect(await queries.shipment(ID)).toEqual({ ...told, revision: expect.any(Number) });
  });

  test('that is declared wrong takes its shipment along, one of two only its part', async () => {
    const second = shipped([pallet(2)], {}, '09:00');
    await yard.hears(captured(...EVENTS, second));
    await yard.hears(captured(withdrawn(EVENTS[3] ?? {})));
    expect(await queries.shipment(ID)).toMatchObject({ units: [{ epc: pallet(2) }], departs: at('09:00') });
    await yard.hears(captured(withdrawn(second)));
    expect(await queries.shipment(ID)).toBeNull();
  });

  test('completes the shipment of a notice and leaves its word alone', async () => {
    const asn = notice(ID, [{ sscc: pallet(2), children: [vial(9)] }]);
    await yard.hears(captured(...EVENTS), said.asn(asn));
    const told = await queries.shipment(ID);
    expect(told).toMatchObject({
      ...{ profile: '2-8C', destination: 'site:lyon', arrives: at('16:00') },
      serialCount: 4,
    });
    expect(told?.units.map(({ epc }) => epc)).toEqual([CASE, PALLET, pallet(2)]);
    await yard.clear();
    await yard.hears(said.asn(asn), captured(...EVENTS));
    expect(await queries.shipment(ID)).toEqual({
      ...told,
      noticedAt: expect.any(Number),
      revision: expect.any(Number),
    });
  });

  test('is received when events have put all its units into the destination or a room of it', async () => {
    const room = { ...LYON, id: 'room:lyon/cold', kind: 'room', parent: 'site:lyon' } as const;
    const { gln: _, ...cold } = room;
    await yard.hears({ fact: { type: 'place', place: LYON, by: 'test' } });
    await yard.hears({ fact: { type: 'place', place: cold, by: 'test' } });
    await yard.hears(captured(...EVENTS, shipped([pallet(2)])));
    const received = (epc: Epc, place: string, clock: string) => ({
      ...{ type: 'ObjectEvent', ...happened(clock), action: 'OBSERVE', bizStep: 'receiving', epcList: [epc] },
      bizLocation: { id: place },
    });
    await yard.hears(captured(received(PALLET, 'site:lyon', '15:00')));
    expect(await queries.shipment(ID)).toMatchObject({ state: 'in transit' });
    await yard.hears(captured(received(pallet(2), 'room:lyon/cold', '15:30')));
    expect(await queries.shipment(ID)).toMatchObject({ state: 'received', receivedAt: at('15:30') });
  });

  test('without a business transaction is known by its own id', async () => {
    await yard.hears(captured(shipped([PALLET], { bizTransactionList: undefined, eventID: 'urn:uuid:17' })));
    expect((await queries.shipments()).items).toMatchObject([{ id: 'urn:uuid:17' }]);
  });

  test('of the pharma example ships three cases of four', async (context) => {
    const samples = sharedTestdata('epcis/');
    if (samples === null) return context.skip(WITHOUT_SAMPLES);
    const file = new URL('valid/v1.2-GS1_US_Pharma_Example_2_2_1_1.xml', samples);
    await yard.hears(captured(...readEpcis(readFileSync(file, 'utf8')).events));
    const told = await queries.shipment('0300011111215:DEL100');
    expect(told).toMatchObject({ serialCount: 12, origin: 'site:0300011111215', destination: 'site:0399993456780' });
    expect(told?.units).toHaveLength(4);
    expect(told?.products).toMatchObject([{ lot: 'A123', expiry: '2025-03-27' }]);
  });
});

test('a closed shipment expects nothing any more, whenever we hear that it was closed', async () => {
  const closing: Arrival = {
    fact: { type: 'closing', closing: { shipment: 'SHP-1', at: at('14:00') }, by: 'test' },
  };
  const asn = said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 2) }]));
  await yard.hears(asn, closing);
  expect(await queries.shipment('SHP-1')).toMatchObject({ state: 'closed', closedAt: at('14:00') });
  await yard.clear();
  await yard.hears(closing, asn);
  expect(await queries.shipment('SHP-1')).toMatchObject({ state: 'closed', closedAt: at('14:00') });
});

test('a notice said again changes nothing, not even against what was said meanwhile', async () => {
  const asn = said.asn(notice('SHP-1', [{ sscc: PALLET, children: [vial(1)] }]));
  await yard.hears(asn, said.packed(pallet(2), [vial(1)], at('07:30')));
  const held = () => yard.rows('SELECT parent FROM containment WHERE holds');
  expect(await held()).toEqual([{ parent: pallet(2) }]);
  await yard.hears(asn);
  expect(await held()).toEqual([{ parent: pallet(2) }]);
});
