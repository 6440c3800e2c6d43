import { type Epc, type ShortageRule, serverText } from '../../../domain/index.ts';
import type { FoundGoods, Passage, PassFacts, PassKind, ShipmentAtSite } from '../pass-facts.ts';

/** What a shipment lists and that did not leave or come with the others (docs/rules.md, "kind: shortage"). */
export const shortage: PassKind<ShortageRule> = {
  find: (rule, facts) =>
    facts.atSite
      .filter(({ role }) => isJudged(rule, role))
      .flatMap((one) => [...inPass(one, facts), ...behind(rule, one, facts)]),
  say: (_, goods, { portal, atSite }) => {
    const shipments = new Set(goods.map(({ shipment = '' }) => shipment));
    const roles = new Set(atSite.filter(({ shipment }) => shipments.has(shipment.id)).map(({ role }) => role));
    const [role = 'either'] = roles.size === 1 ? roles : [];
    const told = { goods: goods.length, role, portal: portal.name };
    return { key: 'found.shortage', values: { ...told, shipments: [...shipments].sort().join(', ') } };
  },
  waitsFor: (rule, facts) => {
    const due = facts.atSite
      .filter((one) => isJudged(rule, one.role) && isLast(one, facts) && absentUnits(one).length > 0)
      .map((one) => dueAt(rule, one))
      .filter((at) => facts.siteComplete === null || facts.siteComplete < at);
    return { clock: null, complete: due.length === 0 ? null : Math.min(...due) };
  },
};

function isJudged({ when }: ShortageRule, role: ShipmentAtSite['role']): boolean {
  return when === 'both' || when === (role === 'origin' ? 'departure' : 'receipt');
}

/** Serials of units that went through which were not read: in the unit's first pass on its shipment's way alone. */
function inPass({ shipment, passages, role, found }: ShipmentAtSite, facts: PassFacts): FoundGoods[] {
  if (!facts.evidence.isComplete) return [];
  const { id } = facts.evidence.pass;
  return facts.outcome.missing
    .filter(({ shipment: of, epc }) => of === shipment.id && !found.has(epc))
    .filter(({ unit }) => firstOf(passages, unit, role)?.pass === id)
    .map(({ epc, unit }) => ({
      ...{ epc, status: serverText('found.shortage.unread'), shipment: shipment.id },
      facts: [
        {
          at: facts.evidence.pass.from,
          text: serverText('found.shortage.fact.unread', { unit, shipment: shipment.id }),
        },
      ],
    }));
}

/** Units that did not follow the others: told of the last one's pass. */
function behind(rule: ShortageRule, one: ShipmentAtSite, facts: PassFacts): FoundGoods[] {
  const due = dueAt(rule, one);
  if (!isLast(one, facts) || facts.siteComplete === null || facts.siteComplete < due) return [];
  const { shipment, role, serialsOf, found } = one;
  return absentUnits(one).flatMap((unit) => {
    const listed = serialsOf.get(unit) ?? [];
    const short = (listed.length === 0 ? [unit] : listed).filter((epc) => !found.has(epc));
    const text = serverText('found.shortage.fact.behind', { unit, shipment: shipment.id, role });
    const status = serverText('found.shortage.behind', { role });
    return short.map((epc) => ({ epc, status, shipment: shipment.id, facts: [{ at: due, text }] }));
  });
}

/** The first pass in which a unit went the shipment's way, or no known way. */
export function firstOf(passages: readonly Passage[], unit: Epc, role: ShipmentAtSite['role']): Passage | undefined {
  const away = role === 'destination' ? 'out' : 'in';
  return passages.find((passage) => passage.unit === unit && passage.direction !== away);
}

function absentUnits({ outermost, passages, role }: ShipmentAtSite): Epc[] {
  return outermost.filter((unit) => firstOf(passages, unit, role) === undefined);
}

/** The pass of the last unit, of equal ones the one with the greater portal: the others are told of there. */
function lastOf({ passages, outermost, role }: ShipmentAtSite): Passage | undefined {
  const firsts = outermost.flatMap((unit) => firstOf(passages, unit, role) ?? []);
  return firsts.toSorted((a, b) => a.from - b.from || (a.portal < b.portal ? -1 : 1)).at(-1);
}

function isLast(one: ShipmentAtSite, { evidence }: PassFacts): boolean {
  return lastOf(one)?.pass === evidence.pass.id;
}

function dueAt({ waitMs }: ShortageRule, one: ShipmentAtSite): number {
  const last = (lastOf(one)?.to ?? 0) + waitMs;
  // What is to leave at noon is not short at ten.
  return one.role === 'origin' ? Math.max(last, one.shipment.departs) : last;
}
