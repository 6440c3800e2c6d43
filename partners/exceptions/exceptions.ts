import { createHash } from 'node:crypto';
import type pg from 'pg';
import {
  type AuditTrail,
  ConflictError,
  EXCEPTION_DAYS,
  type ExceptionState,
  InputError,
  isAgreed,
  type KeyedAct,
  type Origination,
  type TimeSource,
  UNKEYED,
} from '../../domain/index.ts';
import { type Database, effectsOf, timestamp } from '../../storage/index.ts';
import type { Partners } from '../companies/index.ts';
import {
  type ExceptionEntry,
  exceptionId,
  exceptionNumber,
  type NewEntry,
  type NewException,
  type PartnerException,
} from './exception.ts';
import { mediaTypeOf } from './media-type.ts';

export interface ExceptionsOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly partners: Partners;
  readonly time: TimeSource;
}

/** Who says something: of the partner with what it names the entry by, so that the same said twice stands once. */
export type Speaker =
  | { readonly side: 'ours' }
  | { readonly side: 'theirs'; readonly author: string; readonly identity: string | null };

const DAY_MS = 86_400_000;
/** Things that are said of one exception; the word that ends it is always taken. */
const MOST_ENTRIES = 500;
/** Of all files with one exception, bytes: who has a link needs no account. */
const MOST_FILE_BYTES = 50 * 1024 * 1024;
const COLUMNS = `number, kind, partner, partner_name AS "partnerName", title, shipment, epcs, lot, finding, reference,
  is_theirs AS "isTheirs", state, opened_at AS "openedAt", opened_by AS "openedBy", due_at AS "dueAt", told_at AS "toldAt",
  answered_at AS "answeredAt", closed_at AS "closedAt", closed_by AS "closedBy"`;

/** Exceptions between us and partners: opened, told, answered, settled. What was said is only added to. */
export class Exceptions {
  readonly #options: ExceptionsOptions;

  constructor(options: ExceptionsOptions) {
    this.#options = options;
  }

