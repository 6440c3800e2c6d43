import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Epc, EpcisCapture } from '../../domain/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { naiveParent, type Said } from '../testing/naive.ts';
import { type Arrival, at, MINUTE, pallet, said, vial, Yard } from '../testing/yard.ts';

const database = await testDatabase();
const yard = new Yard(database);

const PALLETS = [pallet(1), pallet(2)];
const VIALS = [vial(1), vial(2), vial(3)];
/** SSCC of the first pallet. */
const SSCC = '106141410000000019';
const timeOf = (step: number) => at('08:00') + step * 10 * MINUTE;

/** What is said of the moment of its place in the list. */
interface Happening {
  readonly what: 'added' | 'taken out' | 'emptied' | 'packed by a scan';
  readonly unit: Epc;
  readonly children: readonly Epc[];
  /** Declared an error, in an event of its own. */
  readonly isWithdrawn: boolean;
}

const someHappening: fc.Arbitrary<Happening> = fc.record({
  what: fc.constantFrom('added' as const, 'added', 'taken out', 'emptied', 'packed by a scan'),
  unit: fc.constantFrom(...PALLETS),
  children: fc.uniqueArray(fc.constantFrom(...VIALS), { minLength: 1 }),
  isWithdrawn: fc.boolean(),
});

let captures = 0;
function captured(...events: EpcisCapture['events']): Arrival {
  captures += 1;
  const head = { id: `capture-${captures}`, at: at('12:00'), errorBehaviour: 'rollback' as const };
  return { fact: { type: 'epcis', capture: { ...head, context: [], refused: [], events }, by: 'test' } };
}

function aggregation(action: 'ADD' | 'DELETE', unit: Epc, children: readonly Epc[], step: number) {
  const eventTime = new Date(timeOf(step)).toISOString();
  const children_ = children.length === 0 ? {} : { childEPCs: children };
  return {
    type: 'AggregationEvent',
    ...{ eventTime, eventTimeZoneOffset: '+00:00', action, parentID: unit, ...children_ },
  };
}

function arrivalsOf({ what, unit, children, isWithdrawn }: Happening, step: number): Arrival[] {
  if (what === 'packed by a scan') return [said.packed(unit, children, timeOf(step))];
  const event = aggregation(what === 'added' ? 'ADD' : 'DELETE', unit, what === 'emptied' ? [] : children, step);
  const declaration = { ...event, errorDeclaration: { declarationTime: '2026-11-23T00:00:00Z' } };
  return [captured(event), ...(isWithdrawn ? [captured(declaration)] : [])];
}

/** As the naive model takes them, one after another: what is emptied is known when its moment comes. */
function modelOf(happenings: readonly Happening[]): Said[] {
  const model: Said[] = [];
  for (const [from, { what, unit, children, isWithdrawn }] of happenings.entries()) {
    if (isWithdrawn && what !== 'packed by a scan') continue;
    const isEmptied = what === 'emptied';
    const subjects = isEmptied ? VIALS.filter((epc) => naiveParent(model, epc, from - 1) === unit) : children;
    const value = what === 'added' || what === 'packed by a scan' ? unit : null;
    for (const subject of subjects) model.push({ what: 'containment', subject, value, from });
  }
  return model;
}

test('in any order of arrival, EPCIS events and their withdrawals lead to the containment of the naive model', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(someHappening, { minLength: 2, maxLength: 8 }),
      fc.infiniteStream(fc.nat()),
      fc.integer({ min: 1, max: 4 }),
      async (happenings, dice, atOnce) => {
        const arrivals = happenings
          .flatMap(arrivalsOf)
          .map((arrival) => ({ arrival, at: Number(dice.next().value) }))
          .sort((a, b) => a.at - b.at)
          .map(({ arrival }) => arrival);
        await yard.clear();
        for (let i = 0; i < arrivals.length; i += atOnce) await yard.hearsAtOnce(arrivals.slice(i, i + atOnce));
        // Captured again changes nothing.
        await yard.hears(
          ...arrivals.filter((arrival) => 'fact' in arrival && arrival.fact.type === 'epcis').slice(0, 2),
        );
        const model = modelOf(happenings);
        for (const epc of VIALS) {
          const { rows: held } = await database.query<{ parent: Epc; since: number; until: number | null }>(
            'SELECT parent, since, until FROM containment WHERE holds AND parent IS NOT NULL AND child = $1',
            [epc],
          );
          const parents = happenings.map((_, step) => {
            const now = timeOf(step);
            return held.find(({ since, until }) => since <= now && (until === null || now < until))?.parent ?? null;
          });
          expect(parents).toEqual(happenings.map((_, step) => naiveParent(model, epc, step)));
        }
      },
    ),
    { numRuns: 40 },
  );
});

