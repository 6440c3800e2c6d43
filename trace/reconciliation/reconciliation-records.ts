import { createHash } from 'node:crypto';
import type pg from 'pg';
import { gtinOf, isSgtin } from '../../codecs/epc/index.ts';
import type { Epc, SettlementFact } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { completeUntil, EARLY_MS, passName, type ReadStatus, type Verdict } from '../passes/index.ts';
import { receiptsOf } from '../shipments/index.ts';
import { ancestorsAt } from '../statements/index.ts';
import { type Difference, type Extra, reconcile, type SitePass, type UnitCount } from './reconciliation.ts';

/** A difference as people see and settle it. */
export interface DifferenceRecord extends Difference {
  /** Changes when the difference is another: settling asks for it. */
  readonly id: string;
  readonly shipment: string | null;
  readonly site: string;
  readonly settlement: Settlement | null;
}

export interface Settlement {
  readonly how: SettlementFact['how'];
  readonly reason: string;
  readonly by: string;
  readonly at: number;
}

/** What differs at both ends of a shipment, open ones first; null where there is no such shipment. */
export async function shipmentDifferences(database: Database, id: string): Promise<DifferenceRecord[] | null> {
  return database.transaction(async (client) => {
    const shipment = await listedIn(client, id);
    if (shipment === null) return null;
    const records: DifferenceRecord[] = [];
    for (const role of ['origin', 'destination'] as const) {
      const site = shipment[role];
      if (role === 'destination' && site === shipment.origin) continue;
      const evidence = await siteEvidence(client, shipment, site);
      const found = reconcile({ ...evidence, role, ...shipment.listed });
      records.push(...(await settledApart(client, found, { shipment: id, site })));
    }
    return openFirst(records);
  });
}

/** What differs in one pass: of the shipments that it carried, and what came without data. */
export async function passDifferences(database: Database, name: string): Promise<DifferenceRecord[] | null> {
  const id = Number(/^pass-(\d{1,15})$/.exec(name)?.[1] ?? Number.NaN);
  if (Number.isNaN(id)) return null;
  const { rows } = await database.query<{ site: string; verdict: Verdict; portal: string; since: number }>(
    `SELECT t.site, p.verdict, p.portal, p.since FROM passes p JOIN portals t ON t.id = p.portal
     WHERE p.id = $1 AND p.verdict IS NOT NULL`,
    [id],
  );
  const [pass] = rows;
  if (pass === undefined) return null;
  const records: DifferenceRecord[] = [];
  for (const shipment of pass.verdict.shipments) {
    const all = (await shipmentDifferences(database, shipment)) ?? [];
    records.push(...all.filter((one) => one.pass === name));
  }
  if (!pass.verdict.isProvisional) {
    records.push(...(await database.transaction((client) => withoutData(client, id, { ...pass, name }))));
  }
  return openFirst(records);
}

interface Listed {
  readonly id: string;
  readonly origin: string;
  readonly destination: string;
  readonly departs: number;
  readonly closedAt: number | null;
  readonly epcs: ReadonlySet<Epc>;
  readonly gtins: ReadonlySet<string>;
  readonly listed: Pick<
    Parameters<typeof reconcile>[0],
    'arrives' | 'serials' | 'outermost' | 'lots' | 'counts' | 'received' | 'damaged'
  >;
}

