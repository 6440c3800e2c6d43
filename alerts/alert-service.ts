import type pg from 'pg';
import {
  type AffectedSerial,
  type Alert,
  type AlertAction,
  type AlertEntry,
  type AlertState,
  type AuditTrail,
  InputError,
  type Origination,
  type SeenFrom,
  type Severity,
  type TimeSource,
} from '../domain/index.ts';
import { afterOf, cursorOf, type Database, effectsOf, timestamp } from '../storage/index.ts';
import {
  type AlertGroups,
  type AlertQuery,
  alertGroups,
  conditionsOf,
  type GroupedAlerts,
  isSeenFrom,
} from './alert-query.ts';
import { ALERT_COLUMNS, type AlertRecord, type AlertRow, LISTED_COLUMNS, onlyRecord, recordOf } from './alert-store.ts';
import { changedConflict, nobodyNext, stateConflict, unknownAlert } from './conflicts.ts';
import type { MessageType } from './delivery/outbox.ts';
import { type AlertStep, entryOf, historyOf } from './history.ts';
import { ALERT_CHANNEL } from './reconcile.ts';
import { type AlertRouting, tell } from './routing/alert-routing.ts';
import {
  type KeptNotice,
  type NoticeAbout,
  nextEscalation,
  noticesOfAlert,
  noticesTold,
} from './routing/notice-store.ts';
import { serialsElsewhere, serialsPage } from './serials.ts';
import type { Muted } from './storm/inhibition.ts';
import { mutedOf } from './storm/mutes.ts';

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** How far the affected serials of an alert reach. */
export interface AlertBreadth {
  /** Least and most minutes out of range of one serial; null where the kind counts none or there are no serials. */
  readonly minutes: { readonly least: number; readonly most: number } | null;
  readonly units: readonly string[];
}

/** Alerts that are not resolved: `open` of them are not acknowledged either. */
export interface UndecidedAlerts {
  readonly shipment: string | null;
  readonly device: string | null;
  readonly severity: Severity;
  /** The kind of their rules, and what those measure; null where it is no reading. */
  readonly kind: string;
  readonly metric: string | null;
  readonly open: number;
  readonly undecided: number;
  /** One of them is a temperature beyond a limit that is not back. */
  readonly isRunning: boolean;
}

export interface AlertServiceDependencies {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly time: TimeSource;
  readonly routing: AlertRouting;
  /** Only alerts that are seen from these places: the others are as if they were not there. */
  readonly seenFrom?: SeenFrom;
}

/** What goes with every action of a person. */
export interface ActionNote {
  readonly comment?: string | undefined;
  /** The revision the person saw; undefined asks for no such check. */
  readonly seen?: number | undefined;
}

/**
 * Alerts for people: what there is, and what they do about it. Each action is one transaction with its entry in the
 * audit trail, its messages in the outbox and a notification on `isotherm_alert`.
 *
 * Every action throws {InputError} ALERT_UNKNOWN for an unknown id and {ConflictError}, with the current state:
 * ALERT_STATE_CONFLICT where the alert's state does not allow it, ALERT_CHANGED where somebody acted since the revision
 * that was seen. What the platform itself changed since (a running excursion grows) is no conflict.
 */
export class AlertService {
  readonly #audit: AuditTrail;
  readonly #database: Database;
  readonly #time: TimeSource;
  readonly #routing: AlertRouting;
  readonly #dependencies: AlertServiceDependencies;
  readonly #seenFrom: SeenFrom;

  constructor(dependencies: AlertServiceDependencies) {
    const { audit, database, time, routing, seenFrom = null } = dependencies;
    this.#dependencies = dependencies;
    this.#seenFrom = seenFrom;
    this.#audit = audit;
    this.#database = database;
    this.#time = time;
    this.#routing = routing;
  }

