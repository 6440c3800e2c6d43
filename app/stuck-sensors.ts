import {
  encodeJson,
  FACT_VERSION,
  type Facts,
  type History,
  isWithin,
  type Log,
  type Logger,
  MAY_BE_STUCK,
  type Metric,
  metricByCode,
  type NewRecord,
  type SetAsideFact,
  STUCK_LEARNT_FROM_MS,
  STUCK_LEAST_MS,
  type StuckSensor,
  stuckSensor,
  type TimeSource,
} from '../domain/index.ts';
import type { LatestReading, PostgresDeviceFacts, Readings, SoleOwner } from '../storage/index.ts';

export interface StuckSensorsOptions {
  readonly facts: Pick<Facts, 'all'>;
  readonly devices: Pick<PostgresDeviceFacts, 'of'>;
  readonly readings: Pick<Readings, 'latest' | 'buckets'>;
  readonly history: Pick<History, 'read'>;
  readonly log: Pick<Log, 'append'>;
  /** Of several processes one says so; absent: there is but this one. */
  readonly owner?: SoleOwner;
  readonly time: TimeSource;
  readonly logger: Logger;
}

/** Who says so, in facts and in the audit trail. */
export const STUCK_BY = 'isotherm';
/** A sensor that has not been heard for so long is silent, and that is another matter. */
const HEARD_WITHIN_MS = 2 * 3_600_000;
const HOURS_AT_ONCE = 1_000;
const READINGS_AT_ONCE = 10_000;

interface Key {
  readonly device: string;
  readonly metric: Metric;
  readonly code: number;
}

/**
 * Sets aside what stuck sensors give, and takes that back from the reading on with which they move again. What a person has
 * said since, of the same readings, stands.
 */
export class StuckSensors {
  readonly #options: StuckSensorsOptions;
  /** The value of each key at the look before: one that has moved since is not stuck. */
  #before = new Map<string, number>();

  constructor(options: StuckSensorsOptions) {
    this.#options = options;
  }

  /** Looks at every key that may be stuck. @throws {UnavailableError} the database or the log is away */
  async look(): Promise<void> {
    const { facts, owner, readings, time } = this.#options;
    if (owner !== undefined && !(await owner.isOurs())) return;
    const said = new Map<string, (SetAsideFact & { readonly by: string })[]>();
    for (const { fact } of await facts.all(['setAside'])) {
      if (fact.type !== 'setAside') continue;
      const { device, metric } = fact.setAside;
      const name = nameOf(device, metric);
      said.set(name, [...(said.get(name) ?? []), { ...fact.setAside, by: fact.by }]);
    }
    const now = time.now();
    const before = this.#before;
    this.#before = new Map();
    for (const latest of await readings.latest()) {
      if (owner?.lost.aborted === true) return;
      const metric = metricByCode(latest.metric)?.name;
      if (metric === undefined || !MAY_BE_STUCK.has(metric) || now - latest.time > HEARD_WITHIN_MS) continue;
      const name = nameOf(latest.device, metric);
      const key = { device: latest.device, metric, code: latest.metric };
      const told = said.get(name) ?? [];
      const open = told.findLast(({ by }) => by === STUCK_BY);
      this.#before.set(name, latest.value);
      if (open?.isSetAside) await this.#end(key, latest, open, told);
      else if ((before.get(name) ?? latest.value) === latest.value) await this.#begin(key, latest, told);
    }
  }

  async #begin(key: Key, { time: last, value }: LatestReading, told: readonly SetAsideFact[]): Promise<void> {
    const { device, metric, code } = key;
    const recent = await this.#hours(key, last - STUCK_LEAST_MS, last + 1);
    if (recent.some(({ min, max }) => min !== value || max !== value)) return;
    const { context, quality } = await this.#options.devices.of(device, code);
    // One that reports changes repeats itself by design; a code is suspect already, saturated air has one value.
    const isCode = quality.measures.at(-1)?.codes.some((each) => Math.abs(each - value) < 0.01);
    if (context.reportsOnChange === true || isCode === true || (metric === 'humidity' && (value <= 0 || value >= 100)))
      return;
    const hours = await this.#hours(key, last - STUCK_LEARNT_FROM_MS, last + 1);
    const stuck = stuckSensor(hours.filter(({ time }) => !isWithin(quality.setAside, time)));
    if (stuck === null || told.some(({ isSetAside, to }) => !isSetAside && (to === null || to > stuck.from))) return;
    await this.#say({ device, metric, from: stuck.from, isSetAside: true, reason: reasonOf(stuck, metric) });
    const { since, usualMs } = stuck;
    this.#options.logger.warn(
      { device, metric, value, since, usualMs },
      'a sensor gives one value, and is not believed',
    );
  }

  /** Where it moves again. */
  async #end(
    key: Key,
    { time: last }: LatestReading,
    open: SetAsideFact,
    told: readonly SetAsideFact[],
  ): Promise<void> {
    const { history } = this.#options;
    const { device, metric, code } = key;
    // Who has said something since has taken it over.
    if (told.at(-1) !== open) return;
    let stuckAt: number | null = null;
    for (let from = open.from; from <= last; ) {
      const { count, time, value } = await history.read(device, code, from, last + 1, READINGS_AT_ONCE);
      if (count === 0) return;
      stuckAt ??= value[0] as number;
      const moved = value.subarray(0, count).findIndex((each) => each !== stuckAt);
      if (moved >= 0) {
        const reason = 'the sensor moves again';
        await this.#say({ device, metric, from: time[moved] as number, isSetAside: false, reason });
        return;
      }
      from = (time[count - 1] as number) + 1;
    }
  }

  /** Times in [from, to), of whole hours; ascending. */
  async #hours({ device, code: metric }: Key, from: number, to: number) {
    const { items } = await this.#options.readings.buckets({ device, metric, from, to, limit: HOURS_AT_ONCE }, '1h');
    return items.map(({ time, ...rest }) => ({ ...rest, time: Math.floor(time / 3_600_000) * 3_600_000 }));
  }

  async #say(said: Omit<SetAsideFact, 'to' | 'at'>): Promise<void> {
    const { log, time } = this.#options;
    const arrival = time.now();
    const fact = { type: 'setAside', setAside: { ...said, to: null, at: arrival }, by: STUCK_BY };
    const record: NewRecord = {
      ...{ family: 'trace', kind: 'fact', version: FACT_VERSION, source: STUCK_BY, sequence: null, arrival },
      payload: encodeJson(fact),
    };
    await log.append([record]);
  }
}

function nameOf(device: string, metric: Metric): string {
  return `${device}/${metric}`;
}

function reasonOf({ value, since, usualMs }: StuckSensor, metric: Metric): string {
  const usual = Math.round(usualMs / 3_600_000);
  return `stuck: every ${metric} since ${new Date(since).toISOString()} is exactly ${value}; before, it kept one value for ${usual} h at most`;
}
