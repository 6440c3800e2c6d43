import type { AlertService } from '../../../alerts/index.ts';
import {
  type AuditEntry,
  type AuditSubject,
  type AuditTrail,
  ConflictError,
  type DeviceRange,
  InputError,
  type Metric,
  type MetricDefinition,
  metricByName,
  type SeenFrom,
  type TimeSource,
} from '../../../domain/index.ts';
import {
  type Case,
  type DecisionRecord,
  type Decisions,
  evidenceOf,
  findCase,
  signedTextsOf,
} from '../../../quality/index.ts';
import { type Database, findingRevisions, type OrganisationStore, ruleVersionLeaves } from '../../../storage/index.ts';
import type { DeviceRecord, DeviceRecords, Limits, TraceQueries } from '../../../trace/index.ts';
import { type AlertView, formatTime, type ReportQuery } from '../../api/index.ts';
import type { AlertViews } from '../alert-views.ts';
import type { CaseAssessor } from '../case-assessor.ts';
import type { CaseJudgement } from '../case-judgement.ts';
import type { DeviceViews } from '../device-views.ts';
import { type Directory, ruleKey } from '../directory.ts';
import type { Identity } from '../identity.ts';
import { notFound } from '../problems.ts';
import type { SerialViews } from '../serial-views.ts';
import type { ShipmentViews } from '../shipment-views.ts';
import { caseReport } from './case-report.ts';
import { deviceReport } from './device-report.ts';
import { type Judging, leavesOfJudging } from './finding-section.ts';
import { Formats } from './formats.ts';
import type { OnDrawn } from './progress.ts';
import type { Report } from './report.ts';
import type { ReportIssuer } from './report-ledger.ts';
import { DRAWN_METRICS, instant, type ReportFrame } from './sections.ts';
import { isCaseSeen } from './seen-case.ts';
import { serialReport } from './serial-report.ts';
import { shipmentReport } from './shipment-report.ts';
import { serialsOf } from './shipment-serials.ts';
import { signedRevisionReport } from './signed-revision-report.ts';

export interface ReportsOptions {
  readonly audit: AuditTrail;
  readonly assessor: CaseAssessor;
  readonly database: Database;
  readonly decisions: Decisions;
  readonly directory: Directory;
  readonly issuer: ReportIssuer;
  readonly judgement: CaseJudgement;
  readonly organisation: OrganisationStore;
  readonly records: DeviceRecords;
  readonly time: TimeSource;
}

/** What who asks may see. */
export interface ReportViews {
  readonly alertService: AlertService;
  readonly alertViews: AlertViews;
  readonly deviceViews: DeviceViews;
  readonly serialViews: SerialViews;
  readonly shipmentViews: ShipmentViews;
  readonly trace: TraceQueries;
}

/** Who asks, for what. */
export interface ReportAsked {
  readonly query: ReportQuery;
  readonly seen: ReportViews;
  /** May the audit trail be read. */
  readonly withAudit: boolean;
  readonly onDrawn: OnDrawn;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const NO_LIMITS: Limits = { min: null, max: null };
/** The chart is so many moments wide: two for each point of paper. */
const COLUMNS = 900;
const MOST_ALERTS = 200;

/** Reports on what the platform knows, as PDF/A-3b (docs/reports.md). */
export class Reports {
  readonly #audit: AuditTrail;
  readonly #options: ReportsOptions;
  readonly #organisation: OrganisationStore;
  readonly #records: DeviceRecords;
  readonly #time: TimeSource;

  constructor(options: ReportsOptions) {
    const { audit, organisation, records, time } = options;
    this.#options = options;
    this.#audit = audit;
    this.#organisation = organisation;
    this.#records = records;
    this.#time = time;
  }

