import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import {
  type Alert,
  type AuditTrail,
  type CaseEvents,
  type ExcursionEvents,
  type Finding,
  SEVERITIES,
  type Severity,
  type TimeSource,
  UnavailableError,
} from '../domain/index.ts';
import { asUnavailable, type Database, effectsOf, findingHistory, findingsReaching } from '../storage/index.ts';
import {
  type AlertRecord,
  activeAlerts,
  type Group,
  insertAlert,
  lockGroup,
  retractAlert,
  updateAlert,
} from './alert-store.ts';
import type { MessageType } from './delivery/outbox.ts';
import { excursionOf } from './excursion.ts';
import { type Explanation, type ExplanationSources, explain, explainBare, type PreviousAlert } from './explanation.ts';
import { type AlertStep, entryOf } from './history.ts';
import { type ActiveAlert, type Match, matchAlerts } from './matching.ts';
import { dueMarks, lookAgain, type Mark, postpone, takeMarks } from './pending-groups.ts';
import type { AlertRouting } from './routing/alert-routing.ts';
import { keptParts, writeList } from './serials.ts';
import { setAsideReason } from './set-aside-reason.ts';
import { type AlertChange, isToldNow } from './storm/told-changes.ts';

export interface ReconcileDependencies extends ExplanationSources {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly time: TimeSource;
  readonly routing: AlertRouting;
  readonly excursions: ExcursionEvents;
  readonly cases: CaseEvents;
}

/** How many alerts of the group were opened, changed, retracted and found to stand as they were. */
export interface Reconciled {
  readonly opened: number;
  readonly changed: number;
  readonly retracted: number;
  readonly unchanged: number;
  /** Of the alerts that were opened, when what made each known happened, and whether late data showed it. */
  readonly openings: readonly Opening[];
  /** Earliest moment at which the group is to be looked at again, epoch ms UTC; null where all is known. */
  readonly againAt: number | null;
  /** What went wrong with single findings, where the rest was brought through without them. */
  readonly failures: readonly Error[];
}

/** When what made an alert known happened, in event time, epoch ms UTC. */
export interface Opening {
  readonly eventAt: number;
  readonly isLate: boolean;
}

/** NOTIFY channel: an alert changed; the payload is its id. */
export const ALERT_CHANNEL = 'isotherm_alert';

/**
 * Brings the alerts of one group (rule, key) to where its findings are.
 *
 * Everything slow (exposure, history) is asked before the transaction opens; the transaction then takes the group for
 * itself and starts over where the alerts changed meanwhile. A finding that changed meanwhile has left a new mark.
 *
 * @param isApart each finding by itself: one that fails costs itself. What can be said of it without its serials is
 *   said, and it is looked at again; for a group that keeps failing as a whole
 * @returns null where another process changed the group meanwhile: try again
 */
