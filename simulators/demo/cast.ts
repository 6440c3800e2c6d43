import type { Climate, Disturbance } from '../loggers/climate.ts';

/*
 * Who plays in the demo: three sites, their doors and readers, five shipments and their loggers. Identifiers use GS1's
 * example company prefix 0614141; names of people and products are invented.
 */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export interface DemoSite {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  /** Degrees, WGS 84. */
  readonly position: { readonly latitude: number; readonly longitude: number };
  readonly rooms: readonly { readonly id: string; readonly name: string }[];
}

export const SITES: readonly DemoSite[] = [
  {
    id: 'site:berlin',
    name: 'Berlin distribution centre',
    zone: 'Europe/Berlin',
    position: { latitude: 52.52, longitude: 13.4 },
    rooms: [{ id: 'room:berlin/cold-1', name: 'Berlin cold room 1' }],
  },
  {
    id: 'site:lyon',
    name: 'Lyon cross-dock',
    zone: 'Europe/Paris',
    position: { latitude: 45.76, longitude: 4.84 },
    rooms: [{ id: 'room:lyon/cold-1', name: 'Lyon cold room 1' }],
  },
  {
    id: 'site:madrid',
    name: 'Madrid hospital pharmacy',
    zone: 'Europe/Madrid',
    position: { latitude: 40.42, longitude: -3.7 },
    rooms: [{ id: 'room:madrid/cold-1', name: 'Madrid cold room 1' }],
  },
];

/** Outside every door: the yard, where trucks stand. */
export function yardOf(site: string): string {
  return `${site.replace('site:', 'vehicle:')}-yard`;
}

export interface DemoPortal {
  readonly id: string;
  readonly name: string;
  readonly site: string;
  readonly reader: string;
}

export const PORTALS: readonly DemoPortal[] = [
  { id: 'berlin/dock-1', name: 'Berlin dock 1', site: 'site:berlin', reader: 'reader-berlin-1' },
  { id: 'berlin/dock-2', name: 'Berlin dock 2', site: 'site:berlin', reader: 'reader-berlin-2' },
  { id: 'lyon/dock-1', name: 'Lyon dock 1', site: 'site:lyon', reader: 'reader-lyon-1' },
  { id: 'madrid/dock-1', name: 'Madrid dock 1', site: 'site:madrid', reader: 'reader-madrid-1' },
];

/** LLRP AntennaID of each side of every demo door. */
export const ANTENNA = { outside: 1, inside: 2 } as const;

export interface DemoUnit {
  readonly sscc: string;
  readonly logger: string;
  readonly serials: readonly string[];
}

export interface DemoShipment {
  readonly id: string;
  readonly profile: string;
  readonly origin: string;
  readonly destination: string;
  /** Hours from now. */
  readonly departsH: number;
  readonly arrivesH: number;
  readonly product: { readonly gtin: string; readonly name: string; readonly lot: string; readonly expiry: string };
  readonly units: readonly DemoUnit[];
}

