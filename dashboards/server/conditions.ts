import type { AlertService, UndecidedAlerts } from '../../alerts/index.ts';
import type { TimeSource } from '../../domain/index.ts';
import type { LatestReading, Readings } from '../../storage/index.ts';
import {
  type AlertCounts,
  type Condition,
  formatTime,
  judge,
  SILENT_AFTER_MS,
  stateOf,
  worstCondition,
} from '../api/index.ts';
import type { Registered } from './directory.ts';
import { type Measured, measured } from './measured.ts';

/** Metric code of temperature (domain/metric.ts). */
const TEMPERATURE = 1;
/** Silent for this many intervals is not known any more (rules.md, maxGap). */
const INTERVALS = 3;
/** How far back a good reading is looked for where the latest is not judged as fact, ms. */
const LOOK_BACK_MS = 6 * 3_600_000;
const MOST_LOOKED_AT = 5_000;

/** A temperature as it is judged. */
interface JudgedReading extends Measured {
  readonly at: number;
}

interface Limits {
  readonly min: number | null;
  readonly max: number | null;
}

/** What devices last said, and which of them are in an excursion: one look for a whole screen. */
export class Conditions {
  readonly #latest: ReadonlyMap<string, readonly LatestReading[]>;
  readonly #temperatures: ReadonlyMap<string, JudgedReading>;
  readonly #running: ReadonlySet<string>;
  readonly #undecided: readonly UndecidedAlerts[];
  readonly #registered: Registered;
  readonly #now: number;

  private constructor(
    latest: ReadonlyMap<string, readonly LatestReading[]>,
    temperatures: ReadonlyMap<string, JudgedReading>,
    undecided: readonly UndecidedAlerts[],
    registered: Registered,
    now: number,
  ) {
    this.#latest = latest;
    this.#temperatures = temperatures;
    this.#undecided = undecided;
    this.#running = new Set(
      undecided.flatMap(({ device, isRunning }) => (isRunning && device !== null ? [device] : [])),
    );
    this.#registered = registered;
    this.#now = now;
  }

  static async look(
    devices: readonly string[],
    sources: { alertService: AlertService; readings: Readings; registered: Registered; time: TimeSource },
  ): Promise<Conditions> {
    const latest = new Map<string, LatestReading[]>();
    const [readings, undecided] = await Promise.all([
      devices.length === 0 ? [] : sources.readings.latest(devices),
      sources.alertService.undecided(),
    ]);
    for (const reading of readings) latest.set(reading.device, [...(latest.get(reading.device) ?? []), reading]);
    const temperatures = await judgedTemperatures(latest, sources);
    return new Conditions(latest, temperatures, undecided, sources.registered, sources.time.now());
  }

  latestOf(device: string): readonly LatestReading[] {
    return this.#latest.get(device) ?? [];
  }

  /** Event time of the last reading of any metric, epoch ms; null where it never said anything. */
  lastHeard(device: string): number | null {
    return this.latestOf(device).reduce<number | null>((last, { time }) => Math.max(last ?? 0, time), null);
  }

  /**
   * Of a device on its own, or where it goes with a shipment: there, only alerts that touch the shipment count. A logger
   * is used again, and what was found on its last way says nothing of this one.
   */
  of(device: string, limits: Limits | null, shipment: string | null = null): Condition {
    const heard = this.lastHeard(device);
    const reading = this.#temperatures.get(device) ?? null;
    const now = judge(reading, limits, {
      isExcursion: this.#running.has(device),
      silentAfterMs: this.#silentAfterMs(device),
      now: this.#now,
    });
    const { pending, about } = this.pending(
      (one) => one.device === device && (shipment === null || one.shipment === shipment),
    );
    return {
      ...{ state: stateOf(now, pending), now, pending, about, device },
      ...{ temperature: reading?.value ?? null, at: formatTime(reading?.at ?? heard) },
      ...(reading?.received === undefined ? {} : { received: reading.received }),
    };
  }

  worstOf(devices: readonly string[], limits: Limits | null, shipment: string | null = null): Condition {
    return worstCondition(devices.map((device) => this.of(device, limits, shipment)));
  }

  /** What alerts say that nobody has decided, and what the gravest of them is about; those for information are none. */
  pending(isOfIt: (one: UndecidedAlerts) => boolean): Pick<Condition, 'pending' | 'about'> {
    const undecided = this.#undecided.filter((one) => one.severity !== 'info' && isOfIt(one));
    const [first, ...others] = undecided;
    if (first === undefined) return { pending: null, about: null };
    const gravest = others.reduce((worst, next) => (graveness(next) > graveness(worst) ? next : worst), first);
    const { severity, kind, metric } = gravest;
    return { pending: severity === 'critical' ? 'excursion' : 'warning', about: { kind, metric } };
  }

  /** Alerts that touch a shipment and nobody has resolved, by severity. */
  alertsOf(shipment: string, isOpenOnly: boolean): AlertCounts {
    const counts = { critical: 0, warning: 0, info: 0 };
    for (const one of this.#undecided) {
      if (one.shipment === shipment) counts[one.severity] += isOpenOnly ? one.open : one.undecided;
    }
    return counts;
  }

  #silentAfterMs(device: string): number {
    const context = this.#registered.devices.get(device)?.context;
    if (context?.readOut === true) return Number.POSITIVE_INFINITY;
    if (context?.intervalMs === undefined) return Math.max(SILENT_AFTER_MS, 2 * (context?.reportsEveryMs ?? 0));
    return INTERVALS * context.intervalMs + (context.reportsEveryMs ?? 0);
  }
}

/** The latest of each that is judged as fact, as charts show it; none where nothing good was heard for hours. */
async function judgedTemperatures(
  latest: ReadonlyMap<string, readonly LatestReading[]>,
  { readings, registered }: { readonly readings: Readings; readonly registered: Registered },
): Promise<ReadonlyMap<string, JudgedReading>> {
  const found = new Map<string, JudgedReading>();
  for (const [device, all] of latest) {
    const reading = all.find(({ metric }) => metric === TEMPERATURE);
    if (reading === undefined) continue;
    const { time, value } = reading;
    const judged = measured(registered, device, TEMPERATURE, time, value);
    if (!judged.isSuspect) found.set(device, { ...judged, at: time });
    else {
      const before = await readings.page({
        ...{ device, metric: TEMPERATURE, limit: MOST_LOOKED_AT },
        ...{ from: time - LOOK_BACK_MS, to: time },
      });
      const good = before.items
        .map((one) => ({ ...measured(registered, device, TEMPERATURE, one.time, one.value), at: one.time }))
        .findLast(({ isSuspect }) => !isSuspect);
      if (good !== undefined) found.set(device, good);
    }
  }
  return found;
}

/** Of equal severity a temperature beyond its limit comes first: it is what the condition tells otherwise. */
function graveness({ severity, kind, metric }: UndecidedAlerts): number {
  return (severity === 'critical' ? 2 : 0) + (kind === 'threshold' && metric === 'temperature' ? 1 : 0);
}
