import { gtinOf } from '../../../codecs/epc/index.ts';
import {
  around,
  type BadDataRule,
  type DataCheck,
  type Epc,
  listedBy,
  serverText,
  serverWords,
  type Words,
} from '../../../domain/index.ts';
import { isUnresolved } from '../notice-data.ts';
import { type FoundGoods, type PassFacts, type PassKind, type ShipmentFacts, wordsOf } from '../pass-facts.ts';

/** Goods of which notices and events say what cannot be (docs/rules.md, "kind: badData"). */
export const badData: PassKind<BadDataRule> = {
  find: ({ checks }, facts) => {
    const judges = checks.map((check) => JUDGES[check]);
    return facts.outcome.through.flatMap((epc): FoundGoods[] => {
      if (facts.evidence.kindOf(epc) !== 'serial') return [];
      const shipments = shipmentsOf(epc, facts);
      const wrong = judges.flatMap((judge) => judge(epc, shipments, facts) ?? []);
      if (wrong.length === 0) return [];
      const words = wrong
        .map((one) => one.words)
        .reduce((one, other) => ({ key: 'found.noData.both', values: { one, other } }));
      const told = wrong.map(({ text }) => ({ at: facts.evidence.pass.from, text }));
      return [{ epc, status: serverWords(words), words: [words], facts: told }];
    });
  },
  say: (_, goods, { portal }) => ({
    key: 'found.badData',
    values: { goods: goods.length, portal: portal.name, wrong: wordsOf(goods).slice(0, 3) },
  }),
};

interface Wrong {
  readonly words: Words;
  readonly text: string;
}
type Judge = (epc: Epc, shipments: readonly ShipmentFacts[], facts: PassFacts) => Wrong | null;

const JUDGES: Readonly<Record<DataCheck, Judge>> = {
  gtin: (epc, shipments, { notices }) => {
    const gtin = gtinOf(epc);
    const listed = shipments.filter(({ id }) => (notices?.gtins.get(id)?.size ?? 0) > 0);
    const [shipment] = listed;
    if (gtin === null || shipment === undefined) return null;
    if (listed.some(({ id }) => notices?.gtins.get(id)?.has(gtin))) return null;
    return wrong('gtin', { gtin, shipment: shipment.id });
  },
  gln: (_, shipments) => {
    for (const { id, origin, destination } of shipments) {
      const site = [origin, destination].find(isUnresolved);
      if (site !== undefined) return wrong('gln', { shipment: id, site });
    }
    return null;
  },
  duplicate: (_, shipments) => {
    for (const [index, one] of shipments.entries()) {
      const other = shipments.slice(index + 1).find((another) => !isOnward(one, another) && !isOnward(another, one));
      if (other !== undefined) return wrong('duplicate', { shipment: one.id, other: other.id });
    }
    return null;
  },
  shipTo: (_, shipments, { notices }) => {
    for (const { id, destination } of shipments) {
      const sentTo = notices?.sentTo.get(id);
      if (sentTo !== undefined && sentTo !== destination) {
        return wrong('shipTo', { shipment: id, destination, sentTo });
      }
    }
    return null;
  },
  order: (epc, shipments, facts) => {
    const { notices, portal, evidence } = facts;
    if (notices?.madeLater.has(epc)) return wrong('order', { what: 'made', shipment: '' });
    const hasComeIn = (unit: Epc) =>
      facts.outcome.moved.some(({ epc: moved, direction }) => moved === unit && direction === 'in');
    if (![epc, ...around(facts, epc)].some(hasComeIn)) return null;
    const early = shipments.find(
      ({ id, destination }) => destination === portal.site && (notices?.shippedAt.get(id) ?? 0) > evidence.pass.from,
    );
    return early === undefined ? null : wrong('order', { what: 'shipped', shipment: early.id });
  },
};

function wrong(check: DataCheck, said: Readonly<Record<string, string>>): Wrong {
  return {
    words: { key: `found.badData.${check}`, values: said },
    text: serverText(`found.badData.fact.${check}`, said),
  };
}

/** In time, in the order of departure: those that list it or what it is in. */
function shipmentsOf(epc: Epc, facts: PassFacts): ShipmentFacts[] {
  const listing = listedBy(facts, epc).flatMap((one) => facts.evidence.expectations(one));
  const ids = new Set(listing.filter(({ isInTime }) => isInTime).map(({ shipment }) => shipment));
  return [...facts.shipments.values()].filter(({ id }) => ids.has(id));
}

/** One goes on where the other ends. */
function isOnward(one: ShipmentFacts, next: ShipmentFacts): boolean {
  return one.destination === next.origin && one.departs <= next.departs;
}
