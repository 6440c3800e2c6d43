import type { AuditTrail, InstallationPurpose, Origination, TimeSource } from '../domain/index.ts';
import type { Database } from './database.ts';
import { effectsOf } from './effects.ts';

/** Whose installation this is. */
export interface Organisation {
  readonly name: string;
  /** Global Location Number, 13 digits. */
  readonly gln: string | null;
  /** Business address, as transaction records say it; null = not said, absent in a change: the one there is. */
  readonly address?: string | null | undefined;
  /** IANA time zone that new sites are offered. */
  readonly zone: string;
}

export interface OrganisationOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly time: TimeSource;
}

/** The organisation, and which steps of the set-up it does without. */
export class OrganisationStore {
  readonly #audit: AuditTrail;
  readonly #database: Database;
  readonly #time: TimeSource;

  constructor(options: OrganisationOptions) {
    this.#audit = options.audit;
    this.#database = options.database;
    this.#time = options.time;
  }

  /** Null until somebody has said. */
  async get(): Promise<Organisation | null> {
    const { rows } = await this.#database.query<Organisation>('SELECT name, gln, address, zone FROM organisation');
    return rows[0] ?? null;
  }

  async set(organisation: Organisation, who: Origination): Promise<void> {
    await this.#database.transaction(async (client) => {
      const { rows } = await client.query<Organisation>('SELECT name, gln, address, zone FROM organisation FOR UPDATE');
      const { name, gln, zone, address = rows[0]?.address ?? null } = organisation;
      await client.query(
        `INSERT INTO organisation (name, gln, zone, address) VALUES ($1, $2, $3, $4)
         ON CONFLICT (singleton) DO UPDATE SET name = excluded.name, gln = excluded.gln, zone = excluded.zone,
           address = excluded.address`,
        [name, gln, zone, address],
      );
      await this.#audit.add(effectsOf(client), {
        ...{ ...who, at: this.#time.now(), action: 'organisation.change', subject: 'organisation:own' },
        ...{ old: rows[0] ?? null, new: organisation },
      });
    });
  }

  /** What the page is for, as somebody chose; null: nobody did. */
  async purpose(): Promise<InstallationPurpose | null> {
    const { rows } = await this.#database.query<{ purpose: InstallationPurpose }>(
      'SELECT purpose FROM installation_purpose',
    );
    return rows[0]?.purpose ?? null;
  }

  /** Says what the page is for. */
  async choosePurpose(purpose: InstallationPurpose, who: Origination): Promise<void> {
    const at = this.#time.now();
    await this.#database.transaction(async (client) => {
      const { rows } = await client.query<{ purpose: InstallationPurpose }>(
        'SELECT purpose FROM installation_purpose FOR UPDATE',
      );
      await client.query(
        `INSERT INTO installation_purpose (purpose, at, by) VALUES ($1, to_timestamp($2::float8 / 1000), $3)
         ON CONFLICT (singleton) DO UPDATE SET purpose = excluded.purpose, at = excluded.at, by = excluded.by`,
        [purpose, at, who.actor.name],
      );
      await this.#audit.add(effectsOf(client), {
        ...{ ...who, at, action: 'setup.purpose', subject: 'organisation:own' },
        ...{ old: rows[0] ?? null, new: { purpose } },
      });
    });
  }

  /** Steps of the set-up that are not needed here. */
  async skippedSteps(): Promise<readonly string[]> {
    const { rows } = await this.#database.query<{ step: string }>('SELECT step FROM setup_steps_skipped ORDER BY step');
    return rows.map(({ step }) => step);
  }

  /** Says that a step is not needed here, or that it is after all. Saying it again changes nothing. */
  async skipStep(step: string, isSkipped: boolean, who: Origination): Promise<void> {
    const at = this.#time.now();
    await this.#database.transaction(async (client) => {
      const { rowCount } = isSkipped
        ? await client.query(
            `INSERT INTO setup_steps_skipped (step, at, by) VALUES ($1, to_timestamp($2::float8 / 1000), $3)
             ON CONFLICT DO NOTHING`,
            [step, at, who.actor.name],
          )
        : await client.query('DELETE FROM setup_steps_skipped WHERE step = $1', [step]);
      if (rowCount === 0) return;
      const action = isSkipped ? 'setup.skip' : 'setup.take-up';
      await this.#audit.add(effectsOf(client), { ...who, at, action, subject: `setup:${step}` });
    });
  }
}
