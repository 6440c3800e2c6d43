import {
  type AuditSubject,
  type AuditTrail,
  type Logger,
  type Origin,
  PLATFORM,
  type Timer,
  type TimeSource,
} from '../domain/index.ts';
import { type Database, effectsOf } from '../storage/index.ts';

export interface SignInLogOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly audit: AuditTrail;
  readonly logger: Logger;
}

interface Refused {
  /** Since the last entry. */
  tries: number;
  origin: Origin;
  timer: Timer;
}

const EVERY_MS = 60_000;
/** All names that nobody has, together: a password typed into the wrong field must not be kept. */
const UNKNOWN = '(unknown)';

/** Failed sign-ins, in the audit trail: for each name the first at once, then one entry a minute with their number. */
export class SignInLog {
  readonly #options: SignInLogOptions;
  readonly #refused = new Map<string, Refused>();

  constructor(options: SignInLogOptions) {
    this.#options = options;
  }

  async refused(name: string, origin: Origin): Promise<void> {
    const known = await this.#isKnown(name);
    const key = known ? name : UNKNOWN;
    const before = this.#refused.get(key);
    if (before !== undefined) {
      before.tries++;
      before.origin = origin;
      return;
    }
    this.#refused.set(key, { tries: 0, origin, timer: this.#again(key) });
    await this.#write(key, 1, origin);
  }

  stop(): void {
    for (const { timer } of this.#refused.values()) timer.cancel();
    this.#refused.clear();
  }

  #again(key: string): Timer {
    return this.#options.time.after('access: refused sign-ins', EVERY_MS, () => {
      const refused = this.#refused.get(key);
      this.#refused.delete(key);
      if (refused === undefined || refused.tries === 0) return;
      this.#refused.set(key, { tries: 0, origin: refused.origin, timer: this.#again(key) });
      this.#write(key, refused.tries, refused.origin).catch((error) =>
        this.#options.logger.warn({ error }, 'refused sign-ins could not be written down'),
      );
    });
  }

  async #isKnown(name: string): Promise<boolean> {
    const { rows } = await this.#options.database.query('SELECT FROM users WHERE name = $1', [name]);
    return rows.length > 0;
  }

  async #write(key: string, tries: number, origin: Origin): Promise<void> {
    const { database, audit, time } = this.#options;
    const subject: AuditSubject = `user:${key}`;
    await database.transaction((client) =>
      audit.add(effectsOf(client), {
        ...{ at: time.now(), actor: PLATFORM, origin },
        ...{ action: 'session.refuse', subject, new: { tries } },
      }),
    );
  }
}