test('what was received is where the event says, until it is declared an error', async () => {
  await yard.clear();
  const received = {
    ...{ type: 'ObjectEvent', action: 'OBSERVE', bizStep: 'receiving', eventID: 'urn:uuid:1', epcList: [vial(1)] },
    ...{ eventTime: '2026-11-22T10:00:00+02:00', eventTimeZoneOffset: '+02:00', bizLocation: { id: 'site:lyon' } },
  };
  const where = () => yard.rows('SELECT epc, place, since FROM presence WHERE holds');
  await yard.hears(captured(received));
  expect(await where()).toEqual([{ epc: vial(1), place: 'site:lyon', since: at('08:00') }]);
  await yard.hears(captured({ ...received, errorDeclaration: { declarationTime: '2026-11-23T00:00:00Z' } }));
  expect(await where()).toEqual([]);
});

test('what was received at a GLN is at the place registered with it, whichever we heard of first and while it has it', async () => {
  const received = (id: number, where: object) => ({
    ...{ type: 'ObjectEvent', action: 'OBSERVE', bizStep: 'receiving', eventID: `urn:uuid:${id}`, epcList: [vial(id)] },
    ...{ eventTime: '2026-11-22T08:00:00Z', eventTimeZoneOffset: '+00:00', ...where },
  });
  const lyon = (gln?: string): Arrival => ({
    fact: {
      type: 'place',
      place: { id: 'site:lyon', kind: 'site', name: 'Lyon', parent: null, zone: 'Europe/Paris', ...(gln && { gln }) },
      by: 'test',
    },
  });
  const withdrawn = received(4, { bizLocation: { id: 'urn:epc:id:sgln:0614141.00777.0' } });
  const events = captured(
    received(1, { bizLocation: { id: 'urn:epc:id:sgln:0614141.00777.0' } }),
    received(2, { readPoint: { id: 'https://id.gs1.org/414/0614141007776/254/door-3' } }),
    received(3, { bizLocation: { id: 'urn:epc:id:sgln:0614141.00888.0' }, readPoint: { id: 'room:lyon/dock' } }),
    withdrawn,
    { ...withdrawn, errorDeclaration: { declarationTime: '2026-11-23T00:00:00Z' } },
  );
  const where = () => yard.rows('SELECT epc, place FROM presence WHERE holds ORDER BY epc');
  const atLyon = [1, 2].map((n) => ({ epc: vial(n), place: 'site:lyon' }));
  const atDock = { epc: vial(3), place: 'room:lyon/dock' };
  await yard.clear();
  await yard.hears(events);
  expect(await where()).toEqual([atDock]);
  await yard.hears(lyon('0614141007776'));
  expect(await where()).toEqual([...atLyon, atDock]);
  await yard.hears(lyon('0614141008889'));
  expect(await where()).toEqual([{ epc: vial(3), place: 'site:lyon' }]);
  await yard.hears(lyon());
  expect(await where()).toEqual([atDock]);
  await yard.clear();
  await yard.hears(lyon('0614141007776'), events);
  expect(await where()).toEqual([...atLyon, atDock]);
});

// Seen: children named by Digital Link alone are not understood, which was taken for none, and all was taken out.
test('taking out children that are named by Digital Link does not empty the unit', async () => {
  await yard.clear();
  const taken = aggregation('DELETE', pallet(1), ['https://id.gs1.org/01/80614141123458/21/7'], 2);
  await yard.hears(captured(aggregation('ADD', pallet(1), VIALS, 1)), captured(taken));
  expect(await yard.rows('SELECT child, parent FROM containment WHERE holds ORDER BY child')).toEqual(
    VIALS.map((child) => ({ child, parent: pallet(1) })),
  );
  await yard.hears(captured(aggregation('DELETE', pallet(1), [], 3)));
  expect(await yard.rows('SELECT child FROM containment WHERE holds AND parent IS NOT NULL AND until IS NULL')).toEqual(
    [],
  );
});

