import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Epc } from '../domain/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import type { RecalledSerial, SerialRecord, ShipmentRecord } from './index.ts';
import { TraceQueries } from './queries.ts';
import { type Arrival, at, door, notice, pallet, said, through, vial, vials, Yard } from './testing/yard.ts';

const database = await testDatabase();
const yard = new Yard(database);
const everywhere = new TraceQueries({ database });

const SITES = ['site:berlin', 'site:lyon', 'site:milan'] as const;
const DOORS = SITES.map((site) => door(`door-${site.slice(5)}`, site));
/** What belongs to a site: `door` says that its inner side is a room of it. */
const placesOf = (site: string) => [site, `${site.replace('site:', 'room:')}/dock`];
const GTIN = '80614141123458';
const DEVICES = ['logger-1', 'logger-2', 'logger-3'];
const PALLETS = [pallet(1), pallet(2), pallet(3)];
const SERIALS = vials(1, 9);

const aSite = fc.constantFrom(...SITES);
const anHour = fc.integer({ min: 8, max: 20 }).map((hour) => at(`${String(hour).padStart(2, '0')}:00`));

/** A day of goods on the move: announced or not, packed, unpacked, carried through doors, with loggers or without. */
const something: fc.Arbitrary<Arrival> = fc.oneof(
  fc
    .record({ n: fc.integer({ min: 1, max: 3 }), origin: aSite, destination: aSite, on: fc.constantFrom(...PALLETS) })
    .map(({ n, origin, destination, on }) => {
      const children = vials(n * 3 - 2, n * 3 - 1);
      return said.asn(notice(`SHP-${n}`, [{ sscc: on, children }], { origin, destination }));
    }),
  fc
    .record({
      which: fc.constantFrom(...DOORS),
      on: fc.subarray([...PALLETS, ...SERIALS], { minLength: 1, maxLength: 4 }),
    })
    .chain(({ which, on }) =>
      fc
        .tuple(anHour, fc.constantFrom('in' as const, 'out' as const))
        .map(([when, way]) => said.seen(through(which, way, when, on))),
    ),
  fc
    .tuple(fc.constantFrom(...PALLETS), fc.subarray(SERIALS, { minLength: 1, maxLength: 3 }), anHour, fc.boolean())
    .map(([unit, children, when, isUnpacked]) =>
      isUnpacked ? said.unpacked(unit, children, when) : said.packed(unit, children, when),
    ),
  fc
    .tuple(fc.constantFrom(...DEVICES), fc.constantFrom(...PALLETS, ...SITES, 'room:lyon/dock', null), anHour)
    .map(([device, subject, when]) => said.attached(device, subject, when)),
);

/** The whole world, as who sees everything is told it. */
interface Whole {
  readonly shipments: readonly ShipmentRecord[];
  readonly goods: ReadonlyMap<Epc, SerialRecord>;
  /** EPCs that a door read, by its site. */
  readonly read: readonly { readonly epc: Epc; readonly site: string }[];
  /** Units that went through a door, with when, and the shipment they were taken for. */
  readonly passed: readonly {
    readonly unit: Epc;
    readonly site: string;
    readonly shipment: string | null;
    readonly from: number;
    readonly to: number;
  }[];
  readonly listed: readonly { readonly shipment: string; readonly epc: Epc }[];
  readonly attached: readonly { readonly device: string; readonly subject: string }[];
}

async function lookAtAll(): Promise<Whole> {
  const goods = new Map<Epc, SerialRecord>();
  for (const epc of [...PALLETS, ...SERIALS]) {
    const record = await everywhere.serial(epc);
    if (record !== null) goods.set(epc, record);
  }
  return {
    goods,
    shipments: (await everywhere.shipments()).items,
    read: (await yard.rows(
      `SELECT r.epc, t.site FROM pass_reads r JOIN passes p ON p.id = r.pass JOIN portals t ON t.id = p.portal
       WHERE r.status IS DISTINCT FROM 'stray'`,
    )) as Whole['read'],
    passed: (await yard.rows(
      `SELECT u.unit, t.site, u.shipment, p.since AS "from", p.until AS "to" FROM pass_units u
       JOIN passes p ON p.id = u.pass JOIN portals t ON t.id = p.portal`,
    )) as Whole['passed'],
    listed: (await yard.rows('SELECT shipment, epc FROM shipment_lines')) as Whole['listed'],
    attached: (await yard.rows(
      'SELECT device, subject FROM attachments WHERE holds AND subject IS NOT NULL',
    )) as Whole['attached'],
  };
}

/** The rule in words, followed one thing at a time (docs/permissions.md, "Sites"). */
class Reference {
  readonly #whole: Whole;
  readonly #site: string;
  readonly #places: readonly string[];

  constructor(whole: Whole, site: string) {
    this.#whole = whole;
    this.#site = site;
    this.#places = placesOf(site);
  }

  /** Its origin, destination, where its units were once they belonged to it, and the doors they passed for it. */
  shipment({ id, origin, destination, units }: ShipmentRecord): boolean {
    return (
      this.#places.includes(origin) ||
      this.#places.includes(destination) ||
      this.#whole.passed.some(({ site, shipment }) => site === this.#site && shipment === id) ||
      units.some(({ epc }) =>
        this.#ownPlaces(epc).some(({ place, to }) => this.#isHere(place) && (to ?? Infinity) > at('07:30')),
      )
    );
  }

