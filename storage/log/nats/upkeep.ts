import { type Family, type LogHolder, UnavailableError } from '../../../domain/index.ts';
import type { LogLimits } from '../options.ts';
import { STREAM_FAMILIES } from './frame.ts';
import { nextSequence } from './positions.ts';
import type { ReadingsStream, StreamState } from './stream.ts';

export interface TrimPlan {
  /** Sequences up to here may go; below the first where none may. */
  readonly dropThrough: number;
  /** Optional consumers that have not had all of it. */
  readonly detach: readonly { readonly consumers: readonly string[]; readonly family: Family }[];
  /** Why appends must be refused now, or null. */
  readonly full: UnavailableError | null;
}

/** What may be dropped of a stream: what every holder has passed for a while and, past the cap, what only optional ones need. */
export class StreamUpkeep {
  readonly #limits: LogLimits;
  readonly #partitions: number;
  /** By partition, since when everything up to a sequence has been passed. */
  readonly #passed = new Map<number, { readonly sequence: number; readonly at: number }[]>();

  constructor({ limits, partitions }: { readonly limits: LogLimits; readonly partitions: number }) {
    this.#limits = limits;
    this.#partitions = partitions;
  }

  /** @param holders of this stream alone */
  async plan(
    stream: ReadingsStream,
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
  async #overCap(stream: ReadingsStream, state: StreamState, now: number): Promise<number> {
    const { capBytes, capMs } = this.#limits;
    const messages = state.last - state.first + 1;
    const excess = state.bytes - capBytes / this.#partitions;
    const bySize = excess > 0 ? state.first - 1 + Math.ceil(excess / (state.bytes / messages)) : state.first - 1;
    if (state.oldest === null || now - state.oldest <= capMs) return bySize;
    let [low, high] = [state.first, state.last];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const at = await stream.timeOf(middle);
      if (at === null || now - at > capMs) low = middle;
      else high = middle - 1;
    }
    return Math.max(bySize, low);
  }
}

/** The last message that all of them have passed whole. */
function passedBy(holders: readonly LogHolder[]): number {
  return holders.reduce((least, { position }) => Math.min(least, nextSequence(position) - 1), Number.MAX_SAFE_INTEGER);
}
