import { type Epc, serverText } from '../../domain/index.ts';
import type { Assessment, DecisionRecord, SignedGroup } from './decision-record.ts';

/**
 * What is different now from what a decision was signed on, a sentence each; empty where nothing is. Pure.
 *
 * Time that goes by changes nothing: only alerts that are new, gone or of another extent, and serials of which something
 * else is proposed now or whose time out of range, extremes or budget are other than they were.
 */
export function evidenceChanges(signed: DecisionRecord, now: Assessment): string[] {
  const changes: string[] = [];
  const before = new Map(signed.alerts.map((alert) => [alert.id, alert]));
  for (const alert of now.alerts) {
    const known = before.get(alert.id);
    before.delete(alert.id);
    const { id } = alert;
    if (known === undefined) changes.push(serverText('case.evidence.alert.new', { alert: id, from: iso(alert.from) }));
    else if (alert.state === 'retracted' && known.state !== 'retracted')
      changes.push(serverText('case.evidence.alert.retracted', { alert: id }));
    else if (alert.from !== known.from || (known.to !== null && alert.to !== known.to)) {
      const spans = { before: spanOf(known), now: spanOf(alert) };
      changes.push(serverText('case.evidence.alert.extent', { alert: id, ...spans }));
    }
    if (known !== undefined && alert.ruleVersion !== known.ruleVersion) {
      const versions = { before: known.ruleVersion, now: alert.ruleVersion };
      changes.push(serverText('case.evidence.alert.rule', { alert: id, rule: alert.rule, ...versions }));
    }
  }
  for (const id of before.keys()) changes.push(serverText('case.evidence.alert.gone', { alert: id }));
  return [...changes, ...exposureChanges(signed, now).map(({ sentence }) => sentence)];
}

/**
 * Serials of a decision that went through something else than was signed, or of which something else is proposed. Each is
 * compared with what was signed of itself: what came to be in another group, and is as it was, did not change. Pure.
 */
export function exposureChanges(
  signed: Pick<DecisionRecord, 'serials' | 'groups'>,
  now: Pick<Assessment, 'groups'>,
): { readonly sentence: string; readonly epcs: readonly Epc[] }[] {
  const chosen = new Set(signed.serials.epcs);
  const signedOf = groupsOfSerials(signed);
  return now.groups.flatMap((group) => {
    const changed = new Map<SignedGroup | undefined, Epc[]>();
    for (const epc of group.epcs) {
      if (!chosen.has(epc)) continue;
      const known = signedOf(epc, group);
      if (known !== undefined && isAlike(known, group)) continue;
      const others = changed.get(known);
      if (others === undefined) changed.set(known, [epc]);
      else others.push(epc);
    }
    return [...changed].map(([known, epcs]) => ({ sentence: sentenceOf(known, group, epcs.length), epcs }));
  });
}

function sentenceOf(known: SignedGroup | undefined, { exposure, proposal }: Judged, serials: number): string {
  const now = { serials, exposure: told(exposure), disposition: proposal.disposition };
  if (known === undefined) return serverText('case.evidence.exposure.first', now);
  const before = { exposure: told(known.exposure), disposition: known.proposal.disposition };
  const was = serverText('case.evidence.exposure.was', before);
  return serverText('case.evidence.exposure', { ...now, was });
}

/** What was signed of a serial that is in this group now. */
function groupsOfSerials({
  groups,
}: Pick<DecisionRecord, 'groups'>): (epc: Epc, now: Assessment['groups'][number]) => SignedGroup | undefined {
  const [only, ...more] = groups;
  if (more.length === 0) return () => only;
  const bySerial = new Map(groups.flatMap((group) => (group.epcs ?? []).map((epc) => [epc, group] as const)));
  // Records that were signed before each group listed its serials: one that is as it was, else the group that is most like it.
  const isListed = bySerial.size > 0;
  const alike = (now: Assessment['groups'][number]) =>
    groups.find((one) => isAlike(one, now)) ??
    groups.find(({ id }) => id === now.id) ??
    groups.find((one) => one.lot === now.lot && one.gtin === now.gtin) ??
    only;
  return (epc, now) => (isListed ? bySerial.get(epc) : alike(now));
}

type Judged = Pick<Assessment['groups'][number], 'limits' | 'exposure' | 'budget' | 'proposal' | 'gtin' | 'lot'>;

function isAlike(a: Judged, b: Judged): boolean {
  return (
    a.gtin === b.gtin &&
    a.lot === b.lot &&
    a.proposal.disposition === b.proposal.disposition &&
    a.exposure.minutesOutOfRange === b.exposure.minutesOutOfRange &&
    beyond(a) === beyond(b) &&
    a.budget?.used === b.budget?.used &&
    a.budget?.excused === b.budget?.excused &&
    a.budget?.limit === b.budget?.limit
  );
}

/** How far it was beyond its limits: what stays inside them may go on changing. */
function beyond({ limits, exposure: { min, max } }: Judged): string {
  const below = min !== null && limits.min !== null && min < limits.min ? min : '';
  const above = max !== null && limits.max !== null && max > limits.max ? max : '';
  return `${below} ${above}`;
}

function told({ minutesOutOfRange, min, max }: Judged['exposure']): string {
  return serverText('case.evidence.outside', { minutes: said(minutesOutOfRange), min: said(min), max: said(max) });
}

/** As it is: what people compare is not rounded, nor set in groups of three. */
function said(value: number | null): string {
  return value === null ? '?' : String(value);
}

function spanOf({ from, to }: { readonly from: number; readonly to: number | null }): string {
  return serverText('case.evidence.alert.span', { from: iso(from), to: iso(to) });
}

function iso(at: number | null): string {
  return at === null ? serverText('case.evidence.alert.now') : new Date(at).toISOString();
}
