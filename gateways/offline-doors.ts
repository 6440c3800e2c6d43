import {
  doorText,
  type GpiEvent,
  NEIGHBOUR_MS,
  type Pass,
  type ReadGap,
  type ShownLight,
  type Sighting,
  type Timer,
  type TimeSource,
} from '../domain/index.ts';
import type { GatewayConfig } from './config.ts';
import type { Light } from './door-lights.ts';
import { DoorWatch, type WatchedDoor } from './door-watch.ts';
import type { ManifestStore } from './manifest-store.ts';
import { judgeOffline, type OfflineJudgement } from './offline-judgement.ts';

/** How long a judgement stays on the light after its pass is over, ms: a pallet has left by then. */
const LIGHT_FOR_MS = 15_000;
/** How often passes that are on are judged again: time and completeness change them, too. */
const JUDGE_EVERY_MS = 1_000;
/** What is read together is judged together. */
const JUDGE_AFTER_MS = 250;
/** The codec's most, in bytes of UTF-8. */
const MOST_REASON = 1_000;

export interface OfflineDoorsOptions {
  readonly config: GatewayConfig;
  readonly time: TimeSource;
  readonly manifest: ManifestStore;
  /** Event time up to which a reader has told everything; null = never. */
  readonly completeUntil: (reader: string) => number | null;
  /** Whether the disk takes what the readers see: where it does not they are let go, and nothing more is seen. */
  readonly takesReads: () => boolean;
  /** Something new goes through a portal. */
  readonly begun: (portal: string) => void;
  /** Shows a light at these readers; null = the pass is over. */
  readonly show: (readers: ReadonlySet<string>, light: Light | null) => void;
  /** What was shown, to be kept. */
  readonly shown: (light: ShownLight) => void;
}

/**
 * The doors as the gateway sees them: it watches passes all the time, and judges them by its manifest while the platform is
 * away. What the light then shows is kept, and goes up with the reads.
 */
export class OfflineDoors {
  readonly #options: OfflineDoorsOptions;
  readonly #watch: DoorWatch;
  /** By portal: the pass that the light is about, and what it says. */
  readonly #showing = new Map<string, Showing>();
  #gaps: ReadGap[] = [];
  #isCutOff = false;
  #tick: Timer | null = null;
  #soon: Timer | null = null;

  constructor(options: OfflineDoorsOptions) {
    this.#options = options;
    const { config, time, begun } = options;
    this.#watch = new DoorWatch({ config, time, begun });
    this.manifestChanged();
  }

