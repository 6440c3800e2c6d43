import { Chance } from '../../simulators/portal/random.ts';

/** Processes that can be killed or stood still. */
export const PROCESSES = ['door', 'first', 'second', 'gateway', 'postgres'] as const;
export type ProcessName = (typeof PROCESSES)[number];

/** Connections with a proxy in between. */
export const LINKS = [
  ...(['door-postgres', 'first-postgres', 'second-postgres'] as const),
  ...(['loggers-door', 'clients-door', 'gateway-door', 'gateway-reader'] as const),
] as const;
export type LinkName = (typeof LINKS)[number];

/**
 * `kill`, `freeze` a process (SIGKILL; SIGSTOP, later SIGCONT); `machine gone`: killed, and PostgreSQL is not told. Of a link: `cut` (reset, and nobody comes through), `hold` (nothing
 * arrives, all of it later), `lose` (what is sent is lost, nothing is closed), `delay`.
 */
export type FaultKind =
  | 'kill'
  | 'machine gone'
  | 'freeze'
  | 'cut'
  | 'hold'
  | 'lose'
  | 'delay'
  | 'disk full'
  | 'bit in spool'
  | 'bit in archive'
  | 'clock jump'
  | 'duplicates'
  | 'late delivery'
  | 'corrupt frames'
  | 'slow consumer';

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

/** A kind is as likely as it stands here often; two of the same card can meet in one seed. */
const DECK: readonly FaultKind[] = [
  ...(['kill', 'kill', 'kill', 'freeze', 'freeze', 'machine gone', 'cut', 'hold', 'lose', 'delay'] as const),
  ...(['disk full', 'bit in spool', 'bit in archive', 'clock jump', 'duplicates'] as const),
  ...(['late delivery', 'corrupt frames', 'slow consumer'] as const),
];

/** A worker's lease lasts 6 s: who stands still this long comes back as a former owner. */
const PAST_THE_LEASE_MS = [7_000, 9_000] as const;
const SHORT_MS = [300, 3_000] as const;

/** What a seed draws: so many faults, spread over `lastsMs`. The same seed draws the same. */
export function drawFaults(seed: number, { faults, lastsMs }: { faults: number; lastsMs: number }): Fault[] {
  const chance = new Chance(seed * 0x9e3779b9);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(chance.next() * all.length)] as T;
  const deck = [...DECK];
  const drawn: Fault[] = [];
  for (let n = 0; n < faults; n++) {
    if (deck.length === 0) deck.push(...DECK);
    const [kind] = deck.splice(Math.floor(chance.next() * deck.length), 1) as [FaultKind];
    const target = targetOf(kind, pick);
    const isWorker = target === 'first' || target === 'second';
    const isLong = chance.is(0.5);
    const [least, most] = kind === 'freeze' && isWorker && isLong ? PAST_THE_LEASE_MS : SHORT_MS;
    const slot = lastsMs / faults;
    drawn.push({
      ...{ kind, target },
      atMs: Math.round(n * slot + chance.between(0, slot)),
      forMs: kind === 'kill' ? 0 : Math.round(chance.between(least, most)),
      chance: chance.next(),
    });
  }
  return drawn;
}

function targetOf(kind: FaultKind, pick: <T>(all: readonly T[]) => T): string {
  if (kind === 'kill' || kind === 'freeze') return pick(PROCESSES);
  if (kind === 'machine gone') return pick(['door', 'first', 'second']);
  if (kind === 'cut' || kind === 'hold' || kind === 'lose' || kind === 'delay') return pick(LINKS);
  if (kind === 'disk full' || kind === 'bit in spool') return 'gateway';
  if (kind === 'bit in archive') return 'postgres';
  if (kind === 'corrupt frames' || kind === 'slow consumer') return 'door';
  return 'loggers';
}

/** `kill door at 1200 ms`. */
export function faultText({ kind, target, atMs, forMs }: Fault): string {
  return `${kind} ${target} at ${atMs} ms${forMs > 0 ? ` for ${forMs}` : ''}`;
}
