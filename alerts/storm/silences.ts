import type pg from 'pg';
import {
  type AuditTrail,
  BY_PLATFORM,
  InputError,
  type Origination,
  storableText,
  type TimeSource,
} from '../../domain/index.ts';
import { type Database, effectsOf, timestamp } from '../../storage/index.ts';
import { put } from '../delivery/outbox.ts';
import type { AlertRouting } from '../routing/alert-routing.ts';
import type { RouteMatch } from '../routing/routing.ts';

const LONGEST_MS = 30 * 24 * 3_600_000;
const SHOWN = 500;

/** Of which alerts nobody is told, until when, by whom and why. Times are epoch ms UTC. */
export interface Silence {
  readonly id: number;
  readonly match: RouteMatch;
  readonly reason: string;
  readonly author: string;
  readonly from: number;
  readonly until: number;
  readonly endedAt: number | null;
  readonly endedBy: string | null;
  /** Open alerts that it mutes now. */
  readonly muted: number;
}

/** Silences: made by a person, with a reason and an end, thirty days away at most. */
export class Silences {
  readonly #audit: AuditTrail;
  readonly #database: Database;
  readonly #time: TimeSource;

  constructor({ audit, database, time }: { audit: AuditTrail; database: Database; time: TimeSource }) {
    this.#audit = audit;
    this.#database = database;
    this.#time = time;
  }

  /** Those in force first, then the latest that ended. */
  async list(): Promise<readonly Silence[]> {
    const { rows } = await this.#database.query<Silence>(
      `SELECT ${COLUMNS} FROM alert_silences s ORDER BY id DESC LIMIT ${SHOWN}`,
    );
    const isOver = ({ endedAt }: Silence) => Number(endedAt !== null);
    return rows.toSorted((a, b) => isOver(a) - isOver(b));
  }

  /** @throws {InputError} SILENCE_END without an end, or with one that is past or more than thirty days away */
  async add(given: { match: RouteMatch; reason: string; until: number }, who: Origination): Promise<Silence> {
    const now = this.#time.now();
    if (given.until <= now || given.until > now + LONGEST_MS) {
      const iso = (at: number) => new Date(at).toISOString();
      throw new InputError(
        'SILENCE_END',
        `until: given ${iso(given.until)}, allowed: later than now, and by ${iso(now + LONGEST_MS)}: no silence is forgotten`,
        { errors: [{ path: 'until', message: 'later than now, thirty days at most' }] },
      );
    }
    return this.#database.transaction(async (client) => {
      const { rows } = await client.query<{ id: number }>(
        `INSERT INTO alert_silences (match, reason, author, from_at, until_at) VALUES ($1, $2, $3, $4, $5) RETURNING id`,
        [
          ...[JSON.stringify(given.match), storableText(given.reason), who.actor.name],
          ...[timestamp(now), timestamp(given.until)],
        ],
      );
      const id = rows[0]?.id ?? 0;
      await this.#audit.add(effectsOf(client), {
        ...who,
        ...{ at: now, action: 'silence.add', subject: `silence:${id}`, old: null, reason: given.reason },
        new: { match: given.match, until: new Date(given.until).toISOString() },
      });
      return find(client, id);
    });
  }

  /** Before its time. What is muted by it is told, if it still stands. @throws {InputError} SILENCE_UNKNOWN */
  async end(id: number, who: Origination): Promise<Silence> {
    const now = this.#time.now();
    return this.#database.transaction(async (client) => {
      const { rowCount } = await client.query(
        'UPDATE alert_silences SET ended_at = $2, ended_by = $3 WHERE id = $1 AND ended_at IS NULL',
        [id, timestamp(now), who.actor.name],
      );
      const silence = await find(client, id);
      if (rowCount === 1) {
        await this.#audit.add(effectsOf(client), {
          ...who,
          ...{ at: now, action: 'silence.end', subject: `silence:${id}`, reason: null },
          ...{ old: { until: new Date(silence.until).toISOString() }, new: null },
        });
      }
      return silence;
    });
  }
}

/** Ends silences whose time has come, and tells their authors. @returns how many ended */
export async function endSilences(
  { audit, database, routing }: { audit: AuditTrail; database: Database; routing: AlertRouting },
  now: number,
): Promise<number> {
  return database.transaction(async (client) => {
    const { rows } = await client.query<Silence>(
      `UPDATE alert_silences s SET ended_at = $1 WHERE id IN (SELECT id FROM alert_silences
         WHERE ended_at IS NULL AND until_at <= $1 ORDER BY until_at LIMIT 100 FOR UPDATE SKIP LOCKED)
       RETURNING ${COLUMNS}`,
      [timestamp(now)],
    );
    for (const silence of rows) {
      const { id, author, reason, until, match, muted } = silence;
      const event = await audit.add(effectsOf(client), {
        ...BY_PLATFORM,
        ...{ at: now, action: 'silence.end', subject: `silence:${id}`, old: null, new: { muted }, reason: null },
      });
      const view = { id: String(id), author, reason, match, until: new Date(until).toISOString(), muted };
      const channels = routing.channelsOf(author);
      await put(client, channels, `silence:${id}`, { type: 'silence.ended', event, at: now, data: { silence: view } });
    }
    return rows.length;
  });
}

const COLUMNS = `s.id, s.match, s.reason, s.author, s.from_at AS "from", s.until_at AS until, s.ended_at AS "endedAt",
  s.ended_by AS "endedBy", (SELECT count(*) FROM routed_alerts r JOIN alerts a ON a.number = r.alert
    WHERE r.muted ->> 'by' = 'silence' AND r.muted ->> 'id' = s.id::text AND r.muted IS NOT NULL
      AND a.state = 'open') AS muted`;

async function find(client: pg.ClientBase, id: number): Promise<Silence> {
  const { rows } = await client.query<Silence>(`SELECT ${COLUMNS} FROM alert_silences s WHERE id = $1`, [id]);
  if (rows[0] === undefined) throw new InputError('SILENCE_UNKNOWN', `there is no silence ${id}`, { silence: id });
  return rows[0];
}
