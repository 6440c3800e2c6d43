import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManifestKey, openManifest, sealManifest } from '../codecs/manifest/index.ts';
import {
  formPasses,
  lightOf,
  NEIGHBOUR_MS,
  type PassRule,
  type Portal,
  type RuleVersion,
  type Sighting,
} from '../domain/index.ts';
import { DoorFacts } from '../gateways/door-facts.ts';
import { judgeOffline } from '../gateways/offline-judgement.ts';
import { PostgresFacts } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { doorSnapshot, type PassVerdict, passRulesAt } from '../trace/index.ts';
import { ANY_UNEXPECTED, at, door, HOUR, notice, pallet, said, through, vial, Yard } from '../trace/testing/yard.ts';

/*
 * On the same facts the gateway and the platform give one answer: what a manifest says, packed, signed, unpacked and asked
 * by a gateway, leads to the verdict that the tracer reaches by its tables. And the light that the gateway shows by itself is
 * never another colour than the platform's, unless it is amber.
 */

const database = await testDatabase();
const COMMON = { severity: 'warning', atLeast: 1 } as const;
const VERSIONS: readonly RuleVersion[] = [
  ANY_UNEXPECTED,
  ...(
    [
      { ...COMMON, id: 'two-blocked', kind: 'blocked', atLeast: 2 },
      { ...COMMON, id: 'blocked', kind: 'blocked' },
      { ...COMMON, id: 'near-expiry', kind: 'expired', remainingMs: 300 * 24 * HOUR, way: 'in' },
      { ...COMMON, id: 'expired-cold', kind: 'expired', remainingMs: 0, appliesTo: '2-8C' },
      { ...COMMON, id: 'expired-frozen', kind: 'expired', remainingMs: 0, appliesTo: 'frozen' },
      { ...COMMON, id: 'against', kind: 'wrongDirection' },
      { ...COMMON, id: 'one-way', kind: 'wrongDirection', way: 'in', portals: ['dock-1'] },
      { ...COMMON, id: 'allotted', kind: 'wrongPortal', through: ['dock-2'], appliesTo: 'site:berlin>site:lyon' },
      { ...COMMON, id: 'no-lane', kind: 'unexpected', appliesTo: 'site:lyon' },
    ] as const satisfies readonly PassRule[]
  ).map((rule) => ({ rule, version: 1, effectiveFrom: null })),
  { rule: { ...COMMON, id: 'off', kind: 'blocked' }, version: 1, effectiveFrom: null, isRemoved: true },
];
const yard = new Yard(database, []);
const compile = (expression: string) => (context: object) => Object.values(context).includes(expression);
const KEY = new ManifestKey(Buffer.alloc(32, 5));
const DOCKS: readonly [Portal, Portal] = [door('dock-1'), door('dock-2')];
const READERS = DOCKS.flatMap(({ antennas }) => antennas.map(({ reader }) => reader));
const CUT = at('10:00');