  /** The same for who sees the goods of these places. */
  at(seenFrom: SeenFrom): AlertService {
    return new AlertService({ ...this.#dependencies, seenFrom });
  }

  /** Latest detected first, without the readings of their evidence. @throws {InputError} CURSOR_INVALID */
  async list(query: AlertQuery): Promise<Page<Alert>> {
    const { conditions, values } = conditionsOf(query, this.#seenFrom);
    values.push(query.limit + 1);
    const { rows } = await this.#database.query<AlertRow>(
      `SELECT ${LISTED_COLUMNS} FROM alerts ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
       ORDER BY detected_at DESC, number DESC LIMIT $${values.length}`,
      values,
    );
    const records = rows.slice(0, query.limit).map(recordOf);
    const last = rows.length > query.limit ? records.at(-1) : undefined;
    return {
      items: records.map(({ alert }) => alert),
      nextCursor: last === undefined ? null : cursorOf([last.alert.detectedAt, last.number]),
    };
  }

  /** The same alerts by what they have in common, the worst and largest groups first, and how many there are in all. */
  groups(by: GroupedAlerts, query: Omit<AlertQuery, 'limit' | 'cursor'>): Promise<AlertGroups> {
    return alertGroups(this.#database, by, query, this.#seenFrom);
  }

  /** Null where there is none that is seen. */
  async find(id: string): Promise<Alert | null> {
    return (await this.#recordOrNull(id))?.alert ?? null;
  }

  async get(id: string): Promise<Alert> {
    return (await this.#record(id)).alert;
  }

  /** Alerts that list this serial, or serials of this unit, latest detected first, without the readings of their evidence. */
  async ofSerial(epc: string): Promise<readonly Alert[]> {
    const { rows } = await this.#database.query<AlertRow>(
      `SELECT ${LISTED_COLUMNS} FROM alerts WHERE number IN (SELECT alert FROM alert_serials WHERE epc = $1
         UNION SELECT alert FROM alert_exposures WHERE unit = $1) AND ${isSeenFrom('$2')}
       ORDER BY detected_at DESC, number DESC`,
      [epc, this.#seenFrom],
    );
    return rows.map((row) => recordOf(row).alert);
  }

  /** How many of the affected serials are not seen: they are at other sites. */
  async elsewhere(id: string): Promise<number> {
    const { number } = await this.#record(id);
    return this.#seenFrom === null ? 0 : serialsElsewhere(this.#database.pool, number, this.#seenFrom);
  }

  /** A page of the affected serials that are seen; one in several environments comes once for each. */
  async serials(id: string, page: { limit: number; cursor?: string | undefined }): Promise<Page<AffectedSerial>> {
    const { number } = await this.#record(id);
    const [part, epc] = afterOf(page, ['int', 'text']) ?? [null, null];
    const after = part === null || epc === null ? null : { part, epc };
    const rows = await serialsPage(this.#database.pool, number, page.limit + 1, after, this.#seenFrom);
    const items = rows.slice(0, page.limit);
    const last = rows.length > page.limit ? items.at(-1) : undefined;
    return {
      items: items.map(({ part: _, ...serial }) => serial),
      nextCursor: last === undefined ? null : cursorOf([last.part, last.epc]),
    };
  }

  async breadth(id: string): Promise<AlertBreadth> {
    const { number } = await this.#record(id);
    const { rows } = await this.#database.query<{ least: number | null; most: number | null; units: string[] }>(
      `SELECT min(minutes) AS least, max(minutes) AS most,
         coalesce(array_agg(DISTINCT unit ORDER BY unit) FILTER (WHERE unit IS NOT NULL), '{}') AS units
       FROM alert_exposures WHERE alert = $1
         AND ($2::text[] IS NULL OR unit IS NULL OR goods_seen_from(unit, $2::text[]))`,
      [number, this.#seenFrom],
    );
    const { least = null, most = null, units = [] } = rows[0] ?? {};
    return { minutes: least === null || most === null ? null : { least, most }, units };
  }

  /** Its history, oldest first. */
  async events(id: string): Promise<readonly AlertEntry[]> {
    await this.#record(id);
    return historyOf(this.#audit, id);
  }

  /**
   * What nobody has decided, however long it is: how many open and unresolved alerts there are per shipment, device,
   * severity and kind; null where they touch none.
   */
  async undecided(): Promise<readonly UndecidedAlerts[]> {
    const { rows } = await this.#database.query<UndecidedAlerts>(
      `SELECT shipment, device, severity, kind, metric, count(*) FILTER (WHERE state = 'open') AS open, count(*) AS undecided,
         bool_or(kind = 'threshold' AND metric = 'temperature' AND evidence ->> 'endedBy' IS NULL) AS "isRunning"
       FROM alerts LEFT JOIN LATERAL unnest(shipments) AS shipment ON true
       WHERE state IN ('open', 'acknowledged') GROUP BY shipment, device, severity, kind, metric`,
    );
    return rows;
  }

  /** @throws {InputError} COMMENT_REQUIRED without a comment, where a place of the alert asks for one */
  acknowledge(id: string, who: Origination, note: ActionNote = {}): Promise<Alert> {
    return this.#act(id, who, note, {
      isCommentAsked: true,
      allowed: ['open'],
      action: 'acknowledged',
      set: 'state = $2, acknowledged_by = $3, acknowledged_at = $4',
      values: (now) => ['acknowledged', who.actor.name, timestamp(now)],
      message: 'alert.acknowledged',
    });
  }

  /**
   * An excursion that still runs may be resolved too; what changes afterwards is noted, not reopened.
   * @throws {InputError} REASON_REQUIRED without a comment that says why
   */
  async resolve(id: string, who: Origination, note: ActionNote): Promise<Alert> {
    requireReason(note);
    return this.#act(id, who, note, {
      allowed: ['open', 'acknowledged'],
      action: 'resolved',
      set: 'state = $2, resolved_by = $3, resolved_at = $4',
      values: (now) => ['resolved', who.actor.name, timestamp(now)],
      message: 'alert.resolved',
    });
  }

  /**
   * Opens a resolved alert again: the same alert, which counts how often.
   * @throws {InputError} REASON_REQUIRED without a comment that says why
   */
  async reopen(id: string, who: Origination, note: ActionNote): Promise<Alert> {
    requireReason(note);
    return this.#act(id, who, note, {
      allowed: ['resolved'],
      action: 'reopened',
      set: `state = $2, reopened = reopened + 1, acknowledged_by = NULL, acknowledged_at = NULL, resolved_by = NULL,
        resolved_at = NULL, snoozed_until = NULL, ended_by_verdict = false`,
      values: () => ['open'],
      message: 'alert.opened',
    });
  }