test('events that name items by Digital Link say the same as with EPCs once those are known, in any order of arrival', async () => {
  const link = (n: number) => `https://id.gs1.org/01/80614141123458/21/${n}`;
  const unit = `https://example.com/goods/00/${SSCC}`;
  const of = (id: string, change: object) => ({
    ...{ eventID: `urn:uuid:${id}`, eventTime: new Date(timeOf(1)).toISOString(), eventTimeZoneOffset: '+00:00' },
    ...{ type: 'ObjectEvent', action: 'OBSERVE', ...change },
  });
  const later = new Date(timeOf(2)).toISOString();
  const arrivals = [
    captured({ ...aggregation('ADD', unit, [link(1), link(2), vial(3)], 1), eventID: 'urn:uuid:packed' }),
    captured({ ...aggregation('DELETE', unit, [], 3), eventID: 'urn:uuid:emptied' }),
    captured(of('moved', { bizStep: 'storing', eventTime: later, epcList: [unit], bizLocation: { id: 'site:lyon' } })),
    captured(of('shipped', { bizStep: 'shipping', eventTime: later, epcList: [unit] })),
    captured(of('sold', { bizStep: 'retail_selling', eventTime: later, epcList: [link(2)] })),
    captured(of('commissioned', { action: 'ADD', bizStep: 'commissioning', epcList: [vial(1), vial(2)] })),
    captured(of('seen', { epcList: [pallet(1)] })),
  ];
  const outcome = async () => [
    await yard.rows('SELECT child, parent, since, until FROM containment WHERE holds ORDER BY child, since'),
    await yard.rows('SELECT epc, place, since FROM presence WHERE holds ORDER BY epc, since'),
    await yard.rows('SELECT epc, status FROM serials ORDER BY epc'),
    await yard.rows('SELECT shipment, epc, unit FROM shipment_lines ORDER BY epc'),
  ];
  const expected = [
    VIALS.flatMap((child) => [
      { child, parent: pallet(1), since: timeOf(1), until: timeOf(3) },
      { child, parent: null, since: timeOf(3), until: null },
    ]),
    [{ epc: pallet(1), place: 'site:lyon', since: timeOf(2) }],
    VIALS.map((epc, i) => ({ epc, status: ['active', 'retail_sold', null][i] })),
    VIALS.map((epc) => ({ shipment: 'urn:uuid:shipped', epc, unit: pallet(1) })),
  ];
  for (const order of [
    arrivals,
    arrivals.toReversed(),
    [5, 0, 2, 6, 1, 3, 4].map((i) => arrivals[i] ?? said.seen([])),
  ]) {
    await yard.clear();
    await yard.hears(...order);
    expect(await outcome()).toEqual(expected);
  }
  await yard.clear();
  await yard.hearsAtOnce(arrivals);
  expect(await outcome()).toEqual(expected);
});

// Seen: the tracer could not take the capture, and all of it went to log_dead.
test('a Digital Link with a wrong check digit says nothing, and the rest of its capture counts', async () => {
  await yard.clear();
  const wrong = 'https://example.com/01/80614141123459/21/2';
  await yard.hears(captured(aggregation('ADD', pallet(1), [wrong, vial(1)], 1)));
  expect(await yard.rows('SELECT child, parent FROM containment WHERE holds ORDER BY child')).toEqual([
    { child: vial(1), parent: pallet(1) },
  ]);
  expect(await yard.rows('SELECT links FROM epcis_events')).toEqual([{ links: null }]);
});

test('an event declared an error twice, for two reasons, has both declarations; the same one again changes nothing', async () => {
  await yard.clear();
  const event = { ...aggregation('ADD', pallet(1), [vial(1)], 1), eventID: 'urn:uuid:2' };
  const declared = (reason: string) => ({
    ...event,
    errorDeclaration: { declarationTime: '2026-11-23T00:00:00Z', reason },
  });
  await yard.hears(captured(event, declared('did_not_occur')));
  await yard.hears(captured(declared('incorrect_data')), captured(declared('did_not_occur')), captured(event));
  expect(
    await yard.rows(
      `SELECT event -> 'errorDeclaration' ->> 'reason' AS reason FROM epcis_events ORDER BY position, index`,
    ),
  ).toEqual([{ reason: null }, { reason: 'did_not_occur' }, { reason: 'incorrect_data' }]);
});