  /** A shipment that lists it, a door that read it, or where it was, by itself and in whatever it was in. */
  goods(epc: Epc): boolean {
    const { listed, read, goods } = this.#whole;
    if (!goods.has(epc)) return false;
    return (
      listed.some((line) => line.epc === epc && this.#shipments().includes(line.shipment)) ||
      read.some((one) => one.epc === epc && one.site === this.#site) ||
      this.#wasHere(epc, -Infinity, Infinity, 0)
    );
  }

  device(id: string): boolean {
    return this.#whole.attached
      .filter(({ device }) => device === id)
      .some(({ subject }) => this.#isHere(subject) || this.goods(subject));
  }

  #wasHere(epc: Epc, from: number, to: number, depth: number): boolean {
    const record = this.#whole.goods.get(epc);
    if (record === undefined || depth > 8) return false;
    const overlaps = (one: { from: number; to: number | null }) => one.from < to && (one.to ?? Infinity) > from;
    return (
      this.#ownPlaces(epc).some((one) => this.#isHere(one.place) && overlaps(one)) ||
      record.presence.some((one) => this.#isHere(one.place) && overlaps(one)) ||
      this.#whole.passed.some((one) => one.unit === epc && one.site === this.#site && overlaps(one)) ||
      (at('07:30') < to &&
        this.#whole.shipments.some(
          ({ id, units }) => units.some((unit) => unit.epc === epc) && this.#shipments().includes(id),
        )) ||
      record.containment
        .filter(overlaps)
        .some((one) => this.#wasHere(one.parent, Math.max(from, one.from), Math.min(to, one.to ?? Infinity), depth + 1))
    );
  }

  /** Where it was said to be by itself, until the next word on it. */
  #ownPlaces(epc: Epc): readonly { place: string; from: number; to: number | null }[] {
    return this.#whole.goods.get(epc)?.presence ?? [];
  }

  #shipments(): readonly string[] {
    return this.#whole.shipments.filter((one) => this.shipment(one)).map(({ id }) => id);
  }

  #isHere(place: string): boolean {
    return this.#places.includes(place);
  }
}

describe('whatever was announced, packed, carried and unpacked, a person of one site is shown', () => {
  test('of each list exactly what the rule in words leaves of the whole one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(something, { minLength: 1, maxLength: 14 }), async (arrivals) => {
        await yard.clear();
        await yard.hears(...DOORS.map((one) => said.portal(one)), ...arrivals);
        const whole = await lookAtAll();
        const recall = { gtin: GTIN };
        const all = (await everywhere.recalledSerials(recall, { limit: 100 })).items;
        for (const site of SITES) {
          const reference = new Reference(whole, site);
          const theirs = everywhere.at(placesOf(site));
          const shipments = whole.shipments.filter((one) => reference.shipment(one)).map(({ id }) => id);
          expect(
            (await theirs.shipments()).items.map(({ id }) => id),
            site,
          ).toEqual(shipments);
          for (const { id } of whole.shipments) {
            expect((await theirs.shipment(id)) !== null, `${site} ${id}`).toBe(shipments.includes(id));
          }
          const goods = [...whole.goods.keys()].filter((epc) => reference.goods(epc));
          expect([...(await theirs.seenGoods([...PALLETS, ...SERIALS, vial(99)]))].sort(), site).toEqual(goods.sort());
          for (const epc of whole.goods.keys()) {
            expect((await theirs.serial(epc)) !== null, `${site} ${epc}`).toBe(goods.includes(epc));
            expect((await theirs.serial(epc))?.shipments ?? [], epc).toEqual(
              goods.includes(epc) ? (whole.goods.get(epc)?.shipments ?? []).filter((id) => shipments.includes(id)) : [],
            );
          }
          expect([...(await theirs.seenDevices(DEVICES))].sort()).toEqual(DEVICES.filter((id) => reference.device(id)));
          // Recall: its pages, its groups, what it hides, and its file.
          const mine = all.filter(({ epc }) => goods.includes(epc)).map(({ epc }) => epc);
          const page = await theirs.recalledSerials(recall, { limit: 100 });
          expect(page.items.map(({ epc }) => epc)).toEqual(mine);
          const { serials, elsewhere, groups } = await theirs.recall(recall);
          expect([serials, elsewhere]).toEqual([mine.length, all.length - mine.length]);
          expect(groups.reduce((sum, group) => sum + group.serials, 0)).toBe(mine.length);
          const file: RecalledSerial[] = [];
          for await (const some of theirs.everyRecalledSerial(recall)) file.push(...some);
          expect(file.map(({ epc }) => epc)).toEqual(mine);
          // Search finds each by its own name or not at all.
          for (const epc of SERIALS) {
            const found = await theirs.search(epc, 10);
            expect(found.serials.map((one) => one.epc)).toEqual(mine.includes(epc) ? [epc] : []);
          }
          for (const { id } of whole.shipments) {
            const found = await theirs.search(id, 10);
            expect(found.shipments.map((one) => one.id)).toEqual(shipments.includes(id) ? [id] : []);
          }
        }
      }),
      { numRuns: 12 },
    );
  }, 240_000);
});
