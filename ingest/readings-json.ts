import { MAX_FIELDS, NotJson, parseJsonInPieces, shapeOf } from '../codecs/payloads/index.ts';
import { InputError, isPhysical, metricByName, POSITION_METRICS, type ReadingBuilder } from '../domain/index.ts';
import { KNOWN_FIELDS, MAX_READINGS_PER_MESSAGE, type RefusalReason, refusalOfTime, unitOfTime } from './admission.ts';
import { meaningOf } from './field-meaning.ts';
import type { RefusalSink } from './refusals.ts';
import { parseTime } from './time-text.ts';

/** What a message is decoded against. */
export interface NativeMessage {
  readonly payload: Uint8Array;
  /** The builder's index of the sender. */
  readonly device: number;
  /** Epoch ms, against which times are judged. */
  readonly arrival: number;
  /** The time of readings that have none. */
  readonly absentTime: number;
  /** Why an event time may not stand; null where it may. Default: as it is judged on arrival. */
  readonly admits?: (time: number) => 'TIME_AHEAD' | 'TIME_TOO_OLD' | null;
  /** Told the time that a reading states, whatever becomes of it. */
  readonly onTime?: (time: number) => void;
  /** Whether a field that may change the meaning of others holds them back. Default true. */
  readonly isHolding?: boolean;
}

/**
 * Decodes a message in the native form: an object `{"time", metric: value, ...}` or an array of up to 10,000 of them.
 * Good readings become rows, whatever their neighbours are; every other part of the message is refused by name. An
 * object with a field that is not understood and may change the meaning of the others gives no rows at all.
 * Of a key that an object has twice the last value counts, as JSON.parse has it.
 *
 * This is the meaning of the form. The scanner in readings-scan.ts is the same for the shapes that loggers send.
 */
export function decodeReadingsJson(native: NativeMessage, builder: ReadingBuilder, refusals: RefusalSink): void {
  const { payload } = native;
  const { fields } = shapeOf(payload);
  if (fields > MAX_FIELDS) {
    const detail = () => `an object of ${fields} fields; allowed: ${MAX_FIELDS} (${KNOWN_FIELDS})`;
    refusals.add('FIELD_UNKNOWN', detail, null, fields);
    return;
  }
  let message: unknown;
  try {
    message = parseJsonInPieces(payload);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    refusals.add('PAYLOAD_NOT_JSON', () => error.message, null);
    return;
  }
  if (!Array.isArray(message)) {
    decodeReading(message, '', native, builder, refusals);
  } else if (message.length > MAX_READINGS_PER_MESSAGE) {
    const { length } = message;
    refusals.add(
      'READINGS_TOO_MANY',
      () => `an array of ${length}; allowed: ${MAX_READINGS_PER_MESSAGE}, send the rest in another message`,
      null,
      length,
    );
  } else {
    for (const [index, element] of message.entries()) {
      decodeReading(element, `[${index}]`, native, builder, refusals);
    }
  }
}

