import {
  goodsUnit,
  hasMessageText,
  type MessageLanguage,
  type MessageTextKey,
  messageText,
  metricByName,
  type Severity,
  type TextValues,
  toldWords,
} from '../../domain/index.ts';
import type { GroupView } from '../storm/group-message.ts';
import type { AlertView, SerialView } from '../view.ts';
import { cutText } from './cut-text.ts';

/** What stands in the outbox, as a webhook carries it. */
export interface OutboxBody {
  readonly type: string;
  readonly data: {
    readonly alert?: AlertView;
    readonly channel?: string;
    /** Of `address.code`: what proves that an address is somebody's. */
    readonly code?: string;
    /** Of `group.*`: alerts of a storm, told together. */
    readonly group?: GroupView;
    /** Of `silence.ended`. */
    readonly silence?: {
      readonly id: string;
      readonly author: string;
      readonly reason: string;
      readonly until: string;
      readonly muted: number;
    };
    /** Of one with which alerts of its rule and key began to flap. */
    readonly flapping?: { readonly opened: number; readonly withinMinutes: number };
    /** Of `case.mentioned`. */
    readonly mention?: {
      readonly case: string;
      readonly title: string;
      readonly comment: number;
      readonly text: string;
      readonly by: string;
    };
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
  /** What the serials are worth and can still stand, for channels with little room; null where nothing is known. */
  readonly stake: string | null;
  /** The first serials touched, of a group the first alerts, and how many there are beside them. */
  readonly serials: readonly string[];
  readonly moreSerials: string | null;
  /** What to do now; null where nothing is to be done. */
  readonly now: string | null;
  readonly links: readonly MessageLink[];
  /** The same for every message of one alert. */
  readonly thread: string;
  readonly type: string;
  readonly language: MessageLanguage;
  /** Words around what it says: before what to do, and below it all. */
  readonly words: { readonly now: string; readonly footer: string };
}

/** In which words a message is written, and by whose clock. */
export interface Wording {
  readonly language: MessageLanguage;
  /** IANA zone of its times; the zone is shown with each. */
  readonly zone: string;
  /** That of the site it is about: its time stands beside, where its clock shows another. */
  readonly siteZone?: string | undefined;
}

export const PLAIN_WORDING: Wording = { language: 'en', zone: 'UTC' };

/** Says a text in the language of a message. */
type Say = (key: MessageTextKey, values?: TextValues) => string;

/** What the parts of a message are written with. */
interface Writing {
  readonly language: MessageLanguage;
  readonly say: Say;
  readonly clock: (at: string) => string;
  readonly figure: (value: number) => string;
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

/** @returns what a message of the outbox says to a person; what a rule wrote itself is in the rule's own words */
export function messageOf(body: OutboxBody, links: MessageLinks, wording: Wording = PLAIN_WORDING): Message {
  const { language } = wording;
  const say: Say = (key, values) => messageText(language, key, values);
  const written = writtenOf(body, links, { language, say, clock: clockOf(wording, say), figure: figureOf(wording) });
  return { ...bounded(written), language, words: { now: say('message.do'), footer: say('message.footer') } };
}

type Written = Omit<Message, 'language' | 'words'>;

/** Names in facts and lists may be as long as somebody made them; Teams takes 28 kB in all. */
const LINE_LENGTH = { fact: 1_500, listed: 400 } as const;

function bounded(written: Written): Written {
  return {
    ...written,
    facts: written.facts.map(({ name, value }) => ({ name, value: cutText(value, LINE_LENGTH.fact) })),
    serials: written.serials.map((line) => cutText(line, LINE_LENGTH.listed)),
  };
}

function writtenOf({ type, data }: OutboxBody, links: MessageLinks, writing: Writing): Written {
  const { say } = writing;
  const { alert, notice, flapping } = data;
  if (data.group !== undefined) return groupMessage(type, data.group, notice?.people ?? [], links, writing);
  if (data.silence !== undefined) return silenceMessage(type, data.silence, links, writing);
  if (data.mention !== undefined) return mentionMessage(type, data.mention, notice?.people ?? [], links, writing);
  if (data.code !== undefined) return codeMessage(type, data.code, links, writing);
  if (alert === undefined) return testMessage(type, data.channel ?? '', writing);
  const isTakenBack = type === 'alert.retracted';
  const isStanding = alert.state === 'open' || alert.state === 'acknowledged';
  const severity = say('message.severity', { severity: alert.severity });
  const title = say('message.title', { taken: String(isTakenBack), severity, summary: summaryIn(alert, writing) });
  const rest = alert.affected.count - Math.min(alert.affected.serials.length, SERIALS_NAMED);
  const acknowledge =
    alert.state === 'open' && links.acknowledge !== null ? links.acknowledge(alert, notice?.people ?? []) : null;
  return {
    title: titled(title),
    sentence:
      flapping === undefined ? sentenceOf(type, alert, writing) : say('message.alert.flapping', { ...flapping }),
    ...{ severity: alert.severity, isStanding, type, thread: alert.id },
    facts: factsOf(alert, notice?.people ?? [], writing),
    stake: shortStake(alert, writing),
    serials: alert.affected.serials.slice(0, SERIALS_NAMED).map(nameOf),
    moreSerials: rest > 0 ? say('message.serials.more', { count: rest }) : null,
    now: isStanding ? whatToDo(alert.kind, writing) : null,
    links: [
      { text: say('message.link.alert'), url: `${links.page}/alerts/${encodeURIComponent(alert.id)}` },
      ...(acknowledge === null ? [] : [{ text: say('message.link.acknowledge'), url: acknowledge }]),
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
    ...(message.now === null ? [] : ['', `${message.words.now}: ${message.now}`]),
    ...(message.links.length === 0 ? [] : ['', ...message.links.map(({ text, url }) => `${text} ${url}`)]),
  ].join('\n');
}

function testMessage(type: string, channel: string, { say }: Writing): Written {
  return {
    title: say('message.channel.test'),
    sentence: say('message.channel.test.sentence', { channel }),
    ...{ severity: 'info', isStanding: false, type, thread: `test-${channel}` },
    ...{ facts: [], serials: [], stake: null, moreSerials: null, now: null, links: [] },
  };
}

/** What somebody enters on the page to be told at an address. */
function codeMessage(type: string, code: string, { page }: MessageLinks, { say }: Writing): Written {
  return {
    title: say('message.code', { code }),
    sentence: say('message.code.sentence'),
    ...{ severity: 'info', isStanding: false, type, thread: `code-${code}` },
    ...{ facts: [], serials: [], stake: null, moreSerials: null, now: null },
    links: page === '' ? [] : [{ text: say('message.link.account'), url: `${page}/account` }],
  };
}

/** A comment on a case mentions somebody. */
function mentionMessage(
  type: string,
  { case: id, title, text, by }: NonNullable<OutboxBody['data']['mention']>,
  people: readonly string[],
  { page }: MessageLinks,
  { say }: Writing,
): Written {
  return {
    title: titled(say('message.mention', { by, case: id })),
    sentence: oneLine(text),
    ...{ severity: 'info', isStanding: false, type, thread: id },
    facts: [
      { name: say('message.fact.case'), value: oneLine(title) },
      ...(people.length === 0 ? [] : [{ name: say('message.fact.for'), value: people.join(', ') }]),
    ],
    ...{ serials: [], stake: null, moreSerials: null, now: null },
    links: [{ text: say('message.link.case'), url: `${page}/cases/${encodeURIComponent(id)}` }],
  };
}

/** Alerts of a storm: how many, the worst of them, and what the first are. */
function groupMessage(
  type: string,
  group: GroupView,
  people: readonly string[],
  { page }: MessageLinks,
  writing: Writing,
): Written {
  const { say, clock } = writing;
  const isStanding = type !== 'group.ended';
  const severity = say('message.severity', { severity: group.severity });
  const shown = group.alerts.slice(0, SERIALS_NAMED);
  const rest = group.counts.alerts - shown.length;
  const about = Object.entries(group.by).map(([name, value]) => `${name} ${value}`);
  const facts: readonly [MessageTextKey, string | null][] = [
    ['message.fact.alerts', say('message.fact.alerts.value', { ...group.counts })],
    ['message.fact.place', about.length === 0 ? null : about.join(', ')],
    ['message.fact.since', clock(group.openedAt)],
    ['message.fact.for', people.length === 0 ? null : people.join(', ')],
  ];
  return {
    title: titled(say('message.title', { taken: 'false', severity, summary: summaryIn(group, writing) })),
    sentence: say(isStanding ? 'message.group.standing' : 'message.group.ended'),
    ...{ severity: group.severity, isStanding, type, thread: `group-${group.id}` },
    facts: facts.flatMap(([key, value]) => (value === null ? [] : [{ name: say(key), value }])),
    stake: null,
    serials: shown.map((alert) => summaryIn(alert, writing)),
    moreSerials: rest > 0 ? say('message.serials.more', { count: rest }) : null,
    now: isStanding ? say('message.do.group') : null,
    links: [{ text: say('message.link.alerts'), url: `${page}/alerts` }],
  };
}

function silenceMessage(
  type: string,
  { id, reason, until, muted }: NonNullable<OutboxBody['data']['silence']>,
  { page }: MessageLinks,
  { say, clock }: Writing,
): Written {
  return {
    title: titled(say('message.silence.title', { reason: oneLine(reason) })),
    sentence: say('message.silence', { until: clock(until), muted }),
    ...{ severity: 'info', isStanding: false, type, thread: `silence-${id}` },
    ...{ facts: [], serials: [], stake: null, moreSerials: null, now: null },
    links: [{ text: say('message.link.alerts'), url: `${page}/alerts` }],
  };
}

function titled(title: string): string {
  return cutText(title, TITLE_LENGTH);
}

function sentenceOf(type: string, alert: AlertView, { say }: Writing): string {
  const event = type.replace(/^alert\./, '');
  const key: string = `message.alert.${event}`;
  const who = (type === 'alert.resolved' ? alert.resolvedBy : alert.acknowledgedBy) ?? '–';
  return hasMessageText(key) ? say(key, { who }) : say('message.other');
}

function whatToDo(kind: string, { say }: Writing): string {
  const key: string = `message.do.${kind}`;
  return say(hasMessageText(key) ? key : 'message.do.other');
}

function factsOf(alert: AlertView, people: readonly string[], writing: Writing): { name: string; value: string }[] {
  const { say } = writing;
  const { count, serials } = alert.affected;
  const { device, portal, shipment } = alert.subject;
  const where = [portal, shipment, device].filter((part) => part !== undefined);
  const all: readonly [MessageTextKey, string | null][] = [
    ['message.fact.serials', say('message.fact.serials.value', { count })],
    ['message.fact.stake', stakeOf(alert, writing)],
    ['message.fact.exposure', worstExposure(alert, serials, writing)],
    ['message.fact.place', where.length === 0 ? null : where.join(', ')],
    ['message.fact.since', period(alert, writing)],
    ['message.fact.late', alert.detectedLate ? say('message.fact.late.value') : null],
    ['message.fact.for', people.length === 0 ? null : people.join(', ')],
  ];
  return all.flatMap(([key, value]) => (value === null ? [] : [{ name: say(key), value }]));
}

/** What the serials are worth, the dearest first, and what they can still stand; null where nothing is known. */
function stakeOf({ affected: { atStake } }: AlertView, { say }: Writing): string | null {
  if (atStake === undefined) return null;
  const parts = [
    ...atStake.valueClasses.map((one) => say('message.fact.stake.class', { ...one })),
    ...(atStake.budgetLeftMinutes === null
      ? []
      : [say('message.fact.stake.budget', { minutes: atStake.budgetLeftMinutes })]),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}

/** How many serials, and of what they are worth and stand as much as an SMS has room for: the dearest, and the budget. */
function shortStake(alert: AlertView, writing: Writing): string | null {
  const { count, atStake } = alert.affected;
  const dearest = atStake === undefined ? undefined : { ...atStake, valueClasses: atStake.valueClasses.slice(0, 1) };
  const { atStake: _, ...affected } = alert.affected;
  const of = stakeOf(
    { ...alert, affected: { ...affected, ...(dearest !== undefined && { atStake: dearest }) } },
    writing,
  );
  if (count === 0) return of;
  const serials = writing.say('message.fact.serials.value', { count });
  return of === null ? serials : `${serials}, ${of}`;
}

function period({ from, to, evidence, subject }: AlertView, { say, clock }: Writing): string {
  // What runs has its last reading for an end.
  const goesOn = to === null || (evidence.endedBy === null && subject.portal === undefined);
  return goesOn ? clock(from) : say('message.fact.until', { from: clock(from), to: clock(to) });
}

/** Of the serials the one that was out of range longest, else what the readings say; null where neither counts here. */
function worstExposure(
  { evidence, kind, subject }: AlertView,
  serials: readonly SerialView[],
  { say, figure }: Writing,
): string | null {
  const minutes = Math.max(evidence.minutesOutOfRange ?? 0, ...serials.map((one) => one.minutesOutOfRange ?? 0));
  const unit = goodsUnit(kind) ?? metricByName(subject.metric ?? '')?.unit ?? '';
  const withUnit = (value: number) => `${figure(value)}${unit === '' ? '' : ` ${unit}`}`;
  const { extreme, limit } = evidence;
  const parts = [
    ...(minutes > 0 ? [say('message.fact.exposure.minutes', { minutes: Math.round(minutes) })] : []),
    ...(extreme === null
      ? []
      : limit === null
        ? [say('message.fact.exposure.extreme', { extreme: withUnit(extreme) })]
        : [say('message.fact.exposure.limit', { extreme: withUnit(extreme), limit: withUnit(limit) })]),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}

function nameOf({ epc, gtin, serial, lot }: SerialView): string {
  if (gtin === null || serial === null) return epc;
  return `(01)${gtin} (21)${serial}${lot === null ? '' : ` (10)${lot}`}`;
}

/** Isotherm's own words in the language of the message; a rule's own as they are. */
function summaryIn({ summary, words }: Pick<AlertView, 'summary' | 'words'>, { language }: Writing): string {
  return oneLine(toldWords(language, words) ?? summary);
}

/** Texts of rules and devices may hold line ends, which would end a subject or a header. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** A figure with as many decimals as it has, two at most: `11.37`, `11,37`. */
function figureOf({ language }: Wording): (value: number) => string {
  const format = new Intl.NumberFormat(language, { maximumFractionDigits: 2, useGrouping: false });
  return (value) => format.format(value);
}

/** A minute by the clock of whom it is for, and by that of the site where it shows another. */
function clockOf({ language, zone, siteZone }: Wording, say: Say): (at: string) => string {
  const own = zoneClock(language, zone);
  if (siteZone === undefined || siteZone === zone) return own;
  const [site, wall] = [zoneClock(language, siteZone), (one: string) => zoneClock('en', one, false)];
  return (at) =>
    wall(zone)(at) === wall(siteZone)(at) ? own(at) : say('message.clock.site', { time: own(at), site: site(at) });
}

/** A minute by the clock of a zone, as the language writes it, with the zone: `22/11/2026, 11:00 CET`. */
function zoneClock(language: MessageLanguage, zone: string, isNamed = true): (at: string) => string {
  if (zone === 'UTC' && isNamed) return (at) => `${at.slice(0, 16).replace('T', ' ')} UTC`;
  const format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    ...{ timeZone: zone, hourCycle: 'h23', ...(isNamed && { timeZoneName: 'short' as const }) },
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
  });
  return (at) => format.format(Date.parse(at));
}
