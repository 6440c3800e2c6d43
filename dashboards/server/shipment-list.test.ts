import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemTime } from '../../domain/index.ts';
import type { TraceQueries } from '../../trace/index.ts';
import type { ConditionState, ShipmentQuery, ShipmentView } from '../api/index.ts';
import { ShipmentList } from './shipment-list.ts';
import type { ShipmentViews } from './shipment-views.ts';

const NOW = Date.UTC(2026, 10, 22);
const ASKED: ShipmentQuery = { limit: 50, show: 'all', sort: 'urgency' };

function view(n: number, state: ConditionState = 'inRange', changes: Partial<ShipmentView> = {}): ShipmentView {
  const time = (hours: number) => new Date(NOW + hours * 3_600_000).toISOString();
  const place = (name: string) => ({ id: `site:${name}`, name, zone: null });
  return {
    ...{
      id: `SHP-${String(n).padStart(5, '0')}`,
      state: 'in transit',
      lane: null,
      carrier: null,
      closedAt: null,
      place: null,
    },
    ...{ cancelled: null, revision: n, isNoticed: true },
    ...{ profile: { id: '2-8C', name: 'Cold', min: 2, max: 8 }, origin: place('Berlin'), destination: place('Lyon') },
    ...{ departs: time(-n), arrives: time(n), units: [], unitCount: 0, serialCount: 0, lastHeard: null },
    condition: { ...{ state, now: state, pending: null, about: null, device: null, temperature: null, at: null } },
    ...{ openAlerts: { critical: 0, warning: 0, info: 0 }, undecidedAlerts: { critical: 0, warning: 0, info: 0 } },
    waiting: [],
    eta: null,
    position: null,
    ...changes,
  };
}

/** The list over these; the closed ones come by pages, latest departure first, as from the table. */
function listOf(open: readonly ShipmentView[], closed: readonly ShipmentView[] = [], fresh = 0): ShipmentList {
  const trace = {
    openShipments: async () => open,
    shipments: async ({ limit, cursor }: { limit: number; cursor?: string }) => {
      const [at, id] =
        cursor === undefined
          ? [Number.MAX_SAFE_INTEGER, '']
          : (JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [number, string]);
      const rest = closed
        .filter((one) => Date.parse(one.departs) < at || (Date.parse(one.departs) === at && one.id > id))
        .toSorted((a, b) => Date.parse(b.departs) - Date.parse(a.departs) || (a.id < b.id ? -1 : 1));
      const items = rest.slice(0, limit);
      const last = items.at(-1);
      const next =
        rest.length > limit && last
          ? Buffer.from(JSON.stringify([Date.parse(last.departs), last.id])).toString('base64url')
          : null;
      return { items, nextCursor: next };
    },
  } as unknown as TraceQueries;
  const shipmentViews = { of: async (records: readonly ShipmentView[]) => [...records] } as unknown as ShipmentViews;
  return new ShipmentList({ shipmentViews, trace, time: systemTime, shipmentsFreshMs: fresh });
}

async function everyPage(list: ShipmentList, query: Partial<ShipmentQuery>): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await list.page({ ...ASKED, ...query, cursor });
    ids.push(...page.items.map(({ id }) => id));
    if (page.nextCursor === null) return ids;
    cursor = page.nextCursor;
  }
}

test('a shipment in trouble comes before a thousand quiet ones', async () => {
  const quiet = Array.from({ length: 1_000 }, (_, n) => view(n));
  const undecided = view(5_000, 'inRange', { undecidedAlerts: { critical: 0, warning: 0, info: 1 } });
  const list = listOf([...quiet, undecided, view(6_000, 'unknown'), view(7_000, 'excursion'), view(8_000, 'warning')]);
  const { items, counts } = await list.page({ ...ASKED, limit: 5 });
  expect(items.map(({ id }) => id)).toEqual(['SHP-07000', 'SHP-08000', 'SHP-06000', 'SHP-05000', 'SHP-00000']);
  expect(counts).toEqual({ excursion: 1, warning: 1, unknown: 1, inRange: 1_001 });
});

test('pages follow each other without a gap or a repeat, open ones first, whatever the filter and the order', async () => {
  const states: readonly ConditionState[] = ['inRange', 'warning', 'excursion', 'unknown'];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...states), { maxLength: 30 }),
      fc.array(fc.constantFrom(...states), { maxLength: 30 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom<ShipmentQuery['sort'][]>('urgency', 'arrives', 'departs', 'id'),
      fc.option(fc.constantFrom(...states), { nil: undefined }),
      async (openStates, closedStates, limit, sort, condition) => {
        const open = openStates.map((state, n) => view(n, state));
        const closed = closedStates.map((state, n) => view(1_000 + n, state, { state: 'closed' }));
        const ids = await everyPage(listOf(open, closed), { limit, sort, condition });
        const wanted = (all: readonly ShipmentView[]) =>
          all.filter(({ condition: { state } }) => condition === undefined || state === condition).map(({ id }) => id);
        expect(ids.toSorted()).toEqual([...wanted(open), ...wanted(closed)].toSorted());
        expect(ids.slice(wanted(open).length)).toEqual(wanted(closed));
        expect(await everyPage(listOf(open, closed), { limit, sort, condition, show: 'open' })).toEqual(
          ids.slice(0, wanted(open).length),
        );
      },
    ),
  );
});

test('a filter finds in any case, by id, place, logger and unit', async () => {
  const unit = {
    epc: 'urn:epc:id:sscc:0614141.1',
    parent: null,
    serialCount: 0,
    place: null,
    devices: ['Logger-9'],
    condition: view(0).condition,
  };
  const list = listOf([view(1), view(2, 'inRange', { units: [unit] })]);
  const found = async (q: string) => (await list.page({ ...ASKED, q })).items.map(({ id }) => id);
  expect(await found('shp-00001')).toEqual(['SHP-00001']);
  expect(await found('BERLIN')).toHaveLength(2);
  expect(await found('logger-9')).toEqual(['SHP-00002']);
  expect(await found('nothing')).toEqual([]);
});

test('a change is seen by the very next answer, though what was found is shown again', async () => {
  const open = [view(1)];
  const list = listOf(open, [], 60_000);
  expect((await list.page(ASKED)).items).toHaveLength(1);
  open.push(view(2));
  expect((await list.page(ASKED)).items).toHaveLength(1);
  list.forget();
  expect((await list.page(ASKED)).items).toHaveLength(2);
});

// A second viewer asked while the first one's look was under way, and was shown the list from before the change.
test('a change is seen by whoever asks while another is still looking for it', async () => {
  const open = [view(1)];
  const list = listOf(open, [], 60_000);
  expect((await list.page(ASKED)).items).toHaveLength(1);
  open.push(view(2));
  list.forget();
  const pages = await Promise.all([list.page(ASKED), list.page(ASKED)]);
  expect(pages.map(({ items }) => items.length)).toEqual([2, 2]);
});