  /** @param to user name; null gives it back */
  assign(id: string, who: Origination, to: string | null, note: ActionNote = {}): Promise<Alert> {
    return this.#act(id, who, note, {
      allowed: ['open', 'acknowledged'],
      action: 'assigned',
      set: 'assigned_to = $2',
      values: () => [to],
      detail: { to },
    });
  }

  /** @param until epoch ms UTC, later than now @throws {InputError} SNOOZE_IN_THE_PAST */
  async snooze(id: string, who: Origination, until: number, note: ActionNote = {}): Promise<Alert> {
    const now = this.#time.now();
    if (until <= now) {
      throw new InputError('SNOOZE_IN_THE_PAST', `until: given ${iso(until)}, allowed: later than now (${iso(now)})`);
    }
    return this.#act(id, who, note, {
      allowed: ['open', 'acknowledged'],
      action: 'snoozed',
      set: 'snoozed_until = $2',
      values: () => [timestamp(until)],
      detail: { until: iso(until) },
    });
  }

  /**
   * Tells whoever is next at once, as if their time had come: a person asks for it, so neither a group nor a silence holds it back.
   * @throws {ConflictError} ALERT_NOBODY_NEXT where its routes escalate no further
   */
  async escalate(id: string, who: Origination, note: ActionNote = {}): Promise<Alert> {
    return this.#act(id, who, note, {
      allowed: ['open'],
      action: 'escalated',
      set: 'state = state',
      values: () => [],
      besides: async (client, record, { event, at }) => {
        const next = await nextEscalation(client, record.number, at);
        if (next.length === 0) throw nobodyNext(record.alert);
        await tell(client, record, next, { event, at });
      },
    });
  }

  /** Who was told of an alert, and who will be while nobody acknowledges it, by time. */
  notices(id: string): Promise<readonly KeptNotice[]> {
    return noticesOfAlert(this.#database, id);
  }

  /** Who was told of some alerts so far, by time. @param most the latest of them */
  noticesTold(ids: readonly string[], most: number): Promise<readonly NoticeAbout[]> {
    return noticesTold(this.#database, ids, most);
  }

  /** Whether it is acknowledged with a comment. */
  needsComment(id: string): Promise<boolean> {
    return asksForComment(this.#database.pool, id);
  }

  /** By what an open alert is muted: nobody is told of it meanwhile; null: by nothing. */
  muted(id: string): Promise<Muted | null> {
    return mutedOf(this.#database, id);
  }

  /** In any state. */
  async comment(id: string, who: Origination, comment: string): Promise<Alert> {
    return this.#database.transaction(async (client) => {
      const { alert } = await lockAlert(client, id, this.#seenFrom);
      await this.#audit.add(
        effectsOf(client),
        entryOf(id, { at: this.#time.now(), who, action: 'commented', comment }),
      );
      await client.query('SELECT pg_notify($1, $2)', [ALERT_CHANNEL, id]);
      return alert;
    });
  }

  #act(id: string, who: Origination, { comment, seen }: ActionNote, action: Action): Promise<Alert> {
    const at = this.#time.now();
    return this.#database.transaction(async (client) => {
      const before = await lockAlert(client, id, this.#seenFrom);
      if (!action.allowed.includes(before.alert.state)) throw stateConflict(before.alert, action);
      if (seen !== undefined && seen < before.actedRevision) throw changedConflict(before.alert);
      if (action.isCommentAsked === true && (comment ?? '').trim() === '' && (await asksForComment(client, id))) {
        throw commentRequired();
      }
      const { rows } = await client.query<AlertRow>(
        `UPDATE alerts SET ${action.set}, revision = revision + 1, acted_revision = revision + 1
         WHERE id = $1 RETURNING ${ALERT_COLUMNS}`,
        [id, ...action.values(at)],
      );
      const record = onlyRecord(rows);
      const { state, assignedTo, snoozedUntil } = before.alert;
      const step: AlertStep = {
        ...{ at, who, action: action.action, comment: comment ?? null },
        before: { state, assignedTo, snoozedUntil: snoozedUntil === null ? null : iso(snoozedUntil) },
        detail: { state: record.alert.state, ...action.detail },
      };
      const event = await this.#audit.add(effectsOf(client), entryOf(id, step));
      if (action.message === 'alert.opened') await this.#routing.opened(client, record, { event, at });
      else if (action.message !== undefined) {
        await this.#routing.followed(client, record, { type: action.message, event, at });
      }
      await action.besides?.(client, record, { event, at });
      await client.query('SELECT pg_notify($1, $2)', [ALERT_CHANNEL, id]);
      return record.alert;
    });
  }

  async #record(id: string): Promise<AlertRecord> {
    const record = await this.#recordOrNull(id);
    if (record === null) throw unknownAlert(id);
    return record;
  }

  async #recordOrNull(id: string): Promise<AlertRecord | null> {
    const { rows } = await this.#database.query<AlertRow>(
      `SELECT ${ALERT_COLUMNS} FROM alerts WHERE id = $1 AND ${isSeenFrom('$2')}`,
      [id, this.#seenFrom],
    );
    return rows.length === 0 ? null : onlyRecord(rows);
  }
}

