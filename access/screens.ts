import { randomBytes, randomInt } from 'node:crypto';
import type { Actor, AuditTrail, Origination, Permission, TimeSource } from '../domain/index.ts';
import { type Database, timestamp } from '../storage/index.ts';
import { record } from './recorded.ts';
import { newSecret, sha256 } from './secret.ts';
import { TOKEN_PREFIX } from './tokens.ts';

/** Without those that are taken for each other: I and 1, O and 0. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const CODE_LENGTH = 8;
const CODE_MS = 15 * 60_000;

/** What the screen of a door is for. */
export const SCREEN_SCOPE: readonly Permission[] = ['records.read', 'unit.count', 'difference.settle', 'pack.verify'];

export interface ScreensOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly audit: AuditTrail;
}

/** Screens that hang at doors: a code connects one, and gives it a token of its own (docs/dock.md). */
export class Screens {
  readonly #options: ScreensOptions;

  constructor(options: ScreensOptions) {
    this.#options = options;
  }

  /** @returns the code, shown this once; good for one screen, for a quarter of an hour (epoch ms UTC) */
  async invite(
    { door, site }: { readonly door: string; readonly site: string },
    by: Origination,
  ): Promise<{ readonly code: string; readonly expiresAt: number }> {
    const code = Array.from({ length: CODE_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
    const now = this.#options.time.now();
    const expiresAt = now + CODE_MS;
    await this.#options.database.transaction(async (client) => {
      await client.query('DELETE FROM screen_codes WHERE expires_at <= $1', [timestamp(now)]);
      await client.query(
        'INSERT INTO screen_codes (digest, door, site, made_by, expires_at) VALUES ($1, $2, $3, $4, $5)',
        [sha256(code), door, site, JSON.stringify(by.actor), timestamp(expiresAt)],
      );
      await record(this.#options, client, by, { action: 'screen.invite', subject: `portal:${door}`, new: { site } });
    });
    return { code, expiresAt };
  }

  /**
   * Connects the screen that shows this code, as typed. The token is created in the name of whoever asked for the code.
   * @returns the token and its door; null where there is no such code any more
   */
  async connect(
    typed: string,
    origin: Origination['origin'],
  ): Promise<{ readonly token: string; readonly name: string; readonly door: string } | null> {
    const { database, time } = this.#options;
    const code = typed.toUpperCase().replace(/[\s-]/g, '');
    const now = time.now();
    return database.transaction(async (client) => {
      const { rows } = await client.query<{ door: string; site: string; made_by: Actor }>(
        'DELETE FROM screen_codes WHERE digest = $1 AND expires_at > $2 RETURNING door, site, made_by',
        [sha256(code), timestamp(now)],
      );
      const [found] = rows;
      if (found === undefined) return null;
      const { door, site, made_by: actor } = found;
      const token = TOKEN_PREFIX + newSecret();
      const name = `screen-${door.replace(/[^A-Za-z0-9.-]/g, '-').slice(0, 40)}-${randomBytes(3).toString('hex')}`;
      const made = await client.query<{ id: number }>(
        `INSERT INTO tokens (name, role, sha256, created_at, created_by, sites, scope, door)
         VALUES ($1, 'dock', $2, $3, $4, $5, $6, $7) RETURNING id`,
        [name, sha256(token), timestamp(now), actor.name, [site], SCREEN_SCOPE, door],
      );
      await record(
        this.#options,
        client,
        { actor, origin },
        {
          action: 'token.create',
          subject: `token:${name}`,
          new: { id: made.rows[0]?.id, name, role: 'dock', sites: [site], scope: SCREEN_SCOPE, door, expiresAt: null },
        },
      );
      return { token, name, door };
    });
  }
}
