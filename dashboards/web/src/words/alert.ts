import type { AlertDetail, AlertView } from '../../../api/index.ts';
import { count, counted, limitText, valueText } from './figures.ts';
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

/** Which side of its limit the worst value lies on; null where the kind has no limit. */
export function sideOf(alert: AlertView): 'above' | 'below' | null {
  const { limit, extreme } = alert.evidence;
  if (limit === null || extreme === null) return null;
  return extreme >= limit ? 'above' : 'below';
}

/** What it is, in a few words, for lists and headings: `Above 8 °C for 37 min`. */
export function headline(alert: AlertView, now: number): string {
  const { limit, minutesOutOfRange } = alert.evidence;
  const from = Date.parse(alert.from);
  const to = alert.to === null ? null : Date.parse(alert.to);
  const side = sideOf(alert);
  if (alert.kind === 'silence') {
    return to === null
      ? `No reading, overdue for ${span(now - from)}`
      : `No reading, was overdue for ${span(to - from)}`;
  }
  if (alert.kind === 'unexpected') return unexpectedHeadline(alert);
  if (alert.kind === 'blocked') return blockedHeadline(alert);
  if (alert.kind === 'mkt' && limit !== null) return `Mean kinetic temperature above ${limitText(limit)}`;
  if (alert.subject.metric === 'door' && side !== null) {
    return `Door ${doorWord(side)} for ${span((to ?? now) - from)}`;
  }
  if (side !== null && limit !== null) {
    const minutes = minutesOutOfRange === null ? (to ?? now) - from : minutesOutOfRange * 60_000;
    return `${side === 'above' ? 'Above' : 'Below'} ${limitText(limit, unitOf(alert.subject.metric))} for ${span(minutes)}`;
  }
  return alert.summary;
}

function unexpectedHeadline(alert: AlertView): string {
  const serials = alert.affected.count;
  return serials === 0 ? 'Serials nobody expects here' : `${counted(serials, 'serial')} nobody expects here`;
}

function blockedHeadline(alert: AlertView): string {
  const serials = alert.affected.count;
  return serials === 0 ? 'Serials that must not move on' : `${counted(serials, 'serial')} must not move on`;
}

/** Of a pass as a whole, not of readings over a time. */
export function isOfPass({ kind }: Pick<AlertView, 'kind'>): boolean {
  return kind === 'unexpected' || kind === 'blocked';
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
  const isOver = alert.to !== null && alert.evidence.endedBy !== null;
  const side = sideOf(alert);
  const { limit } = alert.evidence;
  const serials = alert.affected.count;
  if (alert.kind === 'silence') return silenceSentence(alert, now);
  if (isOfPass(alert)) {
    const place = alert.about.portal ?? alert.subject.portal ?? 'the portal';
    const went = `${counted(serials, 'serial')} went through ${place} at ${clock(Date.parse(alert.from), zone)}`;
    return alert.kind === 'blocked'
      ? `${went} and must not move on.`
      : `${went} and no shipment expects ${serials === 1 ? 'it' : 'them'} there.`;
  }
  if (alert.kind === 'mkt' && limit !== null) {
    const over = `mean kinetic temperature above ${limitText(limit)}`;
    return serials === 0 ? `A ${over}.` : `${counted(serials, 'serial')} with a ${over}.`;
  }
  if (side === null || limit === null) return alert.summary;
  if (alert.subject.metric === 'door') return doorSentence(alert, side, now);
  const beyond = `${side} ${limitText(limit, unitOf(alert.subject.metric))}`;
  const lasting = minutesText(alert);
  if (serials === 0) {
    const who = alert.about.device ?? alert.subject.device ?? 'A logger';
    return `${who} ${isOver ? 'was' : 'is'} ${beyond}${isOver ? '' : ', so far'} for ${lasting}. No serials are known to have been with it.`;
  }
  const verb = isOver ? (serials === 1 ? 'was' : 'were') : serials === 1 ? 'is' : 'are';
  return `${counted(serials, 'serial')} ${verb} ${beyond}${isOver ? '' : ', so far'} for ${lasting}.`;
}

/** A door is open (1) or closed (0): nobody says "above 0". */
function doorWord(side: 'above' | 'below'): string {
  return side === 'above' ? 'open' : 'closed';
}

function doorSentence(alert: AlertDetail, side: 'above' | 'below', now: number): string {
  const isOver = alert.to !== null && alert.evidence.endedBy !== null;
  const lasted = span((alert.to === null ? now : Date.parse(alert.to)) - Date.parse(alert.from));
  const where = alert.about.place?.name ?? alert.about.device ?? alert.subject.device ?? 'a place';
  const serials = alert.affected.count;
  const door = `The door at ${where} ${isOver ? 'was' : 'has been'} ${doorWord(side)} for ${lasted}.`;
  return serials === 0 ? door : `${door} ${counted(serials, 'serial')} ${serials === 1 ? 'was' : 'were'} there.`;
}

function silenceSentence(alert: AlertDetail, now: number): string {
  const who = alert.about.device ?? alert.subject.device ?? 'A logger';
  const from = Date.parse(alert.from);
  const with_ = alert.affected.count === 0 ? '' : ` ${counted(alert.affected.count, 'serial')} travelled with it.`;
  if (alert.to === null) {
    return `${who} has been silent for ${span(now - from)} longer than it should.${with_.replace('travelled', 'travel').replace('1 serial travel ', '1 serial travels ')}`;
  }
  return `${who} was silent for ${span(Date.parse(alert.to) - from)} longer than it should have been.${with_}`;
}

function minutesText(alert: AlertDetail): string {
  const { least, most } = alert.minutes ?? {
    least: alert.evidence.minutesOutOfRange ?? 0,
    most: alert.evidence.minutesOutOfRange ?? 0,
  };
  const low = Math.floor(least);
  const high = Math.ceil(most);
  if (high - low <= 1) return counted(Math.round(most), 'minute');
  return `${count(low)} to ${count(high)} minutes`;
}

/** Why it was raised, from the figures: `highest 9.1 °C, limit 8 °C`. */
export function worst(alert: AlertView): string | null {
  const { extreme } = alert.evidence;
  if (extreme === null) return null;
  return valueText(extreme, unitOf(alert.subject.metric));
}

export const STATE_WORDS: Readonly<Record<AlertView['state'], string>> = {
  open: 'Open',
  acknowledged: 'Acknowledged',
  resolved: 'Resolved',
  retracted: 'Taken back',
};

export const SEVERITY_WORDS: Readonly<Record<AlertView['severity'], string>> = {
  critical: 'Critical',
  warning: 'Warning',
  info: 'For information',
};

export const ENDED_WORDS: Readonly<Record<string, string>> = {
  recovery: 'back in range',
  silence: 'the logger fell silent',
  rule: 'the rule changed',
};
