import type { Epc } from '../../domain/index.ts';
import type { Assessment, DecisionRecord } from './decision-record.ts';

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
    if (known === undefined) changes.push(`Alert ${alert.id} was not known: it began at ${iso(alert.from)}.`);
    else if (alert.state === 'retracted' && known.state !== 'retracted')
      changes.push(`Alert ${alert.id} was retracted.`);
    else if (alert.from !== known.from || (known.to !== null && alert.to !== known.to)) {
      changes.push(
        `Alert ${alert.id} lasted from ${iso(known.from)} to ${iso(known.to)}; now it is from ${iso(alert.from)} to ${iso(alert.to)}.`,
      );
    }
    if (known !== undefined && alert.ruleVersion !== known.ruleVersion) {
      changes.push(
        `Alert ${alert.id} rests on version ${alert.ruleVersion} of rule ${alert.rule}; it was version ${known.ruleVersion}.`,
      );
    }
  }
  for (const id of before.keys()) changes.push(`Alert ${id} is no part of the case any more.`);
  return [...changes, ...exposureChanges(signed, now).map(({ sentence }) => sentence)];
}

/** Serials of a decision that went through something else than was signed, or of which something else is proposed. Pure. */
export function exposureChanges(
  signed: Pick<DecisionRecord, 'serials' | 'groups'>,
  now: Pick<Assessment, 'groups'>,
): { readonly sentence: string; readonly epcs: readonly Epc[] }[] {
  const chosen = new Set(signed.serials.epcs);
  return now.groups.flatMap((group) => {
    const epcs = group.epcs.filter((epc) => chosen.has(epc));
    if (epcs.length === 0 || signed.groups.some((one) => isAlike(one, group))) return [];
    const known =
      signed.groups.find(({ id }) => id === group.id) ??
      signed.groups.find((one) => one.lot === group.lot && one.gtin === group.gtin) ??
      signed.groups[0];
    const { exposure, proposal } = group;
    const was = known === undefined ? '' : `; it was ${told(known.exposure)}, and ${known.proposal.disposition} was`;
    const sentence = `Of ${epcs.length} serial(s), now ${told(exposure)}, ${proposal.disposition} is proposed${was}.`;
    return [{ sentence, epcs }];
  });
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
  return `${minutesOutOfRange} min out of range (${min ?? '?'} to ${max ?? '?'} °C)`;
}

function iso(at: number | null): string {
  return at === null ? 'now' : new Date(at).toISOString();
}
