import { gtinOf } from '../../codecs/epc/index.ts';
import type { Epc } from '../../domain/index.ts';
import type { Queries } from '../client.ts';

/** A notice lists an EPC from a moment on. */
export interface Listing {
  readonly epc: Epc;
  readonly profile: string;
  readonly since: number;
}

/** What the product of a serial stands. */
export interface ProductLimits {
  readonly budgetMs: number | null;
  readonly windowMs: number | null;
  /** The time constant with which it follows the air; of the register alone. */
  readonly thermalMassMs: number | null;
  readonly profile: string | null;
}

/** What was used of a budget before a moment. */
export interface CarriedIn {
  readonly carriedInMs: number;
  readonly since: number;
}

/** What the maker says a serial is. */
export interface SerialIdentity {
  readonly gtin: string | null;
  readonly lot: string | null;
  readonly expiry: string | null;
}

/** What notices and registers say of serials, and of what they are in. */
export interface SerialLimits {
  /** Notices that list any of these, the last to hold first. */
  listings(epcs: Iterable<Epc>): readonly Listing[];
  /** What the last notice to depart says that its product stands; else what is registered of the product. */
  product(epc: Epc): ProductLimits;
  /** What the latest notice says was used before: it replaces all that we know of from before it. */
  carriedIn(epc: Epc): CarriedIn | undefined;
  identity(epc: Epc): SerialIdentity;
}

/** A line of a notice with all that it lists alike; `at` are places in the list of EPCs. */
interface Line {
  readonly shipment: string;
  readonly unit: string | null;
  readonly usedMs: number | null;
  readonly at: readonly number[];
}

interface ProductLine {
  readonly shipment: string;
  readonly line: number;
  readonly gtin: string;
  readonly lot: string | null;
  readonly budgetMs: number | null;
  readonly windowMs: number | null;
  readonly departs: number;
}

/**
 * Asked for once for many serials: the database gathers what ten thousand of them have in common, so that what comes back is
 * a row for each pallet and not for each serial.
 * @param parents what they are or were in
 */
