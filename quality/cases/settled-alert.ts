import type pg from 'pg';
import { serverText } from '../../domain/index.ts';

/** An alert as cases see it. Times epoch ms UTC. */
export interface SettledAlert {
  readonly number: number;
  readonly state: string;
  readonly kind: string;
  readonly can_spoil: boolean;
  readonly rule: string;
  readonly rule_version: number;
  readonly device: string | null;
  readonly summary: string;
  readonly shipments: readonly string[];
  /** Serials that travel in no shipment are among the affected ones. */
  readonly has_loose: boolean;
  /** Where its device or portal is. */
  readonly place: string | null;
  readonly from_at: number;
  readonly to_at: number | null;
  readonly ended_by: string | null;
  readonly extreme: number | null;
  readonly minutes: number | null;
  readonly merged_into: string | null;
  readonly split_from: string | null;
  /** Resolved by what was signed of it. */
  readonly ended_by_verdict: boolean;
  readonly parts: readonly { readonly shipment: string | null; readonly digest: string }[];
  /**
   * Of all its serials, where a rule on goods found it. Such an alert lasts as long as its shipment, and its parts are parted
   * anew wherever some of the goods are carried off: that changes nothing of what they went through before. Else null.
   */
  readonly goods_digest: string | null;
}

/** What a case was last told of an alert, as JSON beside it. */
export interface AlertSeen {
  readonly from: number;
  /** null: it runs. */
  readonly to: number | null;
  readonly extreme: number | null;
  readonly minutes: number | null;
  readonly ruleVersion: number;
  /** Of the serials that are the case's. */
  readonly serials: string;
}

/** While an excursion runs its figures change with every reading: a case is told when they are this much further. */
const EXTREME_STEP = 0.5;
const MINUTES_STEP = 30;
/** Their `extreme` is minutes, summed over the journey, and no value of a device. */
const SUMMED: ReadonlySet<string> = new Set(['budget', 'cumulative']);

export async function settledAlerts(
  client: Pick<pg.ClientBase, 'query'>,
  numbers: readonly number[],
): Promise<readonly SettledAlert[]> {
  const { rows } = await client.query<SettledAlert>(
    `SELECT a.number, a.state, a.kind, can_spoil(a.kind, a.metric, a.evidence) AS can_spoil, a.rule, a.rule_version, a.device, a.summary,
       a.shipments, a.from_at, a.to_at, a.evidence ->> 'endedBy' AS ended_by, (a.evidence ->> 'extreme')::float8 AS extreme,
       (a.evidence ->> 'minutesOutOfRange')::float8 AS minutes, a.merged_into, a.split_from, a.ended_by_verdict, alert_place(a.device, a.portal, a.from_at) AS place,
       EXISTS (SELECT FROM alert_exposures e WHERE e.alert = a.number AND e.shipment IS NULL) AS has_loose,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('shipment', e.shipment, 'digest', e.epc_digest)
          ORDER BY e.epc_digest, e.part), '[]') FROM alert_exposures e WHERE e.alert = a.number) AS parts,
       CASE WHEN a.device IS NULL AND a.portal IS NULL THEN
         (SELECT md5(string_agg(DISTINCT s.epc, ',' ORDER BY s.epc)) FROM alert_serials s WHERE s.alert = a.number) END AS goods_digest
     FROM alerts a WHERE a.number = ANY($1) ORDER BY a.number`,
    [numbers],
  );
  return rows;
}

export function seenOf(alert: SettledAlert, shipment: string | null): AlertSeen {
  return {
    from: alert.from_at,
    to: alert.ended_by === null ? null : alert.to_at,
    extreme: alert.extreme,
    minutes: alert.minutes,
    ruleVersion: alert.rule_version,
    serials:
      alert.goods_digest ??
      [...new Set(alert.parts.filter((part) => part.shipment === shipment).map(({ digest }) => digest))].join(','),
  };
}

/** What is different, a sentence each; what follows from the list of serials is said by who compares it. */
export function changesOf(alert: SettledAlert, before: AlertSeen, now: AlertSeen): readonly string[] {
  const device = alert.device ?? alert.rule;
  const sentences: string[] = [];
  if (before.from !== now.from) {
    sentences.push(serverText('case.alert.from', { device, before: iso(before.from), now: iso(now.from) }));
  }
  if (before.to !== now.to) {
    if (now.to === null) sentences.push(serverText('case.alert.runs', { device, before: iso(before.to) }));
    else if (before.to === null) sentences.push(serverText('case.alert.ended', { device, now: iso(now.to) }));
    else sentences.push(serverText('case.alert.end', { device, before: iso(before.to), now: iso(now.to) }));
  }
  const isRunning = now.to === null && before.to === null;
  const isSummed = SUMMED.has(alert.kind);
  if (isFurther(before.extreme, now.extreme, isRunning ? (isSummed ? MINUTES_STEP : EXTREME_STEP) : 0)) {
    const key = isSummed ? 'case.alert.summed' : 'case.alert.extreme';
    sentences.push(serverText(key, { device, before: said(before.extreme), now: said(now.extreme) }));
  }
  if (isFurther(before.minutes, now.minutes, isRunning ? MINUTES_STEP : 0)) {
    sentences.push(serverText('case.alert.longer', { device, before: said(before.minutes), now: said(now.minutes) }));
  }
  if (before.ruleVersion !== now.ruleVersion) {
    const versions = { before: before.ruleVersion, now: now.ruleVersion };
    sentences.push(serverText('case.alert.rule', { device, rule: alert.rule, ...versions }));
  }
  if (before.serials !== now.serials) sentences.push(serverText('case.alert.serials', { device }));
  return sentences;
}

function isFurther(before: number | null, now: number | null, step: number): boolean {
  if (before === null || now === null) return before !== now;
  return before !== now && Math.abs(now - before) >= step;
}

function iso(at: number | null): string {
  return at === null ? '' : new Date(at).toISOString();
}

function said(value: number | null): string {
  return value === null ? '-' : String(Math.round(value * 10) / 10);
}
