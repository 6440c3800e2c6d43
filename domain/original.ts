import { DefectError } from './errors.ts';

/**
 * The original record: a message as it was accepted, byte for byte, kept beside what was made of it, so that every
 * reading and every fact can be led back to what was sent (ALCOA: "original"; EU GMP Annex 11, clause 8).
 */
export interface Original {
  /** Epoch ms UTC. */
  readonly arrival: number;
  /** Who sent it: MQTT client id, or the name of the user or token. */
  readonly source: string;
  /** Where it came in: an MQTT topic, or method and path (`POST /api/v1/shipments`). */
  readonly door: string;
  /** What it is found by; never empty. */
  readonly subjects: readonly OriginalSubject[];
  readonly payload: Uint8Array;
}

/** Something the message speaks of, during the event times [from, to], both inclusive, epoch ms UTC. */
export interface OriginalSubject {
  /** A device, gateway or reader id as it is; `shipment:ID`, `capture:ID` and the like for what people tell. */
  readonly id: string;
  readonly from: number;
  readonly to: number;
}

const ENTRY_BYTES = 24;
const SUBJECT_BYTES = 20;
const HEAD_BYTES = 8;
/** For the head and the names of some hundred senders. */
const ROOM = 16_384;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Collects originals into one piece of memory, little endian:
 * `u32 messages, u32 namesBytes`, the names (JSON array of strings), then per message `f64 arrival, u32 source,
 * u32 door, u32 subjects, u32 payloadBytes`, per subject `u32 id, f64 from, f64 to`, and the payload as received.
 * Source, door and id are indexes into the names. Reusable after `take`.
 *
 * Messages stand behind room for the names, so that what is taken is a view and no copy: all that comes in goes through
 * here, and memory made anew for each group of messages has the collector at work all the time.
 */
