import type { Epc, GpiEvent, PortalAntenna, Sighting } from '../../domain/index.ts';
import { tagOf } from '../demo/tags.ts';
import { Chance } from './random.ts';

/** How a row of dock doors is used and read. Metres, ms, dBm, dB; shares are 0 to 1. */
export interface TrafficPlan {
  readonly seed: number;
  /** Pallets that go through a door, over all doors. */
  readonly pallets: number;
  readonly doors: number;
  readonly serialsPerPallet: number;
  /** Time of the first movement, epoch ms UTC. */
  readonly from: number;
  /** Mean time between movements at one door. */
  readonly everyMs: number;
  /** Movements that another follows at 1.5 to 4 s. */
  readonly closeBehind: number;
  /** Chance of one inventory round (200 ms) to read a tag that is well in the field: the rest are misses. */
  readonly readChance: number;
  /** Signal lost between a door and the next: what is stronger than -80 dBm after that is a cross-read. */
  readonly crossLossDb: number;
  /** Pallets that stand near the door before they go out or after they came in, for 10 to 60 s. */
  readonly staged: number;
  /** Pallets on which a serial's tag is dead, one from which a serial was taken, one with two serials too many. */
  readonly dead: number;
  readonly short: number;
  readonly extra: number;
  /** Pallet labels that cannot be read. */
  readonly unlabelled: number;
  /** Whether each door has a light curtain. */
  readonly hasCurtain: boolean;
}

/** A site on an ordinary day: what the bench holds pass formation to (docs/trace.md, "How good it is"). */
export const STANDARD_TRAFFIC: TrafficPlan = {
  seed: 1,
  pallets: 5_000,
  doors: 4,
  serialsPerPallet: 24,
  from: Date.UTC(2026, 10, 22, 6),
  everyMs: 60_000,
  closeBehind: 0.1,
  readChance: 0.6,
  crossLossDb: 22,
  staged: 0.15,
  dead: 0.02,
  short: 0.02,
  extra: 0.02,
  unlabelled: 0.1,
  hasCurtain: true,
};

/** What really happened: one pallet through one door. */
export interface Movement {
  readonly portal: string;
  readonly direction: 'in' | 'out';
  /** When it was in the middle of the door, epoch ms UTC. */
  readonly at: number;
  readonly unit: Epc;
  /** On its notice. */
  readonly listed: readonly Epc[];
  /** On the pallet, with a tag that answers; extra ones too. */
  readonly readable: readonly Epc[];
  /** On the pallet, and on no notice. */
  readonly extra: readonly Epc[];
}

export interface TrafficDoor {
  readonly id: string;
  readonly antennas: readonly PortalAntenna[];
  readonly triggers: readonly string[];
}

export interface Traffic {
  readonly doors: readonly TrafficDoor[];
  readonly movements: readonly Movement[];
  /** Every single read, by time. */
  readonly reads: readonly Sighting[];
  readonly gpi: readonly GpiEvent[];
}

const ROUND_MS = 200;
/** Antennas hang this far before and behind the door, metres. */
const ANTENNA_AT = 0.9;
/** How far from the door a pallet is followed. */
const FOLLOWED = 3.5;
/** A tag right in front of an antenna; what the reader still hears. */
const PEAK_DBM = -46;
const FLOOR_DBM = -80;
/** Fork, pallet and driver break the light curtain over this length. */
const LENGTH = 1.8;

interface Tag {
  readonly epcHex: string;
  /** Orientation, and what stands in front of it. */
  readonly gainDb: number;
}

/** Invents a day of dock traffic and everything the readers at the doors would report of it. Pure. */
export function portalTraffic(plan: TrafficPlan): Traffic {
  const chance = new Chance(plan.seed);
  const doors = Array.from({ length: plan.doors }, (_, index) => doorAt(index, plan.hasCurtain));
  const movements: Movement[] = [];
  const reads: Sighting[] = [];
  const gpi: GpiEvent[] = [];
  const clocks = doors.map(() => plan.from);
  for (let number = 0; number < plan.pallets; number++) {
    const index = number % plan.doors;
    const before = clocks[index] ?? 0;
    const isClose = number >= plan.doors && chance.is(plan.closeBehind);
    const at = Math.round(before + (isClose ? chance.between(1_500, 4_000) : 8_000 + chance.wait(plan.everyMs)));
    clocks[index] = at;
    const metresPerSecond = isClose ? 1.4 : chance.between(0.9, 2);
    const previous = movements.findLast(({ portal }) => portal === doors[index]?.id);
    const direction = isClose && previous !== undefined ? previous.direction : chance.is(0.7) ? 'in' : 'out';
    const { movement, tags } = pallet(plan, chance, number, doors[index]?.id ?? '', direction, at);
    movements.push(movement);
    const stagedMs = chance.is(plan.staged) ? chance.between(10_000, 60_000) : 0;
    const walk = { at, direction, metresPerSecond, stagedMs, stagedAt: chance.between(2.6, 3.4), index };
    readWalk(plan, chance, doors, walk, tags, reads);
    if (plan.hasCurtain) gpi.push(...curtain(doors[index]?.id ?? '', walk));
  }
  reads.sort((a, b) => a.firstSeen - b.firstSeen);
  return { doors, movements, reads, gpi: gpi.sort((a, b) => a.at - b.at) };
}

