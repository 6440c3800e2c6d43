import {
  type AuditTrail,
  type CaseEvents,
  type ExcursionEvents,
  type Exposure,
  type FindingExplanation,
  type History,
  type Logger,
  type Meter,
  type Stakes,
  type Timer,
  type TimeSource,
  type Troubles,
  UnavailableError,
} from '../domain/index.ts';
import { ALERT_WORK_CHANNEL, type Database, PostgresDeviceFacts } from '../storage/index.ts';
import type { Group } from './alert-store.ts';
import { GroupPace } from './group-pace.ts';
import { type AlertMetrics, alertMetrics } from './metrics.ts';
import { countMarks, dueGroups, nextDue } from './pending-groups.ts';
import { type ReconcileDependencies, type Reconciled, reconcile } from './reconcile.ts';
import type { AlertRouting } from './routing/alert-routing.ts';
import { tellDue } from './routing/due-notices.ts';
import type { SeveritySteps, SummaryTemplate } from './rule-texts.ts';
import { endSnoozes } from './snoozes.ts';
import { endFlaps } from './storm/end-flaps.ts';
import { reviewMutes } from './storm/mute-review.ts';
import { endSilences } from './storm/silences.ts';
import { tellChanges } from './storm/tell-changes.ts';
import { tellGroups } from './storm/tell-groups.ts';

export interface AlertWorkerDependencies {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly exposure: Exposure;
  readonly history: History;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
  /** Where what keeps failing is seen. Default: nowhere. */
  readonly troubles?: Troubles;
  /** Who is told of what. */
  readonly routing: AlertRouting;
  /** Where rules' own texts for their alerts are (`summary` in the rule file): see ruleTexts(). Default: none. */
  readonly summaryTemplate?: SummaryTemplate;
  /** What raises the severity of a rule's alerts (`severityBy` in the rule file). Default: nothing. */
  readonly severitySteps?: SeveritySteps;
  /** What serials are worth and can still stand. Default: nothing is known of it. */
  readonly stakes?: Stakes;
  /** Explains how a finding came about. Default: nobody, and alerts show their readings alone. */
  readonly explainer?: FindingExplanation;
  /** Publishes excursions to partners. Default: nobody. */
  readonly excursions?: ExcursionEvents;
  /** Keeps the cases that people decide on. Default: nobody. */
  readonly cases?: CaseEvents;
  /** Groups reconciled at the same time; each uses a connection. Default 4. */
  readonly concurrency?: number;
}

const NO_EXPLANATION: FindingExplanation = { explain: async () => [] };
const NO_STEPS: SeveritySteps = async () => [];
const NO_STAKES: Stakes = { of: async () => null };
const NOBODY: ExcursionEvents = { tell: async () => {}, retract: async () => {} };
const NO_CASES: CaseEvents = { alertsSettled: async () => {} };
/** In `/readyz`. */
const PART = 'alerts';
/** Looked for at once; the rest waits in the table. */
const GROUPS_AHEAD = 256;
/** In case a wake-up got lost. */
const LOOK_EVERY_MS = 10_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
/** A group that had to wait this long, after some failures, is taken apart: what fails in it costs itself. */
const APART_FROM_MS = 4_000;
/** Tries before a group that others keep changing goes back in line. */
const MOST_TRIES = 5;

/**
 * Findings become alerts: wakes when findings or exposure changed, and reconciles the affected groups \(rule, key\), one at
 * a time each, several side by side. Any number of workers may run on one database.
 */
export class AlertWorker {
  readonly #dependencies: AlertWorkerDependencies;
  readonly #reconcileDependencies: ReconcileDependencies;
  readonly #metrics: AlertMetrics;
  readonly #concurrency: number;
  readonly #busy = new Map<string, Promise<void>>();
  readonly #paused = new Map<string, { group: Group; until: number; ms: number }>();
  readonly #pace = new GroupPace();
  /** Those who wait in {@link settled}: for them every group is settled as soon as it can be. */
  #awaiting = 0;
  /** Groups that could not be settled, or not as a whole, when last tried. */
  readonly #failing = new Map<string, unknown>();
  #blind: unknown = null;
  #state: 'idle' | 'running' | 'stopped' = 'idle';
  #ready: Group[] = [];
  #mustLook = false;
  #looking: Promise<void> | null = null;
  #mustEnd = false;
  #ending: Promise<void> | null = null;
  #listening: { stop(): Promise<void> } | null = null;
  #everyTimer: Timer | null = null;
  #dueTimer: { readonly at: number; readonly timer: Timer } | null = null;

