import {
  type DeviceContext,
  type Direction,
  type Epc,
  listedBy,
  type PassGoods,
  type Portal,
  type Words,
} from '../../domain/index.ts';
import { type Evidence, expectedBy, type PassOutcome, type TagNumbers } from '../passes/index.ts';
import type { HourFacts, ShareSeries } from './usual/index.ts';

/** What a shipment says of itself, as far as rules over passes ask. */
export interface ShipmentFacts {
  readonly id: string;
  readonly profile: string;
  readonly origin: string;
  readonly destination: string;
  readonly departs: number;
  readonly closedAt: number | null;
  /** Of its first product; null where it lists none. */
  readonly gtin: string | null;
}

/** What is known of a serial itself. */
export interface GoodsFacts {
  readonly gtin: string | null;
  readonly lot: string | null;
  /** `YYYY-MM-DD`. */
  readonly expiry: string | null;
  /** What was given as expiry and is no date. */
  readonly unreadableExpiry: string | null;
  /** Of its product's master data. */
  readonly profile: string | null;
}

/** An outermost unit of a shipment in one pass at the site. */
export interface Passage {
  readonly pass: number;
  readonly portal: string;
  readonly unit: Epc;
  readonly direction: Direction;
  readonly from: number;
  readonly to: number;
}

/** A shipment as the doors of one of its sites saw it, while it was expected there. */
export interface ShipmentAtSite {
  readonly shipment: ShipmentFacts;
  readonly role: 'origin' | 'destination';
  /** What passes a door by itself. */
  readonly outermost: readonly Epc[];
  /** By time, then pass. */
  readonly passages: readonly Passage[];
  /** Listed serials in each outermost unit that did not pass. */
  readonly serialsOf: ReadonlyMap<Epc, readonly Epc[]>;
  /** Of what may be short: read in some pass at the site all the same, or found when its unit was opened. */
  readonly found: ReadonlySet<Epc>;
}

/** Something read at a door of another site. */
export interface Sight {
  readonly portal: string;
  readonly site: string;
  readonly from: number;
  readonly to: number;
}

/** Where a pass brought something, and until when it stood there; null: it still does. */
export interface Stay {
  readonly place: string;
  readonly to: number | null;
}

/**
 * All that rules judge one pass by: the verdict with what it rests on, and what else is known of the goods that went
 * through. A function of facts, reads and the clock; what no rule in force asks for is left empty.
 */
export interface PassFacts extends PassGoods {
  readonly portal: Pick<Portal, 'id' | 'name' | 'site' | 'inside' | 'outside'>;
  readonly evidence: Evidence;
  readonly outcome: PassOutcome;
  /** The platform's clock, epoch ms UTC. */
  readonly now: number;
  /** Up to when every reader of every door of the site is complete; null: one never said. */
  readonly siteComplete: number | null;
  /** Those that list anything of the pass, in the order of departure. */
  readonly shipments: ReadonlyMap<string, ShipmentFacts>;
  /** Of each serial that went through. */
  readonly goods: ReadonlyMap<Epc, GoodsFacts>;
  /** Of each shipment that expects something of the pass here. */
  readonly atSite: readonly ShipmentAtSite[];
  /** Of what was read: where else, before this pass; the latest last. */
  readonly elsewhere: ReadonlyMap<Epc, readonly Sight[]>;
  /** Of what was read, by EPC: which tags answered; without those that gave no number. */
  readonly numbers: ReadonlyMap<Epc, TagNumbers>;
  /** Of what moved by itself. */
  readonly stays: ReadonlyMap<Epc, Stay>;
  /** What the door read in this hour, and in the same hour of the days before. */
  readonly hour: HourFacts | null;
  /** Of a complete pass: what share its door and its antennas read, here and before. */
  readonly shares: readonly ShareSeries[];
  /** How many minutes what stood at a place stood there, before this pass. */
  readonly usualStays: ReadonlyMap<string, readonly number[]>;
  /** How many minutes goods were on their way between two sites, by `site:a>site:b`. */
  readonly usualWays: ReadonlyMap<string, readonly number[]>;
  /** What notices and events say that may not fit together; null where no rule asks. */
  readonly notices: NoticeData | null;
  /** Units and serials that had come in at the destination of each of their shipments before. */
  readonly arrived: ReadonlySet<Epc>;
}

