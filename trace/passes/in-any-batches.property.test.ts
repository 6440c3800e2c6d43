import fc from 'fast-check';
import type { ClientBase } from 'pg';
import { expect, test } from 'vitest';
import { identityOfTag } from '../../codecs/epc/index.ts';
import { type Epc, formPasses, type GpiEvent, type Portal, type Sighting } from '../../domain/index.ts';
import { PostgresFacts } from '../../storage/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { keepShipmentPlaces, restateShipments } from '../shipments/index.ts';
import { type Arrival, at, door, notice, pallet, said, tagOf, vial, Yard } from '../testing/yard.ts';
import { judgePass } from './evidence.ts';
import { passesById } from './kept-pass.ts';
import { canonical } from './outcome.ts';
import { Registry } from './registry.ts';

const database = await testDatabase();
const yard = new Yard(database);
const START = at('10:00');
const SPAN_MS = 240_000;

/** A tag at a door: which of its antennas, when, for how long. */
const someRead = fc.record({
  door: fc.nat(1),
  antenna: fc.constantFrom(1, 2),
  thing: fc.nat(7),
  // Near each other as well as minutes apart.
  from: fc.oneof(fc.integer({ min: 0, max: SPAN_MS }), fc.integer({ min: 60_000, max: 80_000 })),
  ms: fc.integer({ min: 0, max: 20_000 }),
  count: fc.integer({ min: 1, max: 9 }),
  rssiDbm: fc.constantFrom(-45, -58, -70, null),
});
const someTrigger = fc.record({ from: fc.nat(SPAN_MS), ms: fc.integer({ min: 500, max: 8_000 }) });
/** Of things 0 to 5 which are in pallet 6 or 7 from when on; the pallets may be in each other. */
const somePacking = fc.record({
  unit: fc.constantFrom(6, 7),
  children: fc.uniqueArray(fc.nat(5), { minLength: 1 }),
  isUnpacked: fc.boolean(),
});

/** Each run has a site and goods of its own, so that none needs an empty database. */
let runs = 0;

