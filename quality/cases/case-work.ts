import { createHash } from 'node:crypto';
import type pg from 'pg';
import {
  type AuditTrail,
  type CaseMentions,
  ConflictError,
  type Effects,
  type Epc,
  InputError,
  type KeyedAct,
  type Origination,
  type SeenFrom,
  serverText,
  type TimeSource,
  UNKEYED,
} from '../../domain/index.ts';
import { type Database, effectsOf, timestamp } from '../../storage/index.ts';
import { mediaTypeOf } from './attachment-type.ts';
import { type Case, caseId } from './case.ts';
import { lockCase, touchCase } from './case-store.ts';
import { type CaseTargets, targetOf } from './case-targets.ts';
import { clockKind, clocksOf, NOTIFICATION_MS } from './clocks.ts';
import { carryAlerts } from './follow-up.ts';

export interface CaseWorkOptions extends CaseTargets {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly time: TimeSource;
  /** Who can be mentioned and given tasks, by name, with the places whose goods they see. */
  readonly people: () => Promise<ReadonlyMap<string, SeenFrom>>;
  /** Default: people find it on the inbox alone. */
  readonly mentions?: CaseMentions;
}

/** A case that a person opens. */
export interface NewCase {
  readonly kind: 'suspect product' | 'complaint' | 'data missing';
  readonly title: string;
  readonly shipment: string | null;
  readonly place: string | null;
  readonly serials: readonly NamedSerial[];
  readonly reason: string;
}

/** A serial that a person names, with what its EPC says: nobody need ever have announced its product. */
export interface NamedSerial {
  readonly epc: Epc;
  /** GTIN-14; null of an EPC that is no SGTIN. */
  readonly gtin: string | null;
  readonly serial: string | null;
}

const MOST_ATTACHMENTS = 100;

/** What people do about cases: each with its entry in the audit trail, in one transaction. */
export class CaseWork {
  readonly #options: CaseWorkOptions;

  constructor(options: CaseWorkOptions) {
    this.#options = options;
  }

