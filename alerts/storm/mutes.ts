import type pg from 'pg';
import type { AlertAbout } from '../../domain/index.ts';
import { type Database, timestamp } from '../../storage/index.ts';
import { LONGEST_GRACE_MS, type RoutedAlert, type RouteMatch } from '../routing/routing.ts';
import type { Muted, StandingAlert, StandingSilence } from './inhibition.ts';

/** Silences in force. @param now epoch ms UTC */
export async function standingSilences(
  client: Pick<pg.ClientBase, 'query'>,
  now: number,
): Promise<readonly StandingSilence[]> {
  const { rows } = await client.query<{ id: number; match: RouteMatch; reason: string; author: string }>(
    `SELECT id, match, reason, author FROM alert_silences
     WHERE ended_at IS NULL AND until_at > $1 AND from_at <= $1 ORDER BY id`,
    [timestamp(now)],
  );
  return rows;
}

/** Alerts that go on and may say it for others, and those that did lately. @param now epoch ms UTC */
export async function standingSources(
  client: Pick<pg.ClientBase, 'query'>,
  now: number,
): Promise<readonly StandingAlert[]> {
  const { rows } = await client.query<StandingRow>(
    `SELECT ${STANDING_COLUMNS} FROM routed_alerts r JOIN alerts a ON a.number = r.alert
     WHERE r.mutes AND a.state IN ('open', 'acknowledged') AND a.goes_on
     UNION ALL SELECT ${STANDING_COLUMNS} FROM routed_alerts r JOIN alerts a ON a.number = r.alert
     WHERE r.mutes AND a.state <> 'retracted' AND NOT a.goes_on AND a.to_at > $1
     ORDER BY "openedAt", id`,
    [timestamp(now - LONGEST_GRACE_MS)],
  );
  return rows.map(standing);
}

/** Keeps by what an alert is muted. */
export async function keepMuted(client: pg.ClientBase, alert: number, muted: Muted | null): Promise<void> {
  await client.query('UPDATE routed_alerts SET muted = $2 WHERE alert = $1', [
    alert,
    muted === null ? null : JSON.stringify(muted),
  ]);
}

/** By what an alert is muted; null: by nothing, or nobody asks any more. */
export async function mutedOf(database: Database, id: string): Promise<Muted | null> {
  const { rows } = await database.query<{ muted: Muted }>(
    `SELECT muted FROM routed_alerts JOIN alerts ON number = alert WHERE id = $1 AND muted IS NOT NULL AND state = 'open'`,
    [id],
  );
  return rows[0]?.muted ?? null;
}

/** Columns of `routed_alerts r` and `alerts a` that standing() reads. */
export const STANDING_COLUMNS = `a.id, a.kind, a.severity, a.rule, a.device, a.shipments, a.detected_at AS "openedAt", r.about, r.sites,
  r.gateways, r.profiles, r.products, r.labels, CASE WHEN NOT a.goes_on THEN a.to_at END AS "overAt"`;

export interface StandingRow extends Omit<RoutedAlert, 'about'> {
  readonly id: string;
  readonly about: AlertAbout;
  readonly overAt: number | null;
}

export function standing({ id, overAt, ...row }: StandingRow): StandingAlert {
  return { id, routed: row, overAt };
}
