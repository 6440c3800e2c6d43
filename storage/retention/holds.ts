import {
  type AuditSubject,
  type AuditTrail,
  ConflictError,
  InputError,
  type Origination,
  type SeenFrom,
  type TimeSource,
} from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { effectsOf } from '../effects.ts';

/** A person's word that nothing of a shipment or device may be deleted. Times epoch ms UTC. */
export interface Hold {
  readonly id: number;
  /** `shipment:ID` or `device:ID`. */
  readonly subject: string;
  readonly reason: string;
  readonly setBy: string;
  readonly setAt: number;
  /** Null while it stands. */
  readonly releasedBy: string | null;
  readonly releasedAt: number | null;
  readonly releaseReason: string | null;
}

const COLUMNS = `id, subject, reason, set_by AS "setBy", set_at AS "setAt", released_by AS "releasedBy",
  released_at AS "releasedAt", release_reason AS "releaseReason"`;

/** The condition that what is held is seen from the places in a parameter, null being everywhere. */
function isSeenFrom(parameter: string): string {
  return `(${parameter}::text[] IS NULL
    OR (starts_with(subject, 'shipment:') AND EXISTS (SELECT FROM shipment_places k
      WHERE k.shipment = substr(subject, 10) AND k.place = ANY (${parameter}::text[])))
    OR (starts_with(subject, 'device:') AND device_seen_from(substr(subject, 8), ${parameter}::text[])))`;
}

/** Legal holds: set and released by quality, with a reason, and never forgotten. */
export class Holds {
  readonly #audit: AuditTrail;
  readonly #database: Database;
  readonly #time: TimeSource;

  constructor(options: { readonly audit: AuditTrail; readonly database: Database; readonly time: TimeSource }) {
    this.#audit = options.audit;
    this.#database = options.database;
    this.#time = options.time;
  }

  /** @throws {ConflictError} HOLD_STANDS one stands on the subject already */
  async set(subject: string, reason: string, who: Origination): Promise<Hold> {
    const at = this.#time.now();
    const hold = await this.#database.transaction(async (client) => {
      const { rows } = await client.query<Hold>(
        `INSERT INTO holds (subject, reason, set_by, set_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (subject) WHERE released_at IS NULL DO NOTHING RETURNING ${COLUMNS}`,
        [subject, reason, who.actor.name, at],
      );
      const [set] = rows;
      if (set === undefined) return null;
      const entry = { ...who, at, action: 'hold.set', subject: subject as AuditSubject, new: { hold: set.id }, reason };
      await this.#audit.add(effectsOf(client), entry);
      return set;
    });
    if (hold !== null) return hold;
    const [standing] = await this.standing(subject);
    throw new ConflictError('HOLD_STANDS', `${subject} is held already, by ${standing?.setBy ?? 'someone'}`, {
      hold: standing ?? null,
    });
  }

  /** @throws {InputError} HOLD_UNKNOWN none stands on the subject */
  release(subject: string, reason: string, who: Origination): Promise<Hold> {
    const at = this.#time.now();
    return this.#database.transaction(async (client) => {
      const { rows } = await client.query<Hold>(
        `UPDATE holds SET released_by = $2, released_at = $3, release_reason = $4
         WHERE subject = $1 AND released_at IS NULL RETURNING ${COLUMNS}`,
        [subject, who.actor.name, at, reason],
      );
      const [hold] = rows;
      if (hold === undefined) throw new InputError('HOLD_UNKNOWN', `no hold stands on ${subject}`, { subject });
      const { id, reason: reasonOfHold, setBy } = hold;
      const entry = { ...who, at, action: 'hold.release', subject: subject as AuditSubject, reason };
      await this.#audit.add(effectsOf(client), { ...entry, old: { hold: id, reason: reasonOfHold, setBy } });
      return hold;
    });
  }

  /** Those that stand, of one subject or of all, latest first. */
  async standing(subject?: string, seenFrom: SeenFrom = null): Promise<Hold[]> {
    const { rows } = await this.#database.query<Hold>(
      `SELECT ${COLUMNS} FROM holds WHERE released_at IS NULL AND ($1::text IS NULL OR subject = $1)
         AND ${isSeenFrom('$2')} ORDER BY id DESC`,
      [subject ?? null, seenFrom],
    );
    return rows;
  }

  /** All there ever were, of one subject or of all, latest first; those with an id below `before`. */
  async all(query: {
    readonly subject?: string;
    /** Only those that are not released. */
    readonly isStanding?: boolean;
    readonly before?: number;
    readonly limit: number;
    readonly seenFrom?: SeenFrom;
  }): Promise<Hold[]> {
    const { rows } = await this.#database.query<Hold>(
      `SELECT ${COLUMNS} FROM holds WHERE ($1::text IS NULL OR subject = $1) AND ($2::bigint IS NULL OR id < $2)
         AND (NOT $5::boolean OR released_at IS NULL) AND ${isSeenFrom('$4')} ORDER BY id DESC LIMIT $3`,
      [query.subject ?? null, query.before ?? null, query.limit, query.seenFrom ?? null, query.isStanding ?? false],
    );
    return rows;
  }
}
