import type pg from 'pg';
import {
  cleanStarts,
  type Epc,
  type GpiEvent,
  GrowingPass,
  mergeSightings,
  type PassRead,
  type Portal,
  type Sighting,
} from '../../domain/index.ts';
import type { KeptPass } from './kept-pass.ts';
import type { KeptRead } from './recent-passes.ts';
import { type Arrived, gpiBetween, knownCleanStart, nearestActivity, sightingsBetween } from './sightings.ts';

/** All that was seen at one portal in [from, to), both clean starts: its passes depend on nothing else. */
export interface SeenWindow {
  readonly from: number;
  readonly to: number;
  readonly sightings: readonly Sighting[];
  readonly gpi: readonly GpiEvent[];
}

/** Nothing that is known lies later. */
const OPEN_END = Number.MAX_SAFE_INTEGER;
/** Sightings of one portal in memory; a longer train of passes is read from the table each time. */
const MOST_SIGHTINGS = 20_000;
/** How far to look for a clean start at first, ms; doubled while none is found. */
const LOOK_MS = 60_000;

/** What a tag is known by. */
export type Identify = (epcHex: string, epcBits: number) => Epc;

/** What came of a window, for the next batch. */
export interface FormedWindow {
  readonly passes: readonly KeptPass[];
  /** Where there is one pass, which may go on. */
  readonly growing: GrowingPass | null;
  readonly identities: Map<string, Epc>;
  readonly named: WeakMap<PassRead, KeptRead>;
}

/**
 * What a portal has seen since its last clean start, and the passes that were formed of it, as they stand in the tables:
 * what is read now mostly belongs there, and mostly to one pass that grows.
 */
export class OpenWindow {
  readonly from: number;
  readonly #sightings = new Map<string, Sighting>();
  readonly #gpi: GpiEvent[];
  #growing: GrowingPass | null;
  /** By EPC memory and its length: what a tag is decoded to. */
  readonly identities: Map<string, Epc>;
  /** Reads of the growing pass as the tables have them. */
  readonly named: WeakMap<PassRead, KeptRead>;
  passes: readonly KeptPass[];

  private constructor({ from, sightings, gpi }: SeenWindow, formed: FormedWindow) {
    this.from = from;
    for (const sighting of sightings) this.#keep(sighting);
    this.#gpi = [...gpi];
    this.#growing = formed.growing;
    this.identities = formed.identities;
    this.named = formed.named;
    this.passes = formed.passes;
  }

  /** Keeps the end of a window, from its last clean start on; null where it has no open end, or too much is in it. */
  static of(portal: Portal, window: SeenWindow, identify: Identify | null, formed: FormedWindow): OpenWindow | null {
    if (window.to !== OPEN_END || window.sightings.length > MOST_SIGHTINGS * 2) return null;
    const start = formed.passes.length > 1 ? cleanStarts(portal, window.sightings, window.gpi).at(-1) : undefined;
    const from = Math.max(window.from, start ?? window.from);
    const sightings = window.sightings.filter(({ firstSeen }) => firstSeen >= from);
    if (sightings.length > MOST_SIGHTINGS) return null;
    const gpi = window.gpi.filter(({ at }) => at >= from);
    const growing =
      formed.passes.length === 1 || identify === null
        ? formed.growing
        : GrowingPass.of(portal, sightings, gpi, identify);
    const passes = formed.passes.filter((pass) => pass.from >= from);
    return new OpenWindow({ from, to: OPEN_END, sightings, gpi }, { ...formed, passes, growing });
  }

  /**
   * Adds what has arrived to the one pass that is under way.
   *
   * @returns the pass; null where it may be more than that: then nothing was added
   */
  grow({ gpi, sightings }: Arrived): GrowingPass | null {
    const growing = this.#growing;
    if (growing === null || gpi.length > 0 || this.#sightings.size + sightings.length > MOST_SIGHTINGS) return null;
    const merged = sightings.map((sighting) => {
      const before = this.#sightings.get(identityOf(sighting));
      return before === undefined ? sighting : mergeSightings(before, sighting);
    });
    if (!growing.add(merged)) return null;
    for (const sighting of sightings) this.#keep(sighting);
    return growing;
  }

  /** Whether what has arrived begins a pass that has nothing to do with what was seen before. */
  isOverBefore({ gpi, from }: Arrived): boolean {
    return gpi.length === 0 && this.#growing?.isOverBefore(from) === true;
  }

  /** With what has arrived; null where some of it is earlier, and the tables must tell what it belongs to. */
  with(arrived: Arrived): SeenWindow | null {
    if (arrived.from < this.from) return null;
    for (const sighting of arrived.sightings) this.#keep(sighting);
    for (const event of arrived.gpi) this.#gpi.push(event);
    return { from: this.from, to: OPEN_END, sightings: [...this.#sightings.values()], gpi: this.#gpi };
  }

  #keep(sighting: Sighting): void {
    const identity = identityOf(sighting);
    const before = this.#sightings.get(identity);
    this.#sightings.set(identity, before === undefined ? sighting : mergeSightings(before, sighting));
  }
}

/** What begins with what has arrived, where nothing before it matters. */
export function windowFrom({ from, sightings }: Arrived): SeenWindow {
  return { from, to: OPEN_END, sightings, gpi: [] };
}

/** As the table of sightings has it. */
function identityOf({ reader, antenna, firstSeen, epcHex }: Sighting): string {
  return `${firstSeen}|${epcHex}|${antenna}|${reader}`;
}

/** Everything seen between two clean starts around `touched`, from the tables. */
export async function windowAround(
  client: pg.ClientBase,
  portal: Portal,
  touched: { readonly from: number; readonly to: number },
): Promise<SeenWindow> {
  const { antennas, triggers } = portal;
  // Before this much after the first row loaded, something not loaded might still have been there.
  const settleMs = portal.capMs + portal.quietMs;
  let from = touched.from;
  let to = touched.to;
  const known = await knownCleanStart(client, portal, touched.from);
  for (let look = LOOK_MS; ; look *= 2) {
    from = known ?? Math.max(0, touched.from - look - settleMs);
    to = Math.min(OPEN_END, touched.to + look);
    const around = await nearestActivity(client, antennas, triggers, from, to);
    const sightings = await sightingsBetween(client, antennas, from, to);
    const gpi = await gpiBetween(client, triggers, from, to);
    const starts = cleanStarts(portal, sightings, gpi);
    const isWhole = known !== null || around.before === null;
    const trusted = isWhole ? starts : starts.filter((start) => start > from + settleMs);
    const first = known ?? trusted.findLast((start) => start <= touched.from) ?? (isWhole ? 0 : null);
    const end = trusted.find((start) => start > touched.to) ?? (around.after === null ? OPEN_END : null);
    if (first === null || end === null) continue;
    return {
      from: first,
      to: end,
      sightings: sightings.filter(({ firstSeen }) => firstSeen >= first && firstSeen < end),
      gpi: gpi.filter(({ at }) => at >= first && at < end),
    };
  }
}
