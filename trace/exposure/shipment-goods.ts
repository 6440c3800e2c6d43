import {
  airPieces,
  type Epc,
  type GoodsGroup,
  HeldValues,
  type History,
  type Metric,
  metricByName,
  mktDuring,
  type ShipmentGoods,
  silentAfterOf,
  type UnitOpening,
} from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { contentsAt } from '../statements/index.ts';
import { type Alike, ExposureGroups } from './exposure-groups.ts';
import { lastProfile, TEMPERATURE } from './serial-exposure.ts';

/** A shipment whose units are opened more often on the way is found by the first of them. */
const MOST_OPENINGS = 100;

/** A shipment as rules on goods see it. */
interface Bounds {
  readonly lane: string | null;
  readonly from: number;
  readonly to: number | null;
  readonly arrives: number | null;
  readonly sealed: number;
}

/**
 * Loads a shipment's serials with all they went through, by groups of those that went through the same: what the rules on goods
 * judge (docs/rules.md). The same legs, values and budgets as {@link ExposureGroups} and `GET /serials/{epc}` have.
 */
export class ShipmentGoodsLoader {
  readonly #database: Database;
  readonly #groups: ExposureGroups;

  constructor(options: { readonly database: Database; readonly history: History }) {
    this.#database = options.database;
    this.#groups = new ExposureGroups(options);
  }

  /** @returns null of a shipment that is not known, was cancelled, or lists no serial */
  async of(shipment: string, now: number, metrics: readonly Metric[]): Promise<ShipmentGoods | null> {
    const bounds = await this.#bounds(shipment);
    if (bounds === null) return null;
    const { rows } = await this.#database.query<{ epc: Epc }>(
      'SELECT epc FROM shipment_lines WHERE shipment = $1 AND is_serial ORDER BY epc',
      [shipment],
    );
    if (rows.length === 0) return null;
    const until = Math.min(bounds.to ?? now, now);
    const { alike, from } = await this.#groups.alike(
      rows.map(({ epc }) => epc),
      { until },
    );
    const temperature = await this.#groups.values(alike, TEMPERATURE, from, until);
    const others = new Map<Metric, typeof temperature>();
    for (const metric of metrics) {
      others.set(metric, await this.#groups.values(alike, metricByName(metric)?.code ?? 0, from, until));
    }
    const ways = await this.#ways(shipment);
    const devices = new Set(alike.flatMap(({ legs }) => legs.flatMap((leg) => leg.devices)));
    return {
      ...{ shipment, ...bounds, devices: [...devices].sort() },
      openings: await this.#openings(shipment, bounds.sealed, until),
      groups: alike.map((one) => ({ ...groupOf(one, temperature, others), way: wayOf(one, ways) })),
    };
  }

  /** When something was taken out of a unit of the shipment in [from, to]; at most {@link MOST_OPENINGS}. */
  #openings(shipment: string, from: number, to: number): Promise<UnitOpening[]> {
    return this.#database.transaction(async (client) => {
      const { rows } = await client.query<{ unit: Epc; at: number }>(
        `SELECT DISTINCT c.value AS unit, c.until AS at FROM shipment_units u JOIN containment_histories c ON c.value = u.unit
         WHERE u.shipment = $1 AND c.holds AND c.until >= $2 AND c.until <= $3 ORDER BY at, unit LIMIT $4`,
        [shipment, from, to, MOST_OPENINGS],
      );
      const openings: UnitOpening[] = [];
      for (const { unit, at } of rows) {
        const inside = (await contentsAt(client, [unit], at - 1)).get(unit) ?? [];
        openings.push({ at, unit, epcs: new Set(inside.map(({ epc }) => epc)) });
      }
      return openings;
    });
  }

  /** When its units went out at its origin first, and came in at its destination. */
  async #ways(shipment: string): Promise<ReadonlyMap<Epc, GoodsGroup['way']>> {
    const { rows } = await this.#database.query<{ unit: Epc; left: number | null; came: number | null }>(
      `SELECT u.unit, min(p.since) FILTER (WHERE m.direction = 'out' AND k.site = s.origin) AS left,
         min(p.since) FILTER (WHERE m.direction = 'in' AND k.site = s.destination) AS came
       FROM shipments s JOIN shipment_units u ON u.shipment = s.id JOIN pass_units m ON m.unit = u.unit
         JOIN passes p ON p.id = m.pass JOIN portals k ON k.id = p.portal
       WHERE s.id = $1 AND m.shipment = s.id GROUP BY u.unit`,
      [shipment],
    );
    return new Map(rows.map(({ unit, ...way }) => [unit, way]));
  }

  async #bounds(shipment: string): Promise<Bounds | null> {
    const { rows } = await this.#database.query<Bounds>(
      `SELECT s.lane, coalesce((SELECT min(since) FROM shipment_units u WHERE u.shipment = s.id), s.departs) AS "from",
         coalesce(s.received_at, s.closed_at) AS "to", s.arrives, coalesce(s.left_at, s.departs) AS sealed
       FROM shipments s WHERE s.id = $1 AND s.state <> 'cancelled'`,
      [shipment],
    );
    return rows[0] ?? null;
  }
}

type Values = Awaited<ReturnType<ExposureGroups['values']>>;

/** Of several units the first to leave and the last to come; where one of them was not seen, nobody says. */
function wayOf({ units }: Alike, ways: ReadonlyMap<Epc, GoodsGroup['way']>): GoodsGroup['way'] {
  const own = units.map((unit) => ways.get(unit) ?? { left: null, came: null });
  const all = (which: 'left' | 'came') => own.flatMap((way) => way[which] ?? []);
  const [left, came] = [all('left'), all('came')];
  return {
    left: left.length > 0 && left.length === own.length ? Math.min(...left) : null,
    came: came.length > 0 && came.length === own.length ? Math.max(...came) : null,
  };
}

function groupOf(
  { epcs, legs, identity, product, carried, units }: Alike,
  temperature: Values,
  others: ReadonlyMap<Metric, Values>,
): Omit<GoodsGroup, 'way'> {
  const goodOf = (values: Values) => (device: string) => values.get(device)?.good ?? HeldValues.none;
  const told = legs.map((leg) => ({ leg, devices: leg.devices.map(goodOf(temperature)) }));
  const air = new Map([['temperature' as Metric, airPieces(legs, goodOf(temperature))]]);
  for (const [metric, values] of others) air.set(metric, airPieces(legs, goodOf(values)));
  const onGoods = legs.map((leg) => (leg.through !== null && 'unit' in leg.through ? leg : { ...leg, devices: [] }));
  const own = new Map([...others].map(([metric, values]) => [metric, airPieces(onGoods, goodOf(values))]));
  const [unit, ...more] = units;
  return {
    ...{ epcs, gtin: identity.gtin, lot: identity.lot, unit: more.length === 0 ? (unit ?? null) : null },
    ...{ profile: lastProfile(legs)?.id ?? null, air, own, mktDuring: (from, to) => mktDuring(told, from, to) },
    silentAfter: silentAfterOf(told),
    budgetMs: product.budgetMs,
    thermalMassMs: product.thermalMassMs,
    carried: carried === null ? null : { ms: carried.carriedInMs, since: carried.since },
  };
}
