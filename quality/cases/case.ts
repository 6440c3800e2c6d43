import { InputError } from '../../domain/index.ts';

export type CaseKind = 'excursion' | 'suspect product' | 'complaint' | 'data missing';
export type CaseState = 'open' | 'evidence changed' | 'decided' | 'closed';

/** What a person decides on: the serials of a shipment, or of a place where no shipment is touched. Times epoch ms UTC. */
export interface Case {
  readonly number: number;
  /** `C-000123` */
  readonly id: string;
  readonly kind: CaseKind;
  readonly state: CaseState;
  readonly title: string;
  readonly subject: { readonly shipment: string | null; readonly place: string | null };
  /** Id of the closed case that it follows up. */
  readonly follows: string | null;
  readonly openedAt: number;
  /** null: an alert did. */
  readonly openedBy: string | null;
  readonly reason: string | null;
  readonly closedAt: number | null;
  readonly assignee: string | null;
  /** Of the first clock that nobody has stopped. */
  readonly dueAt: number | null;
  /** Highest of its products, 1 to 5. */
  readonly valueClass: number | null;
  readonly alerts: number;
  readonly serials: { readonly affected: number; readonly undecided: number; readonly waiting: number };
  /** Raised by one with every change of its evidence and decisions. */
  readonly revision: number;
}

const ID = /^C-(\d{6,15})$/;

/** What people call a case: `C-000123`. */
export function caseId(number: number): string {
  return `C-${String(number).padStart(6, '0')}`;
}

/** @throws {InputError} CASE_UNKNOWN: no case is called so */
export function caseNumber(id: string): number {
  const number = Number(ID.exec(id)?.[1] ?? Number.NaN);
  if (!Number.isSafeInteger(number) || caseId(number) !== id) throw unknownCase(id);
  return number;
}

export function unknownCase(id: string): InputError {
  return new InputError('CASE_UNKNOWN', `there is no case ${id.slice(0, 40)}`);
}

export interface CaseRow {
  readonly number: number;
  readonly kind: CaseKind;
  readonly state: CaseState;
  readonly title: string;
  readonly shipment: string | null;
  readonly place: string | null;
  readonly follows: number | null;
  readonly opened_at: number;
  readonly opened_by: string | null;
  readonly reason: string | null;
  readonly closed_at: number | null;
  readonly assignee: string | null;
  readonly due_at: number | null;
  readonly value_class: number | null;
  readonly alerts: number;
  readonly affected: number;
  readonly undecided: number;
  readonly waiting: number;
  readonly revision: number;
}

export const CASE_COLUMNS = `number, kind, state, title, shipment, place, follows, opened_at, opened_by, reason, closed_at,
  assignee, due_at, value_class, alerts, affected, undecided, waiting, revision`;

export function caseOf(row: CaseRow): Case {
  return {
    number: row.number,
    id: caseId(row.number),
    kind: row.kind,
    state: row.state,
    title: row.title,
    subject: { shipment: row.shipment, place: row.place },
    follows: row.follows === null ? null : caseId(row.follows),
    openedAt: row.opened_at,
    openedBy: row.opened_by,
    reason: row.reason,
    closedAt: row.closed_at,
    assignee: row.assignee,
    dueAt: row.due_at,
    valueClass: row.value_class,
    alerts: row.alerts,
    serials: { affected: row.affected, undecided: row.undecided, waiting: row.waiting },
    revision: row.revision,
  };
}
