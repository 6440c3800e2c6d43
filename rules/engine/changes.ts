import type { Finding, FindingChange, FindingEvent } from '../../domain/index.ts';
import type { Draft } from './draft.ts';

/** Shared by all findings of kinds that have none. */
const NO_RUNS: Finding['runs'] = [];

/** When and how a finding became known. */
export interface Detection {
  /** Epoch ms UTC: arrival of what made it known, or the tick. */
  readonly at: number;
  /** It came out of a rewind: the arriving reading was older than the key's newest. */
  readonly isLate: boolean;
}

/** The finding a draft stands for. A finding that was present before keeps when it was detected. */
export function findingOf(draft: Draft, key: string, earlier: Finding | undefined, detection: Detection): Finding {
  const { rule, version } = draft.program;
  const isThreshold = rule.kind === 'threshold';
  return {
    rule: rule.id,
    ruleVersion: version,
    kind: rule.kind,
    severity: rule.severity,
    key,
    from: draft.from,
    to: draft.to,
    endedBy: draft.endedBy,
    extreme: draft.extreme,
    readings: draft.readings,
    minutesOutOfRange: isThreshold ? minutesOf(draft.runs) : null,
    runs: draft.runs.length === 0 ? NO_RUNS : draft.runs.map(({ from, to }) => ({ from, to })),
    limit: draft.limit,
    detectedAt: earlier?.detectedAt ?? detection.at,
    detectedLate: earlier?.detectedLate ?? detection.isLate,
  };
}

/** The lengths' sum in minutes, rounded half up to 3 decimals; exact, as 1/1000 min is 60 ms. */
export function minutesOf(runs: readonly { readonly from: number; readonly to: number }[]): number {
  const ms = runs.reduce((sum, run) => sum + run.to - run.from, 0);
  return Math.floor((ms + 30) / 60) / 1000;
}

/**
 * What became of one rule's findings on one key, as changes by `from`.
 *
 * A finding that overlaps several earlier ones is `merged`, findings that share an earlier one are `split`; otherwise
 * a new identity is `opened`, a known one that now has an end is `closed`, any other difference is `extended`, and an
 * earlier identity that is gone is `retracted` (after a merge its reason names the finding it went into).
 */
export function changesBetween(earlier: readonly Finding[], later: readonly Finding[]): FindingChange[] {
  const known = new Map(earlier.map((finding) => [finding.from, finding]));
  const kept = new Set(later.map((finding) => finding.from));
  const changes: FindingChange[] = [];
  for (const finding of later) {
    const before = known.get(finding.from);
    if (before === undefined || !isSame(before, finding)) {
      changes.push({ event: eventOf(finding, before, earlier, later), finding });
    }
  }
  for (const finding of earlier) {
    if (!kept.has(finding.from)) changes.push(retraction(finding, later));
  }
  return changes.sort((a, b) => a.finding.from - b.finding.from);
}

/** What became of a finding that is still there and has touched no other, before or now; null where nothing has. */
export function changeOf(before: Finding, finding: Finding): FindingChange | null {
  return isSame(before, finding) ? null : { event: grownOrClosed(before, finding), finding };
}

function eventOf(
  finding: Finding,
  before: Finding | undefined,
  earlier: readonly Finding[],
  later: readonly Finding[],
): FindingEvent {
  const sources = earlier.filter((other) => touches(other, finding));
  if (sources.length > 1) return 'merged';
  const [source] = sources;
  if (source !== undefined && later.filter((other) => touches(source, other)).length > 1) return 'split';
  return before === undefined ? 'opened' : grownOrClosed(before, finding);
}

function grownOrClosed(before: Finding, finding: Finding): FindingEvent {
  return before.endedBy === null && finding.endedBy !== null ? 'closed' : 'extended';
}

function retraction(finding: Finding, later: readonly Finding[]): FindingChange {
  const into = later.find((other) => touches(other, finding));
  if (into === undefined) return { event: 'retracted', finding };
  return { event: 'retracted', finding, reason: `now part of the finding from ${new Date(into.from).toISOString()}` };
}

/** Whether two findings share a moment. */
function touches(a: Finding, b: Finding): boolean {
  return a.from === b.from || (reaches(a, b.from) && reaches(b, a.from));
}

/** Whether `time` comes before the finding's end; an end that is its last reading belongs to it. */
function reaches({ to, endedBy }: Finding, time: number): boolean {
  if (to === null || time < to) return true;
  return time === to && (endedBy === null || endedBy === 'silence');
}

function isSame(a: Finding, b: Finding): boolean {
  return (
    a.to === b.to &&
    a.endedBy === b.endedBy &&
    a.extreme === b.extreme &&
    a.readings === b.readings &&
    a.limit === b.limit &&
    a.ruleVersion === b.ruleVersion &&
    a.severity === b.severity &&
    a.kind === b.kind &&
    a.goods?.digest === b.goods?.digest &&
    a.runs.length === b.runs.length &&
    a.runs.every((run, i) => run.from === b.runs[i]?.from && run.to === b.runs[i]?.to)
  );
}