const serial = fc.integer({ min: 1, max: 12 });
const world = fc.record({
  shipments: fc.array(
    fc.record({
      pallet: fc.integer({ min: 1, max: 3 }),
      serials: fc.uniqueArray(serial, { maxLength: 6 }),
      way: fc.constantFrom('here', 'here', 'here', 'from here', 'from here', 'elsewhere', 'too early', 'closed'),
      expiry: fc.constantFrom('2027-06-30', '2026-11-21'),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  /** Taken out of its pallet, or put into another one, after the notice. */
  repacked: fc.uniqueArray(fc.tuple(serial, fc.option(fc.integer({ min: 1, max: 3 }))), {
    ...{ maxLength: 3, selector: ([one]: readonly [number, number | null]) => one },
  }),
  stopped: fc.uniqueArray(serial, { maxLength: 2 }),
  passes: fc.array(
    fc.record({
      dock: fc.constantFrom(0, 1),
      /** Of which shipment, and which of its serials are read. */
      goods: fc.array(fc.tuple(fc.nat({ max: 2 }), fc.boolean(), fc.array(fc.boolean(), { maxLength: 6 })), {
        ...{ minLength: 1, maxLength: 2 },
      }),
      strangers: fc.uniqueArray(serial, { maxLength: 1 }),
      direction: fc.constantFrom('in' as const, 'out' as const),
      rssiDbm: fc.constantFrom(-45, -55, -65, null),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

test('a gateway judges a pass by its manifest as the platform does by its tables', { timeout: 240_000 }, async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(world, async ({ shipments, repacked, stopped, passes }) => {
      await yard.clear();
      await yard.hearsAtOnce([...DOCKS.map(said.portal), ...VERSIONS.map(said.rule)]);
      for (const [index, { pallet: number, serials, way, expiry }] of shipments.entries()) {
        const id = `SHP-${index}`;
        const units = [{ sscc: pallet(number), children: serials.map(vial) }];
        const products = [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry }];
        const route = {
          ...(way === 'from here' && { origin: 'site:lyon', destination: 'site:paris' }),
          ...(way === 'elsewhere' && { destination: 'site:paris' }),
          ...(way === 'too early' && { departs: at('10:00') + 30 * HOUR, arrives: at('10:00') + 40 * HOUR }),
        };
        await yard.hears(said.asn(notice(id, units, { products, ...route })));
        const closing = { shipment: id, at: at('09:30'), reason: 'done' };
        if (way === 'closed') await yard.hears({ fact: { type: 'closing', closing, by: 'test' } });
      }
      for (const [index, [one, into]] of repacked.entries()) {
        const when = at('09:00') + index * 1_000;
        if (into === null) await yard.hears(said.unpacked(pallet(1), [vial(one)], when));
        else await yard.hears(said.packed(pallet(into), [vial(one)], when));
      }
      for (const [index, one] of stopped.entries()) {
        const decision = {
          ...{ case: 'C-000001', number: index + 1, at: at('09:40'), disposition: 'quarantine' as const, alerts: [] },
          ...{ epcs: [vial(one)], reason: 'seal broken', recordHash: '00' },
        };
        await yard.hears(said.decided(decision));
      }

      const bounds = { things: 10_000, aheadMs: 48 * HOUR };
      const snapshot = await database.transaction(async (client) =>
        doorSnapshot(
          ...([client, { id: 'gw', readers: READERS }, CUT, bounds] as const),
          await passRulesAt(client, new PostgresFacts({ database }), compile, CUT),
        ),
      );
      const bytes = sealManifest({ ...snapshot, version: 1, madeAt: CUT, completeUntil: CUT }, KEY);
      const { manifest } = openManifest(bytes, () => true);
      const facts = new DoorFacts(manifest ?? expect.fail('no manifest'));
      const known = new Set(facts.manifest.things.map(({ epc }) => epc));

      const seen = passes.flatMap(({ dock, goods, strangers, direction, rssiDbm }, index): Sighting[] => {
        const epcs = new Set(strangers.map(vial));
        for (const [of, hasTag, unread] of goods) {
          const shipment = shipments[of];
          if (shipment === undefined) continue;
          if (hasTag) epcs.add(pallet(shipment.pallet));
          for (const [n, one] of shipment.serials.entries()) if (unread[n] !== true) epcs.add(vial(one));
        }
        return through(DOCKS[dock] ?? DOCKS[0], direction, at('10:05') + index * 12_000, [...epcs], { rssiDbm });
      });
      yard.verdicts.length = 0;
      await yard.hearsAtOnce([said.seen(seen), ...DOCKS.map((portal) => said.complete(portal, at('11:00')))]);
      const platform = new Map(yard.verdicts.map((verdict) => [`${verdict.portal.id} ${verdict.from}`, verdict]));

      const formed = DOCKS.flatMap((portal) => formPasses(portal, seen, [], facts.identify));
      expect([...platform.keys()].sort()).toEqual(formed.map(({ portal, from }) => `${portal} ${from}`).sort());
      for (const pass of formed) {
        const theirs = platform.get(`${pass.portal} ${pass.from}`) ?? expect.fail('no verdict');
        const at = {
          door: facts.door(pass.portal) ?? expect.fail('no door'),
          pass,
          neighbours: formed.filter(
            (one) => one !== pass && one.from < pass.to + NEIGHBOUR_MS && one.to > pass.from - NEIGHBOUR_MS,
          ),
          ...{ isComplete: true, foreignReaders: [], gaps: [], isCut: false },
        };
        const ours = judgeOffline(facts, at, { is: 'fresh' }, theirs.clearance.at);
        // What no open shipment of this site holds, and nobody stopped, is not in the manifest.
        const isKnown = pass.reads.every(({ epcHex, epcBits }) => known.has(facts.identify(epcHex, epcBits)));
        if (isKnown) {
          expect(ours.outcome.verdict).toEqual(verdictOf(theirs));
          expect(facts.clearance(ours.outcome.through, theirs.clearance.at)).toEqual(theirs.clearance.findings);
          // To what a rule applies goes by the shipment: of goods in one that is closed, or that runs elsewhere, a door knows none.
          const isTold = shipments.every(({ way }) => way !== 'closed' && way !== 'elsewhere');
          const asked = VERSIONS.filter(({ rule }) => isTold || rule.appliesTo === undefined).map(
            ({ rule }) => rule.id,
          );
          const own = ours.found.filter(({ rule }) => asked.includes(rule)).map(({ rule, epcs }) => ({ rule, epcs }));
          expect(own).toEqual((await foundBy(theirs)).filter(({ rule }) => asked.includes(rule)));
          compared++;
        }
        const light = lightOf(theirs, theirs.clearance);
        expect(['amber', light]).toContain(ours.light);
        // Amber is for what the platform may have heard of since.
        if (ours.light === 'amber') expect(ours.reason).toMatch(/not announced here|nothing that was announced/);
      }
    }),
    { numRuns: 12 },
  );
  expect(compared).toBeGreaterThan(0);
});

/** What the rules found of a pass, by the platform. */
async function foundBy({ portal, from }: PassVerdict): Promise<{ rule: string; epcs: string[] }[]> {
  const { rows } = await database.query<{ rule: string; epcs: string[] }>(
    `SELECT rule, portal -> 'epcs' AS epcs FROM findings WHERE key = $1 AND from_at = to_timestamp($2::bigint / 1000.0) ORDER BY rule COLLATE "C"`,
    [`portal:${portal.id}`, from],
  );
  return rows;
}

function verdictOf({ clearance: _, pass: __, portal: ___, from: ____, to: _____, ...verdict }: PassVerdict) {
  return verdict;
}
