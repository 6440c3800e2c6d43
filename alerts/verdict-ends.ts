import {
  type AlertEnds,
  type AlertLookedAt,
  type AlertVerdict,
  type AuditTrail,
  type Effects,
  storableText,
} from '../domain/index.ts';
import { ALERT_WORK_CHANNEL, clientOf, timestamp } from '../storage/index.ts';
import { lockAlert } from './alert-service.ts';
import { ALERT_COLUMNS, type AlertRecord, type AlertRow, recordOf } from './alert-store.ts';
import { changedConflict, stateConflict } from './conflicts.ts';
import { entryOf } from './history.ts';
import { ALERT_CHANNEL } from './reconcile.ts';
import type { AlertRouting } from './routing/alert-routing.ts';

/** Ends alerts by what people signed, and opens them again where that is taken back; whoever was told hears of it. */
export class VerdictEnds implements AlertEnds {
  readonly #audit: AuditTrail;
  readonly #routing: AlertRouting;

  constructor({ audit, routing }: { readonly audit: AuditTrail; readonly routing: AlertRouting }) {
    this.#audit = audit;
    this.#routing = routing;
  }

  async requireOpen(effects: Effects, { id, revision }: AlertLookedAt): Promise<void> {
    const { alert, actedRevision } = await lockAlert(clientOf(effects), id, null);
    if (alert.state !== 'open' && alert.state !== 'acknowledged') {
      throw stateConflict(alert, { allowed: ['open', 'acknowledged'], action: 'judged' });
    }
    if (revision !== undefined && revision < actedRevision) throw changedConflict(alert);
  }

  async judged(effects: Effects, id: string, verdict: AlertVerdict): Promise<void> {
    await clientOf(effects).query(
      'UPDATE alerts SET revision = revision + 1, acted_revision = revision + 1 WHERE id = $1',
      [id],
    );
    await this.#add(effects, id, 'judged', verdict);
    await clientOf(effects).query('SELECT pg_notify($1, $2)', [ALERT_CHANNEL, id]);
  }

  async ended(effects: Effects, alerts: readonly number[], verdict: AlertVerdict): Promise<void> {
    const { rows } = await clientOf(effects).query<AlertRow>(
      `UPDATE alerts SET state = 'resolved', resolved_by = $2, resolved_at = $3, ended_by_verdict = true,
         revision = revision + 1, acted_revision = revision + 1
       WHERE number = ANY($1) AND state IN ('open', 'acknowledged') RETURNING ${ALERT_COLUMNS}`,
      [alerts, storableText(verdict.who.actor.name), timestamp(verdict.at)],
    );
    for (const record of inOrder(rows)) {
      const event = await this.#add(effects, record.alert.id, 'resolved', verdict);
      const client = clientOf(effects);
      await this.#routing.followed(client, record, { type: 'alert.resolved', event, at: verdict.at });
      await client.query('SELECT pg_notify($1, $2)', [ALERT_CHANNEL, record.alert.id]);
    }
  }

  async stakeChanged(effects: Effects, alerts: readonly number[], { said }: AlertVerdict): Promise<void> {
    const { rowCount } = await clientOf(effects).query(
      `INSERT INTO alert_work (rule, key, from_at, reason, is_exposure)
       SELECT rule, key, from_at, $2, true FROM alerts WHERE number = ANY($1) AND state IN ('open', 'acknowledged')`,
      [alerts, storableText(said)],
    );
    if (rowCount !== 0) await clientOf(effects).query('SELECT pg_notify($1, $2)', [ALERT_WORK_CHANNEL, '']);
  }

  async counted(effects: Effects, alerts: readonly number[], verdict: AlertVerdict): Promise<void> {
    const { rows } = await clientOf(effects).query<AlertRow>(
      `UPDATE alerts SET state = 'open', reopened = reopened + 1, acknowledged_by = NULL, acknowledged_at = NULL,
         resolved_by = NULL, resolved_at = NULL, snoozed_until = NULL, ended_by_verdict = false,
         revision = revision + 1, acted_revision = revision + 1
       WHERE number = ANY($1) AND state = 'resolved' AND ended_by_verdict RETURNING ${ALERT_COLUMNS}`,
      [alerts],
    );
    for (const record of inOrder(rows)) {
      const event = await this.#add(effects, record.alert.id, 'reopened', verdict);
      const client = clientOf(effects);
      await this.#routing.opened(client, record, { event, at: verdict.at });
      await client.query('SELECT pg_notify($1, $2)', [ALERT_CHANNEL, record.alert.id]);
    }
  }

  #add(
    effects: Effects,
    id: string,
    action: 'judged' | 'resolved' | 'reopened',
    { case: inCase, step, said, reason, who, at }: AlertVerdict,
  ): Promise<string> {
    const detail = { case: inCase, step, said };
    return this.#audit.add(effects, entryOf(id, { at, who, action, comment: reason, detail }));
  }
}

/** As they were opened. */
function inOrder(rows: readonly AlertRow[]): readonly AlertRecord[] {
  return rows.map(recordOf).sort((a, b) => a.number - b.number);
}
