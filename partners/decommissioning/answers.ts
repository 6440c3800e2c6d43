import { type AuditTrail, InputError, type Origination, type TimeSource } from '../../domain/index.ts';
import { type Database, effectsOf, timestamp } from '../../storage/index.ts';
import { type ClassedAnswer, classOfAnswer, type Markets, type PackWords } from '../markets/index.ts';
import type { LedgerEntry, LedgerPack } from './entry.ts';

/** What a gateway, or a person with a file, brings of the national system. */
export interface BroughtAnswer {
  /** Id of the entry. */
  readonly entry: string;
  readonly code: string;
  /** Of the alert that it raised; null: none. */
  readonly alertId: string | null;
  /** When it answered, epoch ms UTC. */
  readonly at: number;
  /** How often the act had been sent by then. */
  readonly attempts: number;
  /** Serial, lot, expiry (YYMMDD) as they were sent; null: as the entry has them. */
  readonly sent: PackWords | null;
}

/** The latest answer to an entry, and what it most likely is. */
export interface EntryAnswer extends ClassedAnswer {
  readonly code: string;
  readonly alertId: string | null;
  readonly at: number;
  readonly attempts: number;
  readonly answers: number;
}

/** What a person reads on a pack: expiry as YYMMDD. */
export type PrintedPack = { readonly [Field in keyof PackWords]: string };

export interface DecommissioningAnswersOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly markets: Markets;
  readonly time: TimeSource;
}

interface AnswerRow {
  readonly entry: string;
  readonly code: string;
  readonly alert_id: string | null;
  readonly at: number;
  readonly attempts: number;
  readonly sent: PackWords | null;
  readonly answers: number;
  readonly was_done: boolean;
  readonly done_before: number | null;
  readonly printed: PrintedPack | null;
}

/** What the national system answers to what was decommissioned here, kept whole, and classed when it is read. */
export class DecommissioningAnswers {
  readonly #options: DecommissioningAnswersOptions;

  constructor(options: DecommissioningAnswersOptions) {
    this.#options = options;
  }

  /**
   * Keeps answers, all or none; the same one again is kept once.
   * @returns how many were new
   * @throws {InputError} DECOMMISSIONING_ANSWERS_BAD with each that names no entry, or answers before it was entered
   */
  async bring(brought: readonly BroughtAnswer[], by: Origination): Promise<number> {
    const { audit, database, time } = this.#options;
    return database.transaction(async (client) => {
      const ids = brought.map(({ entry }) => entry);
      const { rows } = await client.query<{ id: string; gtin: string; serial: string; at: number }>(
        'SELECT id, gtin, serial, at FROM decommissioning_entries WHERE id = ANY ($1::text[])',
        [[...new Set(ids)]],
      );
      const known = new Map(rows.map((row) => [row.id, row]));
      refuseBad(brought, known, time.now());
      let added = 0;
      for (const { entry, code, alertId, at, attempts, sent } of brought) {
        const { rowCount } = await client.query(
          `INSERT INTO decommissioning_answers (entry, key, code, alert_id, at, attempts, sent, entered_by)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (entry, key) DO NOTHING`,
          [
            ...[entry, alertId ?? `${code} ${at}`, code, alertId, timestamp(at), attempts],
            ...[sent === null ? null : JSON.stringify(sent), by.actor.name],
          ],
        );
        if (rowCount !== 1) continue;
        added += 1;
        await client.query(
          'UPDATE decommissioning_entries SET answered_at = greatest(coalesce(answered_at, $2), $2) WHERE id = $1',
          [entry, timestamp(at)],
        );
        const { gtin = '', serial = '' } = known.get(entry) ?? {};
        await audit.add(effectsOf(client), {
          ...{ ...by, at: time.now(), action: 'pack.national-answer', subject: `pack:${gtin}.${serial}` as const },
          new: { entry, code, alertId, at: new Date(at).toISOString(), attempts, sent },
        });
      }
      return added;
    });
  }

