import {
  cleanStarts,
  formPasses,
  type GpiEvent,
  type ManifestDoor,
  mergeSightings,
  NEIGHBOUR_MS,
  type Pass,
  PORTAL_CAP_MS,
  PORTAL_QUIET_MS,
  type Sighting,
  type TimeSource,
} from '../domain/index.ts';
import type { GatewayConfig } from './config.ts';

/** Of a portal's latest sightings this many are looked at: more are not in the field of one door. */
const MOST = 10_000;
const PRUNE_EVERY_MS = 1_000;

export interface DoorWatchOptions {
  readonly config: GatewayConfig;
  readonly time: TimeSource;
  /** Something new goes through a portal, and nothing is known of it yet. */
  readonly begun: (portal: string) => void;
}

/** A portal with the passes that are near now, latest last. */
export interface WatchedDoor {
  readonly portal: DoorPortal;
  readonly passes: readonly Pass[];
  /** Some of what was read there is not looked at any more: it was too much. */
  readonly isCut: boolean;
}

export type DoorPortal = Omit<ManifestDoor, 'site'>;

/**
 * Passes as the gateway sees them, for the light at the door: when one begins, what the light said of the one before is
 * no longer true. It looks only at what happens now, by the platform's own pass formation; doors are as the platform says
 * in its manifest, else as the configuration does, with the platform's default times.
 */
export class DoorWatch {
  readonly #options: DoorWatchOptions;
  #doors: readonly Door[];

  constructor(options: DoorWatchOptions) {
    this.#options = options;
    this.#doors = doorsOf(options.config);
  }

  /** Doors as the platform knows them; what was seen at them stays. */
  doorsAre(doors: readonly DoorPortal[]): void {
    const configured = doorsOf(this.#options.config).filter(({ portal }) => !doors.some(({ id }) => id === portal.id));
    this.#doors = [...doors.map(doorOf), ...configured].map((door): Door => {
      const before = this.#doors.find(({ portal }) => portal.id === door.portal.id);
      return before === undefined ? door : { ...before, portal: door.portal, readers: door.readers };
    });
  }

  /** New sightings and inputs, as they go into a batch. */
  see(sightings: readonly Sighting[], gpi: readonly GpiEvent[]): void {
    const now = this.#options.time.now();
    const live = now - PORTAL_CAP_MS;
    for (const door of this.#doors) {
      const newest = sightings.filter((seen) => seen.lastSeen > live && door.readers.has(seen.reader));
      const inputs = gpi.filter((event) => event.at > live && door.readers.has(event.reader));
      if (newest.length === 0 && inputs.length === 0) continue;
      take(door, newest, inputs, now);
      if (inputs.length === 0 && goesOn(door, newest)) continue;
      const last = formed(door).at(-1);
      if (last === undefined || last.from <= door.lastFrom || now > last.settlesAt) continue;
      // The same pass, found to have begun a little earlier or later, is no new one.
      const isSame = last.from < door.lastTo;
      door.lastFrom = last.from;
      door.lastTo = last.to;
      if (!isSame) this.#options.begun(door.portal.id);
    }
  }

  /** @param identify what makes two tags the same thing */
  doors(identify?: (epcHex: string, epcBits: number) => string): readonly WatchedDoor[] {
    return this.#doors.map((door) => ({
      portal: door.portal,
      passes: formed(door, identify),
      isCut: door.cutUntil > this.#options.time.now(),
    }));
  }
}

interface Door {
  readonly portal: DoorPortal;
  readonly readers: ReadonlySet<string>;
  /** By identity, in order of arrival. */
  sightings: Map<string, Sighting>;
  gpi: GpiEvent[];
  /** Until then passes may lack what had to be forgotten. */
  cutUntil: number;
  lastFrom: number;
  lastTo: number;
  /** When what is long gone was last forgotten. */
  prunedAt: number;
}

/**
 * Whether new sightings only make the pass that is on longer: forming passes of thousands of reads with every batch would
 * keep the gateway from reading. Without an input, what begins within the quiet time and before the cap is of the same pass.
 */
function goesOn(door: Door, sightings: readonly Sighting[]): boolean {
  const { quietMs, capMs } = door.portal;
  const until = Math.min(door.lastTo + quietMs, door.lastFrom + capMs - 1);
  if (sightings.some(({ firstSeen }) => firstSeen > until)) return false;
  for (const { lastSeen } of sightings) door.lastTo = Math.max(door.lastTo, Math.min(lastSeen, door.lastFrom + capMs));
  return true;
}

function take(door: Door, sightings: readonly Sighting[], gpi: readonly GpiEvent[], now: number): void {
  if (sightings.length > MOST) door.cutUntil = now + door.portal.capMs;
  for (const sighting of sightings.slice(-MOST)) {
    const { reader, antenna, epcHex, firstSeen } = sighting;
    const identity = `${firstSeen} ${epcHex} ${antenna} ${reader}`;
    const before = door.sightings.get(identity);
    door.sightings.set(identity, before === undefined ? sighting : mergeSightings(before, sighting));
  }
  door.gpi = [...door.gpi, ...gpi].slice(-MOST);
  if (door.sightings.size <= MOST && now - door.prunedAt < PRUNE_EVERY_MS) return;
  door.prunedAt = now;
  const from = keptFrom(door, now);
  for (const [identity, { firstSeen }] of door.sightings) if (firstSeen < from) door.sightings.delete(identity);
  door.gpi = door.gpi.filter(({ at }) => at >= from);
  for (const identity of door.sightings.keys()) {
    if (door.sightings.size <= MOST) break;
    door.sightings.delete(identity);
    door.cutUntil = now + door.portal.capMs;
  }
}

/** The latest moment from which passes do not depend on what was before, and that leaves the neighbours of a pass that is on. */
function keptFrom({ portal, sightings, gpi }: Door, now: number): number {
  const least = now - portal.capMs - NEIGHBOUR_MS;
  return (
    cleanStarts(portal, [...sightings.values()], gpi).findLast((start) => start <= least) ?? Number.NEGATIVE_INFINITY
  );
}

function formed(door: Door, identify?: (epcHex: string, epcBits: number) => string): Pass[] {
  return formPasses(door.portal, [...door.sightings.values()], door.gpi, identify);
}

function doorOf(portal: DoorPortal): Door {
  const readers = new Set(portal.antennas.map(({ reader }) => reader));
  for (const port of portal.triggers) readers.add(port.slice(0, port.lastIndexOf('/')));
  return { portal, readers, sightings: new Map(), gpi: [], cutUntil: 0, lastFrom: 0, lastTo: 0, prunedAt: 0 };
}

function doorsOf({ readers }: GatewayConfig): Door[] {
  const ids = new Set(readers.flatMap(({ antennas }) => antennas.flatMap(({ portal }) => portal ?? [])));
  return [...ids].map((id): Door => {
    const own = readers.filter(({ antennas }) => antennas.some(({ portal }) => portal === id));
    return doorOf({
      id,
      antennas: own.flatMap(({ id: reader, antennas }) =>
        antennas
          .filter((one) => one.portal === id)
          .map(({ antenna, side }) => ({ reader, antenna, side: side ?? null })),
      ),
      triggers: own.flatMap(({ id: reader, gpi, trigger }) => {
        const port = trigger?.port ?? gpi[0]?.port;
        return port === undefined ? [] : [`${reader}/${port}`];
      }),
      quietMs: PORTAL_QUIET_MS,
      capMs: PORTAL_CAP_MS,
    });
  });
}