async function listedIn(client: pg.ClientBase, id: string): Promise<Listed | null> {
  const { rows: shipments } = await client.query<{
    origin: string;
    destination: string;
    departs: number;
    arrives: number | null;
    closed_at: number | null;
  }>('SELECT origin, destination, departs, arrives, closed_at FROM shipments WHERE id = $1', [id]);
  const [shipment] = shipments;
  if (shipment === undefined) return null;
  const { rows: units } = await client.query<{ unit: Epc; is_outermost: boolean }>(
    'SELECT unit, is_outermost FROM shipment_units WHERE shipment = $1 ORDER BY unit',
    [id],
  );
  const { rows: lines } = await client.query<{
    epc: Epc;
    unit: Epc | null;
    is_serial: boolean;
    noticed_lot: string | null;
    made_lot: string | null;
    status: string | null;
    status_since: number | null;
  }>(
    `SELECT l.epc, l.unit, l.is_serial, s.noticed_lot, s.made_lot, s.status, s.status_since
     FROM shipment_lines l LEFT JOIN serials s USING (epc) WHERE l.shipment = $1 ORDER BY l.epc`,
    [id],
  );
  const { rows: products } = await client.query<{ gtin: string; lot: string | null }>(
    'SELECT gtin, lot FROM shipment_products WHERE shipment = $1',
    [id],
  );
  const parents = new Map(lines.map(({ epc, unit }) => [epc, unit]));
  const serials = lines.filter(({ is_serial }) => is_serial);
  const { rows: counts } = await client.query<UnitCount>(
    'SELECT unit, at, position, found, damaged FROM unit_counts WHERE unit = ANY($1::text[]) ORDER BY position, index',
    [units.map(({ unit }) => unit)],
  );
  const received = new Map<Epc, number>();
  for (const { unit, since } of await receiptsOf(client, [id])) {
    received.set(unit, Math.min(received.get(unit) ?? since, since));
  }
  const noticed = serials.map(({ epc, noticed_lot }) => ({ gtin: gtinOf(epc) ?? '', lot: noticed_lot }));
  return {
    ...{ id, origin: shipment.origin, destination: shipment.destination },
    ...{ departs: shipment.departs, closedAt: shipment.closed_at },
    epcs: new Set([...units.map(({ unit }) => unit), ...lines.map(({ epc }) => epc)]),
    gtins: new Set(noticed.map(({ gtin }) => gtin)),
    listed: {
      arrives: shipment.arrives,
      outermost: units.filter(({ is_outermost }) => is_outermost).map(({ unit }) => unit),
      serials: serials.map(({ epc, unit, made_lot }) => ({
        ...{ epc, gtin: gtinOf(epc) ?? '', madeLot: made_lot },
        units: unit === null ? [] : chainFrom(unit, parents),
      })),
      lots: lotsOf(products, noticed),
      ...{ counts, received },
      damaged: new Map(
        serials.flatMap(({ epc, status, status_since }) =>
          status === 'damaged' && status_since !== null ? [[epc, status_since] as const] : [],
        ),
      ),
    },
  };
}

function chainFrom(unit: Epc, parents: ReadonlyMap<Epc, Epc | null>): Epc[] {
  const chain: Epc[] = [];
  for (let at: Epc | null = unit; at !== null && !chain.includes(at); at = parents.get(at) ?? null) chain.push(at);
  return chain;
}

/** GTINs of which some product says no lot are left out: any lot may be meant. */
function lotsOf(
  products: readonly { readonly gtin: string; readonly lot: string | null }[],
  noticed: readonly { readonly gtin: string; readonly lot: string | null }[],
): Map<string, Set<string>> {
  const lots = new Map<string, Set<string>>();
  for (const { gtin, lot } of [...products, ...noticed]) {
    if (lot !== null) lots.set(gtin, (lots.get(gtin) ?? new Set()).add(lot));
  }
  for (const { gtin, lot } of products) if (lot === null) lots.delete(gtin);
  return lots;
}

