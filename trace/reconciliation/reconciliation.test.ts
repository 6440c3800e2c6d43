import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Epc } from '../../domain/index.ts';
import {
  type Difference,
  LOST_MS,
  reconcile,
  type SiteEvidence,
  type SitePass,
  UNLOADING_MS,
} from './reconciliation.ts';

/**
 * The definitions of docs/trace.md, "Reconciliation", one serial at a time, word by word and without haste: what a second
 * implementation would be held against.
 */
function naive(evidence: SiteEvidence): Set<string> {
  const { role, serials, passes, outermost, lots, completeUntil, arrives } = evidence;
  const said = new Set<string>();
  const wasRead = (epc: Epc, pass: SitePass) => pass.reads.has(epc) && pass.reads.get(epc) !== 'stray';
  const seenIn = (epc: Epc) => passes.find((pass) => wasRead(epc, pass));
  const away = role === 'destination' ? 'out' : 'in';
  const goes = (unit: Epc, pass: SitePass) => pass.units.some((one) => one.unit === unit && one.direction !== away);
  const cameIn = (unit: Epc | undefined) => (unit === undefined ? undefined : passes.find((pass) => goes(unit, pass)));
  const readable = (unit: Epc, pass: SitePass) => pass.units.some((one) => one.unit === unit && one.seen > 0);
  const topOf = (unit: Epc) => serials.find(({ units }) => units.includes(unit))?.units.at(-1) ?? unit;
  const isCount = (unit: Epc) =>
    evidence.counts
      .filter((one) => {
        const top = topOf(one.unit);
        const came = [cameIn(top)?.from, evidence.received.get(top)].filter((at) => at !== undefined);
        return role === 'destination' && one.unit === unit && came.some((at) => one.at >= at);
      })
      .sort((a, b) => b.at - a.at || b.position - a.position)[0];
  const counts = [...new Set(evidence.counts.map(({ unit }) => unit))].flatMap((unit) => isCount(unit) ?? []);
  const wasFound = (epc: Epc) => counts.some(({ found, damaged }) => found.includes(epc) || damaged.includes(epc));
  const isShortAtDoor = ({ epc, units }: SiteEvidence['serials'][number], pass?: SitePass) => {
    const top = units.at(-1);
    const arrival = cameIn(top);
    if (top === undefined || arrival === undefined || seenIn(epc) !== undefined || wasFound(epc)) return false;
    return readable(top, arrival) && !arrival.isProvisional && (pass === undefined || pass === arrival);
  };
  const wrongLot = (gtin: string, lot: string | null) =>
    lot !== null && lots.get(gtin) !== undefined && lots.get(gtin)?.has(lot) !== true;

  const paired = new Set<Epc>();
  for (const [at, pass] of passes.entries()) {
    const wasBefore = ({ epc }: { epc: Epc }) =>
      passes.slice(0, at).some(({ extras }) => extras.some((one) => one.epc === epc));
    for (const extra of pass.extras) {
      if (wasBefore(extra)) continue;
      if (wrongLot(extra.gtin, extra.lot)) {
        said.add(`wrong lot ${extra.epc} ${pass.portal} ${pass.from}`);
        continue;
      }
      const rivals = pass.extras.filter((one) => {
        return one.gtin === extra.gtin && !wrongLot(one.gtin, one.lot) && one.epc !== extra.epc && !wasBefore(one);
      });
      const short = serials.filter((one) => one.gtin === extra.gtin && isShortAtDoor(one, pass)).map(({ epc }) => epc);
      const instead = rivals.length === 0 && short.length === 1 ? short[0] : undefined;
      if (instead !== undefined) paired.add(instead);
      said.add(`${instead === undefined ? 'overage' : 'wrong serial'} ${extra.epc} ${pass.portal} ${pass.from}`);
    }
  }
  const isOpened = (ones: readonly Epc[]) => ones.some((unit) => isCount(unit) !== undefined);
  const hasNothing =
    counts.length === 0 &&
    !serials.some(({ epc }) => seenIn(epc)) &&
    !outermost.some((unit) => cameIn(unit) ?? seenIn(unit));
  const lastIn = Math.max(...outermost.flatMap((unit) => cameIn(unit)?.to ?? []));
  for (const serial of serials) {
    const { epc, gtin, units, madeLot } = serial;
    const top = units.at(-1);
    const arrival = cameIn(top);
    const door = seenIn(epc);
    if (isShortAtDoor(serial)) {
      if (!paired.has(epc)) said.add(`shortage ${epc} ${arrival?.portal} ${arrival?.from}`);
    } else if (
      role === 'destination' &&
      door === undefined &&
      arrival === undefined &&
      !wasFound(epc) &&
      !isOpened(units)
    ) {
      const since = hasNothing ? (arrives ?? Infinity) + LOST_MS : lastIn + UNLOADING_MS;
      const isKnown = completeUntil !== null && Number.isFinite(since) && completeUntil >= since;
      if (isKnown) said.add(`${hasNothing ? 'lost' : 'shortage'} ${epc} null ${since}`);
    } else if (role === 'destination' && !wasFound(epc)) {
      const count = units.map(isCount).find((one) => one !== undefined);
      if (count !== undefined) said.add(`concealed shortage ${epc} null ${count.at}`);
    }
    if (door !== undefined && wrongLot(gtin, madeLot)) said.add(`wrong lot ${epc} ${door.portal} ${door.from}`);
  }
  return said;
}