export class OriginalsBuilder {
  #bytes = new Uint8Array(ROOM + 65_536);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #messages = 0;
  #names = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#messages === 0;
  }

  /** Bytes collected so far, the names left out. */
  get length(): number {
    return this.#length;
  }

  /** Copies the payload. */
  add({ arrival, source, door, subjects, payload }: Original): void {
    this.#reserve(ENTRY_BYTES + subjects.length * SUBJECT_BYTES + payload.length);
    let at = ROOM + this.#length;
    this.#view.setFloat64(at, arrival, true);
    this.#view.setUint32(at + 8, this.#nameIndex(source), true);
    this.#view.setUint32(at + 12, this.#nameIndex(door), true);
    this.#view.setUint32(at + 16, subjects.length, true);
    this.#view.setUint32(at + 20, payload.length, true);
    at += ENTRY_BYTES;
    for (const { id, from, to } of subjects) {
      this.#view.setUint32(at, this.#nameIndex(id), true);
      this.#view.setFloat64(at + 4, from, true);
      this.#view.setFloat64(at + 12, to, true);
      at += SUBJECT_BYTES;
    }
    this.#bytes.set(payload, at);
    this.#length = at - ROOM + payload.length;
    this.#messages++;
  }

  /** What was collected, sharing memory with the builder: use before the next `add`. The builder is empty afterwards. */
  take(): Uint8Array {
    const names = encoder.encode(JSON.stringify([...this.#names.keys()]));
    const head = HEAD_BYTES + names.length;
    const end = ROOM + this.#length;
    let payload = this.#bytes.subarray(Math.max(0, ROOM - head), end);
    if (head > ROOM) {
      payload = new Uint8Array(head + this.#length);
      payload.set(this.#bytes.subarray(ROOM, end), head);
    }
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    view.setUint32(0, this.#messages, true);
    view.setUint32(4, names.length, true);
    payload.set(names, HEAD_BYTES);
    this.clear();
    return payload;
  }

  clear(): void {
    this.#length = 0;
    this.#messages = 0;
    this.#names.clear();
  }

  #nameIndex(name: string): number {
    let index = this.#names.get(name);
    if (index === undefined) {
      index = this.#names.size;
      this.#names.set(name, index);
    }
    return index;
  }

  #reserve(bytes: number): void {
    let size = this.#bytes.length;
    const needed = ROOM + this.#length + bytes;
    if (needed <= size) return;
    while (size < needed) size *= 2;
    const grown = new Uint8Array(size);
    grown.set(this.#bytes.subarray(0, ROOM + this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/**
 * Inverse of {@link OriginalsBuilder}; payloads are views on `bytes`.
 * @throws {DefectError} ORIGINALS_PAYLOAD_BAD if it is cut or inconsistent
 */
export function decodeOriginals(bytes: Uint8Array): Original[] {
  try {
    return decode(bytes);
  } catch (cause) {
    if (cause instanceof DefectError) throw cause;
    throw damaged('it cannot be read', bytes.length, cause);
  }
}

/** What originals speak of, without taking them apart. */
export interface OriginalSpans {
  readonly messages: number;
  readonly arrivals: Span;
  /** When each subject was spoken of. */
  readonly subjects: ReadonlyMap<string, Span>;
}

/**
 * Which subjects originals speak of, and when: no object a message, for whoever looks at all that comes in.
 * @throws {DefectError} ORIGINALS_PAYLOAD_BAD if it is cut or inconsistent
 */
export function spansOfOriginals(bytes: Uint8Array): OriginalSpans {
  try {
    return spans(bytes);
  } catch (cause) {
    if (cause instanceof DefectError) throw cause;
    throw damaged('it cannot be read', bytes.length, cause);
  }
}

function spans(bytes: Uint8Array): OriginalSpans {
  const { view, messages, names, start } = headOf(bytes);
  const byName = names.map(() => new Span());
  const arrivals = new Span();
  let at = start;
  for (let i = 0; i < messages; i++) {
    arrivals.add(view.getFloat64(at, true));
    const subjects = view.getUint32(at + 16, true);
    const length = view.getUint32(at + 20, true);
    at += ENTRY_BYTES;
    for (let s = 0; s < subjects; s++, at += SUBJECT_BYTES) {
      const span = byName[view.getUint32(at, true)];
      if (span === undefined) throw damaged('a name is missing', bytes.length);
      span.add(view.getFloat64(at + 4, true), view.getFloat64(at + 12, true));
    }
    at += length;
  }
  if (at !== bytes.length) throw damaged('its messages do not fill it', bytes.length);
  const subjects = new Map<string, Span>();
  for (const [index, span] of byName.entries()) if (!span.isEmpty) subjects.set(names[index] ?? '', span);
  return { messages, arrivals, subjects };
}

function headOf(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const messages = view.getUint32(0, true);
  const start = 8 + view.getUint32(4, true);
  const names = JSON.parse(decoder.decode(bytes.subarray(8, start))) as string[];
  return { view, messages, names, start };
}

function decode(bytes: Uint8Array): Original[] {
  const { view, messages, names, start } = headOf(bytes);
  const name = (at: number): string => {
    const found = names[view.getUint32(at, true)];
    if (found === undefined) throw damaged('a name is missing', bytes.length);
    return found;
  };
  const originals: Original[] = [];
  let at = start;
  for (let i = 0; i < messages; i++) {
    const arrival = view.getFloat64(at, true);
    const source = name(at + 8);
    const door = name(at + 12);
    const subjectCount = view.getUint32(at + 16, true);
    const length = view.getUint32(at + 20, true);
    at += ENTRY_BYTES;
    const subjects: OriginalSubject[] = [];
    for (let s = 0; s < subjectCount; s++, at += SUBJECT_BYTES) {
      subjects.push({ id: name(at), from: view.getFloat64(at + 4, true), to: view.getFloat64(at + 12, true) });
    }
    if (at + length > bytes.length) throw damaged('a message is cut', bytes.length);
    originals.push({ arrival, source, door, subjects, payload: bytes.subarray(at, at + length) });
    at += length;
  }
  if (at !== bytes.length) throw damaged('there is more than its messages', bytes.length);
  return originals;
}

function damaged(reason: string, length: number, cause?: unknown): DefectError {
  return new DefectError('ORIGINALS_PAYLOAD_BAD', `originals of ${length} bytes: ${reason}`, {}, cause);
}

/** Event times something lies in, widened one by one. */
export class Span {
  from = Number.POSITIVE_INFINITY;
  to = Number.NEGATIVE_INFINITY;

  get isEmpty(): boolean {
    return this.from > this.to;
  }

  add(from: number, to: number = from): void {
    if (from < this.from) this.from = from;
    if (to > this.to) this.to = to;
  }
}
