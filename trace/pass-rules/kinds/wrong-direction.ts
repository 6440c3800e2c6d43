import { type Direction, type Epc, serverText, type WrongDirectionRule } from '../../../domain/index.ts';
import { expectedBy } from '../../passes/index.ts';
import { type FoundGoods, type PassFacts, type PassKind, serialsOf } from '../pass-facts.ts';

/** Goods that move against their way (docs/rules.md, "kind: wrongDirection"). */
export const wrongDirection: PassKind<WrongDirectionRule> = {
  find: ({ way }, facts) =>
    facts.outcome.moved.flatMap(({ epc, direction }): FoundGoods[] => {
      const why = way === undefined ? againstShipment(epc, direction, facts) : againstDoor(direction, way);
      if (why === null) return [];
      const fact = {
        at: facts.evidence.pass.from,
        text: serverText('found.wrongDirection.fact', { goods: epc, direction, why }),
      };
      return serialsOf(facts, epc).map((serial) => ({ epc: serial, status: direction, facts: [fact] }));
    }),
  say: (_, goods, { portal }) => ({
    key: 'found.wrongDirection',
    values: { goods: goods.length, portal: portal.name, site: portal.site, direction: goods[0]?.status ?? 'in' },
  }),
};

function againstDoor(direction: Direction, way: 'in' | 'out'): string | null {
  if (direction === 'unknown' || direction === way) return null;
  return serverText('found.wrongDirection.door', { way });
}

/** Out at its destination; in at its origin, once it was to leave or had left. */
function againstShipment(epc: Epc, direction: Direction, facts: PassFacts): string | null {
  const expected = expectedBy(facts.evidence, epc);
  const roles = new Set(expected.map(({ role }) => role));
  const [shipment] = expected;
  // Of two shipments that want it both ways, neither is against it.
  if (shipment === undefined || roles.size > 1) return null;
  if (roles.has('destination')) {
    return direction === 'out' ? serverText('found.wrongDirection.destination', { shipment: shipment.shipment }) : null;
  }
  if (direction !== 'in') return null;
  const { from } = facts.evidence.pass;
  const known = facts.shipments.get(shipment.shipment);
  const left = facts.atSite
    .filter(({ role }) => role === 'origin')
    .flatMap(({ passages }) => passages)
    .find((passage) => passage.unit === epc && passage.direction === 'out' && passage.from < from);
  if (left === undefined && (known === undefined || from < known.departs)) return null;
  return serverText('found.wrongDirection.origin', {
    shipment: shipment.shipment,
    left: left === undefined ? 'no' : 'yes',
  });
}
