/** What is known of a group when it is looked at; times and lengths in ms. */
export interface GroupState {
  readonly openedAt: number;
  /** When something was last told of it; null: nothing yet. */
  readonly toldAt: number | null;
  /** Its end was told, or there was nobody to tell it to. */
  readonly isEnded: boolean;
  readonly intervalMs: number;
  /** 0 never. */
  readonly repeatMs: number;
  /** Told alerts of it that were taken back, when something was last told. */
  readonly toldRetracted: number;
  /** Told alerts of it that still went on then. */
  readonly toldRunning: number;
}

/** How the alerts stand of which somebody was told. */
export interface GroupCount {
  /** Those of which somebody was told. */
  readonly alerts: number;
  /** Nobody has acknowledged them. */
  readonly open: number;
  readonly acknowledged: number;
  readonly resolved: number;
  readonly retracted: number;
  /** Open or acknowledged, and what was found still goes on. */
  readonly running: number;
}

/** What waits to be told of it. */
export interface GroupPending {
  /** First tellings whose time has come. */
  readonly first: boolean;
  readonly escalation: boolean;
  /** Earliest moment of what waits and is not told now; null where nothing waits. */
  readonly nextAt: number | null;
}

export const GROUP_TELLINGS = ['opened', 'changed', 'escalated', 'reminded', 'ended'] as const;
export type GroupTelling = (typeof GROUP_TELLINGS)[number];

export interface GroupStep {
  /** Null: nothing now. */
  readonly tell: GroupTelling | null;
  readonly isEnded: boolean;
  /** When it is looked at again; null: never. */
  readonly nextAt: number | null;
}

/**
 * What is told of a group now, and when it is looked at again. Pure.
 *
 * The first notification goes out when the first telling is due (after the group's `wait`), later ones at least an
 * `interval` apart: those that came since, and those that were taken back. An escalation waits for no interval. The end
 * is told once, when none of what was told goes on any more, if any did. While one of them is not acknowledged, the group is repeated,
 * for as long as a single alert would be.
 *
 * @param repeatsForMs how long after its opening a group is repeated
 */
export function stepOf(
  group: GroupState,
  told: GroupCount,
  pending: GroupPending,
  now: number,
  repeatsForMs: number,
): GroupStep {
  const { toldAt, openedAt, intervalMs, repeatMs } = group;
  const mayTell = toldAt === null || now >= toldAt + intervalMs;
  const isOver = toldAt !== null && told.running === 0 && !pending.first && mayTell;
  const isTakenBack = toldAt !== null && told.retracted > group.toldRetracted;
  const isRepeated = toldAt !== null && repeatMs > 0 && told.open > 0;
  const lastRepeat = openedAt + repeatsForMs;

  let tell: GroupTelling | null = null;
  if (pending.escalation) tell = 'escalated';
  else if (pending.first && mayTell) tell = toldAt === null ? 'opened' : 'changed';
  else if (isOver && !group.isEnded && group.toldRunning > 0) tell = 'ended';
  else if (isTakenBack && mayTell) tell = 'changed';
  else if (isRepeated && now >= toldAt + repeatMs && now <= lastRepeat) tell = 'reminded';

  // What nobody was told of, and nobody is to be, ends without a word; so does what was over when it was told.
  const isNobodys = toldAt === null && tell === null && !pending.first && pending.nextAt === null;
  const isEnded = group.isEnded || isOver || isNobodys;
  const lastTold = tell === null ? toldAt : now;
  const times: number[] = [];
  if (pending.nextAt !== null) times.push(pending.nextAt > now ? pending.nextAt : now + intervalMs);
  // Looked at on the beat of its interval, counted from what was last told.
  const isWaiting = tell === null && (pending.first || isTakenBack);
  if (!isEnded || isWaiting) times.push(beatAfter(now, lastTold ?? now, intervalMs));
  if (isRepeated && lastTold !== null && lastTold + repeatMs > now && lastTold + repeatMs <= lastRepeat) {
    times.push(lastTold + repeatMs);
  }
  const nextAt = times.length === 0 ? null : Math.min(...times);
  return { tell, isEnded, nextAt };
}

function beatAfter(now: number, from: number, every: number): number {
  return from + (Math.floor((now - from) / every) + 1) * every;
}
