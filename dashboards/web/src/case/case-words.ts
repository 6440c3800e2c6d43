import type { CaseGroupView, CaseSummaryView, Disposition } from '../../../api/case.ts';
import { say } from '../text/say.ts';

/** In the order in which they are offered. */
export const DISPOSITIONS: readonly Disposition[] = ['release', 'quarantine', 'reject', 'return', 'destroy'];

/** `Release`, on a button. */
export function dispositionText(disposition: Disposition): string {
  return say(`case.disposition.${disposition}`);
}

/** `released`, of what was decided. */
export function decidedText(disposition: Disposition): string {
  return say(`case.decided.${disposition}`);
}

/** What a signature under it means: fixed by the disposition, nobody types it (21 CFR 11.50(a)(3)). */
export function meaningOf(disposition: Disposition, isSecond: boolean): string {
  return say(isSecond ? 'case.meaning.second' : 'case.meaning.first', { what: say(`case.meaning.${disposition}`) });
}

export function stateText(state: CaseSummaryView['state']): string {
  return say(`case.state.${state}`);
}

/** What the group is, for people: product, lot and expiry. */
export function groupText({ product, gtin, lot, expiry }: CaseGroupView): string {
  return [
    product ?? (gtin === null ? null : say('case.gtin', { gtin })),
    lot === null ? null : say('case.lot', { lot }),
    expiry === null ? null : say('case.expires', { expiry }),
  ]
    .filter((part) => part !== null)
    .join(' · ');
}

/** How a clock stands: who looks at it has to see at once whether there is time. */
export function clockState(clock: { readonly due: string; readonly doneAt: string | null }, now: number) {
  const due = Date.parse(clock.due);
  if (clock.doneAt !== null) return Date.parse(clock.doneAt) <= due ? ('kept' as const) : ('missed' as const);
  return due <= now ? ('over' as const) : ('running' as const);
}

/** Serials as they were scanned, pasted or typed, a line each; each once. */
export function linesOf(text: string): readonly string[] {
  return [
    ...new Set(
      text
        .split(/[\r\n]+/)
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    ),
  ];
}
