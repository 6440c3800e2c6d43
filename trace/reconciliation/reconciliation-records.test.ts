import { beforeEach, describe, expect, test } from 'vitest';
import type { CountFact, Epc, SettlementFact } from '../../domain/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { TraceQueries } from '../queries.ts';
import { type Arrival, at, door, notice, pallet, said, through, vial, vials, Yard } from '../testing/yard.ts';

const database = await testDatabase();
const yard = new Yard(database);
const queries = new TraceQueries({ database });
const DOCK = door('dock-1');
const PALLET = pallet(1);
const OTHER = 'urn:epc:id:sgtin:0614141.899999.1';

beforeEach(() => yard.clear());

async function differences(shipment = 'SHP-1') {
  const found = (await queries.reconciliation(shipment)) ?? [];
  return found.map(({ term, unit, epcs, portal, since, settlement }) => ({
    ...{ term, unit, epcs, portal, since },
    ...(settlement !== null && { settled: settlement.reason }),
  }));
}

async function onPass() {
  const [pass] = (await queries.passes('dock-1')).items;
  const found = await queries.passReconciliation(pass?.id ?? '');
  return found?.map(({ term, unit, epcs, shipment }) => ({ term, unit, epcs, shipment }));
}

const counted = (count: Partial<CountFact>): Arrival => ({
  fact: { type: 'count', count: { unit: PALLET, at: at('16:00'), found: [], damaged: [], ...count }, by: 'doris' },
});
const settled = (differences: SettlementFact['differences']): Arrival => ({
  fact: {
    type: 'settlement',
    settlement: { shipment: 'SHP-1', differences, how: 'recount', reason: 'it lay behind', at: at('17:00') },
    by: 'doris',
  },
});

const asn = said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 4) }]));
const came = (epcs: readonly Epc[], when = at('15:00')) => said.seen(through(DOCK, 'in', when, epcs));
const atDoor = { unit: PALLET, portal: 'dock-1', since: at('15:00') };

describe('at the door', () => {
  test('a shortage is said once every reader is complete, and taken back when the serial is read', async () => {
    await yard.hears(said.portal(DOCK), asn, came([PALLET, ...vials(1, 3)]));
    expect(await differences()).toEqual([]);
    await yard.hears(said.complete(DOCK, at('15:05')));
    expect(await differences()).toEqual([{ term: 'shortage', ...atDoor, epcs: [vial(4)] }]);
    await yard.hears(came([vial(4)], at('15:20')));
    expect(await differences()).toEqual([]);
  });

  test('another serial of the same product in its place is a wrong serial', async () => {
    await yard.hears(said.portal(DOCK), asn, came([PALLET, ...vials(1, 3), vial(8)]));
    await yard.hears(said.complete(DOCK, at('15:05')));
    expect(await differences()).toEqual([{ term: 'wrong serial', ...atDoor, unit: null, epcs: [vial(8)] }]);
    expect((await queries.reconciliation('SHP-1'))?.[0]?.insteadOf).toEqual([vial(4)]);
  });

  // The door said "wrong serial 8 instead of 4, too many: 9", a pairing that nothing but the order of serials had made.
  test('of two that came and one that did not, none is called the other one in its place', async () => {
    await yard.hears(said.portal(DOCK), asn, came([PALLET, ...vials(1, 3), vial(8), vial(9)]));
    await yard.hears(said.complete(DOCK, at('15:05')));
    expect(await differences()).toEqual([
      { term: 'overage', ...atDoor, unit: null, epcs: [vial(8), vial(9)] },
      { term: 'shortage', ...atDoor, epcs: [vial(4)] },
    ]);
  });

  test('a serial of a lot that the notice does not list is of the wrong lot', async () => {
    const ilmd = { 'cbvmda:lotNumber': 'B99' };
    const time = { eventTime: '2026-11-01T00:00:00Z', eventTimeZoneOffset: '+00:00' };
    const made = { type: 'ObjectEvent', ...time, action: 'ADD', bizStep: 'commissioning', epcList: [vial(2)], ilmd };
    const capture = { id: 'capture', at: at('01:00'), errorBehaviour: 'rollback' as const };
    const events: Arrival = {
      fact: { type: 'epcis', capture: { ...capture, context: [], refused: [], events: [made] }, by: 'maker' },
    };
    await yard.hears(said.portal(DOCK), asn, events, came([PALLET, ...vials(1, 4)]));
    expect(await differences()).toEqual([{ term: 'wrong lot', ...atDoor, epcs: [vial(2)] }]);
  });

  test('what no notice speaks of has come without data, until its notice comes', async () => {
    await yard.hears(said.portal(DOCK), came([PALLET, vial(1)]));
    expect(await onPass()).toEqual([]);
    await yard.hears(said.complete(DOCK, at('15:05')));
    const [line, other] = (await onPass()) ?? [];
    expect([line, other].map((one) => [one?.term, one?.epcs])).toEqual([
      ['no data received', [vial(1)]],
      ['no data received', [PALLET]],
    ]);
    await yard.hears(said.asn(notice('SHP-1', [{ sscc: PALLET, children: [vial(1)] }])));
    expect(await onPass()).toEqual([]);
  });

  test('of two shipments in one pass an extra belongs to the one that carries its product', async () => {
    const second = notice('SHP-2', [{ sscc: pallet(2), children: [OTHER] }]);
    await yard.hears(
      said.portal(DOCK),
      asn,
      said.asn(second),
      came([PALLET, ...vials(1, 4), pallet(2), OTHER, vial(9)]),
    );
    expect(await differences('SHP-1')).toMatchObject([{ term: 'overage', epcs: [vial(9)] }]);
    expect(await differences('SHP-2')).toEqual([]);
  });
});

