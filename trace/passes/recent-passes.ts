import type { Epc, PassRead, ReadOutcome } from '../../domain/index.ts';

/** A read in a pass with the identity of what carried the tag. */
export interface KeptRead extends PassRead {
  readonly epc: Epc;
}

/** Reads in memory, of all passes together: some hundred megabytes at most. */
const MOST_READS = 200_000;

/** What was written of a pass's outcome, so that only what is another is written again. */
export interface WrittenOutcome {
  readonly verdict: string;
  readonly units: string;
  /** When it began, and which units went through which way for which shipment. */
  readonly way: string;
  /** By EPC. */
  readonly reads: ReadonlyMap<Epc, ReadOutcome>;
}

/**
 * The reads of the passes that were formed last, as they stand in the tables: they grow with every batch, and their
 * neighbours ask for them. Who owns it drops it when a transaction did not commit.
 */
export class RecentPasses {
  /** The one that changed last at the end. */
  readonly #reads = new Map<number, readonly KeptRead[]>();
  readonly #holding = new Map<Epc, Set<number>>();
  readonly #written = new Map<number, WrittenOutcome>();
  /** By pass and EPC: to be written together with their status. */
  readonly #waiting = new Map<number, Map<Epc, KeptRead>>();
  /** How often any pass went another way than was written, and how often when each was last looked at by {@link looksAtWay}. */
  #ways = 0;
  readonly #looked = new Map<number, number>();
  #count = 0;

  readsOf(pass: number): readonly KeptRead[] | undefined {
    return this.#reads.get(pass);
  }

  /** @param changed where the pass is kept already and has lost nothing: those among its reads that it did not have so */
  keep(pass: number, reads: readonly KeptRead[], changed: readonly KeptRead[] = reads): void {
    const before = this.#reads.get(pass);
    if (changed === reads) this.#drop(pass);
    else if (before !== undefined) {
      this.#reads.delete(pass);
      this.#count -= before.length;
    }
    this.#reads.set(pass, reads);
    this.#count += reads.length;
    for (const { epc } of before === undefined ? reads : changed) {
      const passes = this.#holding.get(epc);
      if (passes === undefined) this.#holding.set(epc, new Set([pass]));
      else passes.add(pass);
    }
    for (const [oldest] of this.#reads) {
      if (this.#count <= MOST_READS || oldest === pass) break;
      // Memory alone has what waits to be written.
      if (!this.#waiting.has(oldest)) this.forget(oldest);
    }
  }

  /** Of a pass that {@link keep} has: reads that its table has not yet, and those that it has no more. */
  wait(pass: number, changed: readonly KeptRead[], gone: readonly Epc[]): void {
    const waiting = this.#waiting.get(pass) ?? new Map<Epc, KeptRead>();
    for (const read of changed) waiting.set(read.epc, read);
    for (const epc of gone) waiting.delete(epc);
    if (waiting.size > 0) this.#waiting.set(pass, waiting);
    else this.#waiting.delete(pass);
  }

  /** Reads that wait to be written; they wait no more. */
  takeWaiting(pass: number): readonly KeptRead[] {
    const waiting = this.#waiting.get(pass);
    this.#waiting.delete(pass);
    return waiting === undefined ? [] : [...waiting.values()];
  }

  /** Passes with reads that wait. */
  get waiting(): readonly number[] {
    return [...this.#waiting.keys()];
  }

  /** The pass is no more. */
  remove(pass: number): void {
    this.forget(pass);
    this.#waiting.delete(pass);
  }

  forget(pass: number): void {
    this.#drop(pass);
    this.#written.delete(pass);
    this.#looked.delete(pass);
  }

  /** Passes in memory that read any of these. */
  holding(epcs: Iterable<Epc>): Set<number> {
    const found = new Set<number>();
    for (const epc of epcs) for (const pass of this.#holding.get(epc) ?? []) found.add(pass);
    return found;
  }

  writtenOf(pass: number): WrittenOutcome | undefined {
    return this.#written.get(pass);
  }

  /** Some pass went another way than was written, or is no more: what follows from two passes may be something else now. */
  otherWay(): void {
    this.#ways++;
  }

  /** Whether what follows from this pass's way and that of others may be something else than when it was asked last. */
  looksAtWay(pass: number): boolean {
    if (this.#looked.get(pass) === this.#ways) return false;
    this.#looked.set(pass, this.#ways);
    return true;
  }

  wrote(pass: number, outcome: WrittenOutcome): void {
    if (this.#reads.has(pass)) this.#written.set(pass, outcome);
  }

  #drop(pass: number): void {
    const reads = this.#reads.get(pass);
    if (reads === undefined) return;
    this.#reads.delete(pass);
    this.#count -= reads.length;
    for (const { epc } of reads) {
      const passes = this.#holding.get(epc);
      passes?.delete(pass);
      if (passes?.size === 0) this.#holding.delete(epc);
    }
  }
}
