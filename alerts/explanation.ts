import {
  type Alert,
  type AtStake,
  type DeviceFacts,
  type Epc,
  type Exposure,
  type Finding,
  type FindingExplanation,
  type History,
  type MetricDefinition,
  parseKey,
  type SeverityStep,
  type Stakes,
  severityAtStake,
} from '../domain/index.ts';
import type { AlertContent, AlertRecord } from './alert-store.ts';
import { readingsBehind } from './evidence.ts';
import type { SeveritySteps, SummaryTemplate } from './rule-texts.ts';
import { compareList, isListChanged, type ListChange, type Part, type SerialGroup } from './serials.ts';
import { type Summary, type SummarySubject, summaryOf } from './summary.ts';

/** What an alert is to say, and what of it is new. */
export interface Explanation {
  readonly content: AlertContent;
  readonly list: ListChange;
  /** False where the alert says all of this already: nothing is to be written. */
  readonly isNews: boolean;
}

export interface ExplanationSources {
  readonly exposure: Exposure;
  readonly history: History;
  readonly devices: DeviceFacts;
  readonly explainer: FindingExplanation;
  readonly summaryTemplate: SummaryTemplate;
  readonly severitySteps: SeveritySteps;
  readonly stakes: Stakes;
}

/** What the alert previous so far. */
export interface PreviousAlert {
  readonly record: AlertRecord;
  readonly parts: readonly Part[];
}

/**
 * Makes an alert explain itself: the rule and its version, the readings that made it and what each changed,
 * every affected serial with its own interval and dose.
 *
 * @param before the alert that carries on; null for a new one
 * @param why a late fact that changed it, or null; `isExposure`: what is known of serials may have changed
 * @param now epoch ms UTC: how far an open finding's readings may reach
 */
export async function explain(
  finding: Finding,
  before: PreviousAlert | null,
  why: { readonly reason: string | null; readonly isExposure: boolean },
  sources: ExplanationSources,
  now: number,
): Promise<Explanation> {
  const subject = subjectOf(finding);
  const { groups, shipments } = await touchedBy(finding, subject, sources.exposure);
  const compared = await compareList(groups, before?.parts ?? [], sources.exposure, why.isExposure);
  const list = { ...compared, shipments: [...new Set([...compared.shipments, ...shipments])].sort() };
  const previous = before?.record.alert;
  const steps = await sources.severitySteps(finding.rule, finding.ruleVersion);
  const isOtherStake =
    previous === undefined || list.isOtherList || why.isExposure || isBudgetSpent(finding, previous, steps);
  const atStake = isOtherStake ? await stakeOf(list.epcs, sources.stakes, now) : previous.atStake;
  const template = await sources.summaryTemplate(finding.rule, finding.ruleVersion);
  const summary = summaryOf(finding, textSubject(subject, list.shipments), template);
  const content: AlertContent = {
    ...factsOf(finding, subject, previous, summary),
    severity: severityAtStake(finding.severity, steps, list.count, atStake),
    atStake,
    shipments: list.shipments,
    affectedCount: list.count,
    isEvidenceComplete: before?.record.isEvidenceComplete ?? false,
  };
  const isOld = before !== null && !isListChanged(list) && isSaid(content, before.record.alert);
  if (isOld && content.isEvidenceComplete) return { content, list, isNews: false };
  const complete = await withReadings(content, finding, subject, why.reason, sources, now);
  const isNews = !isOld || !isSameReadings(complete, content);
  return { content: complete, list, isNews };
}

/**
 * What can be said of a finding without asking anybody: for one whose serials or readings could not be worked out. Its
 * list stays as it was, and it is looked at again.
 */
