import { InputError, isPhysical, metricByName, type ReadingBuilder } from '../domain/index.ts';
import { KNOWN_FIELDS, MAX_READINGS_PER_MESSAGE, type RefusalReason, refusalOfTime } from './admission.ts';
import { parseJson } from './json.ts';
import type { Refusals } from './refusals.ts';
import { parseTime } from './time-text.ts';

/**
 * Decodes a message in the native form: an object `{"time", metric: value, ...}` or an array of up to 10,000 of them.
 * Good readings become rows, whatever their neighbours are; every other part of the message is refused by name.
 * Of a key that an object has twice the last value counts, as JSON.parse has it.
 *
 * This is the meaning of the form. The scanner in readings-scan.ts is the same for the shapes that loggers send.
 *
 * @param device the builder's index of the sender
 * @param arrival epoch ms, against which times are judged
 * @param absentTime the time of readings that have none
 * @returns whether any reading took `absentTime`
 */
export function decodeReadingsJson(
  payload: Uint8Array,
  device: number,
  arrival: number,
  absentTime: number,
  builder: ReadingBuilder,
  refusals: Refusals,
): boolean {
  let message: unknown;
  try {
    message = parseJson(payload);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    refusals.add('PAYLOAD_NOT_JSON', () => error.message, null);
    return false;
  }
  if (!Array.isArray(message)) return decodeReading(message, '', device, arrival, absentTime, builder, refusals);
  if (message.length > MAX_READINGS_PER_MESSAGE) {
    const { length } = message;
    refusals.add(
      'READINGS_TOO_MANY',
      () => `an array of ${length}; allowed: ${MAX_READINGS_PER_MESSAGE}`,
      null,
      length,
    );
    return false;
  }
  let isTimeless = false;
  for (const [index, element] of message.entries()) {
    if (decodeReading(element, `[${index}]`, device, arrival, absentTime, builder, refusals)) isTimeless = true;
  }
  return isTimeless;
}

function decodeReading(
  element: unknown,
  where: string,
  device: number,
  arrival: number,
  absentTime: number,
  builder: ReadingBuilder,
  refusals: Refusals,
): boolean {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) {
    const part = where === '' ? null : { value: element };
    refusals.add('READING_NOT_OBJECT', () => `${where || 'the message'} is ${show(element)}; allowed: an object`, part);
    return false;
  }
  const fields = Object.entries(element).filter(([name]) => name !== 'time');
  if (fields.length === 0) {
    refusals.add('READING_EMPTY', () => `${where || 'the message'} has no metric (${KNOWN_FIELDS})`, element);
    return false;
  }
  const isTimeless = !Object.hasOwn(element, 'time');
  const time = isTimeless ? absentTime : readTime(Reflect.get(element, 'time'));
  const badTime = time === null ? 'TIME_NOT_UNDERSTOOD' : refusalOfTime(time, arrival);
  let rows = 0;
  let refusedForTime = 0;
  for (const [name, value] of fields) {
    const metric = metricByName(name);
    const refuse = (reason: RefusalReason, why: string) =>
      refusals.add(reason, () => `${where === '' ? '' : `${where}.`}${name.slice(0, 64)} ${why}`, element);
    if (metric === undefined) {
      refuse('FIELD_UNKNOWN', `is no field (${KNOWN_FIELDS})`);
    } else if (typeof value !== 'number') {
      refuse('VALUE_NOT_NUMBER', `is ${show(value)}; allowed: a number`);
    } else if (!isPhysical(metric, value)) {
      refuse('VALUE_NOT_PHYSICAL', `is ${value}; allowed: ${metric.min} to ${metric.max} ${metric.unit}`.trimEnd());
    } else if (time === null || badTime !== null) {
      refusedForTime++;
    } else {
      // -0 and 0 are one value.
      builder.addRow(device, metric.code, time, value + 0);
      rows++;
    }
  }
  if (badTime !== null && refusedForTime > 0) {
    const given = show(Reflect.get(element, 'time'));
    const detail = () => `${where === '' ? '' : `${where}.`}time is ${given}; ${TIME_RULES[badTime]}`;
    refusals.add(badTime, detail, element, refusedForTime);
  }
  return isTimeless && rows > 0;
}

const TIME_RULES = {
  TIME_NOT_UNDERSTOOD: 'allowed: ISO 8601 with a zone, or epoch milliseconds',
  TIME_AHEAD: 'more than 10 minutes ahead of its arrival',
  TIME_TOO_OLD: 'more than 400 days before its arrival (epoch seconds?); it waits to be adopted',
} as const;

/** Floored to the millisecond. */
function readTime(given: unknown): number | null {
  if (typeof given === 'string') return parseTime(given);
  return typeof given === 'number' && Number.isFinite(given) ? Math.floor(given) : null;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
