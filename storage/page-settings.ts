import type { AuditTrail, Origination, TimeSource } from '../domain/index.ts';
import type { Database } from './database.ts';
import { effectsOf } from './effects.ts';

export interface PageSettingsOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly time: TimeSource;
}

/** As they are kept. What a member may be is the door's to say; what is read may come from another version. */
export interface KeptPageSettings {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly hintsSeen: readonly string[];
}

interface Person {
  readonly id: number;
  readonly name: string;
}

const NOTHING: KeptPageSettings = { settings: {}, hintsSeen: [] };
const SELECT = 'SELECT settings, hints_seen AS "hintsSeen" FROM page_settings WHERE user_id = $1';

/** What people set for themselves of the page, with their accounts. */
export class PageSettings {
  readonly #options: PageSettingsOptions;

  constructor(options: PageSettingsOptions) {
    this.#options = options;
  }

  async of({ id }: Person): Promise<KeptPageSettings> {
    return (await this.#options.database.query<KeptPageSettings>(SELECT, [id])).rows[0] ?? NOTHING;
  }

  /** Sets these members; the others stay, so that two open pages do not undo each other. What is as it was leaves no entry. */
  async set(person: Person, change: Readonly<Record<string, unknown>>, by: Origination): Promise<void> {
    const { audit, database, time } = this.#options;
    await database.transaction(async (client) => {
      await client.query('INSERT INTO page_settings (user_id) VALUES ($1) ON CONFLICT DO NOTHING', [person.id]);
      const { rows } = await client.query<KeptPageSettings>(`${SELECT} FOR UPDATE`, [person.id]);
      const before = rows[0]?.settings ?? {};
      const changed = Object.keys(change).filter((name) => before[name] !== change[name]);
      if (changed.length === 0) return;
      await client.query('UPDATE page_settings SET settings = settings || $2 WHERE user_id = $1', [
        person.id,
        JSON.stringify(change),
      ]);
      const only = (all: Readonly<Record<string, unknown>>) =>
        Object.fromEntries(changed.map((name) => [name, all[name] ?? null]));
      await audit.add(effectsOf(client), {
        ...{ ...by, at: time.now(), action: 'settings.change', subject: `user:${person.name}` },
        ...{ old: only(before), new: only(change) },
      });
    });
  }

  /** Puts a hint away for good. Doing so again changes nothing. */
  async putAway(person: Person, hint: string, by: Origination): Promise<void> {
    const { audit, database, time } = this.#options;
    await database.transaction(async (client) => {
      const { rowCount } = await client.query(
        `INSERT INTO page_settings AS mine (user_id, hints_seen) VALUES ($1, ARRAY[$2::text])
         ON CONFLICT (user_id) DO UPDATE SET hints_seen = mine.hints_seen || excluded.hints_seen
         WHERE NOT mine.hints_seen @> excluded.hints_seen`,
        [person.id, hint],
      );
      if (rowCount === 0) return;
      const entry = { action: 'settings.hint', subject: `user:${person.name}` } as const;
      await audit.add(effectsOf(client), { ...by, ...entry, at: time.now(), old: null, new: { hint } });
    });
  }

  /** Shows every hint again. */
  async showHints(person: Person, by: Origination): Promise<void> {
    const { audit, database, time } = this.#options;
    await database.transaction(async (client) => {
      const { rowCount } = await client.query(
        "UPDATE page_settings SET hints_seen = '{}' WHERE user_id = $1 AND hints_seen <> '{}'",
        [person.id],
      );
      if (rowCount === 0) return;
      const entry = { action: 'settings.hint', subject: `user:${person.name}` } as const;
      await audit.add(effectsOf(client), { ...by, ...entry, at: time.now(), old: null, new: { hint: null } });
    });
  }
}