async function siteEvidence(
  client: pg.ClientBase,
  shipment: Listed,
  site: string,
): Promise<{ passes: SitePass[]; completeUntil: number | null }> {
  const { rows: portals } = await client.query<{ id: string; antennas: readonly { readonly reader: string }[] }>(
    'SELECT id, antennas FROM portals WHERE site = $1',
    [site],
  );
  const readers = new Set(portals.flatMap(({ antennas }) => antennas.map(({ reader }) => reader)));
  const complete = readers.size === 0 ? null : await completeUntil(client, readers);
  const { rows } = await client.query<PassRow>(
    `SELECT p.id, p.portal, p.since AS "from", p.until AS "to", p.is_provisional AS "isProvisional", p.verdict
     FROM passes p WHERE p.portal = ANY($1::text[]) AND p.since >= $2 AND ($3::bigint IS NULL OR p.since < $3)
       AND p.verdict IS NOT NULL AND p.id IN (SELECT pass FROM pass_reads WHERE epc = ANY($4::text[]))
     ORDER BY p.since, p.id`,
    [portals.map(({ id }) => id), shipment.departs - EARLY_MS, shipment.closedAt, [...shipment.epcs]],
  );
  const ids = rows.map(({ id }) => id);
  const units = await client.query<SitePass['units'][number] & { readonly pass: number }>(
    `SELECT m.pass, m.unit, m.direction, m.seen FROM pass_units m JOIN shipment_units u USING (unit)
     WHERE m.pass = ANY($1::bigint[]) AND u.shipment = $2 AND u.is_outermost ORDER BY m.unit`,
    [ids, shipment.id],
  );
  const reads = await client.query<{ pass: number; epc: Epc; status: ReadStatus; lot: string | null }>(
    `SELECT r.pass, r.epc, r.status, s.lot FROM pass_reads r LEFT JOIN serials s USING (epc)
     WHERE r.pass = ANY($1::bigint[]) ORDER BY r.epc`,
    [ids],
  );
  const readsOf = Map.groupBy(reads.rows, ({ pass }) => pass);
  const unitsOf = Map.groupBy(units.rows, ({ pass }) => pass);
  const passes: SitePass[] = [];
  for (const { verdict, ...pass } of rows) {
    const own = readsOf.get(pass.id) ?? [];
    passes.push({
      ...pass,
      id: passName(pass.id),
      units: unitsOf.get(pass.id) ?? [],
      reads: new Map(own.filter(({ epc }) => shipment.epcs.has(epc)).map(({ epc, status }) => [epc, status])),
      extras: verdict.shipments.includes(shipment.id)
        ? await extrasIn(client, shipment, verdict.shipments, pass.from, own)
        : [],
    });
  }
  return { passes, completeUntil: complete };
}

interface PassRow extends Pick<SitePass, 'portal' | 'from' | 'to' | 'isProvisional'> {
  readonly id: number;
  readonly verdict: Verdict;
}

/** Unexpected serials that belong to this of the pass's shipments: those of its GTINs; of no shipment's, all. */
async function extrasIn(
  client: pg.ClientBase,
  { gtins }: Listed,
  shipments: readonly string[],
  from: number,
  reads: readonly { readonly epc: Epc; readonly status: ReadStatus; readonly lot: string | null }[],
): Promise<Extra[]> {
  const unexpected = reads.filter(({ status }) => status === 'unexpected');
  const alone = await standingAlone(client, unexpected, from);
  const extras = alone.flatMap(({ epc, lot }) => {
    const gtin = isSgtin(epc) ? gtinOf(epc) : null;
    return gtin === null ? [] : [{ epc, gtin, lot }];
  });
  if (extras.length === 0 || shipments.length === 1) return extras;
  const { rows } = await client.query<{ gtin: string }>(
    `SELECT DISTINCT gtin FROM shipment_lines JOIN serials USING (epc)
     WHERE shipment = ANY($1::text[]) AND gtin = ANY($2::text[])`,
    [shipments, extras.map(({ gtin }) => gtin)],
  );
  const claimed = new Set(rows.map(({ gtin }) => gtin));
  return extras.filter(({ gtin }) => gtins.has(gtin) || !claimed.has(gtin));
}

