import { pause } from './round.ts';
import type { System } from './system.ts';

/** Somebody of the group works by then, and another has its work by then. */
const WITHIN_MS = 40_000;
/** It has seen what has become of its leases by then. */
const SEES_MS = 2_000;
const LOOK_MS = 50;

/** What a process is owner of, by name: with which epoch. */
type Leases = ReadonlyMap<string, number>;

/** What was seen of a worker that stood still past its lease. */
export interface PastItsLease {
  readonly name: string;
  /** What it was owner of. */
  readonly held: readonly string[];
  readonly stoodMs: number;
  /** Until another was owner of all of it. */
  readonly takenMs: number;
  /** How often it was told, back, that it is a former owner. */
  readonly refused: number;
}

export function pastItsLeaseText({ name, held, stoodMs, takenMs, refused }: PastItsLease): string {
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  return `${name} stood still ${seconds(stoodMs)}, owner of ${held.join(', ')}; another had them after ${seconds(takenMs)}; back, it met OWNERSHIP_LOST ${refused} times`;
}

/**
 * Who works of a group stands still for `forMs`, and until another has all that it did; then it goes on, as a former owner.
 * @throws {Error} nobody has taken its work, or it has work with an epoch that is not its own
 */
export async function playPastItsLease(
  system: System,
  group: readonly string[],
  forMs: number,
  struck: () => void,
): Promise<PastItsLease> {
  const { name, held } = await working(system, group);
  const lostBefore = system.logOf(name).split('OWNERSHIP_LOST').length;
  const began = performance.now();
  struck();
  system.signal(name, 'SIGSTOP');
  let takenMs = 0;
  try {
    await until(`another than ${name} has ${[...held.keys()].join(', ')}`, async () => {
      const taken = await takenOf(system, name, held);
      return taken.size === held.size;
    });
    takenMs = performance.now() - began;
    await pause(began + forMs - performance.now());
  } finally {
    system.signal(name, 'SIGCONT');
  }
  const stoodMs = performance.now() - began;
  const lost = () => system.logOf(name).split('OWNERSHIP_LOST').length - lostBefore;
  const seesUntil = performance.now() + SEES_MS;
  while (lost() < held.size && performance.now() < seesUntil) await pause(LOOK_MS);
  return { name, held: [...held.keys()], stoodMs, takenMs, refused: lost() };
}

/** Who of the group has consumers of the log. */
export async function working(system: System, group: readonly string[]): Promise<{ name: string; held: Leases }> {
  let found: { name: string; held: Leases } | null = null;
  await until(`one of ${group.join(', ')} works`, async () => {
    await system.allStarted();
    for (const name of group) {
      const held = new Map([...(await leasesOf(system, name))].filter(([what]) => isShared(what)));
      if (held.size > (found?.held.size ?? 0)) found = { name, held };
    }
    return found !== null;
  });
  if (found === null) throw new Error('nobody works');
  return found;
}

/** A consumer of the log that each of a group has: `storage`, whose the archive is, is in one process. */
function isShared(what: string): boolean {
  return what.startsWith('consumer:') && what !== 'consumer:archive';
}

/** A holder is called `number machine process start` (`storage/lease-holder.ts`). */
async function leasesOf(system: System, name: string): Promise<Leases> {
  const { rows } = await system.database.query<{ name: string; epoch: number }>(
    `SELECT name, epoch FROM owners WHERE until > clock_timestamp() AND split_part(holder, ' ', 3) = $1 ORDER BY name`,
    [String(system.pidOf(name))],
  );
  return new Map(rows.map((row) => [row.name, row.epoch]));
}

/** What another has by now of what it held. */
async function takenOf(system: System, name: string, held: Leases): Promise<Set<string>> {
  const { rows } = await system.database.query<{ name: string; epoch: number }>(
    `SELECT name, epoch FROM owners WHERE name = ANY ($2) AND split_part(holder, ' ', 3) <> $1`,
    [String(system.pidOf(name)), [...held.keys()]],
  );
  return new Set(rows.filter(({ name: what, epoch }) => epoch > (held.get(what) ?? 0)).map((row) => row.name));
}

/** The database may be away meanwhile. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + WITHIN_MS;
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`not within ${WITHIN_MS / 1_000} s: ${what}`);
    await pause(LOOK_MS);
  }
}
