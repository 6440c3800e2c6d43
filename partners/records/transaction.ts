/** A party to a transaction, as far as it is known. */
export interface TransactionParty {
  /** Of a partner its id; `own` = us; null = nobody who is known here. */
  readonly partner: string | null;
  readonly gln: string | null;
  readonly name: string | null;
  readonly address: string | null;
}

/** Product of one lot in a transaction. */
export interface TransactionLine {
  /** GTIN-14. */
  readonly gtin: string;
  readonly name: string | null;
  readonly ndc: string | null;
  readonly strength: string | null;
  readonly dosageForm: string | null;
  readonly containerSize: string | null;
  readonly lot: string | null;
  /** YYYY-MM-DD. */
  readonly expiry: string | null;
  /** Containers, which are the serialized packages. */
  readonly count: number;
  /** Serial numbers, where they were asked for. */
  readonly serials: readonly string[];
}

/** Transaction information (21 U.S.C. 360eee(26)) of the goods of one shipment. */
export interface Transaction {
  readonly shipment: string;
  /** YYYY-MM-DD, UTC. */
  readonly transactedOn: string | null;
  readonly shippedOn: string | null;
  readonly from: TransactionParty;
  readonly to: TransactionParty;
  readonly lines: readonly TransactionLine[];
  /** What the law asks for and nobody has told us, as paths: `to.address`, `00614141123452.strength`. */
  readonly missing: readonly string[];
}

/** What transactions are asked for: one of the four. */
export type TransactionQuery =
  | { readonly serial: { readonly gtin: string; readonly serial: string } }
  | { readonly lot: { readonly gtin: string; readonly lot: string } }
  | { readonly shipment: string }
  /** By when they left, epoch ms UTC, [from, to). */
  | { readonly period: { readonly from: number; readonly to: number } };

/** What is missing of a transaction, in the order of the law. */
export function missingOf({ from, to, lines, transactedOn }: Omit<Transaction, 'missing'>): string[] {
  const ofParty = (which: string, party: TransactionParty) =>
    (['name', 'address'] as const).filter((field) => party[field] === null).map((field) => `${which}.${field}`);
  const fields = ['name', 'strength', 'dosageForm', 'ndc', 'containerSize', 'lot'] as const;
  const ofLines = lines.flatMap((line) =>
    fields.filter((field) => line[field] === null).map((field) => `${line.gtin}.${field}`),
  );
  return [
    ...new Set(ofLines),
    ...(transactedOn === null ? ['transactedOn'] : []),
    ...ofParty('from', from),
    ...ofParty('to', to),
  ];
}