  /** Keeps what a person reads on the pack, by which its answer is classed. */
  async compare({ id, pack }: LedgerEntry, printed: PrintedPack, by: Origination): Promise<void> {
    const { audit, database, time } = this.#options;
    await database.transaction(async (client) => {
      await client.query('UPDATE decommissioning_entries SET printed = $2 WHERE id = $1', [
        id,
        JSON.stringify(printed),
      ]);
      await audit.add(effectsOf(client), {
        ...{ ...by, at: time.now(), action: 'pack.compare', subject: `pack:${pack.gtin}.${pack.serial}` as const },
        new: { entry: id, printed },
      });
    });
  }

  /** The latest answer to each of some entries, by the entry's id. */
  async of(entries: readonly LedgerEntry[]): Promise<ReadonlyMap<string, EntryAnswer>> {
    const { database, markets, time } = this.#options;
    const byId = new Map(entries.map((entry) => [entry.id, entry]));
    const { rows } = await database.query<AnswerRow>(
      `SELECT a.*, e.printed,
         (SELECT b.at FROM decommissioning_entries b WHERE b.gtin = e.gtin AND b.serial = e.serial AND b.number < e.number
            AND b.act = 'decommission' ORDER BY b.number DESC LIMIT 1) AS done_before
       FROM unnest($1::text[]) AS asked (id) JOIN decommissioning_entries e ON e.id = asked.id CROSS JOIN LATERAL (
         SELECT entry, code, alert_id, at, attempts, sent, count(*) OVER () AS answers,
           coalesce(bool_or(code = ANY ($2)) OVER (ORDER BY at, number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), false)
             AS was_done
         FROM decommissioning_answers WHERE entry = e.id ORDER BY at DESC, number DESC LIMIT 1) AS a`,
      [[...byId.keys()], doneCodes(markets)],
    );
    const now = time.now();
    return new Map(
      rows.flatMap(({ entry: id, alert_id, sent, was_done, done_before, printed, ...row }) => {
        const entry = byId.get(id);
        const market = entry === undefined ? null : markets.find(entry.market);
        if (entry === undefined || market === null) return [];
        const isOurs = was_done || row.attempts > 1 || entry.act === 'revert';
        const decommissionedAt = entry.act === 'revert' ? done_before : isOurs ? entry.at : done_before;
        const given = {
          ...{ code: row.code, sent: sent ?? wordsOf(entry.pack), decommissionedAt },
          printed: printed ?? { serial: null, lot: null, expiry: null },
        };
        const { code, at, attempts, answers } = row;
        return [
          [id, { ...classOfAnswer(market, given, now), code, alertId: alert_id, at, attempts, answers }] as const,
        ];
      }),
    );
  }
}

/** As a code has them: expiry as YYMMDD. */
export function wordsOf({ serial, lot, expiry, expiryCoded }: LedgerPack): PackWords {
  return { serial, lot, expiry: expiryCoded ?? (expiry === null ? null : expiry.slice(2).replaceAll('-', '')) };
}

function doneCodes(markets: Markets): string[] {
  return markets
    .list()
    .flatMap(({ answers }) => answers.flatMap(({ code, about }) => (about === 'done' ? [code] : [])));
}

/** @throws {InputError} DECOMMISSIONING_ANSWERS_BAD */
function refuseBad(
  brought: readonly BroughtAnswer[],
  known: ReadonlyMap<string, { readonly at: number }>,
  now: number,
): void {
  const errors = brought.flatMap(({ entry, at }, index) => {
    const path = `answers.${index}`;
    const found = known.get(entry);
    if (found === undefined) return [{ path: `${path}.entry`, message: `there is no entry ${entry} in the ledger` }];
    if (at < found.at) return [{ path: `${path}.at`, message: 'expected a time at or after that of the entry' }];
    return at > now ? [{ path: `${path}.at`, message: 'lies in the future' }] : [];
  });
  const [first] = errors;
  if (first === undefined) return;
  const more = errors.length === 1 ? '' : `, and ${errors.length - 1} more`;
  throw new InputError('DECOMMISSIONING_ANSWERS_BAD', `${first.path}: ${first.message}${more}; nothing was kept`, {
    errors: errors.slice(0, 20),
  });
}
