import type { Actor, DecommissionReason, LedgerAct, Origination, PackCapacity } from '../../domain/index.ts';

/** What stands in the code of a pack. */
export interface LedgerPack {
  /** 14 digits. */
  readonly gtin: string;
  readonly serial: string;
  readonly lot: string | null;
  /** `YYYY-MM-DD` */
  readonly expiry: string | null;
  /** As the code has it, YYMMDD: of a code without a day, 00, which the national system was told too. Null: not read from a code. */
  readonly expiryCoded: string | null;
}

/** One act on one pack, as it was entered. Nothing of it is changed later but what the national system answers. */
export interface LedgerEntry {
  readonly number: number;
  readonly id: string;
  readonly act: LedgerAct;
  /** Id of the entry that it reverts. */
  readonly reverts: string | null;
  /** Id of the entry that reverts it. */
  readonly revertedBy: string | null;
  readonly market: string;
  readonly pack: LedgerPack;
  readonly reason: DecommissionReason;
  readonly capacity: PackCapacity;
  /** The premises: `site:…` */
  readonly place: string;
  /** When it was done, epoch ms UTC. */
  readonly at: number;
  readonly enteredAt: number;
  readonly by: Pick<Actor, 'id' | 'name'>;
  readonly note: string | null;
}

export interface DecommissionWish {
  readonly pack: LedgerPack;
  readonly reason: DecommissionReason;
  readonly capacity: PackCapacity;
  readonly place: string;
  /** When it was done, epoch ms UTC, where it is entered later (Art. 29). */
  readonly at: number;
  readonly note: string | null;
}

export interface RevertWish {
  /** Id of the entry. */
  readonly entry: string;
  readonly capacity: PackCapacity;
  readonly place: string;
  readonly at: number;
  /** Who reverts says that the pack was not supplied to the public, and that he does not know it to be stolen. */
  readonly isDeclared: boolean;
  readonly note: string | null;
}

/** What speaks against an act on a pack in what else is known of it here, in a sentence each. */
export type PackStops = (
  pack: LedgerPack,
  about: { readonly reason: DecommissionReason; readonly revertOf: LedgerEntry | null },
  now: number,
) => Promise<readonly string[]>;

/** An entry with who made it and from where. */
export interface Told {
  readonly entry: LedgerEntry;
  readonly by: Origination;
}
