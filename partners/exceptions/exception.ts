import type { ExceptionAnswer, ExceptionKind, ExceptionState } from '../../domain/index.ts';

/** What is wrong between us and a partner. Times are epoch ms UTC. */
export interface PartnerException {
  readonly number: number;
  readonly kind: ExceptionKind;
  readonly partner: string;
  readonly partnerName: string;
  readonly title: string;
  readonly shipment: string | null;
  readonly epcs: readonly string[];
  readonly lot: string | null;
  /** What it was opened from: `difference:…`, `pass:…`, `file:…`, `market:…`; null = by hand. */
  readonly finding: string | null;
  /** What the partner calls it. */
  readonly reference: string | null;
  /** The partner opened it. */
  readonly isTheirs: boolean;
  readonly state: ExceptionState;
  readonly openedAt: number;
  readonly openedBy: string;
  readonly dueAt: number;
  readonly toldAt: number | null;
  readonly answeredAt: number | null;
  readonly closedAt: number | null;
  readonly closedBy: string | null;
}

/** What one side said. */
export interface ExceptionEntry {
  readonly number: number;
  readonly side: 'ours' | 'theirs';
  readonly author: string;
  readonly at: number;
  readonly text: string;
  readonly answer: ExceptionAnswer | 'settled' | 'withdrawn' | null;
  /** Of the entry before it and of this, hex. */
  readonly sha256: string;
  readonly file: { readonly name: string; readonly type: string; readonly sha256: string } | null;
}

export interface NewException
  extends Pick<PartnerException, 'kind' | 'partner' | 'title' | 'shipment' | 'epcs' | 'lot' | 'finding'> {
  readonly text: string;
  /** Epoch ms UTC; null = in three days. */
  readonly due: number | null;
}

export interface NewEntry {
  readonly text: string;
  readonly answer: ExceptionEntry['answer'];
  readonly file: { readonly name: string; readonly bytes: Buffer } | null;
}

/** `E-000123` */
export function exceptionId(number: number): string {
  return `E-${String(number).padStart(6, '0')}`;
}

/** @returns null where it is none */
export function exceptionNumber(id: string): number | null {
  const digits = /^E-(\d{6,9})$/.exec(id)?.[1];
  return digits === undefined ? null : Number(digits);
}
