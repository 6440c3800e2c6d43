import type pg from 'pg';
import type { Alert, AlertAbout } from '../../domain/index.ts';
import type { AlertRecord } from '../alert-store.ts';
import type { RoutedAlert } from './routing.ts';

/** Labels of a rule version; none where it is not known. */
export type RuleLabels = (rule: string, version: number) => Promise<Readonly<Record<string, string>>>;

/**
 * What routes look at, of an alert as it stands: the sites that its shipments go from and to, its portal's, and where its
 * device is attached to a place; profiles of its shipments; products of its serials; gateways that speak for its device.
 *
 * @param openedAt from when the steps of its routes count, epoch ms UTC
 */
export async function routedAlert(
  client: pg.ClientBase | pg.Pool,
  { alert, number }: AlertRecord,
  labels: RuleLabels,
  openedAt: number,
): Promise<RoutedAlert> {
  const { rows } = await client.query<Found>(
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
         WHERE alert = $5 AND gtin IS NOT NULL) AS products,
       (SELECT coalesce(array_agg(credential), '{}') FROM credential_sources
         WHERE source = $3 AND state = 'confirmed' AND credential <> source) AS gateways,
       (EXISTS (SELECT FROM credentials WHERE id = $3 AND kind = 'gateway')
         OR EXISTS (SELECT FROM credential_sources
           WHERE credential = $3 AND state = 'confirmed' AND source <> credential)) AS "isGateway"`,
    [alert.shipments, alert.subject.portal ?? null, alert.subject.device ?? null, alert.from, number],
  );
  const found = rows[0] ?? { sites: [], profiles: [], products: [], gateways: [], isGateway: false };
  const { sites, profiles, products, isGateway } = found;
  const device = alert.subject.device ?? null;
  return {
    ...{ severity: alert.severity, kind: alert.kind, rule: alert.rule.id, device, shipments: alert.shipments },
    ...{ sites, profiles, products, openedAt },
    about: aboutOf(alert, isGateway),
    gateways: isGateway && device !== null ? [device] : found.gateways,
    labels: await labels(alert.rule.id, alert.rule.version),
  };
}

interface Found {
  readonly sites: string[];
  readonly profiles: string[];
  readonly products: string[];
  readonly gateways: string[];
  readonly isGateway: boolean;
}

function aboutOf({ subject }: Alert, isGateway: boolean): AlertAbout {
  if (subject.portal !== undefined) return 'portal';
  if (subject.device === undefined) return 'installation';
  return isGateway ? 'gateway' : 'device';
}

/** Keeps what routes look at, as it was when the alert opened. @param mutes it may say it for others */
export async function keepRouted(
  client: pg.ClientBase,
  alert: number,
  routed: RoutedAlert,
  mutes: boolean,
): Promise<void> {
  await client.query(
    `INSERT INTO routed_alerts (alert, about, sites, gateways, profiles, products, labels, mutes)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (alert) DO UPDATE SET about = excluded.about,
       sites = excluded.sites, gateways = excluded.gateways, profiles = excluded.profiles,
       products = excluded.products, labels = excluded.labels, mutes = excluded.mutes, flap = NULL`,
    [
      ...[alert, routed.about, routed.sites, routed.gateways, routed.profiles, routed.products],
      ...[JSON.stringify(routed.labels), mutes],
    ],
  );
}
