import { type Finding, metricByName } from '../domain/index.ts';

/** What a finding is about, as text names it. */
export interface SummarySubject {
  readonly device?: string;
  readonly metric?: string;
  readonly portal?: string;
  readonly shipment?: string;
}

/**
 * One line for a person. A rule's own text may use `{{device}}`, `{{metric}}`, `{{portal}}`, `{{shipment}}`, `{{rule}}`,
 * `{{limit}}`, `{{extreme}}`, `{{unit}}`, `{{duration}}`, `{{count}}` and `{{reasons}}` (`3 recalled, 1 stolen`); what does not
 * apply shows as a dash.
 * A duration still running is that up to the last reading out of range.
 *
 * @param template the rule's `summary`; without one each kind has its own words
 */
export function summaryOf(finding: Finding, subject: SummarySubject, template?: string): string {
  const unit = metricByName(subject.metric ?? '')?.unit ?? '';
  const known: Readonly<Record<string, string | number | null | undefined>> = {
    ...subject,
    rule: finding.rule,
    limit: finding.limit,
    extreme: finding.extreme,
    unit,
    duration: durationText(durationOf(finding)),
    count: finding.portal?.epcs.length,
    reasons: reasonsText(finding.portal?.statuses),
  };
  const text = template ?? defaultTemplate(finding, unit);
  return text.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => String(known[name] ?? '–')).trim();
}

function defaultTemplate(finding: Finding, unit: string): string {
  switch (finding.kind) {
    case 'threshold': {
      const isBelow = finding.extreme !== null && finding.limit !== null && finding.extreme < finding.limit;
      return `{{device}} ${isBelow ? 'below' : 'above'} {{limit}}${unit === '' ? '' : ' {{unit}}'} for {{duration}}`;
    }
    case 'silence':
      return finding.to === null
        ? `{{device}}: no {{metric}} reading, overdue since ${minuteText(finding.from)}`
        : '{{device}}: no {{metric}} reading, overdue for {{duration}}';
    case 'mkt':
      return '{{device}}: mean kinetic temperature above {{limit}} °C, up to {{extreme}} °C';
    case 'rate':
      return '{{device}}: {{metric}} moved by {{extreme}} {{unit}}, more than {{limit}} {{unit}}';
    case 'shock':
      return '{{device}}: {{metric}} of {{extreme}} {{unit}}';
    case 'interval':
      return '{{device}}: {{metric}} readings up to {{extreme}} minutes apart';
    case 'freezeThaw':
      return '{{device}}: thawed after it was frozen';
    case 'forecast':
      return `{{device}}: {{metric}} on its way to {{limit}} {{unit}}, ${Math.round(finding.extreme ?? 0)} min away at its nearest`;
    case 'unexpected':
      return `${finding.portal?.epcs.length === 1 ? '1 serial' : '{{count}} serials'} nobody expects at {{portal}}`;
    case 'health':
      return HEALTH[partOf(finding)] ?? `Isotherm itself: ${partOf(finding)} fails and is tried again`;
    case 'blocked':
      return `${finding.portal?.epcs.length === 1 ? '1 serial' : '{{count}} serials'} at {{portal}} may not move on ({{reasons}})`;
  }
}

/** What it means for people when a part of Isotherm does not get on. */
const HEALTH: Readonly<Record<string, string>> = {
  append: 'Isotherm itself: nothing can be taken in',
  writer: 'Isotherm itself: readings are taken in and not stored',
  'writer checkpoint': 'Isotherm itself: readings are taken in and not stored',
  tracer: 'Isotherm itself: shipments and passes are not followed',
  'tracer checkpoint': 'Isotherm itself: shipments and passes are not followed',
  evaluator: 'Isotherm itself: rules are not judged, alerts may be missing',
  'evaluator checkpoint': 'Isotherm itself: rules are not judged, alerts may be missing',
  alerts: 'Isotherm itself: some alerts cannot be worked out',
  notifier: 'Isotherm itself: messages are not sent',
  archive: 'Isotherm itself: messages as received are not archived',
  'archive checkpoint': 'Isotherm itself: messages as received are not archived',
  retention: 'Isotherm itself: what is past its retention is not deleted',
  'dead-records': 'Isotherm itself: records could not be taken and wait for a person',
  'undelivered-messages': 'Isotherm itself: messages were given up and wait for a person',
};

function partOf({ key }: Finding): string {
  return key.slice(key.indexOf(':') + 1);
}

function reasonsText(statuses: readonly string[] | undefined): string | undefined {
  if (statuses === undefined) return undefined;
  const counts = [...Map.groupBy(statuses, (status) => status)].sort(([a], [b]) => (a < b ? -1 : 1));
  return counts.map(([status, { length }]) => `${length} ${status.replace('_', ' ')}`).join(', ');
}

function durationOf({ from, to, runs }: Finding): number {
  return (to ?? runs.at(-1)?.to ?? from) - from;
}

const MINUTE = 60_000;

/** `45 s`, `37 min`, `2 h 5 min`, `3 d 4 h`. @param ms duration */
export function durationText(ms: number): string {
  if (ms < MINUTE) return `${Math.round(ms / 1000)} s`;
  const minutes = Math.floor(ms / MINUTE);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return withRest(hours, 'h', minutes % 60, 'min');
  return withRest(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function withRest(count: number, unit: string, rest: number, smaller: string): string {
  return rest === 0 ? `${count} ${unit}` : `${count} ${unit} ${rest} ${smaller}`;
}

function minuteText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