  /** Latest first. @param query.before number */
  async list(query: {
    readonly isOpen: boolean;
    readonly partner: string | null;
    readonly shipment: string | null;
    readonly limit: number;
    readonly before?: number;
  }): Promise<readonly PartnerException[]> {
    const { isOpen, partner, shipment, limit, before = null } = query;
    const { rows } = await this.#options.database.query<PartnerException>(
      `SELECT ${COLUMNS} FROM exceptions WHERE ${isOpen ? 'closed_at IS NULL' : 'true'}
         AND ($1::text IS NULL OR partner = $1) AND ($2::text IS NULL OR shipment = $2)
         AND ($3::int IS NULL OR number < $3) ORDER BY number DESC LIMIT $4`,
      [partner, shipment, before, limit],
    );
    return rows;
  }

  /** @throws {InputError} EXCEPTION_UNKNOWN */
  async get(id: string): Promise<PartnerException> {
    const found = await this.find(id);
    if (found === null) throw unknown(id);
    return found;
  }

  async find(id: string): Promise<PartnerException | null> {
    const { rows } = await this.#options.database.query<PartnerException>(
      `SELECT ${COLUMNS} FROM exceptions WHERE number = $1`,
      [exceptionNumber(id) ?? 0],
    );
    return rows[0] ?? null;
  }

  /** What was said, the first first. */
  async thread(number: number): Promise<readonly ExceptionEntry[]> {
    const { rows } = await this.#options.database.query<EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM exception_entries WHERE exception = $1 ORDER BY number`,
      [number],
    );
    return rows.map(entryOf);
  }

  /** A file that came with an entry; null where there is none. */
  async file(exception: number, entry: number): Promise<{ readonly name: string; readonly bytes: Buffer } | null> {
    const { rows } = await this.#options.database.query<{ name: string; bytes: Buffer }>(
      `SELECT file_name AS name, file AS bytes FROM exception_entries
       WHERE exception = $1 AND number = $2 AND file IS NOT NULL`,
      [exception, entry],
    );
    return rows[0] ?? null;
  }

  /** @throws {InputError} PARTNER_UNKNOWN */
  async open(wanted: NewException, by: Origination, act: KeyedAct = UNKEYED): Promise<PartnerException> {
    const partner = await this.#options.partners.get(wanted.partner);
    return this.#options.database.transaction(async (client) => {
      const made = await this.#insert(client, { ...wanted, partnerName: partner.name, reference: null }, by);
      await this.#say(client, made, { text: wanted.text, answer: null, file: null }, { side: 'ours' }, by);
      await act.mark(effectsOf(client), exceptionId(made.number));
      return made;
    });
  }

  /**
   * What a partner says by its system, under its own names for exception and entry: of one of ours where it names it, of its
   * own otherwise, which its first word opens here, whichever of them comes first. Said again it stands once.
   * @param said.yours what the partner takes for our name of it
   * @throws {InputError} PARTNER_UNKNOWN @throws {ConflictError} EXCEPTION_FULL
   */
  async take(
    wanted: Omit<NewException, 'text' | 'finding'>,
    said: { readonly reference: string; readonly yours: string | null; readonly entry: TheirEntry },
    by: Origination,
  ): Promise<PartnerException> {
    const partner = await this.#options.partners.get(wanted.partner);
    const { reference, yours, entry } = said;
    const speaker = { side: 'theirs', author: entry.author, identity: `${reference}/${entry.number}` } as const;
    const word = { text: entry.text, answer: entry.answer, file: null };
    return this.#options.database.transaction(async (client) => {
      await client.query("SELECT pg_advisory_xact_lock(hashtext('isotherm exceptions of partners'))");
      const { rows } = await client.query<PartnerException>(
        `SELECT ${COLUMNS} FROM exceptions
         WHERE partner = $1 AND (number = $2 AND coalesce(reference, $3) = $3 OR reference = $3 AND is_theirs)
         ORDER BY number = $2 DESC LIMIT 1 FOR UPDATE`,
        [partner.id, exceptionNumber(yours ?? '') ?? 0, reference],
      );
      const [known] = rows;
      if (known === undefined) {
        const opened = { ...wanted, text: entry.text, finding: null, partnerName: partner.name, reference };
        const made = await this.#insert(client, opened, by, true);
        await this.#say(client, made, word, speaker, by);
        return made;
      }
      if (known.reference === null) await this.#told(client, known.number, reference);
      await this.#say(client, known, word, speaker, by);
      return known;
    });
  }

  /**
   * One side says something; the other's answer makes it answered. Who opened it ends it: that the other side holds it for
   * settled is an answer.
   * @returns the entry
   * @throws {InputError} EXCEPTION_UNKNOWN, EXCEPTION_FILE_BAD
   * @throws {ConflictError} EXCEPTION_OVER, EXCEPTION_FULL, EXCEPTION_THEIRS
   */
  async say(
    id: string,
    entry: NewEntry,
    speaker: Speaker,
    by: Origination,
    act: KeyedAct = UNKEYED,
  ): Promise<ExceptionEntry> {
    return this.#options.database.transaction(async (client) => {
      const { rows } = await client.query<PartnerException>(
        `SELECT ${COLUMNS} FROM exceptions WHERE number = $1 FOR UPDATE`,
        [exceptionNumber(id) ?? 0],
      );
      const [exception] = rows;
      if (exception === undefined) throw unknown(id);
      const isOpenTheirs = exception.isTheirs && exception.closedAt === null;
      if (speaker.side === 'ours' && isOpenTheirs && isEnd(entry.answer)) await this.#requireAlone(exception);
      const said = await this.#say(client, exception, entry, speaker, by);
      await act.mark(effectsOf(client), `${id}/${said.number}`);
      return said;
    });
  }

  /** That the partner was told of it, and what it calls it where it said so. */
  async told(number: number, reference: string | null): Promise<void> {
    await this.#options.database.transaction((client) => this.#told(client, number, reference));
  }

  /** What a partner opened it also ends, as long as it can be asked to. @throws {ConflictError} EXCEPTION_THEIRS */
  async #requireAlone({ number, partner: id, partnerName }: PartnerException): Promise<void> {
    const partner = await this.#options.partners.find(id);
    if (partner === null || !isAgreed(partner, this.#options.time.now())) return;
    throw new ConflictError(
      'EXCEPTION_THEIRS',
      `${partnerName} opened ${exceptionId(number)} and settles it; answer "confirmed" or "corrected", and tell it`,
    );
  }

  async #told(client: pg.ClientBase, number: number, reference: string | null): Promise<void> {
    await client.query(
      `UPDATE exceptions SET told_at = coalesce(told_at, $2), reference = coalesce(reference, $3),
         state = CASE state WHEN 'open' THEN 'shared' ELSE state END WHERE number = $1`,
      [number, timestamp(this.#options.time.now()), reference],
    );
  }

  async #insert(
    client: pg.ClientBase,
    wanted: NewException & { readonly partnerName: string; readonly reference: string | null },
    by: Origination,
    isTheirs = false,
  ): Promise<PartnerException> {
    const now = this.#options.time.now();
    const { kind, partner, partnerName, title, shipment, epcs, lot, finding, reference, due } = wanted;
    const { rows } = await client.query<PartnerException>(
      `INSERT INTO exceptions (kind, partner, partner_name, title, shipment, epcs, lot, finding, reference, is_theirs, state,
         opened_at, opened_by, due_at, told_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING ${COLUMNS}`,
      [
        ...[kind, partner, partnerName, title, shipment, epcs, lot, finding, reference, isTheirs],
        ...['open', timestamp(now), by.actor.name, timestamp(due ?? now + EXCEPTION_DAYS * DAY_MS)],
        isTheirs ? timestamp(now) : null,
      ],
    );
    const [made] = rows;
    if (made === undefined) throw unknown('');
    await this.#record(client, made.number, by, { action: 'exception.open', new: { kind, partner, title, shipment } });
    return made;
  }

  async #say(
    client: pg.ClientBase,
    exception: PartnerException,
    { text, answer, file }: NewEntry,
    speaker: Speaker,
    by: Origination,
  ): Promise<ExceptionEntry> {
    const identity = speaker.side === 'theirs' ? speaker.identity : null;
    const { rows: said } = await client.query<EntryRow>(
      `SELECT ${ENTRY_COLUMNS}, identity FROM exception_entries WHERE exception = $1 ORDER BY number`,
      [exception.number],
    );
    const same = identity === null ? undefined : said.find((row) => row.identity === identity);
    if (same !== undefined) return entryOf(same);
    const isOver = exception.closedAt !== null;
    // What a partner's system said before it heard of the end still comes, and stands at both ends.
    if (isOver && identity === null)
      throw new ConflictError('EXCEPTION_OVER', `${exceptionId(exception.number)} is ${exception.state}; open another`);
    const isLast = isEnd(answer) && speaker.side === openerOf(exception);
    if (said.length >= MOST_ENTRIES && !isLast)
      throw new ConflictError(
        'EXCEPTION_FULL',
        `${MOST_ENTRIES} things are said of it already; settle it and open another`,
      );
    if (file !== null) await requireRoom(client, exception.number, file.bytes.length);
    const now = this.#options.time.now();
    const type = file === null ? null : mediaTypeOf(file.bytes);
    const fileHash = file === null ? null : sha256(file.bytes);
    const author = speaker.side === 'ours' ? by.actor.name : speaker.author;
    const number = (said.at(-1)?.number ?? 0) + 1;
    const whole = [
      said.at(-1)?.sha256 ?? '',
      exception.number,
      number,
      speaker.side,
      author,
      now,
      text,
      answer,
      fileHash,
    ];
    const chained = sha256(Buffer.from(JSON.stringify(whole)));
    await client.query(
      `INSERT INTO exception_entries (exception, number, side, author, at, text, answer, sha256, identity, file_name,
         file_type, file_sha256, file) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      [
        ...[exception.number, number, speaker.side, author, timestamp(now), text, answer, chained, identity],
        ...[file?.name ?? null, type, fileHash, file?.bytes ?? null],
      ],
    );
    const ends = isLast || (isEnd(answer) && speaker.side === 'ours') ? answer : null;
    if (!isOver) await this.#advance(client, exception, { side: speaker.side, ends, now, author });
    await this.#record(client, exception.number, by, {
      ...{ action: ends === null || isOver ? 'exception.say' : `exception.${ends}` },
      new: { entry: number, side: speaker.side, answer, sha256: chained, ...(fileHash !== null && { file: fileHash }) },
    });
    const kept =
      file === null || type === null || fileHash === null ? null : { name: file.name, type, sha256: fileHash };
    return { number, side: speaker.side, author, at: now, text, answer, sha256: chained, file: kept };
  }

  async #advance(
    client: pg.ClientBase,
    exception: PartnerException,
    said: { readonly side: Speaker['side']; readonly ends: ExceptionEntry['answer']; now: number; author: string },
  ): Promise<void> {
    const { side, ends, now, author } = said;
    const isFirst = exception.isTheirs && exception.state === 'open';
    const state = ends ?? (side === 'theirs' ? (isFirst ? 'shared' : 'answered') : stateAfterOurs(exception.state));
    await client.query(
      `UPDATE exceptions SET state = $2, answered_at = CASE WHEN $3 THEN $4 ELSE answered_at END,
         closed_at = CASE WHEN $5 THEN $4 END, closed_by = CASE WHEN $5 THEN $6 END WHERE number = $1`,
      [exception.number, state, side === 'theirs', timestamp(now), ends !== null, author],
    );
  }

  async #record(
    client: pg.ClientBase,
    number: number,
    by: Origination,
    said: { readonly action: string; readonly new: object },
  ): Promise<void> {
    const { audit, time } = this.#options;
    const subject = `exception:${exceptionId(number)}` as const;
    await audit.add(effectsOf(client), { ...by, ...said, at: time.now(), subject });
  }
}

interface EntryRow extends Omit<ExceptionEntry, 'file'> {
  readonly name: string | null;
  readonly type: string | null;
  readonly hash: string | null;
  readonly identity?: string | null;
}

const ENTRY_COLUMNS =
  'number, side, author, at, text, answer, sha256, file_name AS name, file_type AS type, file_sha256 AS hash';

function entryOf({ name, type, hash, identity: _identity, ...entry }: EntryRow): ExceptionEntry {
  return { ...entry, file: name === null || type === null || hash === null ? null : { name, type, sha256: hash } };
}

/** What a partner's system says in one message. */
export interface TheirEntry {
  readonly number: number;
  readonly author: string;
  readonly text: string;
  readonly answer: ExceptionEntry['answer'];
}

function isEnd(answer: ExceptionEntry['answer']): answer is 'settled' | 'withdrawn' {
  return answer === 'settled' || answer === 'withdrawn';
}

function openerOf({ isTheirs }: PartnerException): Speaker['side'] {
  return isTheirs ? 'theirs' : 'ours';
}

/** Our word is the last again. */
function stateAfterOurs(state: ExceptionState): ExceptionState {
  return state === 'answered' ? 'shared' : state;
}

/** @throws {ConflictError} EXCEPTION_FULL */
async function requireRoom(client: pg.ClientBase, number: number, bytes: number): Promise<void> {
  const { rows } = await client.query<{ kept: number }>(
    'SELECT coalesce(sum(octet_length(file)), 0)::bigint AS kept FROM exception_entries WHERE exception = $1',
    [number],
  );
  if ((rows[0]?.kept ?? 0) + bytes <= MOST_FILE_BYTES) return;
  const most = `${MOST_FILE_BYTES / (1024 * 1024)} MB`;
  throw new ConflictError('EXCEPTION_FULL', `${exceptionId(number)} has ${most} of files already; name a file instead`);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function unknown(id: string): InputError {
  return new InputError('EXCEPTION_UNKNOWN', `there is no exception ${id.slice(0, 40)}`, { id });
}
