import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Asn, Epc, PackingFact, PassRule, RuleVersion } from '../../domain/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { type NaivePass, type NaiveSignal, type NaiveWorld, naiveFound } from '../testing/naive-pass-rules.ts';
import { naiveSurges, naiveWeakReads } from '../testing/naive-usual.ts';
import {
  type Arrival,
  at,
  DAY,
  door,
  HOUR,
  MINUTE,
  notice,
  pallet,
  said,
  tagOf,
  through,
  vial,
  vials,
  Yard,
} from '../testing/yard.ts';

const database = await testDatabase();
const yard = new Yard(database, []);

const DOORS = [
  door('berlin-1', 'site:berlin'),
  door('berlin-2', 'site:berlin'),
  door('lyon-1'),
  door('lyon-2'),
  door('rome-1', 'site:rome'),
];
const PALLETS = [pallet(1), pallet(2), pallet(3)];
const END = at('22:00');

const COMMON = { severity: 'warning', atLeast: 1 } as const;
const RULES: readonly PassRule[] = [
  { ...COMMON, id: 'clone', kind: 'clone', travelMs: 3 * HOUR, signs: ['travel', 'tid'] },
  { ...COMMON, id: 'diversion', kind: 'diversion' },
  { ...COMMON, id: 'dwell', kind: 'dwell', longerThanMs: 2 * HOUR },
  { ...COMMON, id: 'expired', kind: 'expired', remainingMs: 20 * 24 * HOUR },
  { ...COMMON, id: 'no-data', kind: 'noData', needs: ['notice'] },
  { ...COMMON, id: 'shortage', kind: 'shortage', when: 'both', waitMs: HOUR },
  { ...COMMON, id: 'wrong-direction', kind: 'wrongDirection' },
  { ...COMMON, id: 'wrong-portal', kind: 'wrongPortal' },
];

function versionsOf(rules: readonly PassRule[]): RuleVersion[] {
  return rules.map((rule) => ({ rule, version: 1, effectiveFrom: null }));
}

/** Pallets 1 and 2 in one shipment, 3 in another: other days, ways and expiries, or no notice at all. */
const someNotices: fc.Arbitrary<Asn[]> = fc
  .tuple(
    fc.record({
      departs: fc.constantFrom('08:00', '11:00'),
      expiry: fc.constantFrom('2026-12-01', '2027-06-30'),
      isThere: fc.boolean(),
    }),
    fc.record({ to: fc.constantFrom('site:lyon', 'site:rome'), isThere: fc.boolean() }),
  )
  .map(([one, other]) => {
    const products = [{ gtin: '80614141123458', name: 'Examplumab', lot: 'A17', expiry: one.expiry }];
    const first = [
      { sscc: pallet(1), children: vials(1, 3) },
      { sscc: pallet(2), children: vials(4, 5) },
    ];
    const notices = [
      { ...notice('SHP-1', first, { departs: at(one.departs), products }), isThere: one.isThere },
      {
        ...notice('SHP-2', [{ sscc: pallet(3), children: vials(6, 7) }], { destination: other.to }),
        isThere: other.isThere,
      },
    ];
    return notices.filter(({ isThere }) => isThere).map(({ isThere: _, ...asn }) => asn);
  });

interface Move {
  readonly door: number;
  readonly direction: 'in' | 'out';
  readonly epcs: readonly Epc[];
  /** The tag that answers; null: the reader does not ask. */
  readonly tid: string | null;
}

/** A pallet, its tag read or not, with some of its vials and others, through a door. */
const someMove: fc.Arbitrary<Move> = fc
  .record({
    door: fc.nat({ max: DOORS.length - 1 }),
    direction: fc.constantFrom('in' as const, 'out' as const),
    unit: fc.nat({ max: 3 }),
    tid: fc.constantFrom(
      null,
      'E280116020007A520B1C5E71',
      'E280116020007A520B1C5E71',
      'E2801160',
      'E280689400004003A1B2C3D4',
    ),
    epcs: fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }),
  })
  .map(({ door, direction, unit, epcs, tid }) => ({
    ...{ door, direction, tid },
    epcs: [...(PALLETS[unit] === undefined ? [] : [pallet(unit + 1)]), ...epcs.map(vial)],
  }))
  .filter(({ epcs }) => epcs.length > 0);

