import type pg from 'pg';
import { type Database, timestamp } from '../../storage/index.ts';
import type { AlertRecord } from '../alert-store.ts';
import { serialsPage } from '../serials.ts';
import type { GroupTelling } from '../storm/group-clock.ts';
import { alertView } from '../view.ts';

/** What people and systems are told of. */
export type MessageType =
  | 'alert.opened'
  | 'alert.acknowledged'
  | 'alert.resolved'
  | 'alert.retracted'
  | 'alert.snoozeEnded'
  | 'alert.escalated'
  | 'alert.reminded'
  | `group.${GroupTelling}`
  | 'silence.ended'
  | 'case.mentioned'
  | 'alert.changed'
  | 'alert.flappingEnded';

/** NOTIFY channel: rows were added to the outbox. */
export const OUTBOX_CHANNEL = 'isotherm_outbox';

/** Serials a message carries; the rest pages through the API. */
const SERIALS_IN_MESSAGE = 100;

/** What a message says beside the alert. */
export interface OutboxEvent {
  readonly type: MessageType;
  /** Id of the alert's entry in the audit trail: fixed per alert and event. */
  readonly event: string;
  /** When it happened, epoch ms UTC. */
  readonly at: number;
  /** Of `alert.changed`: which serials came and went, and why. */
  readonly change?: Readonly<Record<string, unknown>>;
  /** Of `alert.opened`: with it alerts of its rule and key open too often to be told one by one. */
  readonly flapping?: { readonly opened: number; readonly withinMinutes: number };
  /** At which step of its route it is sent, and for whom; absent: for nobody in particular. */
  readonly notice?: { readonly step: string; readonly people: readonly string[] };
}

/** Puts a message about an alert, as it stands in this transaction, into the outbox of every channel. */
export async function post(
  client: pg.ClientBase,
  channels: readonly string[],
  { alert, number }: AlertRecord,
  { type, event, at, notice, change, flapping }: OutboxEvent,
): Promise<void> {
  if (channels.length === 0) return;
  const page = await serialsPage(client, number, SERIALS_IN_MESSAGE, null, null);
  const serials = page.map(({ part: _, ...serial }) => serial);
  const data = {
    alert: alertView(alert, serials),
    ...(notice !== undefined && { notice }),
    ...(change !== undefined && { change }),
    ...(flapping !== undefined && { flapping }),
  };
  await put(client, channels, alert.id, { type, event, at, data });
}

/** A message as it is sent, but for who it goes to. */
export interface OutboxMessage extends Omit<OutboxEvent, 'notice' | 'change' | 'flapping'> {
  readonly data: Readonly<Record<string, unknown>>;
}

/** Puts a message into the outbox of every channel. @param alert id of the alert it is about, or of the first of several */
export async function put(
  client: pg.ClientBase,
  channels: readonly string[],
  alert: string,
  { type, event, at, data }: OutboxMessage,
): Promise<void> {
  const body = JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });
  await client.query(
    `INSERT INTO outbox (id, event, type, alert_id, channel, body, created_at, next_attempt_at)
     SELECT $1 || '.' || channel, $1, $2, $3, channel, $4, $5, $5 FROM unnest($6::text[]) AS channel`,
    [event, type, alert, body, timestamp(at), channels],
  );
  await client.query('SELECT pg_notify($1, $2)', [OUTBOX_CHANNEL, '']);
}

/** A message that is still to be delivered. */
export interface PendingMessage {
  readonly id: string;
  readonly event: string;
  readonly body: string;
  readonly createdAt: number;
  readonly attempts: number;
}

/** @returns null where it is delivered, given up or gone: there is nothing left to do */
export async function pendingMessage(database: Database, id: string): Promise<PendingMessage | null> {
  const { rows } = await database.query<PendingMessage>(
    `SELECT id, event, body, created_at AS "createdAt", attempts FROM outbox
     WHERE id = $1 AND delivered_at IS NULL AND dead_at IS NULL AND body IS NOT NULL`,
    [id],
  );
  return rows[0] ?? null;
}