/** Without those that are in a unit which nobody expects either: that came without data as a whole. */
async function standingAlone<Read extends { readonly epc: Epc }>(
  client: pg.ClientBase,
  unexpected: readonly Read[],
  from: number,
): Promise<Read[]> {
  const epcs = unexpected.map(({ epc }) => epc);
  const ancestors = await ancestorsAt(client, epcs, from);
  const alone = new Set(epcs.filter((epc) => (ancestors.get(epc) ?? []).every((unit) => !epcs.includes(unit))));
  return unexpected.filter(({ epc }) => alone.has(epc) && isSgtin(epc));
}

async function withoutData(
  client: pg.ClientBase,
  id: number,
  pass: { readonly name: string; readonly site: string; readonly portal: string; readonly since: number } & {
    readonly verdict: Verdict;
  },
): Promise<DifferenceRecord[]> {
  const { rows } = await client.query<{ epc: Epc }>(
    `SELECT epc FROM pass_reads WHERE pass = $1 AND status = 'unexpected' ORDER BY epc`,
    [id],
  );
  const hasShipment = pass.verdict.shipments.length > 0;
  const alone = hasShipment ? await standingAlone(client, rows, pass.since) : [];
  const belongs = new Set(alone.map(({ epc }) => epc));
  const epcs = rows.map(({ epc }) => epc).filter((epc) => !belongs.has(epc));
  const ancestors = await ancestorsAt(client, epcs, pass.since);
  const byUnit = Map.groupBy(epcs, (epc) => ancestors.get(epc)?.at(-1) ?? (isSgtin(epc) ? null : epc));
  const found = [...byUnit].map(
    ([unit, inside]): Difference => ({
      ...{ term: 'no data received', portal: pass.portal, pass: pass.name, since: pass.since },
      ...{ unit, epcs: inside, insteadOf: [] },
    }),
  );
  return settledApart(client, found, { shipment: null, site: pass.site });
}

/** A difference of which some serials are settled is two. */
async function settledApart(
  client: pg.ClientBase,
  differences: readonly Difference[],
  about: { readonly shipment: string | null; readonly site: string },
): Promise<DifferenceRecord[]> {
  const all = differences.flatMap((one) => one.epcs.map((epc) => ({ epc, one })));
  const { rows } = await client.query<Settlement & { epc: Epc; term: string; portal: string; since: number }>(
    `SELECT s.* FROM settlements s JOIN unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
       AS d (term, epc, portal, since) USING (term, epc, portal, since)`,
    [
      all.map(({ one }) => one.term),
      all.map(({ epc }) => epc),
      all.map(({ one }) => one.portal ?? ''),
      all.map(({ one }) => one.since),
    ],
  );
  const keyOf = (term: string, epc: Epc, portal: string, since: number) => `${term}|${epc}|${portal}|${since}`;
  const settled = new Map(
    rows.map(({ term, epc, portal, since, how, reason, by, at }) => [
      keyOf(term, epc, portal, since),
      { how, reason, by, at },
    ]),
  );
  const records: DifferenceRecord[] = [];
  for (const one of differences) {
    const bySettlement = Map.groupBy(one.epcs, (epc) =>
      JSON.stringify(settled.get(keyOf(one.term, epc, one.portal ?? '', one.since)) ?? null),
    );
    for (const [key, epcs] of bySettlement) {
      const settlement = JSON.parse(key) as Settlement | null;
      const parts = [about.shipment, about.site, one.term, one.portal, one.since, one.unit, key];
      const id = createHash('sha256').update(parts.join('|')).digest('hex').slice(0, 16);
      // A wrong serial and the one in whose place it is stand at the same place of their lists.
      const insteadOf = one.insteadOf.filter((_, index) => epcs.includes(one.epcs[index] ?? ''));
      records.push({ ...one, ...about, id, epcs, insteadOf, settlement });
    }
  }
  return records;
}

function openFirst(records: readonly DifferenceRecord[]): DifferenceRecord[] {
  return records.toSorted((a, b) => Number(a.settlement !== null) - Number(b.settlement !== null));
}