interface Walk {
  readonly at: number;
  readonly direction: 'in' | 'out';
  readonly metresPerSecond: number;
  /** How long it stands, and how far from the door: before it goes out, or after it came in. */
  readonly stagedMs: number;
  readonly stagedAt: number;
  /** Which door. */
  readonly index: number;
}

/** Metres from the door at a moment, inside positive. */
function placeAt(walk: Walk, at: number): number {
  const way = walk.direction === 'in' ? 1 : -1;
  const along = ((at - walk.at) / 1000) * walk.metresPerSecond;
  if (walk.stagedMs === 0) return way * along;
  // It stands inside: behind the door when it came in, before it when it goes out.
  return walk.direction === 'in' ? Math.min(along, walk.stagedAt) : Math.min(-along, walk.stagedAt);
}

function readWalk(
  plan: TrafficPlan,
  chance: Chance,
  doors: readonly TrafficDoor[],
  walk: Walk,
  tags: readonly Tag[],
  reads: Sighting[],
): void {
  const followedMs = (FOLLOWED / walk.metresPerSecond) * 1000;
  const from = walk.at - followedMs - (walk.direction === 'out' ? walk.stagedMs : 0);
  const to = walk.at + followedMs + (walk.direction === 'in' ? walk.stagedMs : 0);
  // Into the next doors' fields goes what the gap between them lets through, other each time.
  const losses = doors.map((_, index) =>
    index === walk.index ? 0 : Math.abs(index - walk.index) * plan.crossLossDb + 4 * chance.normal(),
  );
  for (let at = from; at < to; at += ROUND_MS) {
    const place = placeAt(walk, at);
    for (const [index, door] of doors.entries()) {
      const lossDb = losses[index] ?? 0;
      for (const { reader, antenna, side } of door.antennas) {
        const metres = Math.hypot(place - (side === 'inside' ? ANTENNA_AT : -ANTENNA_AT), 0.8);
        const levelDbm = PEAK_DBM - lossDb - 32 * Math.log10(metres / 0.8);
        if (levelDbm + 12 < FLOOR_DBM) continue;
        for (const { epcHex, gainDb } of tags) {
          const dbm = levelDbm + gainDb + 3 * (chance.next() + chance.next() - 1.5);
          if (dbm < FLOOR_DBM || !chance.is(plan.readChance * Math.min(1, (dbm - FLOOR_DBM) / 15))) continue;
          const seen = Math.round(at + chance.next() * ROUND_MS);
          const times = { firstSeen: seen, lastSeen: seen, count: 1 };
          reads.push({ reader, antenna, epcHex, epcBits: 96, ...times, rssiDbm: Math.round(dbm) });
        }
      }
    }
  }
}

function curtain(portal: string, { at, metresPerSecond }: Walk): GpiEvent[] {
  const halfMs = Math.round((LENGTH / 2 / metresPerSecond) * 1000);
  const event = { reader: readerOf(portal), port: 1 };
  return [
    { ...event, isHigh: true, at: at - halfMs },
    { ...event, isHigh: false, at: at + halfMs },
  ];
}

function pallet(
  plan: TrafficPlan,
  chance: Chance,
  number: number,
  portal: string,
  direction: 'in' | 'out',
  at: number,
): { movement: Movement; tags: Tag[] } {
  const unit = `urn:epc:id:sscc:0614141.1${String(number).padStart(9, '0')}`;
  const first = number * plan.serialsPerPallet;
  const listed = Array.from({ length: plan.serialsPerPallet }, (_, i) => serial('812345', first + i));
  const extra = chance.is(plan.extra) ? [serial('999999', 2 * number), serial('999999', 2 * number + 1)] : [];
  const silent = new Set<Epc>();
  if (chance.is(plan.dead)) silent.add(listed[Math.floor(chance.next() * listed.length)] ?? '');
  if (chance.is(plan.short)) silent.add(listed[Math.floor(chance.next() * listed.length)] ?? '');
  const readable = [...listed.filter((epc) => !silent.has(epc)), ...extra];
  const labels = chance.is(plan.unlabelled) ? [] : [unit];
  const tags = [...readable, ...labels].map((epc): Tag => {
    return { epcHex: tagOf(epc), gainDb: Math.max(-16, -4 + 4 * chance.normal()) };
  });
  return { movement: { portal, direction, at, unit, listed, readable, extra }, tags };
}

function serial(item: string, number: number): Epc {
  return `urn:epc:id:sgtin:0614141.${item}.${number + 1}`;
}

function doorAt(index: number, hasCurtain: boolean): TrafficDoor {
  const id = `dock-${index + 1}`;
  const reader = readerOf(id);
  return {
    id,
    antennas: [
      { reader, antenna: 1, side: 'outside' },
      { reader, antenna: 2, side: 'inside' },
    ],
    triggers: hasCurtain ? [`${reader}/1`] : [],
  };
}

function readerOf(portal: string): string {
  return `reader-${portal}`;
}