/**
 * When the next attempt is due of an earlier message of the same alert by the same channel, epoch ms UTC; null where
 * there is none that is still to be delivered.
 */
export async function earlierMessage(database: Database, id: string): Promise<number | null> {
  const { rows } = await database.query<{ at: number }>(
    `SELECT earlier.next_attempt_at AS at FROM outbox AS message
     JOIN outbox AS earlier ON earlier.channel = message.channel AND earlier.alert_id = message.alert_id
       AND earlier.position < message.position AND earlier.delivered_at IS NULL AND earlier.dead_at IS NULL
     WHERE message.id = $1 AND message.alert_id <> '' ORDER BY earlier.position LIMIT 1`,
    [id],
  );
  return rows[0]?.at ?? null;
}

/** Ids of messages that no job was made for yet. */
export async function newMessages(database: Database, channel: string, limit: number): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    'SELECT id FROM outbox WHERE channel = $1 AND queued_at IS NULL AND dead_at IS NULL ORDER BY created_at, position LIMIT $2',
    [channel, limit],
  );
  return rows.map(({ id }) => id);
}

/** Ids of messages whose next attempt should have been made by `dueBy`, longest waiting first. */
export async function overdueMessages(
  database: Database,
  channel: string,
  dueBy: number,
  limit: number,
): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    `SELECT id FROM outbox WHERE channel = $1 AND delivered_at IS NULL AND dead_at IS NULL AND next_attempt_at <= $2
     ORDER BY next_attempt_at, id LIMIT $3`,
    [channel, timestamp(dueBy), limit],
  );
  return rows.map(({ id }) => id);
}

export async function markQueued(database: Database, ids: readonly string[], now: number): Promise<void> {
  await database.query('UPDATE outbox SET queued_at = $2 WHERE id = ANY($1)', [ids, timestamp(now)]);
}

export async function markDelivered(database: Database, id: string, now: number): Promise<void> {
  await database.query(
    'UPDATE outbox SET delivered_at = $2, attempts = attempts + 1, body = NULL, last_error = NULL WHERE id = $1',
    [id, timestamp(now)],
  );
}

/** @param nextAttempt epoch ms UTC; null gives it up: the row stays as a dead letter */
export async function markFailed(
  database: Database,
  id: string,
  { error, now, nextAttempt }: { readonly error: string; readonly now: number; readonly nextAttempt: number | null },
): Promise<void> {
  await database.query(
    `UPDATE outbox SET attempts = attempts + 1, last_error = $2, next_attempt_at = coalesce($3, next_attempt_at),
       dead_at = CASE WHEN $3::timestamptz IS NULL THEN $4::timestamptz END
     WHERE id = $1`,
    [id, error, nextAttempt === null ? null : timestamp(nextAttempt), timestamp(now)],
  );
}

/**
 * Gives up again what was sent again after a message that was given up again: told by itself it would overtake it.
 * @param olderThan epoch ms UTC; younger ones are still tried in any case
 */
export async function giveUpAfter(
  database: Database,
  id: string,
  { now, olderThan }: { readonly now: number; readonly olderThan: number },
): Promise<void> {
  await database.query(
    `UPDATE outbox AS later SET dead_at = $2, last_error = 'an earlier message of its alert was not taken'
     FROM outbox AS message
     WHERE message.id = $1 AND message.alert_id <> '' AND later.channel = message.channel
       AND later.alert_id = message.alert_id AND later.position > message.position
       AND later.delivered_at IS NULL AND later.dead_at IS NULL AND later.attempts > 0 AND later.created_at <= $3`,
    [id, timestamp(now), timestamp(olderThan)],
  );
}

