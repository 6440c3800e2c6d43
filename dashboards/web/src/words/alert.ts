import { goodsUnit } from '../../../../domain/index.ts';
import type { AlertDetail, AlertView } from '../../../api/index.ts';
import { say, wordsOf } from '../text/say.ts';
import { count, counted, differenceText, limitText, together, told, valueText } from './figures.ts';
import { withPlaces } from './place-names.ts';
import { clock, span } from './when.ts';

const UNITS: Readonly<Record<string, string>> = {
  temperature: '°C',
  humidity: '%RH',
  shock: 'g',
  light: 'lux',
  pressure: 'hPa',
  battery: '%',
  tilt: '°',
  door: '',
};

export function unitOf(metric: string | undefined): string {
  return UNITS[metric ?? 'temperature'] ?? '';
}

/** Which side of its limit the worst value lies on, or at it where the limit itself is out of range; null where the kind has none. */
export function sideOf(alert: AlertView): 'above' | 'at' | 'below' | null {
  const { limit, extreme } = alert.evidence;
  if (limit === null || extreme === null) return null;
  if (extreme === limit) return 'at';
  return extreme > limit ? 'above' : 'below';
}

/** 1 is open, 0 closed, however the limit is written. */
function doorSide({ evidence: { extreme } }: AlertView): 'above' | 'below' {
  return (extreme ?? 0) > 0 ? 'above' : 'below';
}

/** What it is, in a few words, for lists and headings: `Above 8 °C for 37 min`. */
export function headline(alert: AlertView, now: number): string {
  const { limit, minutesOutOfRange } = alert.evidence;
  const from = Date.parse(alert.from);
  const to = alert.to === null ? null : Date.parse(alert.to);
  const lasted = span((to ?? now) - from);
  const serials = alert.affected.count;
  const side = sideOf(alert);
  if (alert.about.isFaulty === true)
    return to === null ? say('alert.headline.faulty', { lasted }) : say('alert.headline.faulty.over', { lasted });
  if (alert.kind === 'silence')
    return to === null ? say('alert.headline.silence', { lasted }) : say('alert.headline.silence.over', { lasted });
  if (alert.kind === 'unexpected') return say('alert.headline.unexpected', { serials });
  if (alert.kind === 'blocked') return say('alert.headline.blocked', { serials });
  const headlines: Readonly<Record<string, OverPasses>> = PASS_HEADLINES;
  const key = headlines[alert.kind];
  if (key !== undefined) return say(key, { serials });
  if (isOfGoods(alert)) return goodsHeadline(alert);
  if (alert.kind === 'mkt' && limit !== null) return say('alert.headline.mkt', { limit: limitText(limit) });
  // A door is open (1) or closed (0): nobody says "above 0".
  if (alert.subject.metric === 'door' && side !== null)
    return say('alert.headline.door', { side: doorSide(alert), lasted });
  if (side !== null && limit !== null) {
    return say('alert.headline.beyond', {
      side,
      limit: limitText(limit, unitOf(alert.subject.metric)),
      lasted: minutesOutOfRange === null ? lasted : span(minutesOutOfRange * 60_000),
    });
  }
  return summaryText(alert);
}

/** What the server wrote of an alert, places by their names, with °F for who reads it; how fast something changed is a difference. */
export function summaryText({ kind, summary }: { readonly kind: string; readonly summary: string }): string {
  const named = withPlaces(summary);
  return kind === 'rate' ? together(named) : told(named);
}

const PASS_HEADLINES = {
  shortage: 'alert.headline.shortage',
  noData: 'alert.headline.noData',
  wrongDirection: 'alert.headline.wrongDirection',
  wrongPortal: 'alert.headline.wrongPortal',
  expired: 'alert.headline.expired',
  clone: 'alert.headline.clone',
  dwell: 'alert.headline.dwell',
  crossRead: 'alert.headline.crossRead',
  diversion: 'alert.headline.diversion',
  badData: 'alert.headline.badData',
  surge: 'alert.headline.surge',
  weakReads: 'alert.headline.weakReads',
} as const;
type OverPasses = (typeof PASS_HEADLINES)[keyof typeof PASS_HEADLINES];

