import { type Disposition, type Epc, InputError } from '../../domain/index.ts';
import type { DispositionInput, Proposal } from '../disposition/index.ts';
import { hashOfSerials } from '../signatures/index.ts';

/** An alert as it stood when it was decided upon. Epoch ms UTC. */
export interface EvidenceAlert {
  readonly id: string;
  readonly rule: string;
  readonly ruleVersion: number;
  readonly state: string;
  readonly from: number;
  /** null: it goes on. */
  readonly to: number | null;
}

/** Serials that went through the same, with what is proposed of them. */
export interface AssessedGroup extends Omit<DispositionInput, 'unknown' | 'minutesExcused'> {
  readonly id: string;
  readonly gtin: string | null;
  readonly product: string | null;
  readonly lot: string | null;
  readonly expiry: string | null;
  readonly units: readonly Epc[];
  readonly devices: readonly string[];
  readonly epcs: readonly Epc[];
  /** Epoch ms UTC; null where it was nowhere. */
  readonly from: number | null;
  readonly to: number | null;
  readonly proposal: Proposal;
  /** Its profile and what it is worth ask for a second signer. */
  readonly needsSecond: boolean;
}

/** What a case comes to now. */
export interface Assessment {
  /** Epoch ms UTC. */
  readonly at: number;
  readonly groups: readonly AssessedGroup[];
  readonly alerts: readonly EvidenceAlert[];
}

/** What is decided on: exactly one of them. */
export interface DecisionScope {
  readonly serials?: readonly Epc[] | undefined;
  readonly group?: string | undefined;
  readonly lot?: string | undefined;
  /** Of these, only what has to be decided: undecided with nobody awaited, or decided on other evidence than is known now. */
  readonly toDecide?: boolean | undefined;
}

export interface DecisionWish {
  /** Of the case, as it was looked at. */
  readonly revision: number;
  readonly scope: DecisionScope;
  readonly disposition: Disposition;
  readonly reason: string;
}

/** What is signed. Everything that the decision stands on is in it. */
export interface DecisionRecord {
  readonly type: 'isotherm.decision/1';
  readonly case: string;
  readonly number: number;
  readonly revision: number;
  readonly disposition: Disposition;
  readonly reason: string;
  readonly scope: { readonly group: string | null; readonly lot: string | null; readonly toDecide?: true };
  readonly serials: { readonly count: number; readonly sha256: string; readonly epcs: readonly Epc[] };
  readonly needsSecond: boolean;
  readonly assessedAt: number;
  readonly alerts: readonly EvidenceAlert[];
  /** The groups that its serials are of. */
  readonly groups: readonly SignedGroup[];
}

/** What the serials of a decision went through that went through the same. */
export interface SignedGroup extends Omit<AssessedGroup, 'epcs'> {
  readonly serials: number;
  /** Which of the decision's serials these are, sorted; absent where it is of one group alone, and these are all of them. */
  readonly epcs?: readonly Epc[];
}

/**
 * The record of a decision, with its serials listed. Pure.
 * @param toDecide the serials that have to be decided; null where all that are meant are decided on
 * @throws {InputError} DECISION_SCOPE_BAD, DECISION_NEEDLESS, GROUP_UNKNOWN, LOT_UNKNOWN, SERIALS_NOT_AFFECTED
 */
export function recordOf(
  { id, number }: { readonly id: string; readonly number: number },
  { revision, scope, disposition, reason }: DecisionWish,
  { at, groups, alerts }: Assessment,
  toDecide: ReadonlySet<Epc> | null = null,
): DecisionRecord {
  const meant = serialsIn(scope, groups);
  const epcs = toDecide === null ? meant : meant.filter((epc) => toDecide.has(epc));
  if (epcs.length === 0) {
    throw new InputError('DECISION_NEEDLESS', 'of these serials none has to be decided now; look at the case again');
  }
  const chosen = new Set(epcs);
  const touched = groups.flatMap(({ epcs: members, ...group }) => {
    const own = members.filter((epc) => chosen.has(epc)).sort();
    return own.length === 0 ? [] : [{ ...group, serials: own.length, epcs: own }];
  });
  return {
    ...{ type: 'isotherm.decision/1', case: id, number, revision, disposition, reason },
    scope: { group: scope.group ?? null, lot: scope.lot ?? null, ...(toDecide !== null && { toDecide: true }) },
    serials: { count: epcs.length, sha256: hashOfSerials(epcs), epcs },
    // What only stops goods waits for nobody.
    needsSecond: disposition !== 'quarantine' && touched.some(({ needsSecond }) => needsSecond),
    ...{ assessedAt: at, alerts },
    groups: touched.length > 1 ? touched : touched.map(({ epcs: _, ...group }) => group),
  };
}

function serialsIn({ serials, group, lot }: DecisionScope, groups: readonly AssessedGroup[]): readonly Epc[] {
  if ([serials, group, lot].filter((one) => one !== undefined).length !== 1) {
    throw new InputError('DECISION_SCOPE_BAD', 'decide on exactly one of serials, group and lot');
  }
  if (group !== undefined) {
    const found = groups.find(({ id }) => id === group);
    if (found !== undefined) return [...found.epcs].sort();
    throw new InputError('GROUP_UNKNOWN', `the case has no group ${group} now; look at it again`, { group });
  }
  if (lot !== undefined) {
    const found = groups.filter((one) => one.lot === lot).flatMap(({ epcs }) => epcs);
    if (found.length > 0) return found.sort();
    throw new InputError('LOT_UNKNOWN', `the case has no serial of lot ${lot}`, { lot });
  }
  const affected = new Set(groups.flatMap(({ epcs }) => epcs));
  const others = (serials ?? []).filter((epc) => !affected.has(epc));
  if (others.length > 0) {
    const message = `${others.length} of the serials are not affected by this case: ${others.slice(0, 3).join(', ')}`;
    throw new InputError('SERIALS_NOT_AFFECTED', message, { serials: others.slice(0, 100) });
  }
  return [...new Set(serials)].sort();
}
