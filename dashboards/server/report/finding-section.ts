import type { Rule } from '../../../domain/index.ts';
import { type FindingRevision, MOST_REVISIONS } from '../../../storage/index.ts';
import { formatTime } from '../../api/index.ts';
import { ruleText } from '../rule-text.ts';
import { type Formats, NOTHING } from './formats.ts';
import type { ReportBlock } from './report.ts';
import { isProven } from './report-ledger.ts';
import { grave, MOST_PRINTED, quiet, type ReportFrame } from './sections.ts';

/** A version of a rule that alerts of a report rest on. */
export interface JudgingRule {
  readonly id: string;
  readonly version: number;
  /** Who made it, and when (epoch ms UTC); null where it is known no more. */
  readonly author: { readonly by: string; readonly at: number } | null;
  /** Event time that it judges from, epoch ms UTC; null: from the beginning. */
  readonly effectiveFrom: number | null;
  readonly rule: Rule | null;
  /** Of its leaf in the ledger; null where it has none. */
  readonly leaf: string | null;
}

/** How what the alerts rest on came to stand so: findings with each revision of theirs, and the rules that judged. */
export interface Judging {
  readonly revisions: readonly FindingRevision[];
  readonly rules: readonly JudgingRule[];
}

/** The same for machines; times RFC 3339 UTC. */
export function judgingData({ revisions, rules }: Judging) {
  return {
    findings: revisions.map(({ at, from, finding, leaf: _, ...revision }) => ({
      ...{ ...revision, at: formatTime(at), from: formatTime(from) },
      finding: finding === null ? null : { ...finding, to: formatTime(finding.to) },
    })),
    rules: rules.map(({ id, version, author, effectiveFrom, rule }) => ({
      ...{ id, version, rule, effectiveFrom: formatTime(effectiveFrom) },
      author: author === null ? null : { by: author.by, at: formatTime(author.at) },
    })),
  };
}

/** Ids of the leaves that prove it. */
export function leavesOfJudging({ revisions, rules }: Judging): string[] {
  return [...revisions, ...rules].flatMap(({ leaf }) => leaf ?? []);
}

/** Each revision of each finding with when and why, then the versions of the rules that judged, each with its leaf. */
export function judgingSection({ revisions, rules }: Judging, frame: ReportFrame): ReportBlock[] {
  const leafOf = placesIn(frame);
  return [...revisionSection(revisions, leafOf, frame.formats), ...ruleSection(rules, leafOf, frame.formats)];
}

type LeafOf = (leaf: string | null) => string;

/** Where in the ledger a leaf stands, by its id. */
function placesIn({ ledger }: ReportFrame): LeafOf {
  const places = new Map<string, number>();
  if (isProven(ledger)) for (const { cause, index } of ledger.facts?.leaves ?? []) places.set(cause, index);
  return (leaf) => String(places.get(leaf ?? '') ?? NOTHING);
}

function revisionSection(revisions: readonly FindingRevision[], leafOf: LeafOf, formats: Formats): ReportBlock[] {
  if (revisions.length === 0) return [];
  const printed = revisions.slice(-MOST_PRINTED);
  const unit = formats.unit('°C');
  return [
    { kind: 'heading', text: formats.say('report.section.findings') },
    ...(revisions.length === MOST_REVISIONS
      ? [grave(formats.say('report.findings.most', { count: MOST_REVISIONS }))]
      : []),
    ...(printed.length < revisions.length
      ? [quiet(formats.say('report.findings.more', { count: printed.length }))]
      : []),
    {
      kind: 'table',
      columns: [
        { title: formats.say('report.column.at'), share: 2 },
        { title: formats.say('report.column.finding'), share: 2.6 },
        { title: formats.say('report.column.happened'), share: 1.5 },
        { title: formats.say('report.column.standing'), share: 3 },
        { title: formats.say('report.column.reason'), share: 2.4 },
        { title: formats.say('report.column.leaf'), share: 0.9, isFigure: true },
      ],
      rows: printed.map(({ at, rule, key, from, event, reason, finding, leaf }) => [
        formats.time(at),
        finding === null
          ? `${key}\n${rule}`
          : `${key}\n${formats.say('report.rule', { rule, version: finding.ruleVersion })}`,
        formats.say(`report.finding.${event}`),
        event === 'retracted' || finding === null
          ? formats.say('report.finding.from', { from: formats.minute(from) })
          : standing({ from, ...finding }, key.endsWith('/temperature') ? unit : null, formats),
        reason ?? NOTHING,
        leafOf(leaf),
      ]),
    },
  ];
}

/** What the finding was from then on. @param unit where its values are temperatures */
function standing(
  {
    from,
    to,
    endedBy,
    extreme,
    minutesOutOfRange,
  }: { readonly from: number } & NonNullable<FindingRevision['finding']>,
  unit: string | null,
  formats: Formats,
): string {
  const span = { from: formats.minute(from), to: formats.minute(to) };
  return [
    // What runs has its last reading for an end.
    endedBy === null || to === null
      ? formats.say('report.finding.from', span)
      : formats.say('report.finding.span', span),
    ...(extreme === null ? [] : [unit === null ? formats.figure(extreme, 3) : formats.value(extreme, '°C', true)]),
    ...(minutesOutOfRange === null ? [] : [formats.minutes(minutesOutOfRange)]),
  ].join('; ');
}

function ruleSection(rules: readonly JudgingRule[], leafOf: LeafOf, formats: Formats): ReportBlock[] {
  if (rules.length === 0) return [];
  return [
    { kind: 'heading', text: formats.say('report.section.rules') },
    {
      kind: 'table',
      columns: [
        { title: formats.say('report.column.rule'), share: 2.4 },
        { title: formats.say('report.column.says'), share: 4.6 },
        { title: formats.say('report.column.effective'), share: 1.6 },
        { title: formats.say('report.column.made'), share: 2.4 },
        { title: formats.say('report.column.leaf'), share: 0.9, isFigure: true },
      ],
      rows: rules.map(({ id, version, author, effectiveFrom, rule, leaf }) => [
        formats.say('report.rule', { rule: id, version }),
        rule === null
          ? formats.say('report.rules.unknown')
          : (ruleText(rule, (key, values) => formats.told(key, values)) ?? rule.kind),
        effectiveFrom === null ? formats.say('report.rules.always') : formats.minute(effectiveFrom),
        author === null ? NOTHING : `${author.by}, ${formats.minute(author.at)}`,
        leafOf(leaf),
      ]),
    },
  ];
}