describe('units', () => {
  const two = said.asn(
    notice('SHP-1', [
      { sscc: PALLET, children: vials(1, 2) },
      { sscc: pallet(2), children: [vial(3)] },
    ]),
  );

  test('that do not come within an hour of the last are short, and not any more when they do', async () => {
    await yard.hears(said.portal(DOCK), two, came([PALLET, ...vials(1, 2)]), said.complete(DOCK, at('15:59')));
    expect(await differences()).toEqual([]);
    await yard.hears(said.complete(DOCK, at('16:30')));
    expect(await differences()).toMatchObject([{ term: 'shortage', unit: pallet(2), epcs: [vial(3)], portal: null }]);
    await yard.hears(came([pallet(2), vial(3)], at('16:40')));
    expect(await differences()).toEqual([]);
  });

  test('of which nothing has come a day after they should have are lost', async () => {
    await yard.hears(said.portal(DOCK), two, said.complete(DOCK, at('16:00') + 86_399_999));
    expect(await differences()).toEqual([]);
    await yard.hears(said.complete(DOCK, at('16:00') + 86_400_000));
    expect(await differences()).toMatchObject([
      { term: 'lost', unit: PALLET, epcs: vials(1, 2) },
      { term: 'lost', unit: pallet(2), epcs: [vial(3)] },
    ]);
  });
});

describe('when a unit is opened', () => {
  test('what was taken as in it and is not is a concealed shortage, what is in it and not listed a concealed overage', async () => {
    await yard.hears(said.portal(DOCK), asn, came([PALLET]), said.complete(DOCK, at('15:05')));
    expect(await differences()).toEqual([]);
    await yard.hears(counted({ found: [...vials(1, 3), vial(9)], damaged: [vial(2)] }));
    const opened = { unit: PALLET, portal: null, since: at('16:00') };
    expect(await differences()).toEqual([
      { term: 'concealed overage', ...opened, epcs: [vial(9)] },
      { term: 'concealed shortage', ...opened, epcs: [vial(4)] },
      { term: 'damaged', ...opened, epcs: [vial(2)] },
    ]);
    await yard.hears(counted({ at: at('16:30'), found: vials(1, 4) }));
    expect(await differences()).toEqual([]);
  });

  test('what was short at the door and is found in it is not short', async () => {
    await yard.hears(said.portal(DOCK), asn, came([PALLET, ...vials(1, 3)]), said.complete(DOCK, at('15:05')));
    await yard.hears(counted({ found: vials(1, 4) }));
    expect(await differences()).toEqual([]);
  });

  test('before it came in, that says nothing', async () => {
    await yard.hears(said.portal(DOCK), asn, counted({ at: at('07:45') }), came([PALLET]));
    expect(await differences()).toEqual([]);
  });
});