/** Of a pass as a whole, not of readings over a time. */
export function isOfPass({ kind }: Pick<AlertView, 'kind'>): boolean {
  return kind === 'unexpected' || kind === 'blocked' || Object.hasOwn(PASS_HEADLINES, kind);
}

/** Of what goods went through over their journey, not of one logger. */
export function isOfGoods({ kind }: Pick<AlertView, 'kind'>): boolean {
  return goodsUnit(kind) !== undefined;
}

function goodsHeadline(alert: AlertView): string {
  const { used, limit } = goodsFigures(alert);
  switch (alert.kind) {
    case 'budget':
      return say('alert.headline.budget', { used, limit });
    case 'cumulative':
      return say('alert.headline.cumulative', { used });
    case 'tamper':
      return say('alert.headline.tamper');
    case 'goodsFreezeThaw':
      return say('alert.headline.goodsFreezeThaw');
    case 'budgetForecast':
      return say('alert.headline.budgetForecast');
    default:
      return say('alert.headline.mkt', { limit: limitText(alert.evidence.limit ?? 0) });
  }
}

function goodsSentence(alert: AlertView): string {
  const serials = alert.affected.count;
  const said = { serials, ...goodsFigures(alert) };
  const { extreme, limit } = alert.evidence;
  switch (alert.kind) {
    case 'budget':
      return say('alert.sentence.budget', said);
    case 'cumulative':
      return say('alert.sentence.cumulative', said);
    case 'tamper':
      return say('alert.sentence.tamper', { serials, times: extreme ?? 0 });
    case 'goodsFreezeThaw':
      return say('alert.sentence.goodsFreezeThaw', { serials, times: extreme ?? 0 });
    case 'budgetForecast':
      return say('alert.sentence.budgetForecast', said);
    default:
      return say('alert.sentence.goodsMkt', {
        serials,
        limit: limitText(limit ?? 0),
        worst: valueText(extreme ?? 0, '°C'),
      });
  }
}

/** Minutes, as one says them. */
function goodsFigures({ evidence: { extreme, limit } }: AlertView): { used: string; limit: string } {
  return { used: span((extreme ?? 0) * 60_000), limit: span((limit ?? 0) * 60_000) };
}

/** Where and on what: `Truck 7 · SHP-1001 · logger-7`. */
export function whereabouts(alert: AlertView): string[] {
  const parts = [
    alert.about.portal ?? alert.about.place?.name ?? null,
    ...alert.about.shipments.slice(0, 2),
    alert.about.device,
  ];
  return [...new Set(parts.filter((part): part is string => part !== null && part !== ''))];
}

/**
 * The sentence at the top of an alert, with what a person must know before anything else:
 * `1,248 serials were above 8 °C for 37 to 52 minutes.`
 */
export function sentence(alert: AlertDetail, now: number, zone = alert.about.zone): string {
  const isOver = alert.to !== null && alert.evidence.endedBy !== null ? 'yes' : 'no';
  const side = sideOf(alert);
  const { limit } = alert.evidence;
  const serials = alert.affected.count;
  if (alert.kind === 'silence') return silenceSentence(alert, now);
  if (Object.hasOwn(PASS_HEADLINES, alert.kind)) return `${summaryText(alert)}.`.replace(/([.?!])\.$/, '$1');
  if (isOfPass(alert)) {
    const place = alert.about.portal ?? alert.subject.portal ?? say('alert.sentence.portal');
    const at = clock(Date.parse(alert.from), zone);
    return alert.kind === 'blocked'
      ? say('alert.sentence.blocked', { serials, place, at })
      : say('alert.sentence.unexpected', { serials, place, at });
  }
  if (isOfGoods(alert)) return goodsSentence(alert);
  if (alert.kind === 'mkt' && limit !== null) return say('alert.sentence.mkt', { serials, limit: limitText(limit) });
  if (side === null || limit === null) return summaryText(alert);
  const who = alert.about.device ?? alert.subject.device ?? say('alert.sentence.logger');
  if (alert.subject.metric === 'door') {
    const lasted = span((alert.to === null ? now : Date.parse(alert.to)) - Date.parse(alert.from));
    const where =
      alert.about.place?.name ?? alert.about.device ?? alert.subject.device ?? say('alert.sentence.somewhere');
    return say('alert.sentence.door', { where, isOver, side: doorSide(alert), lasted, serials });
  }
  const beyond = { isOver, side, limit: limitText(limit, unitOf(alert.subject.metric)), lasted: minutesText(alert) };
  return serials === 0
    ? say('alert.sentence.nobody', { who, ...beyond })
    : say('alert.sentence.beyond', { serials, ...beyond });
}