const somePacking = fc.record({
  unit: fc.constantFrom(...PALLETS),
  children: fc
    .uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 })
    .map((numbers) => numbers.map(vial)),
  isUnpacked: fc.boolean(),
});

/** Each at a quarter of an hour of its own: order in the log never decides, and no door reads what another does. */
const someHistory = fc
  .record({
    notices: someNotices,
    moves: fc.array(someMove, { minLength: 2, maxLength: 10 }),
    packings: fc.array(somePacking, { maxLength: 3 }),
    slots: fc.shuffledSubarray(
      Array.from({ length: 52 }, (_, slot) => slot),
      { minLength: 13, maxLength: 13 },
    ),
  })
  .map(({ notices, moves, packings, slots }) => {
    const timeOf = (index: number) => at('06:00') + (slots[index] ?? 0) * 15 * MINUTE;
    return {
      notices,
      moves: moves.map((move, index) => ({ ...move, at: timeOf(index) })),
      packings: packings.map((packing, index): PackingFact => ({ ...packing, from: timeOf(10 + index) + MINUTE })),
    };
  });

const history = fc.record({
  world: someHistory,
  order: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
  restartAfter: fc.nat({ max: 12 }),
});

async function present(): Promise<Map<string, readonly Epc[]>> {
  const rows = (await yard.rows('SELECT kind, key, from_at, portal FROM findings')) as {
    kind: string;
    key: string;
    from_at: number;
    portal: { epcs: Epc[] };
  }[];
  return new Map(
    rows.map(({ kind, key, from_at, portal }) => [`${kind}|${key.replace('portal:', '')}|${from_at}`, portal.epcs]),
  );
}

async function judgedPasses(): Promise<NaivePass[]> {
  return (await yard.rows(
    `SELECT portal, direction, since AS "from", until AS "to",
       ARRAY(SELECT epc FROM pass_reads r WHERE r.pass = p.id AND status <> 'stray' ORDER BY epc) AS reads,
       (SELECT coalesce(json_agg(json_build_object('unit', unit, 'direction', direction, 'shipment', shipment)), '[]')
         FROM pass_units u WHERE u.pass = p.id) AS units FROM passes p ORDER BY since, portal`,
  )) as NaivePass[];
}

/** What the verdict counts as missing: of units that a shipment expects here and that were read in part. */
function withMissing(world: NaiveWorld): NaiveWorld {
  const passes = world.passes.map((pass): NaivePass => {
    const missing = pass.units.flatMap(({ unit, shipment }) => {
      const inside = insideOf(world, unit, pass.from);
      if (shipment === null || !inside.some((epc) => pass.reads.includes(epc))) return [];
      return inside.filter((epc) => !pass.reads.includes(epc)).map((epc) => ({ epc, unit, shipment }));
    });
    return { ...pass, missing };
  });
  return { ...world, passes };
}

function insideOf({ notices, packings }: NaiveWorld, unit: Epc, moment: number): Epc[] {
  const words = [
    ...notices.flatMap(({ units }) =>
      units.flatMap(({ sscc, children, from }) => children.map((epc) => ({ epc, from, parent: sscc }))),
    ),
    ...packings.flatMap(({ unit: into, children, isUnpacked, from }) =>
      children.map((epc) => ({ epc, from, parent: isUnpacked ? null : into })),
    ),
  ].filter(({ from }) => from <= moment);
  const lastOf = (epc: Epc) =>
    words
      .filter((word) => word.epc === epc)
      .toSorted((a, b) => a.from - b.from)
      .at(-1)?.parent;
  return [...new Set(words.map(({ epc }) => epc))].filter((epc) => lastOf(epc) === unit);
}