export async function reconcile(
  group: Group,
  dependencies: ReconcileDependencies,
  isApart = false,
): Promise<Reconciled | null> {
  const { database, time } = dependencies;
  const now = time.now();
  const marks = await dueMarks(database, group, now);
  if (marks.length === 0) return NOTHING;
  const since = Math.min(...marks.map(({ from }) => from));
  const [findings, records] = await Promise.all([
    findingsReaching(database, group, since),
    activeAlerts(database, group, since),
  ]);
  const { matches, unmatched } = matchAlerts(findings, records.map(activeOf));
  const isMarked = new Set(marks.map(({ from }) => from));
  const touched = matches.filter((match) => isMarked.has(match.finding.from) || !isSettled(match));
  const parts = await keptParts(
    database,
    touched.flatMap(({ alert }) => (alert === null ? [] : [alert.number])),
  );
  const explained: Explained[] = [];
  for (const match of touched) {
    const before = match.alert && { record: match.alert.record, parts: parts.get(match.alert.number) ?? [] };
    const why = whyOf(marks, match.finding);
    const explaining = explain(match.finding, before, why, dependencies, now);
    const failing = isApart ? explaining.catch(failureOf) : explaining;
    const result = await failing;
    const failure = result instanceof Error ? result : null;
    const explanation = result instanceof Error ? explainBare(match.finding, before, result.message) : result;
    explained.push({ match, before, why, explanation, failure });
  }
  const retractions = await Promise.all(
    unmatched.map(async ({ record }) => ({ record, reason: await reasonOfRetraction(database, group, record) })),
  );

  return database.transaction(async (client) => {
    if (!(await lockGroup(client, group, since, records))) return null;
    const outcome = new OutcomeWriter(client, group, dependencies, now);
    const failed: { readonly from: number; readonly why: Why; readonly error: Error }[] = [];
    /** Runs one step by itself where they are to be taken apart. @returns what went wrong, or null */
    const byItself = async (step: () => Promise<void>): Promise<Error | null> => {
      if (isApart) return savepoint(client, step);
      await step();
      return null;
    };
    for (const item of explained) {
      let error = await byItself(() => outcome.write(item));
      if (error !== null && item.failure === null) {
        const explanation = explainBare(item.match.finding, item.before, error.message);
        await byItself(() => outcome.write({ ...item, explanation }));
      }
      error ??= item.failure;
      if (error !== null) failed.push({ from: item.match.finding.from, why: item.why, error });
    }
    for (const { record, reason } of retractions) {
      const error = await byItself(() => outcome.retract(record, reason, null));
      if (error !== null) failed.push({ from: record.alert.from, why: whyOf(marks, record.alert), error });
    }
    // After all of them, so that every transaction comes to its cases in one order.
    const error = await byItself(() => dependencies.cases.alertsSettled(effectsOf(client), outcome.settled, now));
    if (error !== null) {
      failed.push(...explained.map(({ match, why }) => ({ from: match.finding.from, why, error })));
    }
    await takeMarks(client, marks);
    await postpone(client, group, failed, now);
    const hasFailed = new Set(failed.map(({ from }) => from));
    const incomplete = explained.filter(
      ({ match, explanation }) => !explanation.content.isEvidenceComplete && !hasFailed.has(match.finding.from),
    );
    const againAt = await lookAgain(
      client,
      group,
      incomplete.map(({ match, why }) => ({ from: match.finding.from, attempt: why.attempt })),
      now,
    );
    return { ...outcome.tally, openings: outcome.openings, againAt, failures: failed.map(({ error }) => error) };
  });
}

/** Of a finding without a mark of its own: it is not looked for again. */
const LAST_ATTEMPT = Number.MAX_SAFE_INTEGER;
const NOTHING: Reconciled = {
  opened: 0,
  changed: 0,
  retracted: 0,
  unchanged: 0,
  openings: [],
  againAt: null,
  failures: [],
};
const NOT_ANY_MORE = 'late readings show that it did not happen';

interface ActiveRecord extends ActiveAlert {
  readonly record: AlertRecord;
}

interface Explained {
  readonly match: Match<Finding, ActiveRecord>;
  readonly before: PreviousAlert | null;
  readonly why: Why;
  readonly explanation: Explanation;
  /** Why it is a bare one; null where it is whole. */
  readonly failure: Error | null;
}

interface Why {
  readonly reason: string | null;
  readonly isExposure: boolean;
  readonly attempt: number;
}

/** What is the finding's own fault; a part that is away is not. */
function failureOf(error: unknown): Error {
  if (error instanceof UnavailableError || !(error instanceof Error)) throw error;
  return error;
}

/** @returns what went wrong, nothing of it written; null where it went through */
async function savepoint(client: pg.ClientBase, step: () => Promise<void>): Promise<Error | null> {
  await client.query('SAVEPOINT step');
  try {
    await step();
    await client.query('RELEASE SAVEPOINT step');
    return null;
  } catch (error) {
    const failure = failureOf(asUnavailable(error));
    await client.query('ROLLBACK TO SAVEPOINT step');
    return failure;
  }
}

function activeOf(record: AlertRecord): ActiveRecord {
  const { id, from, to } = record.alert;
  return { id, from, to, number: record.number, record };
}

function isSettled({ finding, alert, merged }: Match<Finding, ActiveRecord>): boolean {
  return alert !== null && alert.from === finding.from && alert.to === finding.to && merged.length === 0;
}