/** Gives up messages for channels that are configured no more, once they are older than `olderThan`. */
export async function giveUpOrphans(
  database: Database,
  channels: readonly string[],
  { now, olderThan }: { readonly now: number; readonly olderThan: number },
): Promise<number> {
  const { rowCount } = await database.query(
    `UPDATE outbox SET dead_at = $2, last_error = 'the channel is configured no more'
     WHERE delivered_at IS NULL AND dead_at IS NULL AND channel <> ALL($1) AND created_at < $3`,
    [channels, timestamp(now), timestamp(olderThan)],
  );
  return rowCount ?? 0;
}

/** Forgets messages delivered before then. Dead letters stay until a person removes them. */
export async function forgetDelivered(database: Database, before: number): Promise<void> {
  await database.query('DELETE FROM outbox WHERE delivered_at < $1', [timestamp(before)]);
}

export interface OutboxState {
  readonly channel: string;
  readonly pending: number;
  readonly dead: number;
  /** When the oldest pending message was written, epoch ms UTC. */
  readonly oldest: number | null;
}

/** Per channel, what is still to be delivered and what was given up. */
export async function outboxState(database: Database): Promise<readonly OutboxState[]> {
  const { rows } = await database.query<OutboxState>(
    `SELECT channel, count(*) FILTER (WHERE dead_at IS NULL) AS pending, count(*) FILTER (WHERE dead_at IS NOT NULL) AS dead,
       min(created_at) FILTER (WHERE dead_at IS NULL) AS oldest
     FROM outbox WHERE delivered_at IS NULL GROUP BY channel ORDER BY channel`,
  );
  return rows;
}

export interface UndeliveredMessage {
  readonly id: string;
  readonly type: MessageType;
  readonly alert: string;
  readonly channel: string;
  readonly attempts: number;
  readonly lastError: string | null;
  /** Epoch ms UTC. */
  readonly givenUpAt: number;
}

/** Messages given up, latest first. */
export async function undeliveredMessages(database: Database, limit: number): Promise<readonly UndeliveredMessage[]> {
  const { rows } = await database.query<UndeliveredMessage>(
    `SELECT id, type, alert_id AS alert, channel, attempts, last_error AS "lastError", dead_at AS "givenUpAt"
     FROM outbox WHERE dead_at IS NOT NULL ORDER BY dead_at DESC, id LIMIT $1`,
    [limit],
  );
  return rows;
}

/** What a message was about, and by which channel it went. */
type Addressed = Pick<UndeliveredMessage, 'alert' | 'channel'>;

/**
 * A message that was given up is tried once more, with those of the same alert by the same channel that were given up
 * before it: what opened an alert is told before what became of it. It is given up again where that fails, for it is as
 * old as it is.
 * @returns all that are tried, first to last; none where no message of that id was given up
 */
export async function messageAgain(
  client: pg.ClientBase,
  id: string,
  now: number,
): Promise<readonly (Addressed & Pick<UndeliveredMessage, 'id'>)[]> {
  const { rows } = await client.query<Addressed & { id: string }>(
    `WITH tried AS (
       UPDATE outbox AS earlier SET dead_at = NULL, queued_at = NULL, next_attempt_at = $2 FROM outbox AS message
       WHERE message.id = $1 AND message.dead_at IS NOT NULL AND earlier.dead_at IS NOT NULL
         AND earlier.channel = message.channel AND earlier.alert_id = message.alert_id
         AND (earlier.id = message.id OR (message.alert_id <> '' AND earlier.position < message.position))
       RETURNING earlier.id, earlier.alert_id AS alert, earlier.channel, earlier.position)
     SELECT id, alert, channel FROM tried ORDER BY position`,
    [id, timestamp(now)],
  );
  if (rows.length > 0) await client.query('SELECT pg_notify($1, $2)', [OUTBOX_CHANNEL, '']);
  return rows;
}

/** Removes a message that was given up. @returns null where there is none */
export async function giveMessageUp(client: pg.ClientBase, id: string): Promise<Addressed | null> {
  const { rows } = await client.query<Addressed>(
    'DELETE FROM outbox WHERE id = $1 AND dead_at IS NOT NULL RETURNING alert_id AS alert, channel',
    [id],
  );
  return rows[0] ?? null;
}
