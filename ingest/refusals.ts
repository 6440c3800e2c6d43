import type { Quarantined, RefusalCount } from '../domain/index.ts';
import { ADOPTABLE, type RefusalReason } from './admission.ts';

/** Most of a payload that one quarantine entry keeps. */
const KEPT_BYTES = 65_536;

/** Where a decoder says what it does not take. */
export interface RefusalSink {
  /**
   * @param detail asked for only where it is the first of its reason
   * @param part the refused object in the native form; null where it is the whole message
   * @param count how many readings this is; default 1
   * @param field path of the field; default the message itself
   */
  add(reason: RefusalReason, detail: () => string, part: object | null, count?: number, field?: string): void;
}

/** Of which message it was refused. */
export interface RefusedMessage {
  readonly arrival: number;
  /** The device or gateway it is counted on. */
  readonly source: string;
  readonly topic: string;
  /** As received, or null where it is in no form a person could read. */
  readonly payload: Uint8Array | null;
}

/** What was refused of one source, where a message speaks for several. */
export interface SourceRefusals {
  readonly source: string;
  readonly refusals: Refusals;
  /** As in {@link RefusedMessage}. */
  readonly payload: Uint8Array | null;
}

interface Refused {
  count: number;
  readonly detail: string;
  /** Each refused part once, in the native form. */
  readonly parts: object[];
}

/**
 * What of one message was refused, gathered per reason, so that a message of 10,000 bad readings costs a handful of
 * entries. The entry keeps the payload as received where it fits, else the refused parts of it as a JSON array; what
 * waits for adoption is kept whole, in as many entries as it takes.
 */
export class Refusals implements RefusalSink {
  readonly #byReason = new Map<RefusalReason, Refused>();

  get isEmpty(): boolean {
    return this.#byReason.size === 0;
  }

  add(reason: RefusalReason, detail: () => string, part: object | null, count = 1): void {
    let refused = this.#byReason.get(reason);
    if (refused === undefined) {
      refused = { count: 0, detail: detail(), parts: [] };
      this.#byReason.set(reason, refused);
    }
    refused.count += count;
    if (part !== null && refused.parts.at(-1) !== part) refused.parts.push(part);
  }

  /** How many readings or messages were refused, by reason. */
  counts(): [RefusalReason, number][] {
    return [...this.#byReason].map(([reason, { count }]) => [reason, count]);
  }

  /** The same, as it is counted on its source. */
  tally({ arrival, source, topic }: RefusedMessage): RefusalCount[] {
    return [...this.#byReason].map(([reason, { count, detail }]) => ({
      ...{ source, reason, count, from: arrival, to: arrival, topic, detail },
    }));
  }

  /** @param isDue whether refusals for this reason are to have an entry */
  toQuarantined(message: RefusedMessage, isDue: (reason: RefusalReason) => boolean = () => true): Quarantined[] {
    const { arrival, source, topic, payload } = message;
    const entries: Quarantined[] = [];
    for (const [reason, { count, detail, parts }] of this.#byReason) {
      if (!isDue(reason)) continue;
      const line = count > 1 ? `${detail}; ${count} in this message` : detail;
      const isWhole = payload !== null && (parts.length === 0 || payload.length <= KEPT_BYTES);
      const kept = isWhole
        ? [base64(payload)]
        : chunks(parts, ADOPTABLE.has(reason) ? Number.POSITIVE_INFINITY : 1).map((chunk) =>
            base64(Buffer.from(chunk)),
          );
      for (const bytes of kept) entries.push({ arrival, source, topic, reason, detail: line, payload: bytes });
    }
    return entries;
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, KEPT_BYTES)).toString('base64');
}

/** JSON arrays of the parts, each short enough to be kept; at most `most` of them, the first ones. */
function chunks(parts: readonly object[], most: number): string[] {
  const arrays: string[] = [];
  let open: string[] = [];
  let length = 2;
  for (const refused of parts) {
    const part = JSON.stringify(refused);
    const bytes = Buffer.byteLength(part) + 1;
    if (length + bytes > KEPT_BYTES && open.length > 0) {
      arrays.push(`[${open.join(',')}]`);
      if (arrays.length === most) return arrays;
      open = [];
      length = 2;
    }
    open.push(part);
    length += bytes;
  }
  arrays.push(`[${open.join(',')}]`);
  return arrays;
}
