import { beforeEach, expect, test } from 'vitest';
import { testDatabase } from '../../storage/testing/database.ts';
import { TraceQueries } from '../queries.ts';
import { type Arrival, at, door, notice, pallet, said, through, vials, Yard } from '../testing/yard.ts';

const database = await testDatabase();
const yard = new Yard(database);
const queries = new TraceQueries({ database });
const DOCK = door('dock-1');
const PALLET = pallet(1);

const asn = said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 3) }]));

function cancelled(isCancelled: boolean, clock: string): Arrival {
  const cancelling = { shipment: 'SHP-1', at: at(clock), isCancelled, reason: 'the order was withdrawn' };
  return { fact: { type: 'cancelling', cancelling, by: 'paula' } };
}

const counts = async () => (await queries.passes('dock-1')).items.map((pass) => pass.counts);

beforeEach(async () => {
  await yard.clear();
  await yard.hears(said.portal(DOCK));
});

test('of a cancelled shipment nothing is expected at a door, and all is again when that is taken back', async () => {
  await yard.hears(asn, cancelled(true, '14:00'));
  await yard.hears(
    said.seen(through(DOCK, 'in', at('15:00'), [PALLET, ...vials(1, 3)])),
    said.complete(DOCK, at('15:01')),
  );
  expect(await queries.shipment('SHP-1')).toMatchObject({
    ...{ state: 'cancelled', closedAt: at('14:00'), serialCount: 3 },
    cancelled: { at: at('14:00'), by: 'paula', reason: 'the order was withdrawn' },
  });
  expect(await counts()).toMatchObject([{ expected: 0, unexpected: 4 }]);
  await yard.hears(cancelled(false, '16:00'));
  expect(await queries.shipment('SHP-1')).toMatchObject({ state: 'received', closedAt: null, cancelled: null });
  expect(await counts()).toMatchObject([{ expected: 3, unexpected: 0 }]);
});

test('a cancellation holds whenever we hear of it, and over a notice that comes again with other content', async () => {
  await yard.hears(cancelled(true, '14:00'), asn);
  expect(await queries.shipment('SHP-1')).toMatchObject({ state: 'cancelled', closedAt: at('14:00') });
  await yard.hears(said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 4) }])));
  expect(await queries.shipment('SHP-1')).toMatchObject({ state: 'cancelled', serialCount: 4 });
});

test('closed before it was cancelled and reinstated, it is closed still', async () => {
  const closing: Arrival = { fact: { type: 'closing', closing: { shipment: 'SHP-1', at: at('13:00') }, by: 'test' } };
  await yard.hears(asn, closing, cancelled(true, '14:00'), cancelled(false, '15:00'));
  expect(await queries.shipment('SHP-1')).toMatchObject({ state: 'closed', closedAt: at('13:00') });
});