test('in any order of arrival, with restarts, rules over passes find the same: what the naive model finds', {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(history, async ({ world, order, restartAfter }) => {
      await yard.clear();
      const arrivals: Arrival[] = [
        ...DOORS.map(said.portal),
        ...versionsOf(RULES).map(said.rule),
        ...world.notices.map(said.asn),
        ...world.packings.map(({ unit, children, isUnpacked, from }) =>
          (isUnpacked ? said.unpacked : said.packed)(unit, children, from),
        ),
        ...world.moves.map(({ door, direction, epcs, at: when, tid }) =>
          said.seen(through(doorAt(door), direction, when, epcs, tid === null ? {} : { tids: [tid] })),
        ),
        ...DOORS.map((one) => said.complete(one, at('12:00'))),
      ];
      const keys = new Map(arrivals.map((arrival) => [arrival, order.next().value ?? 0]));
      const shuffled = arrivals.toSorted((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
      const size = Math.ceil(shuffled.length / 6);
      for (let batch = 0; batch * size < shuffled.length; batch++) {
        const now = at('06:00') + batch * 2 * HOUR;
        await yard.hearsAtOnce([...shuffled.slice(batch * size, (batch + 1) * size), { now }], now);
        if (batch === restartAfter) await yard.restarts();
      }
      await yard.hearsAtOnce([...DOORS.map((one) => said.complete(one, DAY + 30 * HOUR)), { now: END }], END);
      const all: NaiveWorld = withMissing({
        doors: DOORS,
        notices: world.notices,
        packings: world.packings,
        passes: await judgedPasses(),
        numbers: world.moves.flatMap(({ epcs, at: when, tid }) =>
          tid === null ? [] : epcs.map((epc) => ({ epc, at: when, tid })),
        ),
        now: END,
      });
      const expected = new Map(RULES.flatMap((rule) => [...naiveFound(all, rule)]));
      expect(Object.fromEntries([...(await present())].sort())).toEqual(Object.fromEntries([...expected].sort()));
    }),
    { numRuns: 8 },
  );
});

const LYON_DOORS = DOORS.filter(({ site }) => site === 'site:lyon');
const ROME_SGLN = 'urn:epc:id:sgln:0614141.00777.0';
const BAD_DATA: PassRule = {
  ...{ ...COMMON, id: 'bad-data', kind: 'badData' },
  checks: ['gtin', 'duplicate', 'shipTo', 'order'],
};
const CROSS_READ: PassRule = { ...COMMON, id: 'cross-read', kind: 'crossRead' };

const product = (gtin: string) => ({ gtin, name: 'Examplumab', lot: 'A17', expiry: '2027-06-30' });
const someProducts = fc.constantFrom(
  [product('80614141123458')],
  [product('00614141777778')],
  [],
  [product('00614141777778'), product('80614141123458')],
);

/** What two notices and some events say of pallets that come to Lyon, where two doors may read one at once. */
const someData = fc.record({
  products: fc.tuple(someProducts, someProducts),
  other: fc.record({
    children: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
    origin: fc.constantFrom('site:berlin', 'site:lyon', 'site:rome'),
    departs: fc.constantFrom('06:00', '08:00', '18:00'),
    isThere: fc.boolean(),
  }),
  isRomeKnown: fc.boolean(),
  shipped: fc.array(fc.record({ slot: fc.nat({ max: 40 }), isToRome: fc.boolean() }), { maxLength: 2 }),
  made: fc.uniqueArray(fc.record({ vial: fc.integer({ min: 1, max: 4 }), slot: fc.nat({ max: 40 }) }), {
    ...{ maxLength: 2, selector: ({ vial: number }: { vial: number }) => number },
  }),
  comings: fc.uniqueArray(
    fc.record({
      slot: fc.nat({ max: 40 }),
      door: fc.nat({ max: 1 }),
      direction: fc.constantFrom('in' as const, 'in' as const, 'out' as const),
      hasTag: fc.boolean(),
      vials: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
      rssiDbm: fc.constantFrom(-45, -52, -58),
      spilled: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
      spillDbm: fc.constantFrom(-44, -50, -55, -61, -70),
    }),
    { minLength: 1, maxLength: 4, selector: ({ slot }) => slot },
  ),
});

test('in any order of arrival, data that cannot be right and what two doors read at once are found as the naive model finds them', {
  timeout: 600_000,
}, async () => {
  const order = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));
  await fc.assert(
    fc.asyncProperty(someData, order, fc.nat({ max: 5 }), async (data, keysOf, restartAfter) => {
      await yard.clear();
      const slotAt = (slot: number) => at('06:00') + slot * 15 * MINUTE;
      const [own, others] = data.products;
      const { children, origin, departs, isThere } = data.other;
      const second = [{ sscc: pallet(2), children: [...children.filter((n) => n > 3).map(vial)], from: at('05:00') }];
      const loose = children
        .filter((n) => n <= 3)
        .map((n) => ({ sscc: pallet(10 + n), children: [], from: at('05:00') }));
      const notices = [
        notice('SHP-1', [{ sscc: pallet(1), children: vials(1, 3), from: at('05:00') }], { products: own }),
        ...(isThere
          ? [
              notice('SHP-2', [...second, { sscc: pallet(1), children: [], from: at('05:00') }, ...loose], {
                ...{ products: others, origin, destination: origin === 'site:lyon' ? 'site:rome' : 'site:lyon' },
                departs: at(departs),
              }),
            ]
          : []),
      ];
      const shipped = data.shipped.map(({ slot, isToRome }) => ({
        ...{ shipment: 'SHP-1', at: slotAt(slot) + 1_000 },
        to: isToRome && data.isRomeKnown ? 'site:rome' : null,
      }));
      const made = data.made.map(({ vial: number, slot }) => ({ epc: vial(number), at: slotAt(slot) + 2_000 }));
      const signals: NaiveSignal[] = data.comings.flatMap(
        ({ slot, door: index, direction, hasTag, vials: numbers, rssiDbm, spilled, spillDbm }) => {
          const epcs = [...(hasTag ? [pallet(1)] : []), ...numbers.map(vial)];
          const read = (portal: string, all: readonly Epc[], dbm: number) =>
            all.map((epc) => ({ ...{ portal, at: slotAt(slot) + 5_000, epc }, rssiDbm: dbm, direction }));
          const [through, next] = index === 0 ? ['lyon-1', 'lyon-2'] : ['lyon-2', 'lyon-1'];
          return [
            ...read(through ?? '', epcs, rssiDbm),
            ...read(
              next ?? '',
              epcs.filter((_, n) => spilled[n] === true),
              spillDbm,
            ),
          ];
        },
      );
      const place = {
        id: 'site:rome',
        kind: 'site' as const,
        name: 'Rome',
        parent: null,
        zone: 'UTC',
        gln: '0614141007776',
      };
      const arrivals: Arrival[] = [
        ...LYON_DOORS.map(said.portal),
        ...versionsOf([BAD_DATA, CROSS_READ]).map(said.rule),
        ...notices.map(said.asn),
        ...(data.isRomeKnown ? [{ fact: { type: 'place' as const, place, by: 'test' } }] : []),
        ...shipped.map((one, index) =>
          shippingEvent(one.at, data.shipped[index]?.isToRome === true ? ROME_SGLN : null),
        ),
        ...made.map(({ epc, at: when }) => madeEvent(epc, when)),
        ...signals.map(({ portal, at: when, epc, rssiDbm, direction }) =>
          said.seen(
            through(LYON_DOORS.find(({ id }) => id === portal) ?? door(portal), direction, when, [epc], { rssiDbm }),
          ),
        ),
      ];
      const keys = new Map(arrivals.map((arrival) => [arrival, keysOf.next().value ?? 0]));
      const shuffled = arrivals.toSorted((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
      const size = Math.ceil(shuffled.length / 6);
      for (let batch = 0; batch * size < shuffled.length; batch++) {
        await yard.hearsAtOnce(shuffled.slice(batch * size, (batch + 1) * size), END);
        if (batch === restartAfter) await yard.restarts();
      }
      await yard.hearsAtOnce(
        LYON_DOORS.map((one) => said.complete(one, DAY + 30 * HOUR)),
        END,
      );
      const world: NaiveWorld = {
        ...{ doors: LYON_DOORS, notices, packings: [], passes: await judgedPasses(), shipped, made, signals, now: END },
      };
      const expected = new Map([BAD_DATA, CROSS_READ].flatMap((rule) => [...naiveFound(world, rule)]));
      expect(Object.fromEntries([...(await present())].sort())).toEqual(Object.fromEntries([...expected].sort()));
    }),
    { numRuns: 12 },
  );
});

function captured(when: number, change: object): Arrival {
  const event = {
    type: 'ObjectEvent',
    eventTime: new Date(when).toISOString(),
    eventTimeZoneOffset: '+00:00',
    ...change,
  };
  const capture = { id: `capture-${when}-${JSON.stringify(change).length}`, at: END, context: [], refused: [] };
  return {
    fact: { type: 'epcis', capture: { ...capture, errorBehaviour: 'rollback', events: [event] }, by: 'partner' },
  };
}

function shippingEvent(when: number, destination: string | null): Arrival {
  return captured(when, {
    ...{ action: 'OBSERVE', bizStep: 'shipping', epcList: [pallet(1)] },
    bizTransactionList: [{ type: 'desadv', bizTransaction: 'urn:epcglobal:cbv:bt:SHP-1' }],
    ...(destination !== null && { destinationList: [{ type: 'location', destination }] }),
  });
}

function madeEvent(epc: Epc, when: number): Arrival {
  return captured(when, { action: 'ADD', bizStep: 'commissioning', disposition: 'active', epcList: [epc] });
}

/** Some days at a door: at most a pass in each ten minutes of one hour of the day. */
const someCrossings = fc
  .uniqueArray(
    fc.record({
      day: fc.nat({ max: 5 }),
      slot: fc.nat({ max: 8 }),
      tags: fc.constantFrom(3, 5, 8, 20),
      missed: fc.constantFrom(0, 0, 0.8),
    }),
    { minLength: 12, maxLength: 26, selector: ({ day, slot }) => day * 100 + slot },
  )
  .map((all) =>
    all.map(({ day, slot, tags, missed }) => ({
      ...{ at: at('09:50') + day * 24 * HOUR + slot * 10 * MINUTE, tags },
      inner: tags - Math.floor(tags * missed),
    })),
  );

test('in any order of arrival, with restarts and a rule that is edited, what is usual is learnt the same', {
  timeout: 600_000,
}, async () => {
  const [portal] = DOORS;
  if (portal === undefined) throw new Error('a door');
  const weak = { below: 80, passes: 2, learnt: 4 };
  const rules: readonly PassRule[] = [
    { ...COMMON, id: 'surge', kind: 'surge', times: 1.5, learnt: 3 },
    { ...COMMON, id: 'weak-reads', kind: 'weakReads', ...weak },
  ];
  const edited: PassRule = { ...COMMON, id: 'surge', kind: 'surge', times: 3, learnt: 3 };
  const order = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));
  await fc.assert(
    fc.asyncProperty(someCrossings, order, fc.nat({ max: 5 }), async (crossings, keysOf, restartAfter) => {
      await yard.clear();
      const end = at('09:00') + 6 * 24 * HOUR;
      const arrivals: Arrival[] = [
        ...[said.portal(portal), ...versionsOf(rules).map(said.rule), said.complete(portal, end)],
        ...crossings.map(({ at: when, tags, inner }) =>
          said.seen(
            through(portal, 'in', when, vials(1, tags)).filter(
              ({ antenna, epcHex }) => antenna === 1 || vials(1, inner).map(tagOf).includes(epcHex),
            ),
          ),
        ),
      ];
      const keys = new Map(arrivals.map((arrival) => [arrival, keysOf.next().value ?? 0]));
      const shuffled = arrivals.toSorted((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
      const size = Math.ceil(shuffled.length / 6);
      for (let batch = 0; batch * size < shuffled.length; batch++) {
        await yard.hearsAtOnce(shuffled.slice(batch * size, (batch + 1) * size), end);
        if (batch === restartAfter) await yard.restarts();
      }
      const found = async () => {
        const rows = (await yard.rows('SELECT kind, from_at FROM findings ORDER BY kind, from_at')) as {
          kind: 'surge' | 'weakReads';
          from_at: number;
        }[];
        return rows.map(({ kind, from_at }) => `${kind} ${new Date(from_at).toISOString()}`);
      };
      const expected = (times: number) => {
        const surges = naiveSurges(crossings, times, 3).toSorted((a, b) => a - b);
        const weakened = naiveWeakReads(crossings, weak);
        return [
          ...surges.map((from) => `surge ${new Date(from).toISOString()}`),
          ...weakened.map((from) => `weakReads ${new Date(from).toISOString()}`),
        ];
      };
      expect(await found()).toEqual(expected(1.5));
      await yard.hears(said.rule({ rule: edited, version: 2, effectiveFrom: null }));
      expect(await found()).toEqual(expected(3));
    }),
    { numRuns: 10 },
  );
});

function doorAt(index: number) {
  return DOORS[index] ?? door('nowhere');
}
