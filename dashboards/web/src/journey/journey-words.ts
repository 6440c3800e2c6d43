import type { ShipmentJourneyView } from '../../../api/index.ts';
import { say } from '../text/say.ts';
import { degrees, limitText } from '../words/figures.ts';
import { unitText } from '../words/printed.ts';
import { span } from '../words/when.ts';

const MINUTE_MS = 60_000;

/** `7 min above 8 °C, under the 10-minute rule`: why a red spike is no excursion. */
export function briefText({ minutes, side, limit, ruleMinutes }: ShipmentJourneyView['brief'][number]): string {
  const said = { lasted: span(minutes * MINUTE_MS), side, limit: limitText(limit) };
  if (ruleMinutes === null) return say('journey.brief.noRule', said);
  // A rule of later, or readings that came in pieces: it says nothing of why.
  if (ruleMinutes <= minutes) return say('journey.brief.notFound', said);
  return say('journey.brief', { ...said, minutes: Math.round(ruleMinutes * 10) / 10 });
}

/** `2 readings from −127.0 to 85.0 °C not judged: an error code of the sensor` */
export function suspectText({ count, least, most, reason }: ShipmentJourneyView['suspects'][number]): string {
  const values = least === most ? degrees(least) : say('chart.to', { min: degrees(least), max: degrees(most) });
  return say('journey.suspect', { count, values, reason: say(`suspect.reason.${reason}`) });
}

/** `Not counted: defrost reported, rule fridge-door` */
export function excusedText({
  how,
  rule,
  metric,
  case: id,
  step,
  who,
  reason,
}: ShipmentJourneyView['excused'][number]): string {
  if (how === 'rule') return say('journey.excused.rule', { metric: metric ?? '', rule: rule ?? '' });
  return say(EXCUSED_BY[how], { case: id ?? '', step: step ?? 0, who: who ?? '', reason: reason ?? '' });
}

const EXCUSED_BY = {
  excuse: 'journey.excused.excuse',
  exclude: 'journey.excused.exclude',
  'declare broken': 'journey.excused.broken',
} as const;

export function unitsText(units: readonly string[]): string {
  const [first = ''] = units;
  return units.length === 1
    ? unitText(first)
    : say('journey.units', { first: unitText(first), more: units.length - 1 });
}

export function passText({ portalName, verdict, direction }: ShipmentJourneyView['passes'][number]): string {
  return say('journey.pass', { portalName, direction, verdict });
}

export function messageText({ who, channel, error }: ShipmentJourneyView['messages'][number]): string {
  const said = who === null || who === channel ? channel : say('journey.byChannel', { who, channel });
  return error === null ? say('journey.told', { said }) : say('journey.notTold', { said, error });
}