export function explainBare(finding: Finding, before: PreviousAlert | null, problem: string): Explanation {
  const subject = subjectOf(finding);
  const previous = before?.record.alert;
  // What a rule on goods found is of its shipment, whatever its serials are: it is not to be without a case.
  const shipments = previous?.shipments ?? (finding.goods === undefined ? [] : [finding.goods.shipment]);
  const content: AlertContent = {
    ...factsOf(finding, subject, previous, summaryOf(finding, textSubject(subject, shipments))),
    shipments,
    affectedCount: previous?.affectedCount ?? 0,
    // What raised it is not known to be otherwise.
    severity: severityAtStake(
      finding.severity,
      previous === undefined ? [] : [{ by: 'serials', atLeast: 0, severity: previous.severity }],
      0,
      null,
    ),
    atStake: previous?.atStake ?? null,
    isEvidenceComplete: false,
  };
  const evidence = { ...content.evidence, reason: `${UNEXPLAINED}: ${problem}` };
  const list = { ...NO_CHANGE, count: content.affectedCount, shipments };
  const isNews = before === null || !isSaid(content, before.record.alert);
  return { content: { ...content, evidence }, list, isNews };
}

const UNEXPLAINED = 'its serials could not be worked out yet';
const NO_CHANGE = { parts: [], lists: [], removed: [], isOtherList: false, epcs: new Set<string>() };

async function stakeOf(epcs: ReadonlySet<Epc>, stakes: Stakes, now: number): Promise<AtStake | null> {
  return epcs.size === 0 ? null : stakes.of([...epcs], now);
}

/** How much of a budget is spent before it is worked out anew, where nothing asks for every minute of it, minutes. */
const BUDGET_STEP = 10;

/** Whether more of the stability budget may be spent than the alert says. */
function isBudgetSpent(finding: Finding, { evidence }: Alert, steps: readonly SeverityStep[]): boolean {
  const [minutes, said] = [finding.minutesOutOfRange ?? 0, evidence.minutesOutOfRange ?? 0];
  if (minutes === said) return false;
  const isAsked = steps.some(({ by }) => by === 'budgetLeft');
  return isAsked || finding.endedBy !== null || Math.floor(minutes / BUDGET_STEP) !== Math.floor(said / BUDGET_STEP);
}

/** What the finding itself says, with what stays of the alert as it stands. */
function factsOf(finding: Finding, subject: Subject, previous: Alert | undefined, { text, words }: Summary) {
  const reason = previous?.evidence.reason;
  return {
    kind: finding.kind,
    severity: finding.severity,
    rule: { id: finding.rule, version: finding.ruleVersion },
    device: subject.device ?? null,
    metric: subject.metric ?? null,
    portal: subject.portal ?? null,
    summary: text,
    from: finding.from,
    to: finding.to,
    detectedAt: Math.min(finding.detectedAt, previous?.detectedAt ?? finding.detectedAt),
    detectedLate: finding.detectedLate,
    evidence: {
      limit: finding.limit,
      extreme: finding.extreme,
      minutesOutOfRange: finding.minutesOutOfRange,
      endedBy: finding.endedBy,
      runs: finding.runs,
      readings: previous?.evidence.readings ?? [],
      ...(previous?.evidence.changes !== undefined && { changes: previous.evidence.changes }),
      ...(finding.portal !== undefined && { pass: finding.portal.pass }),
      ...(words !== null && { words }),
      ...(reason !== undefined && !reason.startsWith(UNEXPLAINED) && { reason }),
    },
  };
}

interface Subject {
  readonly device?: string;
  readonly metric?: string;
  readonly portal?: string;
  readonly definition?: MetricDefinition;
}

function subjectOf(finding: Finding): Subject {
  if (finding.goods !== undefined) return {};
  if (finding.portal !== undefined) return { portal: finding.portal.portal };
  const key = parseKey(finding.key);
  return key === null ? {} : { device: key.device, metric: key.metric.name, definition: key.metric };
}

function textSubject({ definition: _, ...subject }: Subject, shipments: readonly string[]): SummarySubject {
  const [shipment] = shipments;
  return shipment !== undefined && shipments.length === 1 ? { ...subject, shipment } : subject;
}

interface Touched {
  readonly groups: readonly SerialGroup[];
  /** Those that the groups do not name. */
  readonly shipments: readonly string[];
}