async function reasonOfRetraction(database: Database, group: Group, { alert }: AlertRecord): Promise<string> {
  const history = await findingHistory(database, { ...group, from: alert.from });
  const told = history.findLast(({ event }) => event === 'retracted')?.reason ?? null;
  return told ?? (await setAsideReason(database, alert)) ?? NOT_ANY_MORE;
}

/** The last reason given for this finding. */
function whyOf(marks: readonly Mark[], { from }: { readonly from: number }): Why {
  const ours = marks.filter((mark) => mark.from === from);
  return {
    reason: ours.findLast(({ reason }) => reason !== null)?.reason ?? null,
    isExposure: ours.some(({ isExposure }) => isExposure),
    attempt: ours.reduce((least, { attempt }) => Math.min(least, attempt), LAST_ATTEMPT),
  };
}

/** Writes the outcome of one group in its transaction, puts its messages into the outbox, and counts. */
class OutcomeWriter {
  /** Numbers of the alerts that were looked at. */
  readonly settled: number[] = [];
  readonly openings: Opening[] = [];
  readonly tally = { opened: 0, changed: 0, retracted: 0, unchanged: 0 };
  readonly #audit: AuditTrail;
  readonly #client: pg.ClientBase;
  readonly #group: Group;
  readonly #routing: AlertRouting;
  readonly #excursions: ExcursionEvents;
  readonly #now: number;

  constructor(client: pg.ClientBase, group: Group, dependencies: ReconcileDependencies, now: number) {
    const { audit, routing, excursions } = dependencies;
    this.#audit = audit;
    this.#client = client;
    this.#group = group;
    this.#routing = routing;
    this.#excursions = excursions;
    this.#now = now;
  }

  async write({ match, before, why, explanation }: Explained): Promise<void> {
    if (before !== null) this.settled.push(before.record.number);
    if (before === null) {
      await this.#open(match, explanation);
      this.openings.push({ eventAt: knownAt(match.finding), isLate: match.finding.detectedLate });
    } else if (explanation.isNews || match.merged.length > 0) await this.#change(match, before, why, explanation);
    else this.tally.unchanged++;
  }

  async retract(record: AlertRecord, reason: string, mergedInto: string | null): Promise<void> {
    const retracted = await retractAlert(this.#client, record.alert.id, reason, mergedInto);
    this.settled.push(retracted.number);
    await this.#excursions.retract(effectsOf(this.#client), record.alert.id, this.#now);
    const action = mergedInto === null ? 'retracted' : 'merged';
    await this.#record(
      retracted,
      'alert.retracted',
      action,
      mergedInto === null ? { reason } : { reason, into: mergedInto },
    );
    this.tally.retracted++;
  }

  async #open({ splitFrom }: Explained['match'], { content, list }: Explanation): Promise<void> {
    const record = await insertAlert(this.#client, this.#group, randomUUID(), content, splitFrom?.id ?? null);
    await writeList(this.#client, record.number, list, false);
    this.settled.push(record.number);
    await this.#publishExcursion(record, list.epcs);
    if (splitFrom === null) await this.#record(record, 'alert.opened', 'opened', {});
    else await this.#record(record, 'alert.opened', 'split', { from: splitFrom.id });
    this.tally.opened++;
  }

  async #change(
    { merged }: Explained['match'],
    { record: { alert: previous, number } }: PreviousAlert,
    { reason }: Why,
    { content, list }: Explanation,
  ): Promise<void> {
    // What nobody has resolved yet must not vanish in what somebody has.
    const isReopened = previous.state === 'resolved' && merged.some(({ record }) => record.alert.state !== 'resolved');
    const isActedOn = previous.state !== 'open' || previous.assignedTo !== null;
    const record = await updateAlert(this.#client, previous.id, content, isReopened);
    const difference = await writeList(this.#client, number, list, isActedOn);
    for (const other of merged) {
      await this.retract(other.record, 'it is one with an earlier one', previous.id);
    }
    await this.#publishExcursion(record, list.epcs);
    const change = changeDetail(previous, content, difference, reason);
    if (merged.length > 0) Object.assign(change, { merged: merged.map(({ id }) => id) });
    const isOther = 'severity' in change || (isActedOn && Object.keys(change).length > 0);
    if (isReopened) await this.#record(record, 'alert.opened', 'reopened', change);
    else if (merged.length > 0 || isOther) {
      const { severity } = previous;
      await this.#tellChange(record, change, {
        ...{ added: difference?.added ?? [], removed: difference?.removed ?? [] },
        ...{ severity: severity === content.severity ? null : severity, reason },
      });
    } else await this.#notify(previous.id);
    this.tally.changed++;
  }

