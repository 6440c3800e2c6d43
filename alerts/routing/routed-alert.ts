import type pg from 'pg';
import type { AlertRecord } from '../alert-store.ts';
import type { RoutedAlert } from './routing.ts';

/** Labels of a rule version; none where it is not known. */
export type RuleLabels = (rule: string, version: number) => Promise<Readonly<Record<string, string>>>;

/**
 * What routes look at, of an alert as it stands: the sites that its shipments go from and to, its portal's, and where its
 * device is attached to a place; profiles of its shipments; products of its serials.
 *
 * @param openedAt from when the steps of its routes count, epoch ms UTC
 */
export async function routedAlert(
  client: pg.ClientBase | pg.Pool,
  { alert, number }: AlertRecord,
  labels: RuleLabels,
  openedAt: number,
): Promise<RoutedAlert> {
  const { rows } = await client.query<{ sites: string[]; profiles: string[]; products: string[] }>(
    `WITH RECURSIVE around AS (
       SELECT h.value AS id FROM attachments_members m JOIN attachments_histories h USING (history)
         WHERE m.subject = $3 AND h.holds AND h.since <= $4 AND (h.until IS NULL OR h.until > $4)
       UNION SELECT p.parent FROM places p JOIN around USING (id) WHERE p.parent IS NOT NULL)
     SELECT
       (SELECT coalesce(array_agg(DISTINCT site), '{}') FROM (
          SELECT unnest(ARRAY[origin, destination]) AS site FROM shipments WHERE id = ANY($1)
          UNION SELECT site FROM portals WHERE id = $2
          UNION SELECT id FROM around WHERE id LIKE 'site:%') AS found) AS sites,
       (SELECT coalesce(array_agg(DISTINCT profile), '{}') FROM shipments WHERE id = ANY($1)) AS profiles,
       (SELECT coalesce(array_agg(DISTINCT gtin), '{}') FROM alert_serials
         WHERE alert = $5 AND gtin IS NOT NULL) AS products`,
    [alert.shipments, alert.subject.portal ?? null, alert.subject.device ?? null, alert.from, number],
  );
  const { sites = [], profiles = [], products = [] } = rows[0] ?? {};
  return {
    ...{ severity: alert.severity, kind: alert.kind, sites, profiles, products, openedAt },
    labels: await labels(alert.rule.id, alert.rule.version),
  };
}
