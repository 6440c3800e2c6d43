import {
  type Epc,
  expired,
  type GoodsFinding,
  type GoodsReason,
  isPast,
  PROFILES,
  reasonOf,
} from '../../domain/index.ts';
import type { Queries } from '../client.ts';
import { BLOCKING, STATUS_IN_FORCE } from '../serials/index.ts';

/**
 * What stops serials and units at a moment: what has become of them, their expiry, excursions that nobody has decided
 * on, holds. The expiry's day is the last one on which a pack is good, in UTC.
 *
 * @param now epoch ms UTC
 * @returns those of which there is something to say
 */
export async function goodsState(
  client: Queries,
  epcs: readonly Epc[],
  now: number,
): Promise<ReadonlyMap<Epc, readonly GoodsReason[]>> {
  const found = new Map<Epc, GoodsReason[]>();
  const find = (epc: Epc, reason: GoodsReason) => {
    const list = found.get(epc);
    if (list === undefined) found.set(epc, [reason]);
    else list.push(reason);
  };
  const known = new Map<Epc, KnownGoods>();
  for (const one of [...(await statusesAt(client, epcs, now)), ...(await doubtfulExpiries(client, epcs, now))]) {
    known.set(one.epc, { ...known.get(one.epc), ...one });
  }
  for (const one of known.values()) for (const reason of reasonsOf(one, now)) find(one.epc, reason);
  const waiting = await undecided(client, epcs);
  const alerted = new Set(waiting.flatMap(({ epc, kind }) => (kind === 'alert' ? [epc] : [])));
  for (const one of waiting) {
    const { epc, kind, profile } = one;
    // A case rests on its alerts: while one of them stands, or a status stops the goods, that says it.
    if (kind === 'case' && (alerted.has(epc) || found.get(epc)?.some(({ stops: already }) => already) === true))
      continue;
    const stops = profile === null || !WARNING.has(profile);
    const finding = kind === 'hold' ? 'on hold' : 'excursion';
    find(epc, { finding, ...waitingReason(one), stops });
  }
  return found;
}

interface KnownGoods {
  readonly epc: Epc;
  readonly expiry?: string | null;
  readonly unreadable_expiry?: string | null;
  readonly status?: string;
  readonly status_since?: number;
}

/** Most have none, which one look at an index tells. */
async function statusesAt(client: Queries, epcs: readonly Epc[], now: number): Promise<KnownGoods[]> {
  const { rows } = await client.query<KnownGoods>(
    `SELECT t.epc, s.status, s.status_since FROM (
       SELECT epc FROM unnest($1::text[]) AS asked (epc)
       WHERE EXISTS (SELECT FROM serial_events e WHERE e.epc = asked.epc OFFSET 0)) AS t
     ${STATUS_IN_FORCE('$2::bigint')} WHERE s.status IS NOT NULL`,
    [epcs, now],
  );
  return rows;
}

/** Behind a SELECT the planner does not weigh each of a thousand EPCs, which takes longer than looking them up. */
async function doubtfulExpiries(client: Queries, epcs: readonly Epc[], now: number): Promise<KnownGoods[]> {
  const { rows } = await client.query<KnownGoods>(
    `SELECT epc, expiry, unreadable_expiry FROM serials
     WHERE epc = ANY((SELECT $1::text[])::text[]) AND (unreadable_expiry IS NOT NULL OR expiry < $2)`,
    [epcs, new Date(now).toISOString().slice(0, 10)],
  );
  return rows;
}

function reasonsOf(
  { expiry = null, unreadable_expiry = null, status, status_since }: KnownGoods,
  now: number,
): GoodsReason[] {
  const reasons: GoodsReason[] = [];
  if (status !== undefined && BLOCKING.has(status)) {
    const since = new Date(status_since ?? 0).toISOString();
    reasons.push({ finding: findingOf(status), ...reasonOf('goods.status', { status, since }), stops: true });
  }
  if (unreadable_expiry !== null) {
    const said = reasonOf('goods.expiry.unreadable', { given: JSON.stringify(unreadable_expiry) });
    reasons.push({ finding: 'expiry unreadable', ...said, stops: true });
  }
  if (expiry !== null && isPast(expiry, now) && status !== 'expired') reasons.push(expired(expiry));
  return reasons;
}

function findingOf(status: string): GoodsFinding {
  switch (status) {
    case 'recalled':
    case 'stolen':
    case 'expired':
    case 'quarantined':
    case 'rejected':
      return status;
    default:
      return 'decommissioned';
  }
}

/** Storage profiles whose undecided excursions and holds only warn. */
const WARNING: ReadonlySet<string> = new Set(
  PROFILES.filter(({ undecided }) => undecided === 'warn').map(({ id }) => id),
);

interface Undecided {
  readonly epc: Epc;
  readonly kind: 'alert' | 'case' | 'hold';
  readonly source: string;
  readonly reason: string;
  readonly profile: string | null;
}

function waitingReason({ kind, source, reason }: Undecided) {
  if (kind === 'alert') return reasonOf('goods.excursion', { alert: source, summary: reason });
  if (kind === 'hold') return reasonOf('goods.hold', { shipment: source.replace(/^shipment:/, ''), reason });
  return reasonOf('goods.case', { case: source, title: reason });
}

/** With the profile of the shipment that lists it last, else of its product. */
async function undecided(client: Queries, epcs: readonly Epc[]): Promise<readonly Undecided[]> {
  const { rows } = await client.query<Undecided>(
    `SELECT t.epc, g.kind, g.source, g.reason, coalesce(
       (SELECT h.profile FROM shipment_lines l JOIN shipments h ON h.id = l.shipment WHERE l.epc = t.epc
         ORDER BY h.departs DESC, h.id LIMIT 1),
       (SELECT p.profile FROM serials s JOIN products p USING (gtin) WHERE s.epc = t.epc)) AS profile
     FROM unnest($1::text[]) AS t (epc) CROSS JOIN LATERAL (
       (SELECT u.source AS kind, alert AS source, summary AS reason, since FROM undecided_excursions u
         WHERE epc = t.epc OFFSET 0)
       UNION ALL
       -- Where no shipment is on hold none is looked up, which is nearly always.
       (SELECT 'hold', h.subject, h.reason, h.set_at FROM (
           SELECT shipment FROM shipment_lines WHERE epc = t.epc
           UNION SELECT shipment FROM shipment_units WHERE unit = t.epc OFFSET 0) AS listed
         JOIN holds h ON h.subject = 'shipment:' || listed.shipment AND h.released_at IS NULL
         WHERE (SELECT EXISTS (SELECT FROM holds o WHERE o.released_at IS NULL AND o.subject >= 'shipment:'
           AND o.subject < 'shipment;')))) AS g
     ORDER BY t.epc, g.since, g.source`,
    [epcs],
  );
  return rows;
}
