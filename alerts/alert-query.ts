import type { AlertState, SeenFrom, Severity } from '../domain/index.ts';
import { type Database, readCursor, timestamp } from '../storage/index.ts';

/** Which alerts are meant: all that is said must hold. */
export interface AlertQuery {
  /** Any of these; all where absent. */
  readonly state?: readonly AlertState[] | undefined;
  readonly severity?: readonly Severity[] | undefined;
  readonly shipment?: string | undefined;
  readonly device?: string | undefined;
  readonly portal?: string | undefined;
  readonly rule?: string | undefined;
  readonly kind?: string | undefined;
  /** As its routes saw them when it opened. */
  readonly site?: string | undefined;
  readonly gateway?: string | undefined;
  /** Number of a group in which it was told (alerts/storm). */
  readonly notice?: number | undefined;
  /** It has none of these. */
  readonly without?: GroupedAlerts | undefined;
  readonly assignedTo?: string | undefined;
  /** Detected then or later, epoch ms UTC. */
  readonly since?: number | undefined;
  readonly limit: number;
  /** As the page before gave it. */
  readonly cursor?: string | undefined;
}

/** By what alerts are put together: `notice` is as those were told together that stormed. */
export const ALERT_GROUPINGS = ['shipment', 'site', 'gateway', 'rule', 'notice'] as const;
export type GroupedAlerts = (typeof ALERT_GROUPINGS)[number];

/** Alerts that have something in common. One of two shipments stands with both. */
export interface AlertGroup {
  /** What they have in common, by id; null: those that have none of it. */
  readonly key: string | null;
  /** Of a group of notices: its route, and the values it was told by. */
  readonly route: string | null;
  readonly by: Readonly<Record<string, string>> | null;
  readonly alerts: number;
  readonly open: number;
  readonly critical: number;
  readonly warning: number;
  /** When the latest was found, epoch ms UTC. */
  readonly latestAt: number;
}

export interface AlertGroups {
  /** Alerts in all, each once. */
  readonly total: number;
  readonly groups: readonly AlertGroup[];
}

/** More groups than that nobody looks through. */
const MOST_GROUPS = 500;

/** Groups of the alerts that are meant, those with most critical ones first, then the largest. */
export async function alertGroups(
  database: Database,
  by: GroupedAlerts,
  query: Omit<AlertQuery, 'limit' | 'cursor'>,
  seenFrom: SeenFrom,
): Promise<AlertGroups> {
  const { conditions, values } = conditionsOf(query, seenFrom);
  const chosen = `SELECT number, rule, state, severity, shipments, detected_at FROM alerts
    ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}`;
  const { rows } = await database.query<AlertGroup & { readonly isTotal: boolean }>(
    `WITH chosen AS MATERIALIZED (${chosen}), keyed AS (${KEYED[by]}),
     counted AS (SELECT key, ${COUNTS} FROM keyed GROUP BY key
       ORDER BY critical DESC, alerts DESC, key LIMIT ${MOST_GROUPS})
     SELECT false AS "isTotal", c.*, ${by === 'notice' ? 'g.route, g.by_values' : 'NULL AS route, NULL::jsonb'} AS by
     FROM counted c ${by === 'notice' ? 'LEFT JOIN alert_groups g ON g.id = c.key::bigint' : ''}
     UNION ALL SELECT true, NULL, ${COUNTS}, NULL, NULL FROM chosen`,
    values,
  );
  const groups = rows.filter(({ isTotal }) => !isTotal).map(({ isTotal: _, ...group }) => group);
  return { total: rows.find(({ isTotal }) => isTotal)?.alerts ?? 0, groups };
}

const COUNTS = `count(*)::int AS alerts, count(*) FILTER (WHERE state = 'open')::int AS open,
  count(*) FILTER (WHERE severity = 'critical')::int AS critical, count(*) FILTER (WHERE severity = 'warning')::int AS warning,
  max(detected_at) AS "latestAt"`;

/** Every alert comes once for each value that it has, or once with none. */
const KEYED: Readonly<Record<GroupedAlerts, string>> = {
  rule: 'SELECT rule AS key, chosen.* FROM chosen',
  shipment: 'SELECT shipment AS key, chosen.* FROM chosen LEFT JOIN LATERAL unnest(shipments) AS shipment ON true',
  site: `SELECT site AS key, chosen.* FROM chosen LEFT JOIN routed_alerts r ON r.alert = number
    LEFT JOIN LATERAL unnest(r.sites) AS site ON true`,
  gateway: `SELECT gateway AS key, chosen.* FROM chosen LEFT JOIN routed_alerts r ON r.alert = number
    LEFT JOIN LATERAL unnest(r.gateways) AS gateway ON true`,
  notice: 'SELECT m.grp::text AS key, chosen.* FROM chosen LEFT JOIN alert_group_members m ON m.alert = number',
};

/** That an alert has none of what it may be grouped by; looked up row by row, for a list reads a page of them. */
const WITHOUT: Readonly<Record<GroupedAlerts, string>> = {
  rule: 'false',
  shipment: "shipments = '{}'",
  site: "coalesce((SELECT r.sites = '{}' FROM routed_alerts r WHERE r.alert = number), true)",
  gateway: "coalesce((SELECT r.gateways = '{}' FROM routed_alerts r WHERE r.alert = number), true)",
  notice: '(SELECT m.grp FROM alert_group_members m WHERE m.alert = number LIMIT 1) IS NULL',
};

/** The condition that an alert is seen from the places in a parameter, null being everywhere. */
export function isSeenFrom(parameter: string): string {
  return `(${parameter}::text[] IS NULL
    OR alert_seen_from(number, shipments, portal, device, affected_count, ${parameter}::text[]))`;
}

/** What a query asks of a row of `alerts`. @throws {InputError} CURSOR_INVALID */
export function conditionsOf(
  query: Omit<AlertQuery, 'limit'>,
  seenFrom: SeenFrom,
): { conditions: string[]; values: unknown[] } {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const where = (condition: (parameter: string) => string, value: unknown) => {
    if (value === undefined || value === null) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  const routed = (p: string, column: string) =>
    `number IN (SELECT r.alert FROM routed_alerts r WHERE r.${column} @> ARRAY[${p}::text])`;
  where(isSeenFrom, seenFrom);
  where((p) => `state = ANY(${p})`, query.state);
  where((p) => `severity = ANY(${p})`, query.severity);
  where((p) => `shipments @> ARRAY[${p}::text]`, query.shipment);
  where((p) => `device = ${p}`, query.device);
  where((p) => `portal = ${p}`, query.portal);
  where((p) => `rule = ${p}`, query.rule);
  where((p) => `kind = ${p}`, query.kind);
  where((p) => routed(p, 'sites'), query.site);
  where((p) => routed(p, 'gateways'), query.gateway);
  where((p) => `number IN (SELECT m.alert FROM alert_group_members m WHERE m.grp = ${p}::bigint)`, query.notice);
  if (query.without !== undefined) conditions.push(WITHOUT[query.without]);
  where((p) => `assigned_to = ${p}`, query.assignedTo);
  where((p) => `detected_at >= ${p}`, query.since === undefined ? undefined : timestamp(query.since));
  if (query.cursor !== undefined) {
    const [detectedAt, number] = readCursor(query.cursor, ['time', 'bigint']);
    values.push(timestamp(detectedAt), number);
    conditions.push(`(detected_at, number) < ($${values.length - 1}, $${values.length})`);
  }
  return { conditions, values };
}
