import { type AuditTrail, InputError, type Origination, type TimeSource } from '../domain/index.ts';
import type { Database } from './database.ts';
import { effectsOf } from './effects.ts';

export interface SavedViewsOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly time: TimeSource;
}

/** Members of the address of the page by name. What they may be is the door's to say; what is read may come from another version. */
export type KeptAddress = Readonly<Record<string, unknown>>;
type KeptViews = Readonly<Record<string, KeptAddress>>;

interface Person {
  readonly id: number;
  readonly name: string;
}

/** More than a menu can show; a program that invents names fills no row without end. */
const MOST_VIEWS = 50;
const SELECT = 'SELECT shipment_views AS views FROM page_settings WHERE user_id = $1';

/** Views of the screen of shipments that people named for themselves, with their accounts. */
export class SavedViews {
  readonly #options: SavedViewsOptions;

  constructor(options: SavedViewsOptions) {
    this.#options = options;
  }

  async of({ id }: Person): Promise<ReadonlyMap<string, KeptAddress>> {
    const { rows } = await this.#options.database.query<{ views: KeptViews }>(SELECT, [id]);
    return new Map(Object.entries(rows[0]?.views ?? {}));
  }

  /** Keeps a view by its name, in place of the one that had it; what is as it was leaves no entry. @throws {InputError} SETTINGS_BAD */
  async put(person: Person, name: string, address: KeptAddress, by: Origination): Promise<void> {
    await this.#change(person, name, address, by);
  }

  /** Takes a view away; one that is not there stays away. */
  async remove(person: Person, name: string, by: Origination): Promise<void> {
    await this.#change(person, name, null, by);
  }

  async #change(person: Person, name: string, address: KeptAddress | null, by: Origination): Promise<void> {
    const { audit, database, time } = this.#options;
    await database.transaction(async (client) => {
      await client.query('INSERT INTO page_settings (user_id) VALUES ($1) ON CONFLICT DO NOTHING', [person.id]);
      const { rows } = await client.query<{ views: KeptViews }>(`${SELECT} FOR UPDATE`, [person.id]);
      const views = new Map(Object.entries(rows[0]?.views ?? {}));
      const before = views.get(name) ?? null;
      if (isSame(before, address)) return;
      if (address === null) views.delete(name);
      else views.set(name, address);
      if (views.size > MOST_VIEWS) {
        const message = `name: there are ${MOST_VIEWS} views already, allowed: as many; take one away first`;
        throw new InputError('SETTINGS_BAD', message, { errors: [{ path: 'name', message }] });
      }
      await client.query('UPDATE page_settings SET shipment_views = $2 WHERE user_id = $1', [
        person.id,
        JSON.stringify(Object.fromEntries(views)),
      ]);
      const entry = { action: 'settings.view', subject: `user:${person.name}` } as const;
      await audit.add(effectsOf(client), {
        ...{ ...by, ...entry, at: time.now() },
        ...{ old: { name, address: before }, new: { name, address } },
      });
    });
  }
}

function isSame(one: KeptAddress | null, other: KeptAddress | null): boolean {
  if (one === null || other === null) return one === other;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
