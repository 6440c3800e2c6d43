import {
  type Finding,
  type FindingKind,
  hasServerText,
  isPassRule,
  metricByName,
  type PassRule,
  passWords,
  serverWords,
  statusesText,
  type Words,
} from '../domain/index.ts';

/** What a finding is about, as text names it. */
export interface SummarySubject {
  readonly device?: string;
  readonly metric?: string;
  readonly portal?: string;
  readonly shipment?: string;
}

/** One line for a person, and where it is Isotherm's own what it is made of. */
export interface Summary {
  readonly text: string;
  /** null: the rule's own words, which nobody but its author can say in another language. */
  readonly words: Words | null;
}

/**
 * One line for a person. A rule's own text may use `{{device}}`, `{{metric}}`, `{{portal}}`, `{{shipment}}`, `{{rule}}`,
 * `{{limit}}`, `{{extreme}}`, `{{unit}}`, `{{duration}}`, `{{count}}` and `{{reasons}}` (`3 recalled, 1 stolen`); what does not
 * apply shows as a dash.
 * A duration still running is that up to the last reading out of range.
 *
 * @param template the rule's `summary`; without one each kind has its own words
 */
export function summaryOf(finding: Finding, subject: SummarySubject, template?: string): Summary {
  const known: Known = {
    ...{ device: undefined, metric: undefined, portal: undefined, shipment: undefined },
    ...subject,
    rule: finding.rule,
    limit: finding.limit,
    extreme: finding.extreme,
    unit: metricByName(subject.metric ?? '')?.unit ?? '',
    duration: durationText(durationOf(finding)),
    count: finding.goods?.serials ?? finding.portal?.epcs.length,
    reasons: statusesText(finding.portal?.statuses),
  };
  if (template !== undefined) {
    return {
      text: template.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => shown(known[name])).trim(),
      words: null,
    };
  }
  const words = wordsOf(finding, known);
  if (words === null) return { text: finding.portal?.said ?? finding.rule, words: null };
  return { text: serverWords(words).trim(), words };
}

function shown(value: string | number | null | undefined): string {
  return String(value ?? '–');
}

type Known = Readonly<Record<string, string | number | null | undefined>>;

/** null: the finding says itself what was found, without words for it. */
function wordsOf(finding: Finding, known: Known): Words | null {
  const named = (...names: string[]) => Object.fromEntries(names.map((name) => [name, shown(known[name])]));
  const measured = named('device', 'metric', 'limit', 'extreme', 'unit');
  const { kind } = finding;
  switch (kind) {
    case 'threshold': {
      const { device = '–', limit = '–', unit = '' } = measured;
      const values = { device, limit, ...named('duration'), side: sideOf(finding), unit: unit === '' ? 'none' : unit };
      return { key: 'summary.threshold', values };
    }
    case 'silence':
      return finding.to === null
        ? { key: 'summary.silence', values: { ...named('device', 'metric'), since: minuteText(finding.from) } }
        : { key: 'summary.silence.over', values: named('device', 'metric', 'duration') };
    case 'forecast':
      return { key: 'summary.forecast', values: { ...measured, minutes: Math.round(finding.extreme ?? 0) } };
    case 'budget':
    case 'cumulative':
    case 'goodsMkt':
    case 'goodsFreezeThaw':
    case 'budgetForecast':
    case 'tamper': {
      const figures = { extreme: rounded(finding.extreme), limit: rounded(finding.limit) };
      const unit = kind === 'goodsMkt' ? { unit: '°C' } : {};
      return {
        key: `summary.${kind}`,
        values: { ...named('shipment'), serials: finding.goods?.serials ?? 0, ...figures, ...unit },
      };
    }
    case 'health': {
      const part = partOf(finding);
      // One share of several is the evaluator, to a person.
      const own = `summary.health.${part.replace(SHARE, 'evaluator')}`;
      if (hasServerText(own)) return { key: own, values: {} };
      // `device logger-7`: of one of many, what its kind says.
      const last = part.lastIndexOf(' ');
      const kind = `summary.health.${part.slice(0, Math.max(last, 0))}`;
      if (hasServerText(kind)) return { key: kind, values: { name: part.slice(last + 1) } };
      return { key: 'summary.health', values: { part } };
    }
    default:
      return isOverPasses(kind) ? passWords(finding) : { key: `summary.${kind}`, values: measured };
  }
}

/** At the limit itself: where the rule holds that for out of range. */
function sideOf({ extreme, limit }: Finding): 'above' | 'at' | 'below' {
  if (extreme === null || limit === null || extreme > limit) return 'above';
  return extreme < limit ? 'below' : 'at';
}

/** A finding of these says itself what was found. */
function isOverPasses(kind: FindingKind): kind is PassRule['kind'] {
  return isPassRule({ kind });
}

/** To 0.1, as people read it. */
function rounded(value: number | null): number {
  return Math.round((value ?? 0) * 10) / 10;
}

function partOf({ key }: Finding): string {
  return key.slice(key.indexOf(':') + 1);
}

function durationOf({ from, to, runs }: Finding): number {
  return (to ?? runs.at(-1)?.to ?? from) - from;
}

const MINUTE = 60_000;
/** `evaluator-2-of-4`, as a part that does not get on. */
const SHARE = /^evaluator-\d+-of-\d+/;

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
