import { type DiversionRule, type Epc, serverText, serverWords, type Words } from '../../../domain/index.ts';
import { type FoundGoods, type PassFacts, type PassKind, serialsOf, wordsOf } from '../pass-facts.ts';

/** Goods at a site where they have no business (docs/rules.md, "kind: diversion"). */
export const diversion: PassKind<DiversionRule> = {
  find: ({ sites }, facts) => {
    const { outcome, evidence } = facts;
    const moved = new Set(outcome.moved.map(({ epc }) => epc));
    // What goes through without a direction is there all the same.
    const went = new Set([...moved, ...outcome.units.map(({ unit }) => unit), ...loose(facts)]);
    return [...went].sort().flatMap((epc): FoundGoods[] => {
      const route = sites === undefined ? offLane(epc, facts) : offSites(sites, facts);
      if (route === null) return [];
      const where = { goods: epc, site: facts.portal.site, route: serverWords(route) };
      const text = serverText('found.diversion.fact', where);
      return serialsOf(facts, epc).map((serial) => ({
        ...{ epc: serial, status: serverWords(route), words: [route], facts: [{ at: evidence.pass.from, text }] },
      }));
    });
  },
  say: (_, goods, { portal }) => ({
    key: 'found.diversion',
    values: { goods: goods.length, portal: portal.name, site: portal.site, routes: wordsOf(goods).slice(0, 3) },
  }),
};

/** Serials that were read and stand in nothing. */
function loose({ outcome, evidence }: PassFacts): Epc[] {
  return outcome.reads
    .filter(({ epc, status }) => status !== 'stray' && evidence.kindOf(epc) === 'serial')
    .map(({ epc }) => epc)
    .filter((epc) => evidence.ancestors(epc).length === 0);
}

function offSites(sites: readonly string[], { portal }: PassFacts): Words | null {
  return sites.includes(portal.site) ? null : { key: 'found.diversion.sites', values: { sites: sites.join(', ') } };
}

/** Every shipment that lists it and is under way runs between other sites; null where none does, or one ends here. */
function offLane(epc: Epc, { evidence, shipments, arrived }: PassFacts): Words | null {
  if (arrived.has(epc)) return null;
  const expectations = [epc, ...evidence.ancestors(epc)].flatMap((one) => evidence.expectations(one));
  if (expectations.some(({ role }) => role !== 'elsewhere')) return null;
  const [under] = expectations.filter(({ isInTime }) => isInTime);
  const shipment = shipments.get(under?.shipment ?? '');
  if (shipment === undefined) return null;
  const { id, origin, destination } = shipment;
  return { key: 'found.diversion.route', values: { shipment: id, origin, destination } };
}
