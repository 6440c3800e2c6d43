import { createHash } from 'node:crypto';
import { networkOf, type TimeSource } from '../../domain/index.ts';
import { Refusal } from './problems.ts';

/** Wrong tries that cost nothing yet: people mistype. */
const FREE_TRIES = 5;
/** Wrong tries from which on the answer says when to come again. */
const TOLD_AFTER = 10;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 4_000;
/** Tries of one name from one address that wait for their turn. */
const MOST_WAITING = 4;
/** Wrong tries of one address, whatever the names, before its tries come one after another. */
const FREE_TRIES_OF_ADDRESS = 30;
const DELAY_OF_ADDRESS_MS = 1_000;
/** Wrong tries of one name, wherever from, before every one of them waits a little. */
const FREE_TRIES_OF_NAME = 100;
const DELAY_OF_NAME_MS = 2_000;
/** Without a wrong try for so long, it begins afresh. */
const FORGOTTEN_AFTER_MS = 15 * 60_000;
/** Names and addresses remembered at once; the oldest are forgotten first. */
const MOST_REMEMBERED = 10_000;
const MOST_HELD = 1_000;

/** Digests of what a try is counted by: the name at the address, the address, and the name. */
export interface TryKeys {
  readonly pair: string;
  readonly there: string;
  readonly named: string;
}

/** A try that is being made, or what became of it. */
export interface TryNews {
  readonly outcome: 'begun' | 'right' | 'undecided';
  readonly keys: TryKeys;
}

interface Tries {
  failures: number;
  /** When the next one may be looked at, and when the last one was made; epoch ms UTC. */
  nextAt: number;
  lastAt: number;
  waiting: number;
}

/**
 * Slows down guessing of passwords; never refuses the right one for what others did elsewhere.
 *
 * Tries of one name from one address are looked at one after another, with a delay that grows from a quarter of a second to
 * four with each wrong one; a fifth that would wait is turned away for now. One address that tries name after name is
 * slowed in the same way. From the eleventh wrong try on the answer says when the next is looked at; the right password
 * is let in all the same. Very many wrong tries of one name from many addresses delay each try of it by two seconds, and
 * turn nobody away. A try counts as wrong from its beginning, so that many at once are no way around it.
 *
 * Several web processes tell each other of tries, so that each counts all of them; only the waiting one after another is
 * that of a process.
 */
export class SignInThrottle {
  readonly #time: TimeSource;
  readonly #tries = new Map<string, Tries>();
  readonly #onTry: (news: TryNews) => void;
  #held = 0;

  /** @param onTry for the other processes */
  constructor({ time, onTry = () => {} }: { time: TimeSource; onTry?: (news: TryNews) => void }) {
    this.#time = time;
    this.#onTry = onTry;
  }

  /**
   * Resolves when the password may be looked at. Counts as a wrong try unless {@link succeeded} takes it back.
   * @throws {Refusal} SIGN_IN_THROTTLED, 429
   */
  async attempt(name: string, address: string): Promise<void> {
    const keys = keysOf(name, address);
    const { pair, there, named } = this.#of(keys);
    const now = this.#time.now();
    const turn = Math.max(now, pair.nextAt, there.nextAt);
    const isFull = pair.waiting >= MOST_WAITING || there.waiting >= 4 * MOST_WAITING || this.#held >= MOST_HELD;
    if (turn > now && isFull) throw throttled(turn - now);
    const delay = named.failures > FREE_TRIES_OF_NAME ? DELAY_OF_NAME_MS : 0;
    count({ pair, there, named }, turn);
    this.#onTry({ outcome: 'begun', keys });
    if (turn + delay <= now) return;
    await this.#hold(turn + delay - now, pair, there);
  }

  /**
   * The password was wrong.
   * @throws {Refusal} SIGN_IN_THROTTLED, 429, where it was not the first by far: it says when the next is looked at
   */
  failed(name: string, address: string): void {
    const tries = this.#tries.get(keysOf(name, address).pair);
    if (tries !== undefined && tries.failures > TOLD_AFTER) throw throttled(tries.nextAt - this.#time.now());
  }

  succeeded(name: string, address: string): void {
    const keys = keysOf(name, address);
    this.#right(keys);
    this.#onTry({ outcome: 'right', keys });
  }

  /** Neither: the password was right, and more is asked for. The try is taken back, what was wrong before is not. */
  undecided(name: string, address: string): void {
    const keys = keysOf(name, address);
    this.#takeBack(Object.values(keys));
    this.#onTry({ outcome: 'undecided', keys });
  }

  /** What another process tells of a try there. */
  triedElsewhere({ outcome, keys }: TryNews): void {
    if (outcome === 'right') this.#right(keys);
    else if (outcome === 'undecided') this.#takeBack(Object.values(keys));
    else {
      const tries = this.#of(keys);
      const now = this.#time.now();
      count(tries, Math.max(now, tries.pair.nextAt, tries.there.nextAt));
    }
  }

  #right({ pair, there, named }: TryKeys): void {
    this.#tries.delete(pair);
    this.#takeBack([there, named]);
  }

  #takeBack(keys: readonly string[]): void {
    for (const key of keys) {
      const tries = this.#tries.get(key);
      // Here it may have been forgotten, or never heard of.
      if (tries !== undefined && tries.failures > 0) tries.failures--;
    }
  }

  #of({ pair, there, named }: TryKeys): Record<keyof TryKeys, Tries> {
    return { pair: this.#triesOf(pair), there: this.#triesOf(there), named: this.#triesOf(named) };
  }

  async #hold(ms: number, ...held: readonly Tries[]): Promise<void> {
    this.#held++;
    for (const tries of held) tries.waiting++;
    try {
      await this.#time.sleep('sign-in throttle', ms);
    } finally {
      this.#held--;
      for (const tries of held) tries.waiting--;
    }
  }

  #triesOf(key: string): Tries {
    const now = this.#time.now();
    const known = this.#tries.get(key);
    if (known !== undefined && now < known.lastAt + FORGOTTEN_AFTER_MS) return known;
    const fresh: Tries = { failures: 0, nextAt: 0, lastAt: now, waiting: 0 };
    this.#tries.delete(key);
    this.#tries.set(key, fresh);
    if (this.#tries.size > MOST_REMEMBERED) {
      for (const oldest of this.#tries.keys()) {
        this.#tries.delete(oldest);
        break;
      }
    }
    return fresh;
  }
}

function keysOf(name: string, address: string): TryKeys {
  const network = networkOf(address);
  return { pair: digest(`${name} at ${network}`), there: digest(`at ${network}`), named: digest(`name ${name}`) };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** @param turn when the try is looked at, epoch ms UTC */
function count({ pair, there, named }: Readonly<Record<keyof TryKeys, Tries>>, turn: number): void {
  for (const tries of [pair, there, named]) {
    tries.failures++;
    tries.lastAt = turn;
  }
  pair.nextAt = turn + delayAfter(pair.failures);
  there.nextAt = turn + (there.failures > FREE_TRIES_OF_ADDRESS ? DELAY_OF_ADDRESS_MS : 0);
}

function throttled(ms: number): Refusal {
  const retryAfterSeconds = Math.max(1, Math.ceil(ms / 1000));
  const message = `too many attempts; wait ${retryAfterSeconds} s`;
  return new Refusal(429, 'SIGN_IN_THROTTLED', message, { retryAfterSeconds });
}

/** @param failures with the try that is just being made */
function delayAfter(failures: number): number {
  if (failures < FREE_TRIES) return 0;
  return Math.min(FIRST_DELAY_MS * 2 ** (failures - FREE_TRIES), LONGEST_DELAY_MS);
}
