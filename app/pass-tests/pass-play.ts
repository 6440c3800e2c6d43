import { type Fact, PORTAL_QUIET_MS, type Sighting } from '../../domain/index.ts';

/** Something said or seen, and when we hear of it: null where a file does not say. Epoch ms UTC. */
export interface Heard<T> {
  readonly told: T;
  readonly received: number | null;
  /** When it is heard of where the file does not say, but does of others. */
  readonly usually: number;
}

/** What is heard of at one moment, with up to when each door has reported everything by then. */
export interface PlayedStep {
  readonly at: number;
  readonly facts: readonly Fact[];
  readonly sightings: readonly Sighting[];
  readonly complete: readonly { readonly reader: string; readonly at: number }[];
  /** Something of it is heard of later than usual. */
  readonly isLate: boolean;
}

interface Told {
  /** Doors and the like: known from the beginning. */
  readonly known: readonly Fact[];
  readonly facts: readonly Heard<Fact>[];
  /** What one pass of goods shows. */
  readonly seen: readonly Heard<readonly Sighting[]>[];
  readonly readers: readonly string[];
  readonly complete: number;
  readonly now: number;
}

/**
 * The order in which a file's history is heard of (docs/rules.md, "Backtest"): all at once at `now`, where nothing in it is
 * `received`; else everything at its time, and doors have reported everything but what is received later.
 */
export function playOf({ known, facts, seen, readers, complete, now }: Told): PlayedStep[] {
  if ([...facts, ...seen].every(({ received }) => received === null)) {
    const all = { facts: [...known, ...facts.map(({ told }) => told)], sightings: seen.flatMap(({ told }) => told) };
    return [{ at: now, ...all, complete: readers.map((reader) => ({ reader, at: complete })), isLate: false }];
  }
  const heardAt = ({ received, usually }: Heard<unknown>) => received ?? usually;
  const first = Math.min(...[...facts, ...seen].map(heardAt));
  const moments = [...facts, ...seen].map(heardAt).concat(first, complete, now);
  return [...new Set(moments)]
    .filter((at) => at <= now)
    .sort((a, b) => a - b)
    .map((at): PlayedStep => {
      const here = <T>(heard: readonly Heard<T>[]) => heard.filter((one) => heardAt(one) === at);
      const missing = seen.filter((one) => heardAt(one) > at).flatMap(({ told }) => told);
      const told = [...here(facts), ...here(seen)];
      return {
        at,
        facts: [...(at === first ? known : []), ...here(facts).map((one) => one.told)],
        sightings: here(seen).flatMap((one) => one.told),
        complete: readers.map((reader) => {
          const hole = missing.filter((one) => one.reader === reader).map(({ firstSeen }) => firstSeen);
          return { reader, at: Math.min(at, complete, ...hole) };
        }),
        isLate: told.some(({ received, usually }) => received !== null && received > usually),
      };
    });
}

/** A door tells of a pass once nothing more of it is read. */
export function usuallySeen(sightings: readonly Sighting[]): number {
  return Math.max(0, ...sightings.map(({ lastSeen }) => lastSeen)) + PORTAL_QUIET_MS;
}
