import { hasServerText, metricByName, type ServerTextKey, type Severity, serverText } from '../../domain/index.ts';
import type { GroupView } from '../storm/group-message.ts';
import type { AlertView, SerialView } from '../view.ts';

/** What stands in the outbox, as a webhook carries it. */
export interface OutboxBody {
  readonly type: string;
  readonly data: {
    readonly alert?: AlertView;
    readonly channel?: string;
    /** Of `group.*`: alerts of a storm, told together. */
    readonly group?: GroupView;
    /** Of `silence.ended`. */
    readonly silence?: { readonly id: string; readonly reason: string; readonly until: string; readonly muted: number };
    /** Of one with which alerts of its rule and key began to flap. */
    readonly flapping?: { readonly opened: number; readonly withinMinutes: number };
    readonly notice?: { readonly step: string; readonly people: readonly string[] };
  };
}

export interface MessageLink {
  readonly text: string;
  readonly url: string;
}

/** What a message says, whatever it is written in: every channel renders this one. */
export interface Message {
  /** One line: how bad, and what. */
  readonly title: string;
  /** What became of the alert, in a sentence. */
  readonly sentence: string;
  readonly severity: Severity;
  /** Whether the alert still stands: it is neither resolved nor taken back. */
  readonly isStanding: boolean;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** The first serials touched, of a group the first alerts, and how many there are beside them. */
  readonly serials: readonly string[];
  readonly moreSerials: string | null;
  /** What to do now; null where nothing is to be done. */
  readonly now: string | null;
  readonly links: readonly MessageLink[];
  /** The same for every message of one alert. */
  readonly thread: string;
  readonly type: string;
}

/** Where the links of a message lead. */
export interface MessageLinks {
  /** Where people reach the page, without a slash at the end. */
  readonly page: string;
  /** Acknowledges one alert without signing in; null: not offered. */
  readonly acknowledge:
    | ((alert: Pick<AlertView, 'id' | 'revision' | 'reopened'>, people: readonly string[]) => string)
    | null;
}

/** Serials that a message names one by one. */
const SERIALS_NAMED = 10;
/** A rule's own summary may be long; what is behind it stands in the alert. */
const TITLE_LENGTH = 200;

/** @returns what a message of the outbox says to a person. Times in UTC. */
export function messageOf({ type, data }: OutboxBody, links: MessageLinks): Message {
  const { alert, notice, flapping } = data;
  if (data.group !== undefined) return groupMessage(type, data.group, notice?.people ?? [], links);
  if (data.silence !== undefined) return silenceMessage(type, data.silence, links);
  if (alert === undefined) return testMessage(type, data.channel ?? '');
  const isTakenBack = type === 'alert.retracted';
  const isStanding = alert.state === 'open' || alert.state === 'acknowledged';
  const severity = serverText('message.severity', { severity: alert.severity });
  const title = serverText('message.title', { taken: String(isTakenBack), severity, summary: oneLine(alert.summary) });
  const rest = alert.affected.count - Math.min(alert.affected.serials.length, SERIALS_NAMED);
  const acknowledge =
    alert.state === 'open' && links.acknowledge !== null ? links.acknowledge(alert, notice?.people ?? []) : null;
  return {
    title: titled(title),
    sentence: flapping === undefined ? sentenceOf(type, alert) : serverText('message.alert.flapping', { ...flapping }),
    ...{ severity: alert.severity, isStanding, type, thread: alert.id },
    facts: factsOf(alert, notice?.people ?? []),
    serials: alert.affected.serials.slice(0, SERIALS_NAMED).map(nameOf),
    moreSerials: rest > 0 ? serverText('message.serials.more', { count: rest }) : null,
    now: isStanding ? whatToDo(alert.kind) : null,
    links: [
      { text: serverText('message.link.alert'), url: `${links.page}/alerts/${encodeURIComponent(alert.id)}` },
      ...(acknowledge === null ? [] : [{ text: serverText('message.link.acknowledge'), url: acknowledge }]),
    ],
  };
}

/** The whole of it as plain text, a line each; what has no line is left out. */
export function plainText(message: Message): string {
  return [
    ...[message.title, '', message.sentence, ''],
    ...message.facts.map(({ name, value }) => `${name}: ${value}`),
    ...message.serials.map((serial) => `  ${serial}`),
    ...(message.moreSerials === null ? [] : [`  ${message.moreSerials}`]),
    ...(message.now === null ? [] : ['', `${serverText('message.do')}: ${message.now}`]),
    ...(message.links.length === 0 ? [] : ['', ...message.links.map(({ text, url }) => `${text} ${url}`)]),
  ].join('\n');
}

function testMessage(type: string, channel: string): Message {
  return {
    title: serverText('message.channel.test'),
    sentence: serverText('message.channel.test.sentence', { channel }),
    ...{ severity: 'info', isStanding: false, type, thread: `test-${channel}` },
    ...{ facts: [], serials: [], moreSerials: null, now: null, links: [] },
  };
}