function flat(differences: readonly Difference[]): string[] {
  return differences.flatMap(({ term, epcs, portal, since }) => epcs.map((epc) => `${term} ${epc} ${portal} ${since}`));
}

const TOPS = ['pallet-1', 'pallet-2'];
const item = (n: number) => `item-${n}`;
const HOUR = 3_600_000;

const someSerial = fc.record({
  gtin: fc.constantFrom('g1', 'g2'),
  madeLot: fc.constantFrom(null, 'A', 'B'),
  units: fc.constantFrom(['pallet-1'], ['case-1', 'pallet-1'], ['pallet-2'], []),
});
const someRead = fc.constantFrom('expected' as const, 'stray' as const, undefined);
const somePass = fc.record({
  portal: fc.constantFrom('dock-1', 'dock-2'),
  from: fc.integer({ min: 0, max: 5 }).map((n) => n * HOUR),
  isProvisional: fc.boolean(),
  reads: fc.array(someRead, { minLength: 6, maxLength: 6 }),
  units: fc.uniqueArray(
    fc.record({
      unit: fc.constantFrom(...TOPS),
      direction: fc.constantFrom('in' as const, 'out' as const, 'unknown' as const),
      seen: fc.integer({ min: 0, max: 2 }),
    }),
    { selector: ({ unit }) => unit, maxLength: 2 },
  ),
  extras: fc.uniqueArray(
    fc.record({
      epc: fc.constantFrom('x1', 'x2', 'x3'),
      gtin: fc.constantFrom('g1', 'g2', 'g3'),
      lot: fc.constantFrom(null, 'A', 'B'),
    }),
    { selector: ({ epc }) => epc },
  ),
});
const someCount = fc.record({
  unit: fc.constantFrom('pallet-1', 'case-1', 'pallet-2'),
  at: fc.integer({ min: 0, max: 8 }).map((n) => n * HOUR),
  found: fc.uniqueArray(fc.constantFrom(...[0, 1, 2, 3, 4, 5].map(item))),
  damaged: fc.uniqueArray(fc.constantFrom(...[0, 1, 2, 3, 4, 5].map(item)), { maxLength: 2 }),
});

const someEvidence: fc.Arbitrary<SiteEvidence> = fc
  .record({
    role: fc.constantFrom('origin' as const, 'destination' as const),
    arrives: fc.constantFrom(null, HOUR),
    serials: fc.array(someSerial, { minLength: 1, maxLength: 6 }),
    lots: fc.constantFrom(new Map(), new Map([['g1', new Set(['A'])]])),
    passes: fc.uniqueArray(somePass, { maxLength: 4, selector: ({ portal, from }) => `${portal} ${from}` }),
    counts: fc.array(someCount, { maxLength: 3 }),
    received: fc
      .dictionary(
        fc.constantFrom(...TOPS),
        fc.integer({ min: 0, max: 8 }).map((n) => n * HOUR),
      )
      .map((at) => new Map(Object.entries(at))),
    completeUntil: fc.constantFrom(null, 3 * HOUR, 8 * HOUR, 40 * HOUR),
  })
  .map(({ serials, passes, counts, ...rest }) => ({
    ...rest,
    damaged: new Map(),
    outermost: TOPS,
    serials: serials.map((serial, n) => ({ epc: item(n), ...serial })),
    counts: counts.map((count, position) => ({ ...count, position })),
    passes: passes
      .toSorted((a, b) => a.from - b.from)
      .map(({ reads, ...pass }, n) => ({
        ...{ ...pass, id: `pass-${n}`, to: pass.from + 60_000 },
        reads: new Map(
          reads
            .slice(0, serials.length)
            .flatMap((status, at) => (status === undefined ? [] : [[item(at), status] as const])),
        ),
      })),
  }));

