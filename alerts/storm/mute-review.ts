import { type AuditTrail, BY_PLATFORM } from '../../domain/index.ts';
import { type Database, effectsOf, timestamp } from '../../storage/index.ts';
import { entryOf } from '../history.ts';
import { ALERT_CHANNEL } from '../reconcile.ts';
import type { AlertRouting } from '../routing/alert-routing.ts';
import { liveFlaps, mutedByFlap } from './flaps.ts';
import { type Muted, mutedBy } from './inhibition.ts';
import { keepMuted, STANDING_COLUMNS, type StandingRow, standing, standingSilences, standingSources } from './mutes.ts';

/** Alerts looked at in one transaction; the rest at the next look. */
const AT_ONCE = 10_000;

/**
 * Looks at alerts of which somebody is about to be told, and at those that are muted: what is muted since is not told, and what
 * is muted no more is, if it still stands.
 *
 * @returns how many changed
 */
export async function reviewMutes(
  { audit, database, routing }: { audit: AuditTrail; database: Database; routing: AlertRouting },
  now: number,
): Promise<number> {
  return database.transaction(async (client) => {
    const silences = await standingSilences(client, now);
    const sources = await standingSources(client, now);
    const isAnything = silences.length > 0 || sources.length > 0;
    const { rows: muted } = await client.query<{ alert: number }>(
      'SELECT alert FROM routed_alerts WHERE muted IS NOT NULL ORDER BY alert LIMIT $1',
      [AT_ONCE],
    );
    const { rows: due } = isAnything
      ? await client.query<{ alert: number }>(
          `SELECT DISTINCT alert FROM (SELECT alert FROM alert_notices
             WHERE told_at IS NULL AND cancelled_at IS NULL AND due_at <= $1 ORDER BY due_at LIMIT $2) AS due`,
          [timestamp(now), AT_ONCE],
        )
      : { rows: [] };
    const { rows } = await client.query<StandingRow & { number: number; muted: Muted | null; flap: number | null }>(
      `SELECT ${STANDING_COLUMNS}, a.number, r.muted, r.flap FROM routed_alerts r JOIN alerts a ON a.number = r.alert
       WHERE r.alert = ANY($1) AND a.state = 'open' ORDER BY r.alert FOR UPDATE OF r SKIP LOCKED`,
      [[...new Set([...muted, ...due].map(({ alert }) => alert))]],
    );
    const flaps = await liveFlaps(
      client,
      rows.flatMap(({ flap }) => flap ?? []),
    );
    let changed = 0;
    for (const { number, muted: before, flap, ...row } of rows) {
      const isHeld = flap !== null && flaps.has(flap);
      const muted =
        mutedBy(standing(row), silences, routing.inhibitions, sources, now) ?? (isHeld ? mutedByFlap(flap) : null);
      if (muted?.by === before?.by && muted?.id === before?.id) continue;
      await keepMuted(client, number, muted);
      await audit.add(
        effectsOf(client),
        entryOf(row.id, {
          ...{ at: now, who: BY_PLATFORM, action: muted === null ? 'unmuted' : 'muted' },
          detail: muted === null ? { was: before?.why ?? '' } : { by: muted.by, id: muted.id, reason: muted.why },
        }),
      );
      await client.query('SELECT pg_notify($1, $2)', [ALERT_CHANNEL, row.id]);
      changed++;
    }
    return changed;
  });
}