export const SHIPMENTS: readonly DemoShipment[] = [
  {
    id: 'SHP-1001',
    profile: '2-8C',
    origin: 'site:berlin',
    destination: 'site:lyon',
    departsH: -30,
    arrivesH: 4,
    product: { gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2028-06-30' },
    units: [unit(1, 'LOG-101', '812345', 1_000, 48), unit(2, 'LOG-102', '812345', 2_000, 48)],
  },
  {
    id: 'SHP-1002',
    profile: '2-8C',
    origin: 'site:lyon',
    destination: 'site:madrid',
    departsH: -20,
    arrivesH: 1,
    product: { gtin: '80614141123465', name: 'Samplivax 0.5 ml', lot: 'V204', expiry: '2028-01-31' },
    units: [unit(3, 'LOG-201', '812346', 3_000, 24)],
  },
  {
    id: 'SHP-1003',
    profile: '2-8C',
    origin: 'site:berlin',
    destination: 'site:madrid',
    departsH: 0,
    arrivesH: 36,
    product: { gtin: '80614141123472', name: 'Fictinsulin 100 IU/ml', lot: 'I88', expiry: '2027-11-30' },
    units: [unit(4, 'LOG-301', '812347', 4_000, 36)],
  },
  {
    id: 'SHP-1004',
    profile: '15-25C',
    origin: 'site:lyon',
    destination: 'site:berlin',
    departsH: -12,
    arrivesH: 20,
    product: { gtin: '80614141123489', name: 'Placebol 500 mg', lot: 'P31', expiry: '2029-03-31' },
    units: [unit(5, 'LOG-401', '812348', 5_000, 60)],
  },
  {
    id: 'SHP-1005',
    profile: '2-8C',
    origin: 'site:madrid',
    destination: 'site:berlin',
    departsH: -26,
    arrivesH: 8,
    product: { gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A18', expiry: '2028-07-31' },
    units: [unit(6, 'LOG-501', '812345', 6_000, 40)],
  },
];

/** Room sensors: always on, attached to their rooms. */
export const ROOM_SENSORS = SITES.flatMap((site) =>
  site.rooms.map((room) => ({ id: `SEN-${room.id.replace('room:', '').replace('/', '-')}`, room: room.id })),
);

/** When each scene of the story takes place in event time, epoch ms UTC, told from the moment the demo starts. */
export interface Story {
  /** The two days of history the loggers upload at once begin here... */
  readonly historyFrom: number;
  /** ...and end here; from here to now the last stretch is replayed quickly. */
  readonly replayFrom: number;
  readonly doorOpen: Disturbance;
  readonly defrost: Disturbance;
  /** The excursion that is heard of two hours late, and what its logger holds back until then. */
  readonly lateExcursion: Disturbance;
  readonly heldBack: { readonly from: number; readonly to: number };
  readonly silentFrom: number;
}

export function storyFrom(start: number): Story {
  const minute = Math.floor(start / MINUTE) * MINUTE;
  return {
    historyFrom: minute - 48 * HOUR,
    replayFrom: minute - 26 * MINUTE,
    doorOpen: { from: minute - 24 * MINUTE, to: minute - 2 * MINUTE, peakC: 12.4, rampMs: 4 * MINUTE },
    defrost: { from: minute - 20 * MINUTE, to: minute - 9 * MINUTE, peakC: 10.2, rampMs: 4 * MINUTE },
    lateExcursion: { from: minute - 118 * MINUTE, to: minute - 72 * MINUTE, peakC: 13.1, rampMs: 9 * MINUTE },
    heldBack: { from: minute - 125 * MINUTE, to: minute - 26 * MINUTE },
    silentFrom: minute - 55 * MINUTE,
  };
}

/** The climate each device of the cast measures. */
export function climateOf(device: string, story: Story): Climate {
  const seed = [...device].reduce((sum, char) => sum + char.charCodeAt(0), 0) % 97;
  const isRoomTemperature = device === 'LOG-401';
  return {
    baseC: isRoomTemperature ? 20.5 : 4.9,
    swingC: isRoomTemperature ? 0.9 : 0.7,
    humidity: isRoomTemperature ? 44 : 58,
    seed,
    disturbances: disturbancesOf(device, story),
  };
}

function disturbancesOf(device: string, story: Story): readonly Disturbance[] {
  if (device === 'LOG-101') return [story.doorOpen];
  if (device === 'LOG-301') return [story.defrost];
  if (device === 'LOG-501') return [story.lateExcursion];
  return [];
}

/** A pallet: SSCC with serial reference `n`, `count` serials of one item reference from `first` on. */
function unit(n: number, logger: string, itemReference: string, first: number, count: number): DemoUnit {
  return {
    sscc: `urn:epc:id:sscc:0614141.1${String(n).padStart(9, '0')}`,
    logger,
    serials: Array.from({ length: count }, (_, i) => `urn:epc:id:sgtin:0614141.${itemReference}.${first + i}`),
  };
}
