import { pastItsLeaseText, playPastItsLease, working } from '../chaos/past-its-lease.ts';
import { pause } from '../chaos/round.ts';
import { LEADER } from '../chaos/shape.ts';
import type { Kind } from './arguments.ts';
import { secondsText } from './figures.ts';
import type { Installation } from './installation.ts';

/** A lease lasts 6 s, and whoever waits for it looks each second. */
const PAST_THE_LEASE_MS = 8_000;
/** So that all that waits on it has to find out by itself that another takes writes. */
const PRIMARY_STILL_MS = 20_000;
const WHOLE_WITHIN_MS = 60_000;
const LOOK_MS = 200;

export interface Struck {
  /** Ms of performance.now(). */
  readonly at: number;
  /** To whom, and what was seen of it. */
  readonly text: string;
  /** What must not be, in a line; null: nothing. */
  readonly wrong: string | null;
}

/**
 * Does it, and waits until the installation is whole again: everything started, the former primary following, copies complete.
 * @throws {Error} that takes too long
 */
export async function strike(
  kind: Kind,
  { system, patroni, workers }: Installation,
  struck: (at: number) => void,
): Promise<Struck> {
  let at = 0;
  const now = () => {
    at = performance.now();
    struck(at);
  };
  let text = '';
  let wrong: string | null = null;
  if (kind === 'frozen') {
    const seen = await playPastItsLease(system, workers, PAST_THE_LEASE_MS, now);
    text = pastItsLeaseText(seen);
    if (seen.refused === 0) wrong = `${seen.name} came back past its lease and was refused nothing`;
  } else if (kind === 'frozen-primary') {
    const target = patroni?.primary ?? '';
    await system.standStill(target, PRIMARY_STILL_MS, now);
    text = `it was ${target}`;
  } else {
    const target = await targetOf(kind, { system, patroni, workers });
    await system.kill(target, undefined, now);
    text = `it was ${target}`;
  }
  if ((kind === 'primary' || kind === 'frozen-primary') && patroni?.last) {
    const { promotedMs, wholeMs } = patroni.last;
    text += `; another takes writes after ${secondsText(promotedMs)}, and has a stand-by again after ${secondsText(wholeMs)}`;
  }
  await system.allStarted();
  const deadline = performance.now() + WHOLE_WITHIN_MS;
  while (!(await system.areCopiesWhole().catch(() => false))) {
    if (performance.now() > deadline) throw new Error('NATS servers without all copies');
    await pause(LOOK_MS);
  }
  return { at, text, wrong };
}

async function targetOf(kind: Kind, { system, patroni, workers }: Installation): Promise<string> {
  if (kind === 'primary') return patroni?.primary ?? '';
  return kind === 'nats' ? system.resolve(LEADER) : (await working(system, workers)).name;
}