/** Alerts of a storm: how many, the worst of them, and what the first are. */
function groupMessage(type: string, group: GroupView, people: readonly string[], { page }: MessageLinks): Message {
  const isStanding = type !== 'group.ended';
  const severity = serverText('message.severity', { severity: group.severity });
  const shown = group.alerts.slice(0, SERIALS_NAMED);
  const rest = group.counts.alerts - shown.length;
  const about = Object.entries(group.by).map(([name, value]) => `${name} ${value}`);
  const facts: readonly [ServerTextKey, string | null][] = [
    ['message.fact.alerts', serverText('message.fact.alerts.value', { ...group.counts })],
    ['message.fact.place', about.length === 0 ? null : about.join(', ')],
    ['message.fact.since', minute(group.openedAt)],
    ['message.fact.for', people.length === 0 ? null : people.join(', ')],
  ];
  return {
    title: titled(serverText('message.title', { taken: 'false', severity, summary: oneLine(group.summary) })),
    sentence: serverText(isStanding ? 'message.group.standing' : 'message.group.ended'),
    ...{ severity: group.severity, isStanding, type, thread: `group-${group.id}` },
    facts: facts.flatMap(([key, value]) => (value === null ? [] : [{ name: serverText(key), value }])),
    serials: shown.map(({ summary }) => oneLine(summary)),
    moreSerials: rest > 0 ? serverText('message.serials.more', { count: rest }) : null,
    now: isStanding ? serverText('message.do.group') : null,
    links: [{ text: serverText('message.link.alerts'), url: `${page}/alerts` }],
  };
}

function silenceMessage(
  type: string,
  { id, reason, until, muted }: NonNullable<OutboxBody['data']['silence']>,
  { page }: MessageLinks,
): Message {
  return {
    title: titled(serverText('message.silence.title', { reason: oneLine(reason) })),
    sentence: serverText('message.silence', { until: minute(until), muted }),
    ...{ severity: 'info', isStanding: false, type, thread: `silence-${id}` },
    ...{ facts: [], serials: [], moreSerials: null, now: null },
    links: [{ text: serverText('message.link.alerts'), url: `${page}/alerts` }],
  };
}

function titled(title: string): string {
  return title.length > TITLE_LENGTH ? `${title.slice(0, TITLE_LENGTH - 1)}…` : title;
}

function sentenceOf(type: string, alert: AlertView): string {
  const event = type.replace(/^alert\./, '');
  const key: string = `message.alert.${event}`;
  const who = (type === 'alert.resolved' ? alert.resolvedBy : alert.acknowledgedBy) ?? '–';
  return hasServerText(key) ? serverText(key, { who }) : serverText('message.other');
}

function whatToDo(kind: string): string {
  const key: string = `message.do.${kind}`;
  return serverText(hasServerText(key) ? key : 'message.do.other');
}

function factsOf(alert: AlertView, people: readonly string[]): { name: string; value: string }[] {
  const { count, serials } = alert.affected;
  const { device, portal, shipment } = alert.subject;
  const where = [portal, shipment, device].filter((part) => part !== undefined);
  const all: readonly [ServerTextKey, string | null][] = [
    ['message.fact.serials', serverText('message.fact.serials.value', { count })],
    ['message.fact.exposure', worstExposure(alert, serials)],
    ['message.fact.place', where.length === 0 ? null : where.join(', ')],
    ['message.fact.since', period(alert)],
    ['message.fact.late', alert.detectedLate ? serverText('message.fact.late.value') : null],
    ['message.fact.for', people.length === 0 ? null : people.join(', ')],
  ];
  return all.flatMap(([key, value]) => (value === null ? [] : [{ name: serverText(key), value }]));
}

function period({ from, to }: AlertView): string {
  return to === null ? minute(from) : serverText('message.fact.until', { from: minute(from), to: minute(to) });
}

/** Of the serials the one that was out of range longest, else what the readings say; null where neither counts here. */
function worstExposure({ evidence, subject }: AlertView, serials: readonly SerialView[]): string | null {
  const minutes = Math.max(evidence.minutesOutOfRange ?? 0, ...serials.map((one) => one.minutesOutOfRange ?? 0));
  const unit = metricByName(subject.metric ?? '')?.unit ?? '';
  const withUnit = (value: number) => `${Number(value.toFixed(2))}${unit === '' ? '' : ` ${unit}`}`;
  const { extreme, limit } = evidence;
  const parts = [
    ...(minutes > 0 ? [serverText('message.fact.exposure.minutes', { minutes: Math.round(minutes) })] : []),
    ...(extreme === null
      ? []
      : limit === null
        ? [serverText('message.fact.exposure.extreme', { extreme: withUnit(extreme) })]
        : [serverText('message.fact.exposure.limit', { extreme: withUnit(extreme), limit: withUnit(limit) })]),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}

function nameOf({ epc, gtin, serial, lot }: SerialView): string {
  if (gtin === null || serial === null) return epc;
  return `(01)${gtin} (21)${serial}${lot === null ? '' : ` (10)${lot}`}`;
}

/** Texts of rules and devices may hold line ends, which would end a subject or a header. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function minute(at: string): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`;
}
