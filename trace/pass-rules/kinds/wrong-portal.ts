import { serverText, type WrongPortalRule } from '../../../domain/index.ts';
import { type FoundGoods, type PassFacts, type PassKind, type ShipmentAtSite, serialsOf } from '../pass-facts.ts';
import { firstOf } from './shortage.ts';

/** Goods through another door than is theirs (docs/rules.md, "kind: wrongPortal"). */
export const wrongPortal: PassKind<WrongPortalRule> = {
  find: ({ through }, facts) => (through === undefined ? apart(facts) : notAllotted(through, facts)),
  say: (_, goods, { portal }) => ({
    key: 'found.wrongPortal',
    values: {
      ...{ goods: goods.length, portal: portal.name },
      doors: [...new Set(goods.map(({ status = '' }) => status))].join(', '),
    },
  }),
};

function notAllotted(through: readonly string[], facts: PassFacts): FoundGoods[] {
  const { portal, outcome, evidence } = facts;
  if (through.includes(portal.id)) return [];
  const doors = through.join(', ');
  return outcome.moved.flatMap(({ epc }) => {
    const fact = { at: evidence.pass.from, text: serverText('found.wrongPortal.fact.allotted', { goods: epc, doors }) };
    return serialsOf(facts, epc).map((serial) => ({ epc: serial, status: doors, facts: [fact] }));
  });
}

/** Units whose shipment goes through another door with more than half of what has passed, two units at least. */
function apart(facts: PassFacts): FoundGoods[] {
  const { portal, evidence } = facts;
  return facts.atSite.flatMap((one) => {
    const door = doorOf(one);
    if (door === null || door.portal === portal.id) return [];
    const here = one.outermost.filter((unit) => firstOf(one.passages, unit, one.role)?.pass === evidence.pass.id);
    return here.flatMap((unit) => {
      const said = { unit, shipment: one.shipment.id, door: door.portal, units: door.units, all: door.all };
      const fact = { at: evidence.pass.from, text: serverText('found.wrongPortal.fact.apart', said) };
      return serialsOf(facts, unit).map((epc) => ({ epc, status: door.portal, facts: [fact] }));
    });
  });
}

function doorOf({ outermost, passages, role }: ShipmentAtSite): { portal: string; units: number; all: number } | null {
  const firsts = outermost.flatMap((unit) => firstOf(passages, unit, role) ?? []);
  for (const [portal, units] of Map.groupBy(firsts, (passage) => passage.portal)) {
    const isMost = units.length >= 2 && units.length * 2 > firsts.length;
    if (isMost) return { portal, units: units.length, all: firsts.length };
  }
  return null;
}
