import {
  addedTo,
  type CalibrationFact,
  type Correction,
  calibrationsInForce,
  correctionFrom,
  isSameCorrection,
  offsetBy,
} from './calibration.ts';
import type { KeyReadings } from './key-readings.ts';
import { type Metric, metricByCode } from './metric.ts';
import type { DeviceContext } from './rule.ts';

/**
 * Why a reading is suspect, as bits: what is suspect is kept and shown, but not judged as fact (docs/rules.md, "Quality
 * of a reading"). 0 = good.
 */
export const GOOD = 0;
/** The value is one that a sensor gives instead of a measurement. */
export const ERROR_CODE = 1;
/** Corrected, it is a value that no instrument measures. */
export const OUT_OF_RANGE = 2;
/** No neighbour can have been reached from it, nor it from any of them, at the pace of air. */
export const IMPLAUSIBLE_STEP = 4;
/** A person has set it aside. */
export const SET_ASIDE = 8;

/** What a suspect reading is by itself, whatever stands beside it. */
const BY_ITSELF = ERROR_CODE | OUT_OF_RANGE;

export type SuspectReason = 'ERROR_CODE' | 'OUT_OF_RANGE' | 'IMPLAUSIBLE_STEP' | 'SET_ASIDE';

/** The first reason in the order in which they are found; null for a good reading. */
export function suspectReason(flags: number): SuspectReason | null {
  if (flags & ERROR_CODE) return 'ERROR_CODE';
  if (flags & OUT_OF_RANGE) return 'OUT_OF_RANGE';
  if (flags & IMPLAUSIBLE_STEP) return 'IMPLAUSIBLE_STEP';
  return flags & SET_ASIDE ? 'SET_ASIDE' : null;
}

/** Event times [from, to), epoch ms UTC; ±Infinity where it has no end. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** How a key is measured from a moment on. */
export interface Measure {
  /** Event time, epoch ms UTC; -Infinity of the first. */
  readonly from: number;
  /** Added to each value as received. */
  readonly correction: Correction;
  /** Values as received that are no measurements. */
  readonly codes: readonly number[];
  /** The greatest plausible change in a minute, in the metric's unit; Infinity where any change is plausible. */
  readonly stepPerMinute: number;
}

/** What decides the quality of one key's readings, beside the readings. */
export interface KeyQuality {
  readonly metric: number;
  /** Ascending; the first from -Infinity. */
  readonly measures: readonly [Measure, ...Measure[]];
  /** What people have set aside: ascending, disjoint. */
  readonly setAside: readonly TimeSpan[];
}

/** What a registration says of how a device measures. */
export type Measuring = Pick<DeviceContext, 'sensor' | 'corrections' | 'stepPerMinute'>;

/** How a device measures over event time, by what people registered. */
export interface MeasuringHistory {
  /** Registrations, ascending by `from`, each until the next one's. */
  readonly registered: readonly { readonly from: number; readonly context: Measuring }[];
  /** Of all its metrics, in log order. */
  readonly calibrations: readonly CalibrationFact[];
}

/** °C a minute: faster than air changes around a sensor, an opened door included. */
const STEP_PER_MINUTE = 5;
/** A step is measured over this long at least, so that noise between quick readings is no step. */
const SHORTEST_STEP_MS = 60_000;
/** A sensor's code is met within this, whatever float32 has made of it. */
const CODE_PRECISION = 1e-3;
/** Accepted readings on each side that plausibility looks at. */
export const NEIGHBOURS = 2;

/**
 * What sensors send instead of a temperature, °C, by the kind of sensor. Maxim DS18B20 (data sheet): 85 at power-on; its
 * common drivers: -127 when disconnected. Teltonika Dallas elements (AVL 72 to 75, tenths): 850, 2000, 3000. Aqara: -100.
 * RuuviTag (data format 5): 0x8000. MAX31865 with an open PT100. Chips on I²C whose bits are all 0 or all 1, because the bus
 * is, by the formula of their data sheets: both ends lie outside what the chip is specified for. Sensirion SHT3x, SHT4x,
 * SHTC3: -45 + 175x; SHT2x, and TE's HTU21 and Silicon Labs' Si70xx with it: -46.85 + 175.72x; ASAIR AHT: -50 + 200x; TI HDC10xx:
 * -40 + 165x, HDC20xx: -40.5 + 165x.
 */
