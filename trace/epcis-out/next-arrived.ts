import type { ArrivedEvent, EpcisParameters, EpcisQueries } from './queries.ts';

/** Arrivals looked through at once. */
const WINDOW = 5_000;
/** Of one message, JSON: what receivers take at their defaults. One event that is larger goes alone. */
const MOST_BYTES = 1024 * 1024;

export interface NextArrivedOptions {
  readonly after: number;
  /** The last arrival there is. */
  readonly last: number;
  /** Record time, epoch ms UTC: those recorded before are left out. */
  readonly since: number;
  /** Events of one message. */
  readonly most: number;
  /** Asked between windows: what was found by then is enough. */
  readonly isTimeUp: () => boolean;
}

/**
 * What one message to a subscriber holds: the events after an arrival that a query finds, bounded in number and bytes.
 * @returns them, and the arrival up to which all was looked through
 * @throws {InputError} EPCIS_PARAMETER
 */
export async function nextArrived(
  queries: Pick<EpcisQueries, 'arrived'>,
  parameters: EpcisParameters,
  { after, last, since, most, isTimeUp }: NextArrivedOptions,
): Promise<{ readonly events: readonly ArrivedEvent[]; readonly upTo: number }> {
  const found: ArrivedEvent[] = [];
  let upTo = after;
  let bytes = 0;
  while (upTo < last && found.length < most && bytes < MOST_BYTES) {
    const window = { after: upTo, upTo: Math.min(upTo + WINDOW, last), since };
    const wanted = { ...window, most: most - found.length, mostBytes: MOST_BYTES - bytes };
    const next = await queries.arrived(parameters, wanted);
    // The first of a window comes whatever its size: with others before it, it is for the next message.
    if (found.length > 0 && next.bytes > wanted.mostBytes) break;
    found.push(...next.events);
    bytes += next.bytes;
    upTo = next.upTo;
    if (isTimeUp()) break;
  }
  return { events: found, upTo };
}
