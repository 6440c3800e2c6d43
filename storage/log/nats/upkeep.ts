import { type Family, type LogHolder, UnavailableError } from '../../../domain/index.ts';
import type { LogLimits } from '../options.ts';
import { STREAM_FAMILIES } from './frame.ts';
import { MOST_MESSAGE_BYTES, nextSequence } from './positions.ts';
import type { ReadingsStream, StreamState } from './stream.ts';

export interface TrimPlan {
  /** Sequences up to here may go; below the first where none may. */
  readonly dropThrough: number;
  /** Optional consumers that have not had all of it. */
  readonly detach: readonly { readonly consumers: readonly string[]; readonly family: Family }[];
  /** Why appends must be refused now, or null. */
  readonly full: UnavailableError | null;
}

/** Behind a place where no message is. A wider hole is taken for younger than the cap: less is dropped then. */
const PLACES_LOOKED_AT = 32;

/** What may be dropped of a stream: what every holder has passed for a while and, past the cap, what only optional ones need. */
export class StreamUpkeep {
  readonly #limits: LogLimits;
  /** By partition, since when everything up to a sequence has been passed. */
  readonly #passed = new Map<number, { readonly sequence: number; readonly at: number }[]>();

  constructor({ limits }: { readonly limits: LogLimits }) {
    this.#limits = limits;
  }

  /** @param holders of this stream alone. @param now epoch ms UTC */
  async plan(
    stream: Pick<ReadingsStream, 'name' | 'partition' | 'timeOf'>,
    state: StreamState,
    holders: readonly LogHolder[],
    now: number,
  ): Promise<TrimPlan> {
    // The last message stays: it says how far the stream reaches.
    const most = state.last - 1;
    const free = this.#free(stream.partition, Math.min(most, passedBy(holders)), now);
    const over = Math.min(most, await this.#overCap(stream, state, now));
    // A stream may begin anywhere: who has read nothing yet is not held up by what was never there.
    const held = over < state.first ? [] : holders.filter((holder) => nextSequence(holder.position) <= over);
    const mandatory = [...new Set(held.filter((one) => one.isMandatory).map(({ consumer }) => consumer))].sort();
    if (mandatory.length > 0) {
      const message = `the log is full: ${mandatory.join(', ')} has not taken what is in ${stream.name}`;
      const details = { stream: stream.name, consumers: mandatory, bytes: state.bytes };
      return { dropThrough: free, detach: [], full: new UnavailableError('LOG_FULL', message, details) };
    }
    const detach = STREAM_FAMILIES.map((family) => ({
      family,
      consumers: [...new Set(held.filter((one) => one.family === family).map(({ consumer }) => consumer))].sort(),
    }));
    return {
      dropThrough: Math.max(free, over),
      detach: detach.filter(({ consumers }) => consumers.length > 0),
      full: null,
    };
  }

  /** What has been passed by all for as long as it is kept. */
  #free(partition: number, passed: number, now: number): number {
    const seen = [...(this.#passed.get(partition) ?? []), { sequence: passed, at: now }];
    const old = seen.filter(({ at }) => now - at >= this.#limits.keepMs);
    // A consumer that was declared since may stand further back.
    const free = Math.min(old.at(-1)?.sequence ?? -1, passed);
    this.#passed.set(partition, seen.slice(Math.max(old.length - 1, 0)));
    return free;
  }

  /** The last message past the cap, in bytes or in age; below the first where none is. */
  async #overCap(stream: Pick<ReadingsStream, 'timeOf'>, state: StreamState, now: number): Promise<number> {
    const { capMs } = this.#limits;
    const messages = state.last - state.first + 1;
    const excess = state.bytes - capOf(state.maxBytes);
    const bySize = excess > 0 ? state.first - 1 + Math.ceil(excess / (state.bytes / messages)) : state.first - 1;
    if (state.oldest === null || now - state.oldest <= capMs) return bySize;
    // The first is past it, as the stream itself says. What is between a place where nothing is and the next message is as
    // old as that message at most: it goes with it, and never takes a younger one along.
    let [low, high] = [state.first, state.last];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const [next, at] = await timeFrom(stream, middle, high);
      if (at !== null && now - at > capMs) low = next;
      else high = middle - 1;
    }
    return Math.max(bySize, low);
  }
}

/** The first message at or behind a sequence, and when it came; null where none is near, or up to `last`. */
async function timeFrom(
  stream: Pick<ReadingsStream, 'timeOf'>,
  sequence: number,
  last: number,
): Promise<readonly [number, number | null]> {
  for (let next = sequence; next <= Math.min(last, sequence + PLACES_LOOKED_AT); next++) {
    const at = await stream.timeOf(next);
    if (at !== null) return [next, at];
  }
  return [last, null];
}

/** Bytes that a stream may hold before it refuses anything: a quarter above what the log may of it, and a message. */
export function maxBytesOf(capBytes: number, partitions: number): number {
  return Math.ceil((1.25 * capBytes) / partitions) + MOST_MESSAGE_BYTES;
}

/** What the log may hold of a stream: its share, or more where it was made for fewer partitions and is not emptied yet. */
function capOf(maxBytes: number): number {
  return (maxBytes - MOST_MESSAGE_BYTES) / 1.25;
}

/** The last message that all of them have passed whole. */
function passedBy(holders: readonly LogHolder[]): number {
  return holders.reduce((least, { position }) => Math.min(least, nextSequence(position) - 1), Number.MAX_SAFE_INTEGER);
}