const TEMPERATURE_CODES: Readonly<Record<string, readonly number[]>> = Object.fromEntries(
  (
    [
      ['ds18b20', [85, -127]],
      ['dallas', [85, -127, 200, 300]],
      ['teltonika', [85, 200, 300]],
      ['aqara', [-100]],
      ['ruuvi', [-163.84]],
      ['max31865', [-242.02]],
      ['sht3x sht30 sht31 sht35 sht4x sht40 sht41 sht43 sht45 shtc1 shtc3', [-45, 130]],
      ['sht2x sht20 sht21 sht25 htu20 htu21 htu21d si7013 si7020 si7021', [-46.85, 128.87]],
      ['aht aht10 aht15 aht20 aht21 aht25 am2301b', [-50, 150]],
      ['hdc1008 hdc1010 hdc1050 hdc1080', [-40, 125]],
      ['hdc2010 hdc2021 hdc2022 hdc2080', [-40.5, 124.5]],
    ] satisfies [string, number[]][]
  ).flatMap(([kinds, codes]) => kinds.split(' ').map((kind) => [kind, codes])),
);
/** Of a sensor whose kind is not known: those that nothing in a cold chain measures. */
const COMMON_CODES: readonly number[] = [-163.84, -127, -100, 85, 200, 300];
/** What measures temperature up and down that far for good: they have no code inside their range. */
const WITHOUT_CODES: ReadonlySet<string> = new Set(['pt100', 'pt1000', 'thermocouple', 'rtd']);

/** Humidity above saturation, as sensors with dew on them give it, is saturation. */
const SATURATED_RH = 100;

const TEMPERATURE: Metric = 'temperature';
const HUMIDITY: Metric = 'humidity';

/** Error codes of a kind of sensor, in any spelling; the common ones where the kind is not known. */
export function errorCodesOf(metric: number, sensor: string | undefined): readonly number[] {
  if (metricByCode(metric)?.name !== TEMPERATURE) return [];
  const kind = sensor?.toLowerCase().replace(/[^a-z0-9]/g, '') ?? '';
  if (WITHOUT_CODES.has(kind)) return [];
  return Object.hasOwn(TEMPERATURE_CODES, kind) ? (TEMPERATURE_CODES[kind] ?? COMMON_CODES) : COMMON_CODES;
}

/** The quality of a key by what is registered of its device, and its calibrations, and what people have set aside. */
export function keyQuality(
  metric: number,
  device: Measuring & Partial<MeasuringHistory> = {},
  setAside: readonly TimeSpan[] = [],
): KeyQuality {
  const { registered = [{ from: Number.NEGATIVE_INFINITY, context: device }] } = device;
  const name = metricByCode(metric)?.name;
  const calibrations = calibrationsInForce((device.calibrations ?? []).filter((one) => one.metric === name));
  const measureFrom = (from: number): Measure => {
    const context = registered.findLast((one) => one.from <= from)?.context ?? {};
    const calibration = calibrations.findLast(({ effectiveFrom }) => effectiveFrom <= from);
    const offset = (name && context.corrections?.[name]) ?? 0;
    return {
      from,
      // A calibration says how far the sensor itself is off: what was registered before it is not added once more.
      correction: calibration === undefined ? offsetBy(offset) : correctionFrom(calibration.points),
      codes: errorCodesOf(metric, context.sensor),
      stepPerMinute: name === TEMPERATURE ? (context.stepPerMinute ?? STEP_PER_MINUTE) : Number.POSITIVE_INFINITY,
    };
  };
  const moments = [...registered.map(({ from }) => from), ...calibrations.map(({ effectiveFrom }) => effectiveFrom)];
  const later = [...new Set(moments)].filter((from) => from > Number.NEGATIVE_INFINITY).sort((a, b) => a - b);
  const measures: [Measure, ...Measure[]] = [measureFrom(Number.NEGATIVE_INFINITY)];
  for (const from of later) {
    const measure = measureFrom(from);
    const before = measures.at(-1);
    if (before === undefined || !isSameMeasure(before, measure)) measures.push(measure);
  }
  return { metric, measures, setAside };
}

/** How a key was measured at a time. */
export function measureAt({ measures }: KeyQuality, time: number): Measure {
  for (let i = measures.length - 1; i > 0; i--) {
    const measure = measures[i];
    if (measure !== undefined && measure.from <= time) return measure;
  }
  return measures[0];
}

/** Whether two are the same but for when they begin. */
function isSameMeasure(a: Measure, b: Measure): boolean {
  const isSame = a.stepPerMinute === b.stepPerMinute && isSameCorrection(a.correction, b.correction);
  return isSame && a.codes.length === b.codes.length && a.codes.every((code, i) => code === b.codes[i]);
}

