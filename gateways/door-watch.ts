import {
  formPasses,
  type GpiEvent,
  type PassPortal,
  PORTAL_CAP_MS,
  PORTAL_QUIET_MS,
  type Sighting,
  type TimeSource,
} from '../domain/index.ts';
import type { GatewayConfig } from './config.ts';

/** Of a portal's latest sightings this many are looked at: more are not in the field of one door. */
const MOST = 4_000;

export interface DoorWatchOptions {
  readonly config: GatewayConfig;
  readonly time: TimeSource;
  /** Something new goes through a portal, and nothing is known of it yet. */
  readonly begun: (portal: string) => void;
}

/**
 * Passes as the gateway sees them, for the light at the door: when one begins, what the light said of the one before is
 * no longer true. Provisional: it knows no manifest, quiet times are the platform's defaults, and it looks only at what
 * happens now. The tracer's verdict is the one that counts.
 */
export class DoorWatch {
  readonly #options: DoorWatchOptions;
  readonly #doors: readonly Door[];

  constructor(options: DoorWatchOptions) {
    this.#options = options;
    this.#doors = doorsOf(options.config);
  }

  /** New sightings and inputs, as they go into a batch. */
  see(sightings: readonly Sighting[], gpi: readonly GpiEvent[]): void {
    const now = this.#options.time.now();
    const live = now - PORTAL_CAP_MS;
    for (const door of this.#doors) {
      const newest = sightings.filter((seen) => seen.lastSeen > live && door.readers.has(seen.reader));
      const inputs = gpi.filter((event) => event.at > live && door.readers.has(event.reader));
      if (newest.length === 0 && inputs.length === 0) continue;
      door.sightings = [...door.sightings.filter(({ lastSeen }) => lastSeen > live), ...newest].slice(-MOST);
      door.gpi = [...door.gpi.filter(({ at }) => at > live), ...inputs].slice(-MOST);
      const last = formPasses(door.portal, door.sightings, door.gpi).at(-1);
      if (last === undefined || last.from <= door.lastFrom || now > last.settlesAt) continue;
      // The same pass, found to have begun a little earlier or later, is no new one.
      const isSame = last.from < door.lastTo;
      door.lastFrom = last.from;
      door.lastTo = last.to;
      if (!isSame) this.#options.begun(door.portal.id);
    }
  }
}

interface Door {
  readonly portal: PassPortal;
  readonly readers: ReadonlySet<string>;
  sightings: Sighting[];
  gpi: GpiEvent[];
  lastFrom: number;
  lastTo: number;
}

function doorsOf({ readers }: GatewayConfig): Door[] {
  const ids = new Set(readers.flatMap(({ antennas }) => antennas.flatMap(({ portal }) => portal ?? [])));
  return [...ids].map((id): Door => {
    const own = readers.filter(({ antennas }) => antennas.some(({ portal }) => portal === id));
    const portal: PassPortal = {
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
    };
    const none = { sightings: [], gpi: [], lastFrom: 0, lastTo: 0 };
    return { portal, readers: new Set(own.map(({ id: reader }) => reader)), ...none };
  });
}
