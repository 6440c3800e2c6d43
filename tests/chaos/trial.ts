import { Chance } from '../../simulators/portal/random.ts';
import type { Fault } from './drawing.ts';
import { play } from './mischief.ts';
import { pause, Round } from './round.ts';
import { StoredThrough } from './stored.ts';
import type { System } from './system.ts';
import { type Account, accountOf, gapsOf, settled, sightingsMissing, type Truth } from './truth.ts';

const READINGS_EACH = 300;
const STEP_MS = 30_000;
/** A fault of which the system has not recovered by then is one of its own. */
const RECOVERS_WITHIN_MS = 120_000;
/** Longer than a look of {@link StoredThrough}. */
const STORED_LOOK_MS = 200;
/** Faults after which it is measured when the system acknowledges again. */
const MEASURED: readonly Fault['kind'][] = [
  ...(['kill', 'machine gone', 'power loss', 'freeze', 'past its lease', 'primary stands still'] as const),
];

/** Event time of the first reading of every round. */
export function baseOfNow(): number {
  return Math.floor(Date.now() / 60_000) * 60_000 - 2 * 3_600_000 - READINGS_EACH * STEP_MS;
}

export interface Trial {
  readonly system: System;
  /** Of the round; 0 is the one without a fault. */
  readonly number: number;
  readonly base: number;
  readonly lastsMs: number;
  readonly drawn: readonly Fault[];
  /** What it has to come to; null: that is what this round is for. */
  readonly expected: Truth | null;
}

interface Played {
  readonly fault: Fault;
  /** `kill of a broker`. */
  readonly what: string;
  /** ms of `performance.now()`. */
  readonly at: number;
  readonly outcome: string | null;
}

export interface Resumed {
  readonly fault: Fault;
  readonly what: string;
  /** ms from the fault until a reading of after it was acknowledged, and stored. */
  readonly acknowledged: number;
  readonly stored: number;
}

export interface Result {
  readonly truth: Truth;
  readonly account: Account;
  readonly played: readonly Played[];
  readonly resumed: readonly Resumed[];
  readonly acknowledged: number;
  readonly answered: number;
}

/** One round: the load, the faults, and what there is at its end. @throws {Error} it has not recovered in time */
export async function runTrial({ system, number, base, lastsMs, drawn, expected }: Trial): Promise<Result> {
  const has = (kind: Fault['kind']) => drawn.some((fault) => fault.kind === kind);
  const chance = new Chance(number + 77);
  const shares = { doubled: has('duplicates') ? 0.2 : 0, late: has('late delivery') ? 0.2 : 0 };
  const round = await Round.begin({ system, number, base, readingsEach: READINGS_EACH, lastsMs, chance, ...shares });
  const began = performance.now();
  const played: Played[] = [];
  const stored = new StoredThrough(system.database, round.beat.id);

  const mischief = playAll().then(async () => {
    system.heal();
    await system.allStarted();
  });
  try {
    await within(round.play(mischief), async () => `${round.waiting()}; ${await system.state()}`);
    await within(arrived(), async () => `missing ${await missing()}; ${await system.state()}`);
    const truth = await settled(system, round, number, expected);
    const account = await accountOf(system, round, number);
    await pause(STORED_LOOK_MS);
    const resumed = played.filter(({ fault }) => MEASURED.includes(fault.kind)).map(resumedAfter);
    return { truth, account, played, resumed, acknowledged: round.acknowledged, answered: round.answered };
  } finally {
    await stored.stop();
    await round.stop();
  }

  async function playAll(): Promise<void> {
    // A process is not killed while it stands still.
    const busy = new Map<string, Promise<unknown>>();
    await Promise.all(
      drawn.map(async (fault) => {
        await pause(began + fault.atMs - performance.now());
        const target = await system.resolve(fault.target);
        const group = system.groupOf(target);
        const before = Promise.all(group.map((one) => busy.get(one)));
        const playing = before.then(() => playOne(fault, target));
        for (const one of group) busy.set(one, playing);
        await playing;
      }),
    );
    await pause(began + lastsMs - performance.now());
  }

  async function playOne(fault: Fault, target: string): Promise<void> {
    const what =
      fault.kind === 'past its lease' ? 'a worker past its lease' : `${fault.kind} of ${await system.roleOf(target)}`;
    let at = performance.now();
    const struck = () => {
      at = performance.now();
    };
    const outcome = await play(fault, { target, system, round, struck });
    played.push({ fault, what, at, outcome });
  }

  async function arrived(): Promise<void> {
    while ((await sightingsMissing(system, round).catch(() => ['?'])).length > 0) await pause(200);
  }

  async function missing(): Promise<string> {
    const tags = await sightingsMissing(system, round);
    return `${tags.length}: ${tags.slice(0, 10).join(', ')}; began ${began + performance.timeOrigin}; ${await gapsOf(system, round)}`;
  }

  function resumedAfter({ fault, what, at }: Played): Resumed {
    const wall = at + performance.timeOrigin;
    const after = round.beat.acknowledgements.filter(({ madeAt }) => madeAt >= at).map((one) => one.at - at);
    return { ...{ fault, what, acknowledged: Math.min(...after) }, stored: stored.since(wall) - at };
  }

  async function within(work: Promise<void>, what: () => Promise<string>): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(async () => {
      const state = await what().catch(String);
      late.reject(new Error(`not recovered within ${RECOVERS_WITHIN_MS / 1_000} s: ${state}`));
    }, RECOVERS_WITHIN_MS + lastsMs);
    try {
      await Promise.race([work, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** What is wrong with a round, in a line each. */
export function complaints({ truth, account }: Result, expected: Truth): string[] {
  const { lost, doubled, differing } = account;
  const said = Object.entries({ lost, doubled, differing }).flatMap(([what, all]) =>
    all.length === 0 ? [] : [`${all.length} ${what}: ${all.slice(0, 5).join(', ')}`],
  );
  return [...said, ...differences(truth, expected)];
}

export function differences(truth: Truth, expected: Truth): string[] {
  return (Object.keys(expected) as (keyof Truth)[]).flatMap((what) => {
    const missing = without(expected[what], truth[what]);
    const more = without(truth[what], expected[what]);
    return [...missing.map((line) => `${what} lacks ${line}`), ...more.map((line) => `${what} has ${line}`)];
  });
}

/** As multisets. */
function without(some: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return some.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