  constructor(dependencies: AlertWorkerDependencies) {
    const { audit, database, exposure, history, time, routing, summaryTemplate = () => undefined } = dependencies;
    const { severitySteps = NO_STEPS, stakes = NO_STAKES } = dependencies;
    const { excursions = NOBODY, cases = NO_CASES, explainer = NO_EXPLANATION } = dependencies;
    this.#dependencies = dependencies;
    const devices = new PostgresDeviceFacts({ client: database.pool });
    const sources = { exposure, history, devices, explainer, summaryTemplate, severitySteps, stakes };
    this.#reconcileDependencies = { audit, database, time, ...sources, routing, excursions, cases };
    this.#metrics = alertMetrics(dependencies.meter);
    this.#concurrency = dependencies.concurrency ?? 4;
  }

  async start(): Promise<void> {
    const { database, time } = this.#dependencies;
    this.#state = 'running';
    const look = () => this.#look();
    this.#listening = await database.listen(ALERT_WORK_CHANNEL, look, look);
    this.#everyTimer = time.every('alerts: look for work', LOOK_EVERY_MS, () => {
      look();
      this.#endSnoozes();
    });
    await this.#wakeAtNextDue();
    look();
  }

  /** Finishes the groups under way. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#everyTimer?.cancel();
    this.#dueTimer?.timer.cancel();
    await this.#listening?.stop();
    await this.#looking;
    await this.#ending;
    await Promise.all(this.#busy.values());
  }

  /** Resolves once everything that was marked by now is settled. */
  async settled(): Promise<void> {
    const { database, time } = this.#dependencies;
    this.#awaiting++;
    try {
      while (this.#state === 'running') {
        await this.#looking;
        await Promise.all(this.#busy.values());
        if (this.#looking !== null || this.#busy.size > 0) continue;
        if ((await countMarks(database, time.now())) === 0) return;
        this.#look();
      }
    } finally {
      this.#awaiting--;
    }
  }

  #endSnoozes(): void {
    this.#mustEnd = true;
    this.#ending ??= this.#endDue().finally(() => {
      this.#ending = null;
    });
  }

  async #endDue(): Promise<void> {
    const { time, logger } = this.#dependencies;
    while (this.#mustEnd && this.#state === 'running') {
      // Someone may ask again while this runs.
      this.#mustEnd = false;
      try {
        if ((await endSnoozes(this.#reconcileDependencies, time.now())) > 0) this.#mustEnd = true;
        if ((await endSilences(this.#reconcileDependencies, time.now())) > 0) this.#mustEnd = true;
        if ((await endFlaps(this.#reconcileDependencies, time.now())) > 0) this.#mustEnd = true;
        await reviewMutes(this.#reconcileDependencies, time.now());
        if ((await tellChanges(this.#reconcileDependencies, time.now())) > 0) this.#mustEnd = true;
        if ((await tellDue(this.#reconcileDependencies, time.now())) > 0) this.#mustEnd = true;
        if ((await tellGroups(this.#reconcileDependencies, time.now())) > 0) this.#mustEnd = true;
      } catch (error) {
        logger.warn({ error }, 'what is due could not be told; it is looked at again');
      }
    }
  }

  #look(): void {
    this.#mustLook = true;
    if (this.#state !== 'running' || this.#looking !== null) return;
    this.#looking = this.#fill().finally(() => {
      this.#looking = null;
      // Someone may have asked after the last look and before this.
      if (this.#mustLook && this.#busy.size < this.#concurrency) this.#look();
    });
  }

  async #fill(): Promise<void> {
    while (this.#state === 'running' && this.#busy.size < this.#concurrency) {
      const group = this.#ready.shift();
      if (group !== undefined) {
        this.#begin(group);
      } else {
        if (!this.#mustLook) return;
        this.#mustLook = false;
        this.#ready = await this.#due();
      }
    }
  }

  async #due(): Promise<Group[]> {
    const { database, time, logger } = this.#dependencies;
    const now = time.now();
    try {
      const paused = [...this.#paused.values()].filter(({ until }) => until > now).map(({ group }) => group);
      const resting = this.#pace.waiting(now);
      if (this.#awaiting === 0) {
        paused.push(...resting.groups);
        if (resting.groups.length > 0) this.#wakeAt(resting.until);
      }
      const groups = await dueGroups(database, now, GROUPS_AHEAD, paused);
      this.#metrics.waiting.set(groups.length);
      this.#blind = null;
      this.#tell();
      return [...groups];
    } catch (error) {
      this.#blind = error;
      this.#tell();
      logger.warn({ error }, 'the alert worker cannot see its work; it looks again');
      this.#wakeAt(now + FIRST_PAUSE_MS);
      return [];
    }
  }

  /** A group that is under way is looked for again when it is done: it may have been marked since. */
  #begin(group: Group): void {
    const name = nameOf(group);
    if (this.#busy.has(name)) return;
    const readyAt = this.#pace.readyAt(name);
    if (readyAt > this.#dependencies.time.now() && this.#awaiting === 0) {
      this.#wakeAt(readyAt);
      return;
    }
    const work = this.#reconcile(group, name).finally(() => {
      this.#busy.delete(name);
      this.#look();
    });
    this.#busy.set(name, work);
  }

  async #reconcile(group: Group, name: string): Promise<void> {
    const { time, logger } = this.#dependencies;
    const started = time.monotonic();
    try {
      const isApart = (this.#paused.get(name)?.ms ?? 0) >= APART_FROM_MS;
      let reconciled: Reconciled | null = null;
      for (let tries = 0; reconciled === null && tries < MOST_TRIES; tries++) {
        reconciled = await reconcile(group, this.#reconcileDependencies, isApart);
      }
      this.#paused.delete(name);
      if (reconciled === null) return;
      const { opened, changed, retracted, unchanged } = reconciled;
      // Of a group whose marks another look had taken nothing was asked: that is no change.
      if (opened === 0 && changed + retracted + unchanged > 0) this.#pace.changed(group, name, time.now());
      this.#note(group, name, reconciled.failures);
      this.#metrics.settleSeconds.observe((time.monotonic() - started) / 1000);
      for (const outcome of ['opened', 'changed', 'retracted', 'unchanged'] as const) {
        if (reconciled[outcome] > 0) this.#metrics.settled.add(reconciled[outcome], { outcome });
      }
      const now = time.now();
      for (const { eventAt, isLate } of reconciled.openings) {
        this.#metrics.eventToAlert.observe(Math.max(0, now - eventAt) / 1000, { late: String(isLate) });
      }
      if (reconciled.againAt !== null) this.#wakeAt(reconciled.againAt);
    } catch (error) {
      // A part that is away is not the group's fault: when it is back, nobody waits out a long pause.
      const isAway = error instanceof UnavailableError;
      const ms = isAway
        ? FIRST_PAUSE_MS
        : Math.min(LONGEST_PAUSE_MS, (this.#paused.get(name)?.ms ?? FIRST_PAUSE_MS / 2) * 2);
      const until = time.now() + ms;
      this.#paused.set(name, { group, until, ms });
      this.#failing.set(name, error);
      this.#tell();
      this.#metrics.failures.add();
      logger.warn({ ...group, error, againInMs: ms }, 'alerts could not be settled; they are tried again');
      this.#wakeAt(until);
    }
  }

  /** Single findings of a group that failed, or that all went through. */
  #note(group: Group, name: string, failures: readonly Error[]): void {
    const [error] = failures;
    if (error === undefined) this.#failing.delete(name);
    else {
      this.#failing.set(name, error);
      this.#metrics.failures.add();
      const findings = failures.length;
      this.#dependencies.logger.warn(
        { ...group, error, findings },
        'alerts were opened without their serials; they are tried again',
      );
    }
    this.#tell();
  }

  /** Shows what keeps failing, or that nothing does. */
  #tell(): void {
    const { time, troubles } = this.#dependencies;
    const [error] = this.#blind === null ? this.#failing.values() : [this.#blind];
    if (error === undefined) troubles?.passed(PART);
    else troubles?.failed(PART, error, time.now());
  }

  async #wakeAtNextDue(): Promise<void> {
    const at = await nextDue(this.#dependencies.database);
    if (at !== null) this.#wakeAt(at);
  }

  #wakeAt(at: number): void {
    const { time } = this.#dependencies;
    if (this.#state !== 'running' || (this.#dueTimer !== null && this.#dueTimer.at <= at)) return;
    this.#dueTimer?.timer.cancel();
    const timer = time.after('alerts: look again', Math.max(0, at - time.now()), () => {
      this.#dueTimer = null;
      this.#look();
    });
    this.#dueTimer = { at, timer };
  }
}

function nameOf({ rule, key }: Group): string {
  return `${rule}|${key}`;
}