/** Whether two give the same readings the same quality, what people have set aside left out. */
export function isMeasuredAlike(a: KeyQuality, b: KeyQuality): boolean {
  const isSame = a.metric === b.metric && a.measures.length === b.measures.length;
  return (
    isSame &&
    a.measures.every((one, i) => {
      const other = b.measures[i];
      return other !== undefined && one.from === other.from && isSameMeasure(one, other);
    })
  );
}

/** Whether what stands beside a reading ever decides how good it is. */
export function mayStep({ measures }: KeyQuality): boolean {
  return measures.some(({ stepPerMinute }) => stepPerMinute < Number.POSITIVE_INFINITY);
}

/** The value that is judged: corrected, and humidity at saturation at most. */
export function judgedValue(quality: KeyQuality, time: number, received: number): number {
  const { correction } = measureAt(quality, time);
  const value = correction.length === 0 ? received : received + addedTo(correction, received);
  return value > SATURATED_RH && metricByCode(quality.metric)?.name === HUMIDITY ? SATURATED_RH : value;
}

/** What is wrong with a reading whatever stands beside it: its value, and what people have set aside. */
export function flagsByItself(quality: KeyQuality, time: number, received: number, judged: number): number {
  let flags = GOOD;
  if (measureAt(quality, time).codes.some((code) => Math.abs(received - code) <= CODE_PRECISION)) flags |= ERROR_CODE;
  const definition = metricByCode(quality.metric);
  if (definition !== undefined && (judged < definition.min || judged > definition.max)) flags |= OUT_OF_RANGE;
  return isWithin(quality.setAside, time) ? flags | SET_ASIDE : flags;
}

/** Whether a moment lies in one of some spans that ascend and are disjoint. */
export function isWithin(spans: readonly TimeSpan[], time: number): boolean {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((spans[middle] as TimeSpan).to <= time) low = middle + 1;
    else high = middle;
  }
  const span = spans[low];
  return span !== undefined && span.from <= time;
}

/**
 * Whether reading `i` is an implausible step: of the up to two readings on each side that are no error codes, none is so
 * near that the air can have got from one to the other. Without a neighbour it is plausible.
 *
 * @param start, end the readings known are start .. end - 1
 */
export function isImplausible(
  { times, values, flags }: { readonly times: Float64Array; readonly values: Float64Array; readonly flags: Uint8Array },
  start: number,
  end: number,
  i: number,
  quality: KeyQuality,
): boolean {
  if (((flags[i] as number) & BY_ITSELF) !== 0) return false;
  const { stepPerMinute } = measureAt(quality, times[i] as number);
  if (stepPerMinute === Number.POSITIVE_INFINITY) return false;
  let hasNeighbour = false;
  for (let k = Math.max(start, i - NEIGHBOURS); k <= Math.min(end - 1, i + NEIGHBOURS); k++) {
    if (k === i || ((flags[k] as number) & BY_ITSELF) !== 0) continue;
    const ms = Math.max(SHORTEST_STEP_MS, Math.abs((times[i] as number) - (times[k] as number)));
    if (Math.abs((values[i] as number) - (values[k] as number)) <= stepPerMinute * (ms / 60_000)) return false;
    hasNeighbour = true;
  }
  return hasNeighbour;
}

/** Readings of one key as they are judged: corrected, each with its flags. */
export interface QualifiedReadings {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly flags: Uint8Array;
}

/**
 * The quality of accepted readings of one key, all of them or a part of them; of a part, two readings at each end may lack
 * their neighbours.
 *
 * @param readings as received, ascending
 */
export function qualified(readings: KeyReadings, quality: KeyQuality): QualifiedReadings {
  const { count, time, value } = readings;
  const times = time.subarray(0, count);
  if (areGoodAsReceived(readings, quality))
    return { times, values: value.slice(0, count), flags: new Uint8Array(count) };
  const values = new Float64Array(count);
  const flags = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const received = value[i] as number;
    const judged = judgedValue(quality, times[i] as number, received);
    values[i] = judged;
    flags[i] = flagsByItself(quality, times[i] as number, received, judged);
  }
  const judged = { times, values, flags };
  flagSteps(judged, 0, count, quality);
  return judged;
}

/**
 * Whether all of these are good and judged as they were received: nearly always, and told in one pass. Where each can have
 * been reached from the one before, each has a neighbour that it can have been reached from.
 * @returns false also where it would take more than a pass to tell
 */
