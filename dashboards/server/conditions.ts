import type { AlertService } from '../../alerts/index.ts';
import type { TimeSource } from '../../domain/index.ts';
import type { LatestReading, Readings } from '../../storage/index.ts';
import { type Condition, formatTime, judge, SILENT_AFTER_MS, worstCondition } from '../api/index.ts';
import type { Registered } from './directory.ts';

/** Metric code of temperature (domain/metric.ts). */
const TEMPERATURE = 1;
/** Silent for this many intervals is not known any more (rules.md, maxGap). */
const INTERVALS = 3;
/** Alerts looked at for excursions under way; more at once is a catastrophe that needs no list. */
const MOST_ALERTS = 1_000;

interface Limits {
  readonly min: number | null;
  readonly max: number | null;
}

/** What devices last said, and which of them are in an excursion: one look for a whole screen. */
export class Conditions {
  readonly #latest: ReadonlyMap<string, readonly LatestReading[]>;
  readonly #excursions: ReadonlySet<string>;
  readonly #registered: Registered;
  readonly #now: number;

  private constructor(
    latest: ReadonlyMap<string, readonly LatestReading[]>,
    excursions: ReadonlySet<string>,
    registered: Registered,
    now: number,
  ) {
    this.#latest = latest;
    this.#excursions = excursions;
    this.#registered = registered;
    this.#now = now;
  }

  static async look(
    devices: readonly string[],
    sources: { alertBook: AlertService; readings: Readings; registered: Registered; time: TimeSource },
  ): Promise<Conditions> {
    const latest = new Map<string, LatestReading[]>();
    const [readings, alerts] = await Promise.all([
      devices.length === 0 ? [] : sources.readings.latest(devices),
      sources.alertBook.list({ state: ['open', 'acknowledged'], limit: MOST_ALERTS }),
    ]);
    for (const reading of readings) latest.set(reading.device, [...(latest.get(reading.device) ?? []), reading]);
    const underWay = alerts.items.filter(({ kind, evidence }) => kind === 'threshold' && evidence.endedBy === null);
    const excursions = new Set(
      underWay.flatMap(({ subject }) => (subject.device === undefined ? [] : [subject.device])),
    );
    return new Conditions(latest, excursions, sources.registered, sources.time.now());
  }

  latestOf(device: string): readonly LatestReading[] {
    return this.#latest.get(device) ?? [];
  }

  /** Event time of the last reading of any metric, epoch ms; null where it never said anything. */
  lastHeard(device: string): number | null {
    return this.latestOf(device).reduce<number | null>((last, { time }) => Math.max(last ?? 0, time), null);
  }

  of(device: string, limits: Limits | null): Condition {
    const temperature = this.latestOf(device).find(({ metric }) => metric === TEMPERATURE);
    const heard = this.lastHeard(device);
    const reading = temperature === undefined ? null : { value: temperature.value, at: temperature.time };
    const state = judge(reading, limits, {
      isExcursion: this.#excursions.has(device),
      silentAfterMs: this.#silentAfterMs(device),
      now: this.#now,
    });
    return { state, device, temperature: reading?.value ?? null, at: formatTime(reading?.at ?? heard) };
  }

  worstOf(devices: readonly string[], limits: Limits | null): Condition {
    return worstCondition(devices.map((device) => this.of(device, limits)));
  }

  #silentAfterMs(device: string): number {
    const context = this.#registered.devices.get(device)?.context;
    if (context?.intervalMs === undefined) return Math.max(SILENT_AFTER_MS, 2 * (context?.reportsEveryMs ?? 0));
    return INTERVALS * context.intervalMs + (context.reportsEveryMs ?? 0);
  }
}