describe('a person settles', () => {
  const shortage = { term: 'shortage', epc: vial(4), portal: 'dock-1', since: at('15:00') };
  const short = [said.portal(DOCK), asn, came([PALLET, ...vials(1, 3)]), said.complete(DOCK, at('15:05'))];
  const closed = { term: 'shortage', ...atDoor, epcs: [vial(4)], settled: 'it lay behind' };

  test('a difference, whether that is heard before or after what it rests on', async () => {
    await yard.hears(...short, settled([shortage]));
    expect(await differences()).toEqual([closed]);
    await yard.clear();
    await yard.hears(settled([shortage]), ...short);
    expect(await differences()).toEqual([closed]);
  });

  test('again with another reason: the later word in the log holds, also where it is heard twice', async () => {
    const again = (reason: string): Arrival => ({
      fact: {
        type: 'settlement',
        settlement: { shipment: 'SHP-1', differences: [shortage], how: 'scan', reason, at: at('16:00') },
        by: 'paul',
      },
    });
    await yard.hears(...short, settled([shortage]), again('found in the yard'));
    expect(await differences()).toEqual([{ ...closed, settled: 'found in the yard' }]);
    const settlement = (await queries.reconciliation('SHP-1'))?.[0]?.settlement;
    expect(settlement).toEqual({ how: 'scan', reason: 'found in the yard', by: 'paul', at: at('16:00') });
  });

  test('only the difference of that term, serial, door and time', async () => {
    for (const other of [
      { term: 'overage' },
      { epc: vial(3) },
      { portal: 'dock-2' },
      { portal: null },
      { since: at('15:00') + 1 },
    ]) {
      await yard.clear();
      await yard.hears(...short, settled([{ ...shortage, ...other }]));
      expect((await differences())[0], JSON.stringify(other)).not.toHaveProperty('settled');
    }
  });

  test('open ones are listed before settled ones', async () => {
    await yard.hears(said.portal(DOCK), asn, came([PALLET, ...vials(1, 3), vial(8), vial(9)]));
    await yard.hears(said.complete(DOCK, at('15:05')));
    const overage = [8, 9].map((n) => ({ term: 'overage', epc: vial(n), portal: 'dock-1', since: at('15:00') }));
    await yard.hears(settled(overage));
    expect((await differences()).map(({ term }) => term)).toEqual(['shortage', 'overage']);
  });

  test('what is another difference since then is open again', async () => {
    await yard.hears(...short, settled([shortage]));
    // The pass is found to have begun earlier: another pass, as far as anybody said something of one.
    await yard.hears(came([vial(1)], at('14:59:57')), said.complete(DOCK, at('15:10')));
    expect(await differences()).toMatchObject([{ term: 'shortage', since: at('14:59:57'), epcs: [vial(4)] }]);
    expect((await differences())[0]).not.toHaveProperty('settled');
  });

  test('one serial of two: the other stays open', async () => {
    await yard.hears(said.portal(DOCK), asn, came([PALLET, ...vials(1, 2)]), said.complete(DOCK, at('15:05')));
    await yard.hears(settled([shortage]));
    expect(await differences()).toMatchObject([{ epcs: [vial(3)] }, closed]);
  });
});