/** By shipment, but for what is said of serials. Epoch ms UTC. */
export interface NoticeData {
  /** GTINs of the products it lists. */
  readonly gtins: ReadonlyMap<string, ReadonlySet<string>>;
  /** The site that its shipping events name as destination, where we know it. */
  readonly sentTo: ReadonlyMap<string, string>;
  /** Its first shipping event. */
  readonly shippedAt: ReadonlyMap<string, number>;
  /** Serials that were commissioned after the pass, and of which nothing was said before. */
  readonly madeLater: ReadonlyMap<Epc, number>;
}

/** What a kind found: one serial or unit, and why. */
export interface FoundGoods {
  readonly epc: Epc;
  /** In a word or two, for the list. */
  readonly status?: string;
  /** What the status says, by keys. */
  readonly words?: readonly Words[];
  /** Of which shipment, where the kind judges by shipments. */
  readonly shipment?: string;
  /** Until when it was so; absent: as long as the pass. null: it still is. */
  readonly to?: number | null;
  readonly facts?: readonly FoundFact[];
}

export interface FoundFact {
  readonly at: number;
  readonly text: string;
}

/** How one kind of rule judges a pass. */
export interface PassKind<Rule> {
  readonly find: (rule: Rule, facts: PassFacts) => readonly FoundGoods[];
  /** One sentence for the people at the door; absent: the kind alone says it. @param goods those it applies to, at least one */
  readonly say?: (rule: Rule, goods: readonly FoundGoods[], facts: PassFacts) => Words | null;
  readonly waitsFor?: (rule: Rule, facts: PassFacts) => Waiting;
}

/** When to look again though nothing else is heard: epoch ms UTC, null: no more. */
export interface Waiting {
  /** From then on the clock may change what is found. */
  readonly clock: number | null;
  /** Once every reader of the site is complete up to there. */
  readonly complete: number | null;
}

export const WAITS_FOR_NOTHING: Waiting = { clock: null, complete: null };

/** What the statuses of goods say, each once, in their order. */
export function wordsOf(goods: readonly FoundGoods[]): readonly Words[] {
  const each = new Map<string, Words>();
  for (const { words = [] } of goods) for (const one of words) each.set(JSON.stringify(one), one);
  return [...each.values()];
}

/** Serials of what went through as one: those in the unit, else itself. */
export function serialsOf({ evidence }: PassFacts, epc: Epc): readonly Epc[] {
  const inside = evidence.serialsIn(epc);
  return inside.length === 0 ? [epc] : inside;
}

/** What a rule's `appliesTo` asks of goods: by the shipment that expects them here, else by any that lists them. */
export function contextOf(facts: PassFacts, epc: Epc): DeviceContext {
  const { evidence, shipments, goods, portal } = facts;
  const chain = listedBy(facts, epc);
  const listed = chain.flatMap((one) => evidence.expectations(one)).map(({ shipment }) => shipment);
  const expecting = chain.flatMap((one) => expectedBy(evidence, one)).map(({ shipment }) => shipment);
  const shipment = shipments.get(expecting[0] ?? listed.at(-1) ?? '');
  const own = goods.get(epc);
  const profile = shipment?.profile ?? own?.profile ?? undefined;
  const product = own?.gtin ?? shipment?.gtin ?? undefined;
  return {
    site: portal.site,
    ...(profile !== undefined && { profile }),
    ...(product !== undefined && { product }),
    ...(shipment !== undefined && { lane: `${shipment.origin}>${shipment.destination}` }),
  };
}
