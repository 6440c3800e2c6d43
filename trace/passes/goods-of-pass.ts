import type pg from 'pg';
import { isSgtin, isSscc, kindOfThing } from '../../codecs/epc/index.ts';
import { type Epc, type Evidence, type Expectation, expectationAt, KnownDecisions } from '../../domain/index.ts';
import { BLOCKING } from '../serials/index.ts';
import type { KnownGoods } from './known-goods.ts';
import { RecentlyAsked } from './recently-asked.ts';

/** EPCs learned until passes that were not judged since are forgotten. */
const MOST_NEW = 100_000;

/** Of passes under way, by number: a batch mostly adds to passes that were judged before. */
export class GoodsOfPasses {
  readonly #goods: KnownGoods;
  readonly #passes = new RecentlyAsked<number, GoodsOfPass>();
  #epoch = 0;
  #learned = 0;

  constructor(goods: KnownGoods) {
    this.#goods = goods;
  }

  /** A new one where the pass began at another moment, has lost a read, or what was known of goods is forgotten. */
  of(pass: PassHere, site: string): GoodsOfPass {
    if (this.#epoch !== this.#goods.epoch) this.#passes.clear();
    this.#epoch = this.#goods.epoch;
    const known = this.#passes.get(pass.id);
    if (known?.at === pass.from && known.site === site && known.isStillOf(pass.reads)) return known;
    return this.anew(pass, site);
  }

  anew(pass: PassHere, site: string): GoodsOfPass {
    if (this.#learned > MOST_NEW) {
      this.#passes.age();
      this.#learned = 0;
    }
    const goods = new GoodsOfPass(this.#goods, site, pass.from, (count) => {
      this.#learned += count;
    });
    this.#passes.set(pass.id, goods);
    return goods;
  }
}

interface PassHere {
  readonly id: number;
  readonly from: number;
  readonly reads: readonly { readonly epc: Epc }[];
}

/**
 * What facts say of the goods around one pass as it was when the pass began. It grows with what is read, and holds while no fact changes
 * it: then {@link GoodsOfPasses} has another one.
 */
export class GoodsOfPass implements Pick<Evidence, 'ancestors' | 'serialsIn' | 'expectations' | 'kindOf' | 'blocked'> {
  readonly site: string;
  /** Epoch ms UTC. */
  readonly at: number;
  readonly #goods: KnownGoods;
  readonly #ancestors = new Map<Epc, readonly Epc[]>();
  readonly #own = new Set<Epc>();
  readonly #relatives = new Set<Epc>();
  readonly #contents = new Map<Epc, readonly { readonly epc: Epc; readonly parent: Epc }[]>();
  /** What holds something in the contents known, and what something read is in. */
  readonly #holding = new Set<Epc>();
  readonly #around = new Set<Epc>();
  readonly #serials = new Map<Epc, readonly Epc[]>();
  readonly #expectations = new Map<Epc, readonly Expectation[]>();
  readonly #blocked = new Map<Epc, string>();
  /** What followed from all this for single reads. */
  readonly decisions = new KnownDecisions();

  readonly #onLearned: (count: number) => void;

  constructor(goods: KnownGoods, site: string, at: number, onLearned: (count: number) => void) {
    this.#goods = goods;
    this.site = site;
    this.at = at;
    this.#onLearned = onLearned;
  }

  /** Of what was read, that of which nothing is known yet. */
  unknownOf(reads: readonly { readonly epc: Epc }[]): Epc[] {
    return reads.map(({ epc }) => epc).filter((epc) => !this.#own.has(epc));
  }

  /** Whether the pass still has all that {@link relativesOf} was asked about. */
  isStillOf(reads: readonly { readonly epc: Epc }[]): boolean {
    let own = 0;
    for (const { epc } of reads) if (this.#own.has(epc)) own++;
    return own === this.#own.size;
  }

  /** Everything that was in one unit with what the pass read. */
  async relativesOf(client: pg.ClientBase, own: readonly Epc[]): Promise<ReadonlySet<Epc>> {
    const missing = own.filter((epc) => !this.#own.has(epc));
    if (missing.length === 0) return this.#relatives;
    const moment = { from: this.at, to: this.at };
    await this.#goods.learnPacking(client, missing, moment);
    for (const epc of missing) this.#own.add(epc);
    const strangers = missing.filter((epc) => !this.#relatives.has(epc));
    for (const epc of this.#goods.relatives(strangers, moment)) this.#relatives.add(epc);
    return this.#relatives;
  }

  /** How many EPCs are known through {@link learn}: with more than are asked about, some of them are no longer there. */
  get size(): number {
    return this.#ancestors.size;
  }

  /** Makes all else known of these. */
  async learn(client: pg.ClientBase, epcs: Iterable<Epc>): Promise<void> {
    const missing = [...epcs].filter((epc) => !this.#ancestors.has(epc));
    if (missing.length === 0) return;
    this.#onLearned(missing.length);
    const goods = this.#goods;
    await goods.learnPacking(client, missing, { from: this.at, to: this.at });
    const listed = new Set(missing);
    const units = new Set<Epc>();
    for (const epc of missing) {
      const chain = goods.ancestorsAt(epc, this.at);
      this.#ancestors.set(epc, chain);
      for (const unit of chain) {
        listed.add(unit);
        this.#around.add(unit);
      }
      const outermost = chain.at(-1) ?? epc;
      if ((isSscc(outermost) || outermost !== epc) && !this.#contents.has(outermost)) units.add(outermost);
    }
    for (const unit of units) this.#contents.set(unit, goods.contentsAt(unit, this.at));
    if (units.size > 0) this.#sortOut();
    for (const unit of units) for (const { parent } of this.#contents.get(unit) ?? []) listed.add(parent);
    // Somebody may have asked about them before they were known here.
    for (const epc of listed) this.decisions.expected.delete(epc);
    const fresh = [...listed].filter((epc) => !this.#expectations.has(epc));
    const listings = await goods.listingsOf(client, fresh);
    for (const epc of fresh) {
      this.#expectations.set(
        epc,
        listings(epc).map((one) => expectationAt(one, this.site, this.at)),
      );
    }
    const inside = [...units].flatMap((unit) => this.#serials.get(unit) ?? []);
    const statuses = await goods.statusesAt(client, [...fresh, ...inside], this.at);
    for (const [epc, status] of statuses) if (BLOCKING.has(status)) this.#blocked.set(epc, status);
  }

  /** What holds something is no serial, in whichever unit that is known. */
  #sortOut(): void {
    for (const inside of this.#contents.values()) for (const { parent } of inside) this.#holding.add(parent);
    for (const [unit, inside] of this.#contents) {
      this.#serials.set(
        unit,
        inside.map(({ epc }) => epc).filter((epc) => isSgtin(epc) && !this.#holding.has(epc)),
      );
    }
  }

  readonly ancestors = (epc: Epc): readonly Epc[] => this.#ancestors.get(epc) ?? NONE;
  readonly serialsIn = (unit: Epc): readonly Epc[] => this.#serials.get(unit) ?? NONE;
  readonly expectations = (epc: Epc): readonly Expectation[] => this.#expectations.get(epc) ?? NONE;
  readonly kindOf = (epc: Epc): ReturnType<Evidence['kindOf']> =>
    kindOfThing(epc, this.#holding.has(epc) || this.#around.has(epc));

  get blocked(): ReadonlyMap<Epc, string> {
    return this.#blocked;
  }
}

const NONE: readonly never[] = [];