function silenceSentence(alert: AlertDetail, now: number): string {
  const who = alert.about.device ?? alert.subject.device ?? say('alert.sentence.logger');
  const lasted = span((alert.to === null ? now : Date.parse(alert.to)) - Date.parse(alert.from));
  const serials = alert.affected.count;
  if (alert.about.isFaulty === true) {
    return alert.to === null
      ? say('alert.sentence.faulty', { who, lasted, serials })
      : say('alert.sentence.faulty.over', { who, lasted, serials });
  }
  return alert.to === null
    ? say('alert.sentence.silence', { who, lasted, serials })
    : say('alert.sentence.silence.over', { who, lasted, serials });
}

function minutesText(alert: AlertDetail): string {
  const { least, most } = alert.minutes ?? {
    least: alert.evidence.minutesOutOfRange ?? 0,
    most: alert.evidence.minutesOutOfRange ?? 0,
  };
  const low = Math.floor(least);
  const high = Math.ceil(most);
  if (high - low <= 1) return counted(Math.round(most), 'minute');
  return say('alert.minutes', { least: count(low), most: count(high) });
}

/** Why it was raised, from the figures: `highest 9.1 °C, limit 8 °C`. */
export function worst(alert: AlertView): string | null {
  const { extreme } = alert.evidence;
  if (extreme === null) return null;
  if (isOfGoods(alert)) return goodsFigure(alert.kind, extreme);
  return amountText(alert, extreme);
}

/** The limit that the worst value is beyond; null where there is none. */
export function limitOf(alert: AlertView): string | null {
  const { limit } = alert.evidence;
  if (limit === null) return null;
  return isOfGoods(alert) ? goodsFigure(alert.kind, limit) : amountText(alert, limit, limitText);
}

/** Of a rule over how fast it changed a difference, else a value. */
function amountText({ kind, subject: { metric } }: AlertView, amount: number, text = valueText): string {
  return kind === 'rate' ? differenceText(amount, unitOf(metric)) : text(amount, unitOf(metric));
}

/** Minutes as one says them, °C, or how often. */
function goodsFigure(kind: string, figure: number): string {
  switch (goodsUnit(kind)) {
    case 'min':
      return span(figure * 60_000);
    case '°C':
      return valueText(figure, '°C');
    default:
      return say('alert.times', { times: figure });
  }
}

export const STATE_WORDS: Readonly<Record<AlertView['state'], string>> = wordsOf({
  open: 'alert.state.open',
  acknowledged: 'alert.state.acknowledged',
  resolved: 'alert.state.resolved',
  retracted: 'alert.state.retracted',
});

export const SEVERITY_WORDS: Readonly<Record<AlertView['severity'], string>> = wordsOf({
  critical: 'alert.severity.critical',
  warning: 'alert.severity.warning',
  info: 'alert.severity.info',
});

export const ENDED_WORDS: Readonly<Record<string, string>> = wordsOf({
  recovery: 'alert.ended.recovery',
  silence: 'alert.ended.silence',
  rule: 'alert.ended.rule',
});
