import type { ConditionState, VerificationView } from '../../../api/index.ts';
import { say } from '../text/say.ts';

/** What to do with the pack, in a few words, and in which colour and shape. */
export function answerOf({
  verified,
  mayMoveOn,
  findings,
}: Pick<VerificationView, 'verified' | 'mayMoveOn' | 'findings'>): {
  readonly state: ConditionState;
  readonly title: string;
  readonly hint: string;
} {
  const stopping = findings.filter(({ finding }) => !LESSER.has(finding));
  if (!mayMoveOn && stopping.length > 0 && stopping.every(({ finding }) => UNDECIDED.has(finding))) {
    return { state: 'excursion', title: say('verified.notYet'), hint: say('verified.notYet.hint') };
  }
  if (!mayMoveOn) return { state: 'excursion', title: say('verified.stop'), hint: say('verified.stop.hint') };
  if (verified) return { state: 'inRange', title: say('verified.known'), hint: say('verified.known.hint') };
  return { state: 'warning', title: say('verified.look'), hint: say('verified.look.hint') };
}

/** Findings on which a person has still to decide. */
const UNDECIDED: ReadonlySet<string> = new Set(['excursion', 'on hold', 'quarantined', 'expiry unreadable']);

/** Findings with which a pack may still move on (docs/recall.md). */
const LESSER: ReadonlySet<string> = new Set(['lot mismatch', 'expiry mismatch', 'in two places']);

/** What stops the pack before what only does not fit. */
export function stoppingFirst(findings: VerificationView['findings']): VerificationView['findings'] {
  return findings.toSorted((a, b) => Number(LESSER.has(a.finding)) - Number(LESSER.has(b.finding)));
}