const SLOWLY = new Set(['overage', 'wrong lot', 'wrong serial', 'shortage', 'concealed shortage', 'lost']);

test('every serial differs as the definitions say, whatever passed, was read, and was counted', () => {
  fc.assert(
    fc.property(someEvidence, (evidence) => {
      const differences = reconcile(evidence).filter(
        ({ term, epcs }) => SLOWLY.has(term) && !TOPS.includes(epcs[0] ?? ''),
      );
      expect(flat(differences).sort()).toEqual([...naive(evidence)].sort());
    }),
    { numRuns: 1_500 },
  );
});

test('a serial differs in one way at most, but for its lot and its state', () => {
  fc.assert(
    fc.property(someEvidence, (evidence) => {
      const once = reconcile(evidence).filter(({ term }) => term !== 'wrong lot' && term !== 'damaged');
      const listed = new Set(evidence.serials.map(({ epc }) => epc));
      const epcs = once.flatMap(({ epcs, insteadOf }) => [...epcs, ...insteadOf]).filter((epc) => listed.has(epc));
      expect(new Set(epcs).size).toBe(epcs.length);
    }),
    { numRuns: 500 },
  );
});

test('a unit is waited for an hour after the last that came, a shipment for a day after it was to arrive', () => {
  expect([UNLOADING_MS, LOST_MS]).toEqual([3_600_000, 86_400_000]);
});

test('a wrong serial names the listed one in whose place it came, an overage none', () => {
  const listed = (epc: Epc) => ({ epc, gtin: 'g1', madeLot: null, units: ['pallet-1'] });
  const extra = (epc: Epc) => ({ epc, gtin: 'g1', lot: null });
  const found = (...extras: Epc[]) =>
    reconcile({
      ...{
        role: 'destination',
        arrives: HOUR,
        outermost: ['pallet-1'],
        lots: new Map(),
        counts: [],
        received: new Map(),
        damaged: new Map(),
      },
      ...{ serials: ['item-1', 'item-2'].map(listed), completeUntil: null },
      passes: [
        {
          ...{ id: 'pass-1', portal: 'dock-1', from: HOUR, to: HOUR + 1, isProvisional: false },
          ...{ reads: new Map([['item-1', 'expected' as const]]), extras: extras.map(extra) },
          units: [{ unit: 'pallet-1', direction: 'in', seen: 1 }],
        },
      ],
    }).map(({ term, epcs, insteadOf }) => [term, epcs, insteadOf]);
  expect(found('x1')).toEqual([['wrong serial', ['x1'], ['item-2']]]);
  expect(found('x2', 'x1')).toEqual([
    ['overage', ['x1', 'x2'], []],
    ['shortage', ['item-2'], []],
  ]);
});

test('a count tells what differs where a unit came by an event alone, from then on', () => {
  const listed = (epc: Epc) => ({ epc, gtin: 'g1', madeLot: null, units: ['case-1'] });
  const counted = (at: number) =>
    reconcile({
      ...{ role: 'destination', arrives: null, outermost: ['case-1'], lots: new Map(), damaged: new Map() },
      ...{ serials: ['item-1', 'item-2'].map(listed), passes: [], completeUntil: null },
      received: new Map([['case-1', 2 * HOUR]]),
      counts: [{ unit: 'case-1', at, position: 0, found: ['item-1', 'x9'], damaged: [] }],
    }).map(({ term, epcs }) => [term, epcs]);
  expect(counted(2 * HOUR - 1)).toEqual([]);
  expect(counted(2 * HOUR)).toEqual([
    ['concealed overage', ['x9']],
    ['concealed shortage', ['item-2']],
  ]);
});