  see(sightings: readonly Sighting[], gpi: readonly GpiEvent[], gaps: readonly ReadGap[]): void {
    this.#watch.see(sightings, gpi);
    const from = this.#options.time.now() - 2 * NEIGHBOUR_MS;
    if (gaps.length > 0) this.#gaps = [...this.#gaps.filter(({ to }) => to > from), ...gaps];
    if (!this.#isCutOff || this.#soon !== null) return;
    this.#soon = this.#options.time.after('gateway.doors.soon', JUDGE_AFTER_MS, () => {
      this.#soon = null;
      this.#judge();
    });
  }

  /** Doors are as the platform says. */
  manifestChanged(): void {
    const { facts } = this.#options.manifest;
    if (facts === null) return;
    const own = new Set(this.#options.config.readers.map(({ id }) => id));
    this.#watch.doorsAre(facts.manifest.doors.filter(({ antennas }) => antennas.some(({ reader }) => own.has(reader))));
  }

  cutOff(isCutOff: boolean): void {
    if (this.#isCutOff === isCutOff) return;
    this.#isCutOff = isCutOff;
    this.#showing.clear();
    this.#tick?.cancel();
    this.#tick = null;
    if (!isCutOff) return;
    this.#options.manifest.facts?.forget();
    this.#tick = this.#options.time.every('gateway.doors', JUDGE_EVERY_MS, () => this.#judge());
    this.#judge();
  }

  stop(): void {
    this.#tick?.cancel();
    this.#soon?.cancel();
  }

  #judge(): void {
    if (!this.#isCutOff) return;
    const doors = this.#watch.doors(this.#options.manifest.facts?.identify);
    for (const door of doors) this.#judgeDoor(door, doors);
  }

  #judgeDoor(door: WatchedDoor, doors: readonly WatchedDoor[]): void {
    const { time, show } = this.#options;
    const now = time.now();
    const pass = door.passes.at(-1);
    const before = this.#showing.get(door.portal.id);
    const isOver = pass === undefined || now >= Math.max(pass.settlesAt, before?.changedAt ?? 0) + LIGHT_FOR_MS;
    if (isOver) {
      if (before === undefined) return;
      this.#showing.delete(door.portal.id);
      show(readersOf(door), null);
      return;
    }
    const judgement = this.#judgement(door, pass, doors);
    const isSamePass = before !== undefined && pass.from < before.to && before.from < pass.to;
    const isSame = isSamePass && before.light === judgement.light && before.reason === judgement.reason;
    const changedAt = isSame ? before.changedAt : now;
    this.#showing.set(door.portal.id, { ...judgement, from: pass.from, to: pass.to, changedAt });
    if (isSame) return;
    show(readersOf(door), { colour: judgement.light, buzzer: judgement.light === 'red' });
    const { facts } = this.#options.manifest;
    this.#options.shown({
      ...{ portal: door.portal.id, from: pass.from, to: pass.to, at: now, light: judgement.light },
      ...{ manifest: facts?.manifest.version ?? 0, reason: shortened(judgement.reason) },
    });
  }

  #judgement({ portal, isCut }: WatchedDoor, pass: Pass, doors: readonly WatchedDoor[]): Said {
    const { manifest, config, completeUntil } = this.#options;
    const { facts } = manifest;
    if (facts === null) return { light: 'amber', reason: doorText(config.language, 'door.none') };
    const door = facts.door(portal.id);
    if (door === null) {
      const { version } = facts.manifest;
      return { light: 'amber', reason: doorText(config.language, 'door.otherDoor', { version }) };
    }
    const own = new Set(config.readers.map(({ id }) => id));
    const readers = [...new Set(door.antennas.map(({ reader }) => reader))];
    const neighbours = doors
      .filter((one) => facts.door(one.portal.id)?.site === door.site)
      .flatMap(({ passes }) => passes)
      .filter((one) => one !== pass && one.from < pass.to + NEIGHBOUR_MS && one.to > pass.from - NEIGHBOUR_MS);
    const isTold = (reader: string) => (completeUntil(reader) ?? Number.NEGATIVE_INFINITY) >= pass.settlesAt;
    const isDuring = ({ reader, from, to }: ReadGap) =>
      readers.includes(reader) && from < pass.settlesAt && to > pass.from;
    const at = {
      ...{ door, pass, neighbours, isCut },
      isComplete: readers.filter((reader) => own.has(reader)).every(isTold),
      foreignReaders: readers.filter((reader) => !own.has(reader)),
      gaps: this.#gaps.filter(isDuring),
    };
    const judged = judgeOffline(facts, at, manifest.age, manifest.platformNow, config.language);
    if (judged.light !== 'green' || this.#options.takesReads()) return judged;
    return { light: 'amber', reason: doorText(config.language, 'door.disk', { reason: judged.reason }) };
  }
}

type Said = Pick<OfflineJudgement, 'light' | 'reason'>;

interface Showing extends Said {
  readonly from: number;
  readonly to: number;
  readonly changedAt: number;
}

/** A reason holds what others wrote; a batch takes 1,024 bytes of it. */
function shortened(reason: string): string {
  // `stream` leaves out a character whose bytes are not all there.
  return new TextDecoder().decode(Buffer.from(reason).subarray(0, MOST_REASON), { stream: true });
}

function readersOf({ portal }: WatchedDoor): ReadonlySet<string> {
  return new Set(portal.antennas.map(({ reader }) => reader));
}