function decodeReading(
  element: unknown,
  where: string,
  { device, arrival, absentTime, admits, onTime, isHolding = true }: NativeMessage,
  builder: ReadingBuilder,
  refusals: RefusalSink,
): void {
  if (typeof element !== 'object' || element === null || Array.isArray(element) || element instanceof NotJson) {
    const part = where === '' ? null : { value: element };
    refusals.add(
      'READING_NOT_OBJECT',
      () => `${where || 'the message'} is ${show(element)}; allowed: an object`,
      part,
      1,
      where,
    );
    return;
  }
  const fields = Object.entries(element).filter(([name]) => name !== 'time');
  if (fields.length === 0) {
    refusals.add('READING_EMPTY', () => `${where || 'the message'} has no metric (${KNOWN_FIELDS})`, element, 1, where);
    return;
  }
  const path = (name: string) => `${where === '' ? '' : `${where}.`}${name.slice(0, 64)}`;
  const holding = isHolding
    ? fields.find(([name, value]) => metricByName(name) === undefined && meaningOf(name, value, arrival) === 'changes')
    : undefined;
  if (holding !== undefined) {
    const [name, value] = holding;
    const count = Math.max(1, fields.filter(([other]) => metricByName(other) !== undefined).length);
    const detail = () =>
      `${path(name)} is ${show(value)}, which is not understood and may change what the values beside it mean; ` +
      `allowed: ${KNOWN_FIELDS}, the time of a reading in time`;
    refusals.add('FIELD_CHANGES_MEANING', detail, element, count, path(name));
    return;
  }
  const given: unknown = Reflect.get(element, 'time');
  const time = Object.hasOwn(element, 'time') ? readTime(given) : absentTime;
  if (typeof time === 'number' && time !== absentTime) onTime?.(time);
  const badTime =
    typeof time === 'string'
      ? 'TIME_NOT_UNDERSTOOD'
      : (admits?.(time) ?? (admits === undefined ? refusalOfTime(time, arrival) : null));
  let refusedForTime = 0;
  const isFix = isWholeFix(element);
  for (const [name, value] of fields) {
    const metric = metricByName(name);
    const refuse = (reason: RefusalReason, why: string) =>
      refusals.add(reason, () => `${path(name)} ${why}`, element, 1, path(name));
    if (metric === undefined) {
      if (meaningOf(name, value, arrival) !== 'harmless') refuse('FIELD_UNKNOWN', `is no field (${KNOWN_FIELDS})`);
    } else if (typeof value !== 'number') {
      refuse('VALUE_NOT_NUMBER', `is ${show(value)}; allowed: a number`);
    } else if (!isPhysical(metric, value)) {
      refuse('VALUE_NOT_PHYSICAL', `is ${value}; allowed: ${metric.min} to ${metric.max} ${metric.unit}`.trimEnd());
    } else if (!isFix && POSITIONS.has(name)) {
      refuse('VALUE_NOT_PHYSICAL', 'stands without the rest of its fix; allowed: latitude with longitude');
    } else if (typeof time === 'string' || badTime !== null) {
      refusedForTime++;
    } else {
      // -0 and 0 are one value.
      builder.addRow(device, metric.code, time, value + 0);
    }
  }
  if (badTime !== null && refusedForTime > 0) {
    const rule = typeof time === 'string' ? time : badTime === 'TIME_NOT_UNDERSTOOD' ? '' : TIME_RULES[badTime];
    refusals.add(badTime, () => `${path('time')} is ${show(given)}; ${rule}`, element, refusedForTime, path('time'));
  }
}

const POSITIONS: ReadonlySet<string> = new Set(POSITION_METRICS);

/** Latitude and longitude are one fix: one that is missing or cannot be costs the other. */
function isWholeFix(element: object): boolean {
  return ['latitude', 'longitude'].every((name) => {
    const value: unknown = Reflect.get(element, name);
    const metric = metricByName(name);
    return typeof value === 'number' && metric !== undefined && isPhysical(metric, value);
  });
}

const TIME_RULES = {
  TIME_AHEAD: 'more than 10 minutes ahead of its arrival: set the clock; what it measured can be adopted',
  TIME_TOO_OLD: 'more than 400 days before its arrival; it waits to be adopted',
} as const;

/** Epoch ms, floored; or, where it is no time, what is allowed. */
function readTime(given: unknown): number | string {
  if (typeof given === 'number' && Number.isFinite(given)) {
    const unit = unitOfTime(given);
    return unit === null ? Math.floor(given) : `this can only be ${unit}; allowed: epoch milliseconds`;
  }
  const time = typeof given === 'string' ? parseTime(given) : null;
  return time ?? 'allowed: ISO 8601 with a zone, or epoch milliseconds';
}

function show(value: unknown): string {
  if (value instanceof NotJson) return value.text === '' ? 'nothing' : value.text;
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
