import { DEVICE_ID, InputError, isPhysical, type Metric, metricByName } from '../../domain/index.ts';
import {
  type Decoded,
  type DialectRefusal,
  type DialectRefusalReason,
  type Frame,
  type HeardSignal,
  type Measured,
  NO_DEVICE,
  type Reply,
} from './dialect.ts';
import { NotJson, parseJsonInPieces } from './json.ts';
import { unreadTime } from './stated-time.ts';
import { isObject, type Json } from './tag-event.ts';

/** Gathers what a message measures, and what of it cannot be taken. */
export class Collector {
  readonly #readings: Measured[] = [];
  readonly #refused: DialectRefusal[] = [];
  readonly #replies: Reply[] = [];
  readonly #signals: HeardSignal[] = [];
  #frame: Frame | null = null;

  /**
   * A value as the message has it; undefined is absent and says nothing.
   * @param field where it stands, for the refusal
   */
  measure(device: string, metric: Metric, given: unknown, time: number | null, field: string): void {
    if (given === undefined) return;
    const known = metricByName(metric);
    if (device === NO_DEVICE || device.startsWith(`${NO_DEVICE}.`)) {
      this.refuse('MESSAGE_MALFORMED', field, 'names no device, and its sender is none');
      return;
    }
    if (!DEVICE_ID.test(device)) {
      this.refuse(
        'MESSAGE_MALFORMED',
        field,
        `is of device ${shown(device)}; allowed: 1 to 128 of A-Z a-z 0-9 . _ : -`,
      );
      return;
    }
    if (typeof given !== 'number' || known === undefined) {
      this.refuse('VALUE_NOT_NUMBER', field, `is ${shown(given)}; allowed: a number`, device);
      return;
    }
    // -0 and 0 are one value.
    const value = given + 0;
    if (isPhysical(known, value)) this.#readings.push({ device, metric, value, time });
    else {
      const allowed = `${known.min} to ${known.max} ${known.unit}`.trimEnd();
      this.refuse('VALUE_NOT_PHYSICAL', field, `is ${value}; allowed: ${allowed}`, device);
    }
  }

  refuse(reason: DialectRefusalReason, field: string, detail: string, device?: string): void {
    this.#refused.push({ reason, field, detail, part: null, ...(device === undefined ? {} : { device }) });
  }

  reply(reply: Reply): void {
    this.#replies.push(reply);
  }

  signal(heard: HeardSignal): void {
    this.#signals.push(heard);
  }

  isFrame(frame: Frame): void {
    this.#frame = frame;
  }

  decoded(): Decoded {
    return {
      ...{ readings: this.#readings, events: [], refused: this.#refused },
      ...(this.#replies.length > 0 && { replies: this.#replies }),
      ...(this.#signals.length > 0 && { signals: this.#signals }),
      ...(this.#frame !== null && { frame: this.#frame }),
    };
  }
}

/**
 * Whether a time was told: where a message has none under the name that its maker documents, but one under another, it is
 * refused.
 * @returns false where it was refused
 */
export function isTold(time: number | null, message: Json, field: string, into: Collector, device?: string): boolean {
  const other = time === null ? unreadTime(message) : null;
  if (other === null) return true;
  const detail = `is not there, and ${other} says ${shown(message[other])}; allowed: the time under its documented name`;
  into.refuse('TIME_NOT_UNDERSTOOD', field, detail, device);
  return false;
}

/** What is there, short. */
export function shown(value: unknown): string {
  if (value instanceof NotJson) return value.text === '' ? 'nothing' : value.text;
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}

/**
 * Decodes a message that is an object in JSON; a bad piece of it costs only itself.
 * @param read collects what it measures
 */
export function decodeObject(payload: Uint8Array, read: (message: Json, into: Collector) => void): Decoded {
  const into = new Collector();
  try {
    const message = parseJsonInPieces(payload);
    if (isObject(message)) read(message, into);
    else into.refuse('MESSAGE_MALFORMED', '', `the message is ${shown(message)}; allowed: an object`);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    into.refuse('PAYLOAD_NOT_JSON', '', error.message);
  }
  return into.decoded();
}

/** As {@link decodeObject}, of a message that is an object or an array of such: a bad one costs only itself. */
export function decodeEachObject(payload: Uint8Array, read: (message: Json, into: Collector) => void): Decoded {
  const into = new Collector();
  try {
    const message = parseJsonInPieces(payload);
    for (const [index, part] of (Array.isArray(message) ? message : [message]).entries()) {
      const where = Array.isArray(message) ? `[${index}]` : '';
      if (isObject(part)) read(part, into);
      else into.refuse('MESSAGE_MALFORMED', where, `${where || 'the message'} is ${shown(part)}; allowed: an object`);
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    into.refuse('PAYLOAD_NOT_JSON', '', error.message);
  }
  return into.decoded();
}

/** A message that is understood and measures nothing. */
export const NOTHING_MEASURED: Decoded = { readings: [], events: [], refused: [] };

export function celsiusOf(value: unknown, unit: 'C' | 'F'): unknown {
  return typeof value === 'number' && unit === 'F' ? decimal(((value - 32) * 5) / 9) : value;
}

/** What was computed, as the decimal that is meant: 24.3 and not 24.300000000000001. */
export function decimal(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
