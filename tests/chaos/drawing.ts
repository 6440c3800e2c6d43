import { Chance } from '../../simulators/portal/random.ts';
import { type FaultKind, linksOf, PRIMARY, poweredOf, processesOf, REDIS, type Shape } from './shape.ts';

export interface Fault {
  readonly kind: FaultKind;
  /** A process, a link, or what it is about. */
  readonly target: string;
  /** After the load began. */
  readonly atMs: number;
  readonly forMs: number;
  /** 0 <= x < 1: what else it draws. */
  readonly chance: number;
}

/** A worker's lease lasts 6 s, and whoever waits for it looks each second: who stands still this long comes back as a former owner. */
const PAST_THE_LEASE_MS = [7_500, 9_000] as const;
const SHORT_MS = [300, 3_000] as const;

/**
 * What a seed draws: so many faults, spread over `lastsMs`, of which the first is a worker that stands still past its lease. The same seed
 * draws the same.
 */
export function drawFaults(
  seed: number,
  { shape, faults, lastsMs }: { shape: Shape; faults: number; lastsMs: number },
): Fault[] {
  const chance = new Chance(seed * 0x9e3779b9);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(chance.next() * all.length)] as T;
  const deck = [...shape.deck];
  const drawn: Fault[] = [];
  for (let n = 0; n < faults; n++) {
    if (deck.length === 0) deck.push(...shape.deck);
    const kind = n === 0 ? 'past its lease' : (deck.splice(Math.floor(chance.next() * deck.length), 1)[0] as FaultKind);
    const target = targetOf(kind, shape, pick);
    const [least, most] = kind === 'past its lease' ? PAST_THE_LEASE_MS : SHORT_MS;
    const slot = lastsMs / faults;
    drawn.push({
      ...{ kind, target },
      atMs: Math.round(n * slot + chance.between(0, slot)),
      forMs: kind === 'kill' || kind === 'power loss' ? 0 : Math.round(chance.between(least, most)),
      chance: chance.next(),
    });
  }
  return drawn;
}

function targetOf(kind: FaultKind, shape: Shape, pick: <T>(all: readonly T[]) => T): string {
  if (kind === 'kill' || kind === 'freeze') return pick(processesOf(shape));
  if (kind === 'power loss') return pick(poweredOf(shape));
  if (kind === 'machine gone') return pick(Object.keys(shape.parts));
  if (kind === 'past its lease') return pick(shape.workers).join(' or ');
  if (kind === 'cut' || kind === 'hold' || kind === 'lose' || kind === 'delay') return pick(linksOf(shape));
  if (kind === 'disk full' || kind === 'bit in spool') return 'gateway';
  if (kind === 'bit in archive') return 'archive';
  if (kind === 'bit in nats') return pick(shape.nats);
  if (kind === 'redis away') return REDIS;
  if (kind === 'receiver fails') return 'receiver';
  if (kind === 'primary stands still') return PRIMARY;
  if (kind === 'corrupt frames' || kind === 'slow consumer') return 'door';
  return 'loggers';
}

/** `kill door at 1200 ms`. */
export function faultText({ kind, target, atMs, forMs }: Fault): string {
  return `${kind} ${target} at ${atMs} ms${forMs > 0 ? ` for ${forMs}` : ''}`;
}