async function touchedBy(finding: Finding, subject: Subject, exposure: Exposure): Promise<Touched> {
  const { from, to, runs, portal, goods } = finding;
  if (goods !== undefined) {
    const groups = await exposure.foundInGoods(finding);
    return {
      groups: groups.map(({ epcs, minutes, ...figures }) => ({
        ...{ ...figures, shipment: goods.shipment, minutesOutOfRange: minutes, serials: epcs },
      })),
      shipments: [goods.shipment],
    };
  }
  if (portal !== undefined) {
    // Serials that nobody expects came with a shipment that somebody did: whoever looks at it must see them.
    const { groups, shipments } = await exposure.carried(portal.pass, from, portal.epcs);
    const unmeasured = { from, to, minutesOutOfRange: null, min: null, max: null, mkt: null };
    return { groups: groups.map((group) => ({ ...group, ...unmeasured })), shipments };
  }
  if (subject.device === undefined || subject.definition === undefined) return { groups: [], shipments: [] };
  const groups = await exposure.affected({ device: subject.device, metric: subject.definition.code, from, to, runs });
  if (finding.minutesOutOfRange !== null) return { groups, shipments: [] };
  return { groups: groups.map((group) => ({ ...group, minutesOutOfRange: null })), shipments: [] };
}

async function withReadings(
  content: AlertContent,
  finding: Finding,
  { device, definition }: Subject,
  reason: string | null,
  { history, devices, explainer }: Pick<ExplanationSources, 'history' | 'devices' | 'explainer'>,
  now: number,
): Promise<AlertContent> {
  // Of Isotherm's own health no reading tells.
  const changes = finding.kind === 'health' ? [] : await explainer.explain(finding);
  const evidence = {
    ...content.evidence,
    ...(reason !== null && { reason }),
    ...(changes !== null && { changes }),
  };
  if (device === undefined || definition === undefined) {
    return { ...content, evidence: evidence, isEvidenceComplete: changes !== null };
  }
  const { readings, isComplete } = await readingsBehind(
    finding,
    { device, metric: definition.code },
    { history, devices },
    now,
  );
  return { ...content, evidence: { ...evidence, readings }, isEvidenceComplete: isComplete && changes !== null };
}

/** Readings aside: those around an ended finding grow with time and say nothing new. */
function isSaid(content: AlertContent, alert: Alert): boolean {
  const { device, metric, portal, isEvidenceComplete: _, ...rest } = content;
  const { subject } = alert;
  const same = (key: keyof typeof rest) => JSON.stringify(rest[key]) === JSON.stringify(alert[key]);
  return (
    device === (subject.device ?? null) &&
    metric === (subject.metric ?? null) &&
    portal === (subject.portal ?? null) &&
    (['kind', 'severity', 'summary', 'from', 'to', 'detectedAt', 'detectedLate', 'affectedCount'] as const).every(
      same,
    ) &&
    isSameStake(content.atStake, alert.atStake) &&
    same('rule') &&
    same('shipments') &&
    isSameEvidence(content.evidence, alert.evidence)
  );
}

function isSameStake(a: AtStake | null, b: AtStake | null): boolean {
  if (a === null || b === null) return a === b;
  const [ours, theirs] = [a.valueClasses, b.valueClasses];
  return (
    a.budgetLeftMinutes === b.budgetLeftMinutes &&
    ours.length === theirs.length &&
    ours.every(({ valueClass, serials }, i) => theirs[i]?.valueClass === valueClass && theirs[i]?.serials === serials)
  );
}

function isSameEvidence(a: Alert['evidence'], b: Alert['evidence']): boolean {
  return (
    a.limit === b.limit &&
    a.extreme === b.extreme &&
    a.minutesOutOfRange === b.minutesOutOfRange &&
    a.endedBy === b.endedBy &&
    a.pass === b.pass &&
    a.runs.length === b.runs.length &&
    a.runs.every((run, i) => run.from === b.runs[i]?.from && run.to === b.runs[i]?.to)
  );
}

function isSameReadings(a: AlertContent, b: AlertContent): boolean {
  return (
    a.isEvidenceComplete === b.isEvidenceComplete &&
    a.evidence.readings.length === b.evidence.readings.length &&
    a.evidence.readings.every(({ time, value }, i) => {
      const other = b.evidence.readings[i];
      return time === other?.time && value === other.value;
    })
  );
}