  /** @throws {InputError} SHIPMENT_UNKNOWN, QUERY_INVALID */
  async shipment(id: string, { query, seen, withAudit, onDrawn }: ReportAsked): Promise<Buffer> {
    const view = await seen.shipmentViews.detail(id);
    const record = await seen.trace.shipment(id);
    if (record === null) throw new InputError('SHIPMENT_UNKNOWN', `there is no shipment ${id}`, { shipment: id });
    const end = record.receivedAt ?? record.closedAt;
    const begin = record.leftAt ?? record.departs;
    const to = query.to ?? end ?? this.#thisMinute();
    // What has not left yet is shown from when it was announced.
    const from = query.from ?? (begin < to ? begin : Math.min(record.noticedAt, to - MINUTE_MS));
    const frame = frameOf(query, from, to);
    const ranges = await this.#records.around(id, from, to);
    const [recorded, alerts, serials] = await Promise.all([
      this.#recorded(ranges, view.profile),
      alertsOf(seen, { shipment: id }),
      serialsOf(seen.trace, id),
    ]);
    const audit = await this.#history(`shipment:${id}`, alerts.alerts, withAudit);
    const judging = await this.#judging(alerts.alerts, frame);
    const isOpen = end === null && query.to === undefined;
    const evidence = { view, record, recorded, ...alerts, judging, serials, audit, isOpen };
    const at = latest(to, alerts.alerts, audit, judging);
    const cover = await this.#cover(query, at);
    return this.#options.issuer.issue({
      ...{ about: `shipment:${id}`, facts: namesOf(audit, [], judging) },
      onDrawn,
      write: (ledger) => shipmentReport(evidence, { ...frame, ledger }, cover),
    });
  }

  /** @throws {InputError} DEVICE_UNKNOWN, QUERY_INVALID */
  async device(id: string, { query, seen, withAudit, onDrawn }: ReportAsked): Promise<Buffer> {
    const view = await seen.deviceViews.detail(id);
    const heard = view.latest.map(({ time }) => instant(time) ?? 0);
    // The last reading itself is inside.
    const to = query.to ?? (heard.length === 0 ? this.#thisMinute() : Math.max(...heard) + 1);
    // A logger is used again: what it measured on its last way is none of this one's.
    const attached = instant(view.attachment?.from ?? null) ?? 0;
    const from = query.from ?? Math.max(to - 7 * DAY_MS, attached < to ? attached : 0);
    const frame = frameOf(query, from, to);
    const measured = new Set(view.latest.map(({ metric }) => metric));
    const metrics = DRAWN_METRICS.filter(({ name }) => name === 'temperature' || measured.has(name));
    const [recorded, alerts] = await Promise.all([
      Promise.all(
        metrics.map(async (metric) => {
          const limits = metric.name === 'temperature' ? (view.profile ?? NO_LIMITS) : NO_LIMITS;
          return { metric, record: await this.#records.of({ device: id, from, to }, metric.code, limits, COLUMNS) };
        }),
      ),
      alertsOf(seen, { device: id }),
    ]);
    const touching = { ...alerts, alerts: alerts.alerts.filter((alert) => overlaps(alert, from, to)) };
    const audit = await this.#history(`device:${id}`, touching.alerts, withAudit);
    const judging = await this.#judging(touching.alerts, frame);
    const evidence = { view, recorded, ...touching, judging, audit };
    const cover = await this.#cover(query, latest(to, touching.alerts, audit, judging));
    return this.#options.issuer.issue({
      ...{ about: `device:${id}`, facts: namesOf(audit, [], judging) },
      onDrawn,
      write: (ledger) => deviceReport(evidence, { ...frame, ledger }, cover),
    });
  }

  /** @throws {InputError} SERIAL_UNKNOWN, EPC_*, QUERY_INVALID */
  async serial(given: string, { query, seen, withAudit, onDrawn }: ReportAsked): Promise<Buffer> {
    const to = query.to ?? this.#thisMinute();
    const view = await seen.serialViews.detail(given, to);
    const from = query.from ?? instant(view.journey?.from ?? null) ?? to - MINUTE_MS;
    const frame = frameOf(query, Math.min(from, to - 1), to);
    const ranges = view.exposures.flatMap(({ devices, from: since, to: until, profile }) =>
      devices.map((device) => ({
        ...{ device, from: Math.max(instant(since) ?? 0, frame.from), to: Math.min(instant(until) ?? to, to) },
        limits: profile ?? NO_LIMITS,
      })),
    );
    const metric = metricNamed('temperature');
    const records = await inOrder(
      ranges.filter((range) => range.from < range.to),
      ({ limits, ...range }) => this.#records.of(range, metric.code, limits, COLUMNS),
    );
    const audit = await this.#history(`serial:${view.epc}`, view.alerts, withAudit);
    const judging = await this.#judging(view.alerts, frame);
    const cover = await this.#cover(query, latest(to, view.alerts, audit, judging));
    return this.#options.issuer.issue({
      ...{ about: `serial:${view.epc}`, facts: namesOf(audit, [], judging) },
      onDrawn,
      write: (ledger) => serialReport({ view, metric, records, judging, audit }, { ...frame, ledger }, cover),
    });
  }

  /**
   * As it is now, or as it was signed at an earlier revision.
   * @throws {InputError} CASE_UNKNOWN @throws {ConflictError} CASE_CHANGED a revision at which nothing was signed
   */
  async case(
    id: string,
    { query, seen, withAudit, onDrawn }: ReportAsked,
    { identity, revision, seenFrom }: { identity: Identity; revision: number | undefined; seenFrom: SeenFrom },
  ): Promise<Buffer> {
    const { assessor, database, decisions, judgement } = this.#options;
    if (!(await isCaseSeen(decisions, id, seenFrom))) throw notFound('CASE_UNKNOWN', `there is no case ${id}`);
    const one = await findCase(database, id);
    if (revision !== undefined && revision !== one.revision) {
      return this.#signedRevision(one, revision, { query, seen, withAudit, onDrawn }, identity);
    }
    const judged = await judgement.judge(one, identity);
    const { groups: assessed } = await assessor.assess(one);
    const moments = judged.groups.flatMap(({ exposure: { from, to } }) => [instant(from), instant(to)]);
    const known = moments.filter((at) => at !== null);
    const to = query.to ?? known.reduce((last, at) => Math.max(last, at), one.openedAt);
    const from =
      query.from ??
      Math.min(
        known.reduce((first, at) => Math.min(first, at), to),
        to - MINUTE_MS,
      );
    const frame = frameOf(query, from, to);
    const metric = metricNamed('temperature');
    const limits = judged.groups[0]?.exposure.limits ?? NO_LIMITS;
    const { shipment } = one.subject;
    const devices = new Set(judged.groups.flatMap((group) => group.devices));
    const ranges =
      shipment === null
        ? [...devices].map((device) => ({ device, from, to }))
        : await this.#records.around(shipment, from, to);
    const records = await inOrder(ranges, (range) => this.#records.of(range, metric.code, limits, COLUMNS));
    const alerts = shipment === null ? await this.#alertsAt(one, seen) : await alertsOf(seen, { shipment });
    const judging = await this.#judging(alerts.alerts, frame);
    const audit = await this.#history(`case:${id}`, alerts.alerts, withAudit);
    const signed = [
      ...judged.decisions.flatMap(({ signatures }) => signatures),
      ...judged.steps.map((step) => step.signature),
    ];
    const at = signed.reduce(
      (last, one) => Math.max(last, instant(one.at) ?? 0),
      latest(to, alerts.alerts, audit, judging),
    );
    const epcs = new Map(assessed.map((group) => [group.id, group.epcs.toSorted()] as const));
    const reasoning = new Map(assessed.map(({ id, proposal }) => [id, proposal.reasoning ?? []] as const));
    const { groups, decisions: taken, steps } = judged;
    const texts = await signedTextsOf(database, one.number);
    const evidence = {
      one,
      groups,
      epcs,
      reasoning,
      decisions: taken,
      steps,
      texts,
      metric,
      records,
      limits,
      ...alerts,
      judging,
      audit,
    };
    const cover = await this.#cover(query, at);
    return this.#options.issuer.issue({
      ...{
        about: `case:${id}`,
        facts: namesOf(
          audit,
          texts.map(({ subject }) => subject),
          judging,
        ),
      },
      onDrawn,
      write: (ledger) => caseReport(evidence, { ...frame, ledger }, cover),
    });
  }

  /** @throws {ConflictError} CASE_CHANGED */
  async #signedRevision(
    one: Case,
    revision: number,
    { query, withAudit, onDrawn }: ReportAsked,
    identity: Identity,
  ): Promise<Buffer> {
    const { database, judgement, issuer } = this.#options;
    const { decisions } = await judgement.judge(one, identity);
    const kept = await signedTextsOf(database, one.number);
    const decided = decisions
      .filter((decision) => decision.revision === revision)
      .map((decision) => {
        const text = kept.find(({ subject }) => subject === `decision:${one.id}/${decision.number}`)?.text ?? '{}';
        return { decision, record: JSON.parse(text) as DecisionRecord };
      });
    if (decided.length === 0) {
      const signed = [...new Set(decisions.map((decision) => decision.revision))].join(', ');
      const message = `case ${one.id} is at revision ${one.revision}, and nothing was signed at ${revision}; allowed: ${one.revision}${signed === '' ? '' : `, or what was signed: ${signed}`}`;
      throw new ConflictError('CASE_CHANGED', message, { revision: one.revision });
    }
    const numbers = decided.map(({ decision }) => decision.number);
    const texts = kept.filter(({ subject }) =>
      numbers.some((n) => new RegExp(`decision:${one.id}/${n}(/|$)`).test(subject)),
    );
    const signatures = decided.flatMap(({ decision }) => decision.signatures.map(({ at }) => instant(at) ?? 0));
    const at = signatures.reduce((last, moment) => Math.max(last, moment), 0);
    const history = await this.#history(`case:${one.id}`, [], withAudit);
    const audit = history?.filter((entry) => entry.at <= at) ?? null;
    const moments = decided.flatMap(({ record }) => record.groups.flatMap(({ from, to }) => [from, to]));
    const known = moments.filter((moment) => moment !== null);
    const to = known.reduce((last, moment) => Math.max(last, moment), one.openedAt);
    const from = known.reduce((first, moment) => Math.min(first, moment), to - MINUTE_MS);
    const frame = frameOf(query, from, to);
    const judged = decided.flatMap(({ record }) =>
      record.alerts.map(({ rule: id, ruleVersion: version }) => ({ id, version })),
    );
    const judging = { revisions: [], rules: await this.#rules(judged) };
    const cover = await this.#cover(query, at);
    return issuer.issue({
      about: `case:${one.id} at revision ${revision}`,
      facts: namesOf(
        audit,
        texts.map(({ subject }) => subject),
        judging,
      ),
      onDrawn,
      write: (ledger) =>
        signedRevisionReport({ one, revision, decided, texts, judging, audit }, { ...frame, ledger }, cover),
    });
  }

  /** Of each metric that any of them measured; temperature always, so that its absence is said. */
  async #recorded(ranges: readonly DeviceRange[], profile: Limits) {
    const recorded: { metric: MetricDefinition; records: DeviceRecord[] }[] = [];
    for (const metric of DRAWN_METRICS) {
      const isTemperature = metric.name === 'temperature';
      const limits = isTemperature ? profile : NO_LIMITS;
      const records = await inOrder(ranges, (range) => this.#records.of(range, metric.code, limits, COLUMNS));
      const measured = isTemperature ? records : records.filter(({ readings }) => readings.length > 0);
      if (isTemperature || measured.length > 0) recorded.push({ metric, records: measured });
    }
    return recorded;
  }

  /** What the alerts rest on: every revision of their findings, and the versions of the rules that judged. */
  async #judging(alerts: readonly AlertView[], { from, to }: Pick<ReportFrame, 'from' | 'to'>): Promise<Judging> {
    const ids = alerts.map(({ id }) => id);
    const revisions = await findingRevisions(this.#options.database, ids, { from, to });
    const judged = revisions.flatMap(({ rule: id, finding }) =>
      finding === null ? [] : [{ id, version: finding.ruleVersion }],
    );
    return { revisions, rules: await this.#rules([...alerts.map(({ rule }) => rule), ...judged]) };
  }

  /** Each version once, by id and version. */
  async #rules(versions: readonly { readonly id: string; readonly version: number }[]): Promise<Judging['rules']> {
    const unique = [...new Map(versions.map((one) => [ruleKey(one.id, one.version), one])).values()];
    const sorted = unique.sort((a, b) => (a.id === b.id ? a.version - b.version : a.id < b.id ? -1 : 1));
    const leaves = await ruleVersionLeaves(this.#options.database, sorted);
    const { rules, ruleAuthors } = await this.#options.directory.registered();
    return sorted.map(({ id, version }) => {
      const key = ruleKey(id, version);
      const { rule = null, effectiveFrom = null } = rules.get(key) ?? {};
      return { id, version, rule, effectiveFrom, author: ruleAuthors.get(key) ?? null, leaf: leaves.get(key) ?? null };
    });
  }

  /** Of a case that is about a place, as far as who asks sees them; oldest first. */
  async #alertsAt({ number }: Case, { alertService, alertViews }: ReportViews) {
    const { alerts } = await evidenceOf(this.#options.database, number);
    const kept = alerts.slice(-MOST_ALERTS);
    const found = await inOrder(kept, ({ id }) => alertService.find(id));
    return {
      alerts: await alertViews.list(found.filter((alert) => alert !== null)),
      isEveryAlert: kept.length === alerts.length,
    };
  }

  /** What people decided about it and about the alerts that touch it, oldest first. */
  async #history(
    subject: AuditSubject,
    alerts: readonly AlertView[],
    withAudit: boolean,
  ): Promise<readonly AuditEntry[] | null> {
    if (!withAudit) return null;
    const subjects: AuditSubject[] = [subject, ...alerts.map(({ id }): AuditSubject => `alert:${id}`)];
    const entries = await inOrder(subjects, (one) => this.#audit.history(one));
    return entries.flat().sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  }

  async #cover(
    { zone, language }: ReportQuery,
    at: number,
  ): Promise<Pick<Report, 'organisation' | 'at' | 'language' | 'zone'>> {
    return { organisation: (await this.#organisation.get())?.name ?? null, at, language, zone };
  }

  #thisMinute(): number {
    return Math.floor(this.#time.now() / MINUTE_MS) * MINUTE_MS;
  }
}

/** @throws {InputError} QUERY_INVALID */
function frameOf({ language, zone, unit }: ReportQuery, from: number, to: number): Omit<ReportFrame, 'ledger'> {
  if (from >= to) {
    throw new InputError('QUERY_INVALID', `from: ${formatTime(from)} is not before to, ${formatTime(to)}`, {
      errors: [{ path: 'from', message: `expected a time before ${formatTime(to)}` }],
    });
  }
  return { formats: new Formats({ language, zone, unit }), from, to };
}

/** What the ledger proves of a report. @param audit null: who asks may not read it */
function namesOf(audit: readonly AuditEntry[] | null, subjects: readonly string[], judging: Judging) {
  return { causes: [...(audit ?? []).map(({ id }) => id), ...leavesOfJudging(judging)], subjects };
}

/** Oldest first; the latest where there are too many. */
async function alertsOf(
  { alertService, alertViews }: ReportViews,
  subject: { readonly shipment?: string; readonly device?: string },
): Promise<{ alerts: readonly AlertView[]; isEveryAlert: boolean }> {
  const { items, nextCursor } = await alertService.list({ ...subject, limit: MOST_ALERTS });
  const alerts = await alertViews.list(items);
  return { alerts: alerts.toSorted((a, b) => (a.from < b.from ? -1 : 1)), isEveryAlert: nextCursor === null };
}

/** One after the other: a report takes one connection at a time, however many devices it is about. */
async function inOrder<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

function overlaps({ from, to }: AlertView, start: number, end: number): boolean {
  return (instant(from) ?? 0) < end && (instant(to) ?? Number.POSITIVE_INFINITY) >= start;
}

/** When the last thing that a report tells of happened: its date, whenever somebody asks for it. */
function latest(
  to: number,
  alerts: readonly AlertView[],
  audit: readonly AuditEntry[] | null,
  { revisions }: Judging,
): number {
  const decided = alerts.flatMap(({ acknowledgedAt, resolvedAt }) => [instant(acknowledgedAt), instant(resolvedAt)]);
  const told = [...(audit ?? []), ...revisions].map(({ at }) => at);
  const moments = [...decided, ...told].filter((at) => at !== null);
  return moments.reduce((last, at) => Math.max(last, at), to);
}

function metricNamed(name: Metric): MetricDefinition {
  return DRAWN_METRICS.find((metric) => metric.name === name) ?? (metricByName(name) as MetricDefinition);
}