  /**
   * Opens a case by hand. Serials count as affected until a decision is made on each; those of suspect product are stopped
   * at once, as far as who opens it sees them.
   * @param seenFrom the places whose goods the person sees; null = everywhere
   * @throws {ConflictError} CASE_OPEN a case of this shipment or place is open; `details.case` is its id
   */
  open(wish: NewCase, by: Origination, seenFrom: SeenFrom = null, act: KeyedAct = UNKEYED): Promise<Case> {
    return this.#write(async (client, at) => {
      const one = await this.#opened(client, at, wish, { by, seenFrom });
      await act.mark(effectsOf(client), one.id);
      return one;
    });
  }

  /** Several at once or none, such as the questions of one file; the act is marked with the first. */
  openTogether(
    wishes: readonly NewCase[],
    by: Origination,
    seenFrom: SeenFrom,
    act: KeyedAct,
  ): Promise<readonly Case[]> {
    return this.#write(async (client, at) => {
      const all: Case[] = [];
      for (const wish of wishes) all.push(await this.#opened(client, at, wish, { by, seenFrom }));
      const [first] = all;
      if (first !== undefined) await act.mark(effectsOf(client), first.id);
      return all;
    });
  }

  /**
   * @throws {ConflictError} CASE_UNDECIDED serials are undecided, or what they were decided on has changed; CASE_CLOSED
   */
  close(id: string, reason: string, by: Origination): Promise<Case> {
    return this.#write(async (client, at) => {
      const one = await lockOpen(effectsOf(client), id);
      const { undecided, waiting } = one.serials;
      if (undecided > 0 || waiting > 0 || one.state === 'evidence changed') {
        const why =
          one.state === 'evidence changed' ? 'what was decided on has changed' : `${undecided} serials are undecided`;
        throw new ConflictError('CASE_UNDECIDED', `${id} cannot be closed: ${why}`, {
          undecided,
          waiting,
          state: one.state,
        });
      }
      await client.query(
        `UPDATE cases SET state = 'closed', closed_at = $2, closed_by = $3, closed_why = $4 WHERE number = $1`,
        [one.number, timestamp(at), by.actor.name, reason],
      );
      const what = serverText('case.closed', { who: by.actor.name, reason });
      const closed = await touchCase(effectsOf(client), one.number, { what, at });
      const states = { old: { state: one.state }, new: { state: 'closed', revision: closed.revision } };
      await this.#record(effectsOf(client), id, { at, by, action: 'case.close', ...states, reason });
      return closed;
    });
  }

  /** @throws {InputError} PERSON_UNKNOWN; {ConflictError} CASE_CLOSED */
  async assign(id: string, to: string | null, by: Origination): Promise<Case> {
    await this.#requirePerson(to);
    return this.#write(async (client, at) => {
      const one = await lockOpen(effectsOf(client), id);
      await client.query('UPDATE cases SET assignee = $2 WHERE number = $1', [one.number, to]);
      const change = { old: { assignee: one.assignee }, new: { assignee: to } };
      await this.#record(effectsOf(client), id, { at, by, action: 'case.assign', ...change });
      return { ...one, assignee: to };
    });
  }

  /** Who is mentioned is known: `@` before anything else is text. */
  async comment(id: string, text: string, by: Origination): Promise<void> {
    const people = await this.#options.people();
    const mentions = mentionsIn(text).filter((name) => people.has(name));
    await this.#write(async (client, at) => {
      const { number, title } = await lockCase(effectsOf(client), id);
      const { rows } = await client.query<{ comment: number }>(
        `INSERT INTO case_comments (case_number, number, at, by_name, text, mentions)
         SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5 FROM case_comments WHERE case_number = $1
         RETURNING number AS comment`,
        [number, timestamp(at), by.actor.name, text, mentions],
      );
      const comment = rows[0]?.comment ?? 0;
      // Nobody has to be told of what they wrote themselves, and nobody may be of a case that they do not see.
      const others = [];
      for (const name of mentions) {
        if (name !== by.actor.name && (await isSeen(client, number, people.get(name) ?? null))) others.push(name);
      }
      await client.query(
        `INSERT INTO case_mentions (user_name, case_number, comment, at)
         SELECT name, $1, $2, $3 FROM unnest($4::text[]) AS name`,
        [number, comment, timestamp(at), others],
      );
      if (others.length > 0) {
        const mention = { case: id, title, comment, text, by: by.actor.name, people: others, at };
        await this.#options.mentions?.mentioned(effectsOf(client), mention);
      }
      await this.#record(effectsOf(client), id, { at, by, action: 'case.comment', new: { text, mentions } });
    });
  }

  /** Who was mentioned has looked at the case. Where nothing was unseen nothing is written. */
  sawMentions(id: string, by: Origination): Promise<void> {
    return this.#write(async (client, at) => {
      const { number } = await lockCase(effectsOf(client), id);
      const { rowCount } = await client.query(
        'UPDATE case_mentions SET seen_at = $3 WHERE user_name = $1 AND case_number = $2 AND seen_at IS NULL',
        [by.actor.name, number, timestamp(at)],
      );
      if (rowCount === 0) return;
      await this.#record(effectsOf(client), id, { at, by, action: 'case.mention-seen', new: { comments: rowCount } });
    });
  }

  /** @throws {InputError} PERSON_UNKNOWN; {ConflictError} CASE_CLOSED */
  async setTask(
    id: string,
    task: { readonly text: string; readonly owner: string | null; readonly due: number | null },
    by: Origination,
  ): Promise<void> {
    await this.#requirePerson(task.owner);
    await this.#write(async (client, at) => {
      const { number } = await lockOpen(effectsOf(client), id);
      await client.query(
        `INSERT INTO case_tasks (case_number, number, text, owner, due_at, made_at, made_by)
         SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6 FROM case_tasks WHERE case_number = $1`,
        [number, task.text, task.owner, task.due === null ? null : timestamp(task.due), timestamp(at), by.actor.name],
      );
      const due = task.due === null ? null : new Date(task.due).toISOString();
      await this.#record(effectsOf(client), id, { at, by, action: 'case.task', new: { ...task, due } });
    });
  }

  /** Once more changes nothing. @throws {InputError} CASE_TASK_UNKNOWN */
  finishTask(id: string, task: number, by: Origination): Promise<void> {
    return this.#write(async (client, at) => {
      const { number } = await lockCase(effectsOf(client), id);
      const { rows } = await client.query<{ text: string; done_at: number | null }>(
        'SELECT text, done_at FROM case_tasks WHERE case_number = $1 AND number = $2',
        [number, task],
      );
      const [row] = rows;
      if (row === undefined) throw new InputError('CASE_TASK_UNKNOWN', `${id} has no task ${task}`);
      if (row.done_at !== null) return;
      await client.query('UPDATE case_tasks SET done_at = $3, done_by = $4 WHERE case_number = $1 AND number = $2', [
        ...[number, task, timestamp(at), by.actor.name],
      ]);
      await this.#record(effectsOf(client), id, { at, by, action: 'case.task-done', new: { task, text: row.text } });
    });
  }

  /**
   * Keeps a file with the case; the same file once more is the one that is there.
   * @throws {InputError} CASE_ATTACHMENT_BAD empty, or no type of file that is kept; CASE_ATTACHMENTS_MANY
   */
  attach(id: string, file: { readonly name: string; readonly bytes: Buffer }, by: Origination): Promise<void> {
    const mediaType = mediaTypeOf(file.bytes);
    const sha256 = createHash('sha256').update(file.bytes).digest('hex');
    return this.#write(async (client, at) => {
      const { number } = await lockCase(effectsOf(client), id);
      const { rows } = await client.query<{ sha256: string }>(
        'SELECT sha256 FROM case_attachments WHERE case_number = $1',
        [number],
      );
      if (rows.some((kept) => kept.sha256 === sha256)) return;
      if (rows.length >= MOST_ATTACHMENTS) {
        throw new InputError(
          'CASE_ATTACHMENTS_MANY',
          `${id} has ${MOST_ATTACHMENTS} attachments, the most it can have`,
        );
      }
      const name = file.name.trim() === '' ? 'file' : file.name.trim();
      await client.query(
        `INSERT INTO case_attachments (case_number, number, name, media_type, bytes, sha256, at, by_name)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [number, rows.length + 1, name, mediaType, file.bytes, sha256, timestamp(at), by.actor.name],
      );
      const kept = { name, mediaType, bytes: file.bytes.length, sha256 };
      await this.#record(effectsOf(client), id, { at, by, action: 'case.attach', new: kept });
    });
  }

  /** Says that something the clock waits for is done. @throws {InputError} CASE_CLOCK_UNKNOWN */
  stopClock(id: string, clock: string, reason: string, by: Origination): Promise<Case> {
    return this.#write(async (client, at) => {
      const { number } = await lockOpen(effectsOf(client), id);
      const { rowCount } = await client.query(
        `UPDATE case_clocks SET done_at = $3, done_by = $4 WHERE case_number = $1 AND clock = $2 AND done_at IS NULL
           AND clock <> 'target' AND clock NOT LIKE 'dscsa.trace.%'`,
        [number, clock, timestamp(at), by.actor.name],
      );
      if (rowCount === 0)
        throw new InputError('CASE_CLOCK_UNKNOWN', `no clock ${clock.slice(0, 40)} of ${id} waits for a person`);
      const what = serverText('case.clock.done', { name: clockKind(clock)?.name ?? clock, who: by.actor.name });
      const one = await touchCase(effectsOf(client), number, { what, at });
      await this.#record(effectsOf(client), id, { at, by, action: 'case.clock', new: { clock }, reason });
      return one;
    });
  }

  /**
   * The investigation of suspect product ends: illegitimate product has to be notified within 24 hours (DSCSA).
   * @throws {InputError} CASE_KIND_OTHER it is no case of suspect product, or has its finding
   */
  find(
    id: string,
    { isIllegitimate, reason }: { readonly isIllegitimate: boolean; readonly reason: string },
    by: Origination,
  ): Promise<Case> {
    return this.#write(async (client, at) => {
      const { number } = await lockOpen(effectsOf(client), id);
      const { rowCount } = await client.query(
        `UPDATE case_clocks SET done_at = $2, done_by = $3
         WHERE case_number = $1 AND clock = 'dscsa.investigation' AND done_at IS NULL`,
        [number, timestamp(at), by.actor.name],
      );
      if (rowCount === 0)
        throw new InputError('CASE_KIND_OTHER', `no investigation of suspect product is open in ${id}`);
      if (isIllegitimate) await startClock(client, number, 'dscsa.notification', at + NOTIFICATION_MS);
      const what = serverText(isIllegitimate ? 'case.found.illegitimate' : 'case.found.cleared', {
        who: by.actor.name,
        reason,
      });
      const one = await touchCase(effectsOf(client), number, { what, at, isEvidence: true });
      await this.#record(effectsOf(client), id, { at, by, action: 'case.finding', new: { isIllegitimate }, reason });
      return one;
    });
  }

  async #opened(
    client: pg.ClientBase,
    at: number,
    wish: NewCase,
    { by, seenFrom }: { readonly by: Origination; readonly seenFrom: SeenFrom },
  ): Promise<Case> {
    const { shipment, place, title, kind, reason } = wish;
    const subject = shipment !== null ? `shipment:${shipment}` : place !== null ? `place:${place}` : null;
    const effects = effectsOf(client);
    const { rows } = await client.query<{ number: number; follows: number | null }>(
      `INSERT INTO cases (kind, title, subject, shipment, place, opened_at, opened_by, reason, follows, revision)
       SELECT $1, $2, $3, $4, $5, $6, $7, $8, (SELECT max(number) FROM cases WHERE subject = $3), 0
       ON CONFLICT (subject) WHERE state <> 'closed' DO NOTHING RETURNING number, follows`,
      [kind, title, subject, shipment, shipment === null ? place : null, timestamp(at), by.actor.name, reason],
    );
    const [row] = rows;
    if (row === undefined) throw await alreadyOpen(client, subject);
    const { number, follows } = row;
    const targetMs = await targetOf(client, this.#options, { shipment, place });
    for (const [clock, due] of clocksOf(kind, at, targetMs)) await startClock(client, number, clock, due);
    await putSerials(client, number, wish.serials);
    if (follows !== null) await carryAlerts(effects, { from: follows, to: number }, at);
    if (kind === 'suspect product') await stop(client, number, seenFrom);
    const sentences = [serverText('case.opened.hand', { who: by.actor.name, reason })];
    if (follows !== null) sentences.push(serverText('case.follows', { id: caseId(follows) }));
    const one = await touchCase(effects, number, { what: sentences.join(' '), at, isEvidence: true });
    const opened = { kind, title, shipment, place, serials: wish.serials.length };
    await this.#record(effects, one.id, { at, by, action: 'case.open', new: opened, reason });
    return one;
  }

  #write<T>(work: (client: pg.ClientBase, at: number) => Promise<T>): Promise<T> {
    const { database, time } = this.#options;
    return database.transaction((client) => work(client, time.now()));
  }

  async #requirePerson(name: string | null): Promise<void> {
    if (name === null || (await this.#options.people()).has(name)) return;
    throw new InputError('PERSON_UNKNOWN', `there is no user ${name.slice(0, 64)}`);
  }

  async #record(
    effects: Effects,
    id: string,
    entry: {
      readonly at: number;
      readonly by: Origination;
      readonly action: string;
      readonly old?: unknown;
      readonly new?: unknown;
      readonly reason?: string;
    },
  ): Promise<void> {
    const { by, ...rest } = entry;
    await this.#options.audit.add(effects, { ...by, ...rest, subject: `case:${id}` });
  }
}

async function lockOpen(effects: Effects, id: string): Promise<Case> {
  const one = await lockCase(effects, id);
  if (one.state !== 'closed') return one;
  throw new ConflictError('CASE_CLOSED', `${id} is closed; what comes after it belongs into a case that follows it up`);
}

async function isSeen(client: pg.ClientBase, number: number, seenFrom: SeenFrom): Promise<boolean> {
  if (seenFrom === null) return true;
  const { rowCount } = await client.query(
    'SELECT FROM cases WHERE number = $1 AND case_seen_from(number, shipment, place, $2::text[])',
    [number, seenFrom],
  );
  return rowCount === 1;
}

async function alreadyOpen(client: pg.ClientBase, subject: string | null): Promise<ConflictError> {
  const { rows } = await client.query<{ number: number }>(
    `SELECT number FROM cases WHERE subject = $1 AND state <> 'closed'`,
    [subject],
  );
  const id = caseId(rows[0]?.number ?? 0);
  return new ConflictError('CASE_OPEN', `${id} of the same shipment or place is open: add to it`, { case: id });
}

async function startClock(client: pg.ClientBase, number: number, clock: string, due: number): Promise<void> {
  await client.query('INSERT INTO case_clocks (case_number, clock, due_at) VALUES ($1, $2, $3)', [
    ...[number, clock, timestamp(due)],
  ]);
}

/** Identities as the maker's events give them, else as the EPC says them. */
async function putSerials(client: pg.ClientBase, number: number, serials: readonly NamedSerial[]): Promise<void> {
  if (serials.length === 0) return;
  await client.query(
    `INSERT INTO case_serials (case_number, epc, gtin, serial, lot, expiry, is_by_hand, changed_revision)
     SELECT $1, g.epc, coalesce(s.gtin, g.gtin), coalesce(s.serial, g.serial), s.lot, s.expiry::text, true, 1
     FROM (SELECT DISTINCT * FROM unnest($2::text[], $3::text[], $4::text[])) AS g (epc, gtin, serial)
       LEFT JOIN serials s ON s.epc = g.epc`,
    [number, serials.map(({ epc }) => epc), serials.map(({ gtin }) => gtin), serials.map(({ serial }) => serial)],
  );
}

/** What {@link Suspicions} tells the log. */
async function stop(client: pg.ClientBase, number: number, seenFrom: SeenFrom): Promise<void> {
  await client.query(
    `UPDATE cases SET to_stop = s.epcs FROM (
       SELECT array_agg(c.epc ORDER BY c.epc) AS epcs FROM case_serials c
       WHERE c.case_number = $1 AND ($2::text[] IS NULL OR goods_seen_from(c.epc, $2))) AS s WHERE number = $1`,
    [number, seenFrom],
  );
}

/** Names after an `@` at the beginning or after a blank or bracket: an address of mail mentions nobody. */
export function mentionsIn(text: string): string[] {
  const found = text.matchAll(/(?:^|[\s(,;])@([A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?)/g);
  return [...new Set([...found].map(([, name = '']) => name))];
}