/** Whether a place of an alert, or one around it, wants a comment when it is acknowledged. */
async function asksForComment(client: pg.ClientBase | pg.Pool, id: string): Promise<boolean> {
  const { rows } = await client.query(
    `WITH RECURSIVE around AS (
       SELECT unnest(r.sites) AS id FROM alerts a JOIN routed_alerts r ON r.alert = a.number WHERE a.id = $1
       UNION SELECT h.value FROM alerts a JOIN attachments_members m ON m.subject = a.device
         JOIN attachments_histories h USING (history)
         WHERE a.id = $1 AND h.holds AND h.since <= extract(epoch FROM a.from_at) * 1000
           AND (h.until IS NULL OR h.until > extract(epoch FROM a.from_at) * 1000)
       UNION SELECT p.parent FROM places p JOIN around USING (id) WHERE p.parent IS NOT NULL)
     SELECT FROM around JOIN places USING (id) WHERE comment_required LIMIT 1`,
    [id],
  );
  return rows.length > 0;
}

function commentRequired(): InputError {
  return new InputError('COMMENT_REQUIRED', 'comment: this site asks what is done about it; say it in a few words', {
    errors: [{ path: 'comment', message: 'say what is done about it, in a few words' }],
  });
}

interface Action {
  /** A place may ask for a comment. */
  readonly isCommentAsked?: boolean;
  readonly allowed: readonly AlertState[];
  readonly action: AlertAction;
  /** Columns from `$2` on. */
  readonly set: string;
  readonly values: (now: number) => unknown[];
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly message?: MessageType;
  /** What else belongs to it, in the same transaction. */
  readonly besides?: (
    client: pg.ClientBase,
    record: AlertRecord,
    step: { readonly event: string; readonly at: number },
  ) => Promise<void>;
}

function requireReason({ comment }: ActionNote): void {
  if (comment === undefined || comment.trim() === '') {
    throw new InputError('REASON_REQUIRED', 'reason: say why, in a few words', {
      errors: [{ path: 'reason', message: 'say why, in a few words' }],
    });
  }
}

/** An alert as it stands, wherever it is. @throws {InputError} ALERT_UNKNOWN */
export async function alertRecord(database: Database, id: string): Promise<AlertRecord> {
  const { rows } = await database.query<AlertRow>(`SELECT ${ALERT_COLUMNS} FROM alerts WHERE id = $1`, [id]);
  if (rows.length === 0) throw unknownAlert(id);
  return onlyRecord(rows);
}

/** An alert that nobody else changes until the transaction ends. @throws {InputError} ALERT_UNKNOWN */
export async function lockAlert(client: pg.ClientBase, id: string, seenFrom: SeenFrom): Promise<AlertRecord> {
  const { rows } = await client.query<AlertRow>(
    `SELECT ${ALERT_COLUMNS} FROM alerts WHERE id = $1 AND ${isSeenFrom('$2')} FOR UPDATE`,
    [id, seenFrom],
  );
  if (rows.length === 0) throw unknownAlert(id);
  return onlyRecord(rows);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