  async #publishExcursion(record: AlertRecord, epcs: ReadonlySet<string>): Promise<void> {
    const excursion = excursionOf(record, epcs);
    if (excursion !== null) await this.#excursions.tell(effectsOf(this.#client), excursion, this.#now);
  }

  async #record(
    record: AlertRecord,
    type: MessageType | null,
    action: AlertStep['action'],
    detail: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const at = this.#now;
    const event = await this.#audit.add(effectsOf(this.#client), entryOf(record.alert.id, { at, action, detail }));
    if (type === 'alert.opened') await this.#routing.opened(this.#client, record, { event, at });
    else if (type !== null) await this.#routing.followed(this.#client, record, { type, event, at });
    await this.#notify(record.alert.id);
  }

  /** Whoever was told of other serials, or of another severity, acted on that; of the rest the page says enough. */
  async #tellChange(
    record: AlertRecord,
    detail: Readonly<Record<string, unknown>>,
    changed: Omit<AlertChange, 'event'>,
  ): Promise<void> {
    const [at, { id }] = [this.#now, record.alert];
    const event = await this.#audit.add(effectsOf(this.#client), entryOf(id, { at, action: 'changed', detail }));
    await this.#notify(id);
    if (!('serials' in detail || 'severity' in detail)) return;
    if (isWorse(record.alert.severity, changed.severity) && record.alert.state === 'open') {
      await this.#routing.raised(this.#client, record, { event, at, change: detail });
      return;
    }
    if (!(await isToldNow(this.#client, record.number, { ...changed, event }, at))) return;
    await this.#routing.followed(this.#client, record, { type: 'alert.changed', event, at, change: detail });
  }

  async #notify(id: string): Promise<void> {
    await this.#client.query('SELECT pg_notify($1, $2)', [ALERT_CHANNEL, id]);
  }
}

function isWorse(severity: Severity, before: Severity | null): boolean {
  return before !== null && SEVERITIES.indexOf(severity) > SEVERITIES.indexOf(before);
}

/** Event time of what made a finding known as it stands: its end, else its last reading outside, else its beginning. */
function knownAt({ from, to, runs }: Finding): number {
  return to ?? runs.at(-1)?.to ?? from;
}

/** EPCs named in an entry; counts say the rest. */
const EPCS_IN_ENTRY = 20;

/** What someone who acted must know: other serials, another start, an end that moved. A running end just runs. */
function changeDetail(
  previous: Pick<Alert, 'from' | 'to' | 'severity'>,
  content: Pick<Alert, 'from' | 'to' | 'severity'>,
  difference: { readonly added: readonly string[]; readonly removed: readonly string[] } | null,
  reason: string | null,
): Record<string, unknown> {
  const detail: Record<string, unknown> = {};
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  if (previous.from !== content.from) detail.from = { before: iso(previous.from), now: iso(content.from) };
  if (previous.to !== null && previous.to !== content.to)
    detail.to = { before: iso(previous.to), now: iso(content.to) };
  if (previous.severity !== content.severity) detail.severity = { before: previous.severity, now: content.severity };
  if (difference !== null && difference.added.length + difference.removed.length > 0) {
    detail.serials = {
      added: difference.added.length,
      removed: difference.removed.length,
      addedEpcs: difference.added.slice(0, EPCS_IN_ENTRY),
      removedEpcs: difference.removed.slice(0, EPCS_IN_ENTRY),
    };
  }
  if (Object.keys(detail).length > 0 && reason !== null) detail.reason = reason;
  return detail;
}
