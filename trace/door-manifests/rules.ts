import type pg from 'pg';
import { gtinOf } from '../../codecs/epc/index.ts';
import type { DeviceContext, DoorRule, Facts, GoodsInScope, ManifestThing } from '../../domain/index.ts';
import { type CompileApplies, type PassRuleVersion, Registry } from '../passes/index.ts';

/** What is announced at the doors, as far as it says to what a rule applies. */
export interface AnnouncedGoods {
  readonly sites: readonly string[];
  readonly shipments: readonly string[];
  readonly things: readonly ManifestThing[];
}

/**
 * Rules over passes as gateways are told of them, those that are switched off too. To which of the announced goods each
 * applies is worked out here: a gateway reads no expressions.
 */
export async function doorRules(
  client: pg.ClientBase,
  versions: readonly PassRuleVersion[],
  goods: AnnouncedGoods,
): Promise<DoorRule[]> {
  const isByGoods = versions.some(({ rule, isRemoved }) => rule.appliesTo !== undefined && isRemoved !== true);
  const known = isByGoods ? await contextsOf(client, goods) : [];
  return versions
    .map(({ rule, version, isRemoved, applies }): DoorRule => {
      const isOff = isRemoved === true;
      const isForAll = rule.appliesTo === undefined || isOff;
      return {
        ...{ id: rule.id, version, kind: rule.kind, severity: rule.severity, isOff },
        ...{ atLeast: rule.atLeast, portals: rule.portals ?? null, appliesTo: rule.appliesTo ?? null },
        goods: isForAll ? null : known.filter(({ context }) => applies(context)).map(({ scope }) => scope),
        unknownAt: goods.sites.filter((site) => isForAll || applies({ site })),
        remainingMs: rule.kind === 'expired' ? rule.remainingMs : null,
        way: rule.kind === 'expired' || rule.kind === 'wrongDirection' ? (rule.way ?? null) : null,
        through: rule.kind === 'wrongPortal' ? (rule.through ?? null) : null,
        when: rule.kind === 'shortage' ? rule.when : null,
      };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Rules over passes at a moment, epoch ms UTC, with those that are switched off then. */
export async function passRulesAt(
  client: pg.ClientBase,
  facts: Facts,
  compile: CompileApplies,
  at: number,
): Promise<PassRuleVersion[]> {
  const registry = await Registry.load(client, facts, [], compile);
  return registry.rulesWithThoseOff(at);
}

/** Each that differs once: of a shipment and a GTIN at a site. */
async function contextsOf(
  client: pg.ClientBase,
  { sites, shipments, things }: AnnouncedGoods,
): Promise<{ readonly scope: GoodsInScope; readonly context: DeviceContext }[]> {
  const { rows } = await client.query<{
    id: string;
    profile: string;
    origin: string;
    destination: string;
    gtin: string | null;
  }>(
    `SELECT id, profile, origin, destination,
       (SELECT gtin FROM shipment_products p WHERE p.shipment = s.id ORDER BY line LIMIT 1) AS gtin
     FROM shipments s WHERE id = ANY($1::text[]) ORDER BY id`,
    [shipments],
  );
  const gtins = new Map<string, Set<string>>(shipments.map((id) => [id, new Set([''])]));
  const byEpc = new Map(things.map((thing) => [thing.epc, thing]));
  for (const thing of things) {
    // What was packed into a unit later travels in the shipments that list the unit.
    const seen = new Set<string>();
    for (let one = byEpc.get(thing.epc); one !== undefined && !seen.has(one.epc); one = byEpc.get(one.inside ?? '')) {
      seen.add(one.epc);
      for (const id of one.shipments) gtins.get(id)?.add(gtinOf(thing.epc) ?? '');
    }
  }
  return rows.flatMap(({ id, profile, origin, destination, gtin: first }) =>
    [...(gtins.get(id) ?? [])].sort().flatMap((gtin) =>
      sites.map((site) => {
        const product = gtin === '' ? first : gtin;
        const lane = `${origin}>${destination}`;
        const context = { site, profile, lane, ...(product !== null && { product }) };
        return { scope: { site, shipment: id, gtin }, context };
      }),
    ),
  );
}
