import type { Finding } from '../../domain/index.ts';
import { compareFindings } from '../engine/published.ts';

/** What would be other than it is. Findings stand in the order of a backtest: by rule, key and from. */
export interface Comparison {
  /** Found by the proposed rules, and nothing at that time by those in force. */
  readonly opened: readonly Finding[];
  /** Found by the rules in force, and nothing at that time by the proposed ones. */
  readonly closed: readonly Finding[];
  /** The same from both, the rule's version aside. */
  readonly kept: readonly Finding[];
  /** Found by both, and not the same: longer, shorter, joined, divided. */
  readonly changed: readonly { readonly before: readonly Finding[]; readonly after: readonly Finding[] }[];
}

/**
 * Compares what two sets of rules found on the same readings. Findings of one rule and key that share a moment,
 * directly or through others, belong together.
 */
export function compared(before: readonly Finding[], after: readonly Finding[]): Comparison {
  const opened: Finding[] = [];
  const closed: Finding[] = [];
  const kept: Finding[] = [];
  const changed: { before: Finding[]; after: Finding[] }[] = [];
  for (const group of groupsOf(before, after)) {
    const [was] = group.before;
    const [is] = group.after;
    if (was === undefined) opened.push(...group.after);
    else if (is === undefined) closed.push(...group.before);
    else if (group.before.length === 1 && group.after.length === 1 && isSame(was, is)) kept.push(is);
    else changed.push(group);
  }
  return { opened, closed, kept, changed };
}

interface Group {
  readonly before: Finding[];
  readonly after: Finding[];
}

function groupsOf(before: readonly Finding[], after: readonly Finding[]): Group[] {
  const sided = [
    ...before.map((finding) => ({ finding, side: 'before' as const })),
    ...after.map((finding) => ({ finding, side: 'after' as const })),
  ].sort((a, b) => compareFindings(a.finding, b.finding));
  const groups: Group[] = [];
  let group: Group | undefined;
  let of = '';
  let until = Number.NEGATIVE_INFINITY;
  for (const { finding, side } of sided) {
    const watch = `${finding.rule}|${finding.key}`;
    if (group === undefined || watch !== of || finding.from > until) {
      group = { before: [], after: [] };
      groups.push(group);
      of = watch;
      until = Number.NEGATIVE_INFINITY;
    }
    group[side].push(finding);
    until = Math.max(until, finding.to ?? Number.POSITIVE_INFINITY);
  }
  return groups;
}

/** The same of the same serials, the rule's version aside. */
export function isSame(a: Finding, b: Finding): boolean {
  const content = ({ from, to, endedBy, extreme, readings, minutesOutOfRange, severity, portal, goods }: Finding) =>
    JSON.stringify([from, to, endedBy, extreme, readings, minutesOutOfRange, severity, portal?.epcs, goods?.digest]);
  return content(a) === content(b);
}