export async function serialLimitsOf(
  client: Queries,
  epcs: readonly Epc[],
  parents: Iterable<Epc>,
): Promise<SerialLimits> {
  const asked = [...new Set([...epcs, ...parents])];
  const { rows: lines } = await client.query<Line>(
    `SELECT l.shipment, l.unit, l.budget_used_ms AS "usedMs", array_agg(a.n::int - 1) AS at
     FROM unnest($1::text[]) WITH ORDINALITY AS a (epc, n) JOIN shipment_lines l ON l.epc = a.epc GROUP BY 1, 2, 3`,
    [asked],
  );
  const { rows: units } = await client.query<{ shipment: string; unit: Epc; since: number; profile: string }>(
    `SELECT u.shipment, u.unit, u.since, s.profile FROM shipment_units u JOIN shipments s ON s.id = u.shipment
     WHERE u.unit = ANY($1::text[])`,
    [[...new Set([...asked, ...lines.flatMap(({ unit }) => unit ?? [])])]],
  );
  const shipments = [...new Set(lines.map(({ shipment }) => shipment))];
  const { rows: notices } = await client.query<{ id: string; profile: string; departs: number }>(
    'SELECT id, profile, departs FROM shipments WHERE id = ANY($1::text[])',
    [shipments],
  );
  const gtins = asked.map(gtinOf);
  const known = [...new Set(gtins.filter((gtin) => gtin !== null))];
  const { rows: products } = await client.query<ProductLine>(
    `SELECT l.shipment, l.line, l.gtin, l.lot, l.budget_ms AS "budgetMs", l.mkt_window_ms AS "windowMs", s.departs
     FROM shipment_products l JOIN shipments s ON s.id = l.shipment
     WHERE l.shipment = ANY($1::text[]) AND l.gtin = ANY($2::text[]) AND (l.budget_ms IS NOT NULL OR l.mkt_window_ms IS NOT NULL)`,
    [shipments, known],
  );
  const { rows: registered } = await client.query<ProductLimits & { gtin: string }>(
    `SELECT gtin, budget_ms AS "budgetMs", mkt_window_ms AS "windowMs", thermal_mass_ms AS "thermalMassMs", profile
     FROM products WHERE gtin = ANY($1::text[])`,
    [known],
  );
  const { rows: identities } = await client.query<SerialIdentity & { at: readonly number[] }>(
    `SELECT s.gtin, s.lot, s.expiry, array_agg(a.n::int - 1) AS at
     FROM unnest($1::text[]) WITH ORDINALITY AS a (epc, n) JOIN serials s ON s.epc = a.epc GROUP BY 1, 2, 3`,
    [asked],
  );
  const index = new Map(asked.map((epc, at) => [epc, at]));
  const linesAt: Line[][] = [];
  for (const line of lines) {
    for (const at of line.at) {
      const known = linesAt[at];
      if (known === undefined) linesAt[at] = [line];
      else known.push(line);
    }
  }
  const identityAt: SerialIdentity[] = [];
  for (const { at: places, gtin, lot, expiry } of identities) {
    const identity = { gtin, lot, expiry };
    for (const at of places) identityAt[at] = identity;
  }
  const notice = new Map(notices.map((one) => [one.id, one]));
  const product = new Map(registered.map(({ gtin, ...limits }) => [gtin, limits]));
  const sinceOf = new Map(units.map((unit) => [`${unit.unit} ${unit.shipment}`, unit.since]));
  const unitsOf = Map.groupBy(units, ({ unit }) => unit);
  // Of the last to depart, of its own lot before another's, the first line.
  const told = products.toSorted((a, b) => b.departs - a.departs || order(a.shipment, b.shipment) || a.line - b.line);
  const toldOf = new Map<string, ProductLimits>();
  const linesOf = (epc: Epc) => linesAt[index.get(epc) ?? -1] ?? [];

  function limitsOf(epc: Epc): ProductLimits {
    const at = index.get(epc) ?? -1;
    const gtin = gtins[at] ?? null;
    const base = product.get(gtin ?? '') ?? NO_LIMITS;
    if (told.length === 0 || gtin === null) return base;
    const lot = identityAt[at]?.lot ?? null;
    const own = new Set(linesOf(epc).map(({ shipment }) => shipment));
    const key = JSON.stringify([gtin, lot, [...own].sort()]);
    const remembered = toldOf.get(key);
    if (remembered !== undefined) return remembered;
    const theirs = told.filter((line) => line.gtin === gtin && own.has(line.shipment));
    const best =
      theirs.find(({ shipment, ...line }) => shipment === theirs[0]?.shipment && line.lot === lot) ?? theirs[0];
    const limits = {
      ...base,
      budgetMs: best?.budgetMs ?? base.budgetMs,
      windowMs: best?.windowMs ?? base.windowMs,
    };
    toldOf.set(key, limits);
    return limits;
  }

  return {
    product: limitsOf,
    identity: (epc) => identityAt[index.get(epc) ?? -1] ?? { gtin: gtinOf(epc), lot: null, expiry: null },
    listings: (wanted) => {
      const found = new Map<string, Listing>();
      const add = (epc: Epc, profile: string, since: number) =>
        found.set(`${epc} ${profile} ${since}`, { epc, profile, since });
      for (const epc of wanted) {
        for (const { shipment, unit } of linesOf(epc)) {
          const one = notice.get(shipment);
          if (one !== undefined) add(epc, one.profile, sinceOf.get(`${unit} ${shipment}`) ?? one.departs);
        }
        for (const { profile, since } of unitsOf.get(epc) ?? []) add(epc, profile, since);
      }
      return [...found.values()].sort((a, b) => b.since - a.since || order(a.profile, b.profile));
    },
    carriedIn: (epc) => {
      let latest: (CarriedIn & { readonly shipment: string }) | undefined;
      for (const { shipment, unit, usedMs } of linesOf(epc)) {
        const since = sinceOf.get(`${unit} ${shipment}`);
        if (usedMs === null || since === undefined) continue;
        if (latest === undefined || since > latest.since || (since === latest.since && shipment > latest.shipment)) {
          latest = { carriedInMs: usedMs, since, shipment };
        }
      }
      return latest && { carriedInMs: latest.carriedInMs, since: latest.since };
    },
  };
}

const NO_LIMITS: ProductLimits = { budgetMs: null, windowMs: null, thermalMassMs: null, profile: null };

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
