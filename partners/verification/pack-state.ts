import type { PackIdentifier } from './message.ts';

/** Something that speaks against a pack, in the words of `trace/`. */
export interface PackFinding {
  readonly finding: string;
  readonly reason: string;
  readonly stops: boolean;
}

/** What is known of a pack; `known` null: not the pack. */
export interface PackState {
  readonly known: { readonly lot: string | null; readonly expiry: string | null } | null;
  /** Whether anything of its GTIN was ever heard of. */
  readonly isProductKnown: boolean;
  readonly findings: readonly PackFinding[];
}

/** Looks packs up, many at once; answers in their order. */
export type PackStates = (packs: readonly PackIdentifier[], now: number) => Promise<readonly PackState[]>;