function areGoodAsReceived({ count, time, value }: KeyReadings, quality: KeyQuality): boolean {
  const definition = metricByCode(quality.metric);
  const { measures, setAside } = quality;
  const { correction, codes, stepPerMinute } = measures[0];
  if (definition === undefined || measures.length > 1 || correction.length > 0 || setAside.length > 0) return false;
  const { min } = definition;
  const max = definition.name === HUMIDITY ? Math.min(definition.max, SATURATED_RH) : definition.max;
  let [timeBefore, before] = [Number.NaN, Number.NaN];
  for (let i = 0; i < count; i++) {
    const at = time[i] as number;
    const received = value[i] as number;
    if (!(received >= min && received <= max)) return false;
    for (let k = 0; k < codes.length; k++) {
      if (Math.abs(received - (codes[k] as number)) <= CODE_PRECISION) return false;
    }
    const ms = Math.max(SHORTEST_STEP_MS, Math.abs(at - timeBefore));
    if (i > 0 && !(Math.abs(received - before) <= stepPerMinute * (ms / 60_000))) return false;
    timeBefore = at;
    before = received;
  }
  return true;
}

/** Sets or clears the flag of implausible steps on readings from .. to - 1 of all. */
export function flagSteps(readings: QualifiedReadings, from: number, to: number, quality: KeyQuality): void {
  const { times, flags } = readings;
  if (!mayStep(quality)) return;
  for (let i = from; i < to; i++) {
    const others = (flags[i] as number) & ~IMPLAUSIBLE_STEP;
    flags[i] = isImplausible(readings, 0, times.length, i, quality) ? others | IMPLAUSIBLE_STEP : others;
  }
}

/** Of accepted readings those that are judged as fact, with the values that are judged. */
export function goodReadings(readings: KeyReadings, quality: KeyQuality): KeyReadings {
  const { times, values, flags } = qualified(readings, quality);
  const time = times.slice();
  if (flags.every((flag) => flag === GOOD)) return { count: time.length, time, value: values };
  const value = values.slice();
  let count = 0;
  for (let i = 0; i < flags.length; i++) {
    if (flags[i] !== GOOD) continue;
    time[count] = times[i] as number;
    value[count++] = values[i] as number;
  }
  return { count, time: time.slice(0, count), value: value.slice(0, count) };
}

/** What is known of a device and of one of its keys. */
export interface KnownDevice {
  /** As it was last registered; empty where it is not. */
  readonly context: DeviceContext;
  readonly quality: KeyQuality;
  /** Of this metric, those that count: ascending by `effectiveFrom`. */
  readonly calibrations: readonly CalibrationFact[];
}

/** What decides the quality of readings and how long values hold, for whoever shows or weighs them. By storage. */
export interface DeviceFacts {
  of(device: string, metric: number): Promise<KnownDevice>;
}

/** A person sets readings of a key aside, or takes that back, whatever is or will be accepted there. */
export interface SetAsideFact extends TimeSpanFact {
  readonly device: string;
  readonly metric: Metric;
  /** false: what was set aside there before counts again. */
  readonly isSetAside: boolean;
  readonly reason: string;
  /** When the person said so, epoch ms UTC. */
  readonly at: number;
}

/** Event times [from, to); null = open. */
interface TimeSpanFact {
  readonly from: number;
  readonly to: number | null;
}

/** What is set aside after one fact more: of two that overlap the later wins, instant by instant. */
export function withSetAside(
  spans: readonly TimeSpan[],
  { from, to, isSetAside }: Pick<SetAsideFact, 'from' | 'to' | 'isSetAside'>,
): TimeSpan[] {
  const end = to ?? Number.POSITIVE_INFINITY;
  if (!(from < end)) return [...spans];
  const kept: TimeSpan[] = [];
  for (const span of spans) {
    if (span.from < from) kept.push({ from: span.from, to: Math.min(span.to, from) });
    if (span.to > end) kept.push({ from: Math.max(span.from, end), to: span.to });
  }
  if (isSetAside) kept.push({ from, to: end });
  kept.sort((a, b) => a.from - b.from);
  // Neighbours that touch are one span.
  return kept.reduce<TimeSpan[]>((joined, span) => {
    const last = joined.at(-1);
    if (last?.to === span.from) joined[joined.length - 1] = { from: last.from, to: span.to };
    else joined.push(span);
    return joined;
  }, []);
}