test('in any batches, late ones and restarts between them too, passes and verdicts are those of everything at once', async () => {
  const property = fc.asyncProperty(
    fc.array(someRead, { minLength: 1, maxLength: 40 }),
    fc.array(someTrigger, { maxLength: 4 }),
    fc.array(somePacking, { maxLength: 4 }),
    // How far each arrival is from where its time has it, how many share a batch, and after which the platform restarts.
    fc.infiniteStream(fc.nat(1_000)),
    async (reads, triggers, packings, chance) => {
      const run = ++runs;
      const site = `site:${run}`;
      const doors = [door(`dock-${run}-a`, site, { quietMs: 3_000, capMs: 30_000 }), door(`dock-${run}-b`, site)];
      const epcOf = (thing: number): Epc => (thing < 6 ? vial(run * 100 + thing) : pallet(run * 10 + thing));
      const sightings = reads.map((read): Sighting => {
        const { antenna, count, rssiDbm } = read;
        const firstSeen = START + read.from;
        const seen = { firstSeen, lastSeen: firstSeen + read.ms, count, rssiDbm };
        const reader = `${doors[read.door]?.id}-reader`;
        return { reader, antenna, epcHex: tagOf(epcOf(read.thing)), epcBits: 96, ...seen };
      });
      const gpi = triggers.flatMap(({ from, ms }): GpiEvent[] =>
        [true, false].map((isHigh) => {
          return { reader: `${doors[0]?.id}-reader`, port: 1, isHigh, at: START + from + (isHigh ? 0 : ms) };
        }),
      );
      const late = packings.map(({ unit, children, isUnpacked }, index): Arrival => {
        const moment = START + 30_000 * index + 1;
        return (isUnpacked ? said.unpacked : said.packed)(epcOf(unit), children.map(epcOf), moment);
      });
      const listed = notice(`SHP-${run}`, [{ sscc: epcOf(6), children: [0, 1, 2].map(epcOf) }], { destination: site });
      for (const portal of doors) await yard.hears(said.portal(portal));
      const arrivals: Arrival[] = [
        ...sightings.map((sighting) => said.seen([sighting])),
        ...gpi.map((event): Arrival => ({ report: { gpi: [event] } })),
        ...doors.map((portal) => said.complete(portal, START + SPAN_MS / 2)),
        ...late,
        said.asn(listed),
        // Said again they are formed again, whole.
        ...doors.map(said.portal),
      ];
      await arriving(arrivals, chance);

      // A pass that became part of another one took its reads with it.
      const orphans = await database.query(
        'SELECT r.pass FROM pass_reads r LEFT JOIN passes p ON p.id = r.pass WHERE r.epc = ANY($1::text[]) AND p.id IS NULL',
        [reads.map(({ thing }) => epcOf(thing))],
      );
      expect(orphans.rows).toEqual([]);
      const { rows: kept } = await database.query<{ id: number }>(
        'SELECT id FROM passes WHERE portal = ANY($1::text[])',
        [doors.map(({ id }) => id)],
      );
      await database.transaction(async (client) => {
        const registry = await Registry.load(database.pool, new PostgresFacts({ database }), [], () => () => true);
        const passes = await passesById(
          client,
          kept.map(({ id }) => id),
        );
        for (const portal of doors) {
          const formed = formPasses(portal, sightings, gpi, identityOfTag);
          const own = passes.filter((pass) => pass.portal === portal.id);
          expect(own.map(withoutId)).toEqual(
            formed.map((pass) => withoutId({ ...pass, reads: pass.reads.map(named) })),
          );
        }
        for (const pass of passes) {
          const portal = doors.find(({ id }) => id === pass.portal) as Portal;
          const { outcome } = await judgePass(client, registry, portal, pass);
          expect(await written(pass.id)).toEqual({
            verdict: canonical(outcome.verdict),
            reads: outcome.reads
              .map(({ epc, status, reason }) => ({ epc, status, reason }))
              .sort((a, b) => (a.epc < b.epc ? -1 : 1)),
            units: outcome.units,
          });
        }
        // Worked out anew only where a pass went another way than before, the shipment is what it would be worked out whole.
        const shipment = `SHP-${run}`;
        expect(await restateShipments(client, [shipment], doors, at('23:00'))).toEqual([]);
        const seenFrom = await placesOf(client, shipment);
        await keepShipmentPlaces(client, [shipment]);
        expect(await placesOf(client, shipment)).toEqual(seenFrom);
      });
    },
  );
  await fc.assert(property, { numRuns: 12 });
});

async function arriving(arrivals: readonly Arrival[], chance: Iterator<number>): Promise<void> {
  const draw = () => chance.next().value as number;
  // Some stay where they are, most move a little, some a lot.
  const places = arrivals.map((arrival, index) => ({
    arrival,
    place: index + (draw() % 5 === 0 ? draw() : draw() % 8),
  }));
  const order = places.sort((a, b) => a.place - b.place).map(({ arrival }) => arrival);
  for (let next = 0; next < order.length; ) {
    const count = 1 + (draw() % 7);
    if (draw() % 6 === 0) await yard.restarts();
    await yard.hearsAtOnce(order.slice(next, next + count));
    next += count;
  }
}

function named<Read extends { epcHex: string; epcBits: number }>(read: Read): Read & { epc: Epc } {
  return { ...read, epc: identityOfTag(read.epcHex, read.epcBits) };
}

function withoutId<Pass extends object>(pass: Pass): unknown {
  const { id: _, ...rest } = { id: 0, ...pass };
  return rest;
}

async function placesOf(client: ClientBase, shipment: string): Promise<unknown[]> {
  const { rows } = await client.query('SELECT place FROM shipment_places WHERE shipment = $1 ORDER BY place', [
    shipment,
  ]);
  return rows;
}

async function written(pass: number) {
  const { rows } = await database.query<{ verdict: unknown }>('SELECT verdict FROM passes WHERE id = $1', [pass]);
  const reads = await database.query(
    'SELECT epc, status, reason FROM pass_reads WHERE pass = $1 ORDER BY epc COLLATE "C"',
    [pass],
  );
  const units = await database.query(
    `SELECT unit, shipment, inferred_from AS "inferredFrom", direction, direction_reason AS "directionReason", serials, seen
     FROM pass_units WHERE pass = $1 ORDER BY unit COLLATE "C"`,
    [pass],
  );
  return { verdict: canonical(rows[0]?.verdict), reads: reads.rows, units: units.rows };
}
