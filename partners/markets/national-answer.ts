import type { AnswerCause, AnswerClass, AnswerKind, ReadingFault } from '../../domain/index.ts';
import type { Market } from './market.ts';
import { periodOf } from './periods.ts';

/** Of one pack; null where it is not known. */
export interface PackWords {
  readonly serial: string | null;
  readonly lot: string | null;
  /** As YYMMDD, as the code has it. */
  readonly expiry: string | null;
}

export interface AnswerGiven {
  readonly code: string;
  /** What was sent to the national system. */
  readonly sent: PackWords;
  /** What a person reads on the pack. */
  readonly printed: PackWords;
  /** When this place decommissioned the pack, epoch ms; null: it did not. */
  readonly decommissionedAt: number | null;
}

export interface ClassedAnswer {
  readonly class: AnswerClass;
  readonly kind: AnswerKind;
  readonly name: string | null;
  /** As the European hub names the alert, `A24`; null: it has no name there, or none is known. */
  readonly alert: string | null;
  /** What it comes from most often; `scanner`: what was sent is not what is printed; null: not known. */
  readonly cause: AnswerCause | 'scanner' | null;
  /** Whether the system itself raises an alert by it; null: not known. */
  readonly isAlert: boolean | null;
  readonly faults: readonly { readonly field: keyof PackWords; readonly fault: ReadingFault }[];
  /** Until when the decommissioning may be reverted, epoch ms; null: it may not, or none is known. */
  readonly revertUntil: number | null;
}

/**
 * Classes an answer of the market's national system. Until when a decommissioning may be reverted is counted from the moment (the ten
 * days of Art. 13(1)(b) of Regulation (EU) 2016/161): the shortest reading.
 *
 * @param now epoch ms
 */
export function classOfAnswer(market: Market, given: AnswerGiven, now: number): ClassedAnswer {
  // The hub's names are shorter, and say no less of what it most likely is.
  const known = market.answers.find(({ code, alert }) => code === given.code || alert === given.code.replace(/^#/, ''));
  const faults = faultsOf(given);
  const undoing = periodOf(market, 'undoing');
  const until = given.decommissionedAt === null || undoing === null ? null : given.decommissionedAt + undoing;
  const revertUntil = until !== null && now <= until ? until : null;
  const cause = faults.length > 0 ? ('scanner' as const) : (known?.cause ?? null);
  const classed = (name: AnswerClass) => ({
    ...{ class: name, kind: KINDS[name], name: known?.name ?? null, alert: known?.alert ?? null },
    cause: known === undefined ? null : cause,
    ...{ isAlert: known?.isAlert ?? null, faults, revertUntil },
  });
  switch (known?.about) {
    case undefined:
      return classed('unknown');
    case 'done':
      return { ...classed('done'), cause: null };
    case 'data':
      if (faults.length > 0) return classed('reading');
      return classed(isCompared(given) ? 'investigate' : 'compare');
    case 'state':
    case 'undo':
      // A serial that was read wrongly is another pack, of which this place knows nothing.
      if (faults.length > 0) return classed('reading');
      return classed(given.decommissionedAt === null ? 'investigate' : 'own action');
    case 'final':
      return { ...classed('not saleable'), revertUntil: null };
  }
}

const KINDS: Readonly<Record<AnswerClass, AnswerKind>> = {
  done: 'none',
  reading: 'technical',
  'own action': 'procedural',
  compare: 'open',
  'not saleable': 'procedural',
  investigate: 'investigate',
  unknown: 'investigate',
};

const FIELDS = ['serial', 'lot', 'expiry'] as const;

function isCompared({ sent, printed }: AnswerGiven): boolean {
  return FIELDS.every((field) => sent[field] !== null && printed[field] !== null);
}

function faultsOf({ sent, printed }: AnswerGiven): ClassedAnswer['faults'] {
  return FIELDS.flatMap((field) => {
    const [was, is] = [sent[field], printed[field]];
    if (was === null || is === null || was === is) return [];
    return [{ field, fault: faultOf(was, is) }];
  });
}

function faultOf(sent: string, printed: string): ReadingFault {
  if (sent.toLowerCase() === printed.toLowerCase()) return 'letter case';
  // A German keyboard types y for z, whatever the case.
  if (swapped(sent).toLowerCase() === printed.toLowerCase()) return 'keyboard';
  if (printed !== '' && sent.startsWith(printed)) return 'run together';
  if (sent !== '' && printed.startsWith(sent)) return 'cut off';
  return 'another';
}

function swapped(text: string): string {
  const other: Readonly<Record<string, string>> = { y: 'z', z: 'y', Y: 'Z', Z: 'Y' };
  return text.replaceAll(/[yz]/gi, (letter) => other[letter] ?? letter);
}
