import type pg from 'pg';
import type { Severity } from '../../domain/index.ts';
import type { AlertRecord } from '../alert-store.ts';
import { type MessageType, post } from '../delivery/outbox.ts';
import { type FlapNote, lookAtFlap, mutedByFlap } from '../storm/flaps.ts';
import { joinGroups, nameOf, wakeGroups } from '../storm/groups.ts';
import { BUILTIN_INHIBITIONS, isSource, mutedBy } from '../storm/inhibition.ts';
import { keepMuted, standingSilences, standingSources } from '../storm/mutes.ts';
import { capNotices } from '../storm/notification-cap.ts';
import { LocalClocks } from './local-clock.ts';
import { cancelNotices, keepNotices, markTold, type SingleNotice, toldChannels, toldPeople } from './notice-store.ts';
import { type Notice, noticesOf, quietUntil } from './notices.ts';
import { keepRouted, type RuleLabels, routedAlert } from './routed-alert.ts';
import type { Inhibition, RoutedAlert, RoutingPlan } from './routing.ts';

/** An event of an alert that somebody is told of. */
export interface RoutedEvent {
  /** Id of its entry in the audit trail. */
  readonly event: string;
  /** Epoch ms UTC. */
  readonly at: number;
  /** Where the alerts of its rule and key began to flap with it. */
  readonly flapping?: FlapNote | undefined;
}

export interface AlertRoutingOptions {
  /** The routing in force; null: nobody is told but the channels that are told of every alert. */
  readonly plan: () => RoutingPlan | null;
  /** Ids of the channels of the configuration. */
  readonly configured?: readonly string[];
  readonly labels?: RuleLabels;
}

/** Who is told of an alert, by which channel and when: the one place where that is asked. */
export class AlertRouting {
  readonly #plan: () => RoutingPlan | null;
  readonly #labels: RuleLabels;
  readonly #configured: readonly string[];

  constructor({ plan, labels = NO_LABELS, configured = [] }: AlertRoutingOptions) {
    this.#plan = plan;
    this.#labels = labels;
    this.#configured = configured;
  }

  /** The same by another plan: to ask who would be told. */
  by(plan: RoutingPlan): AlertRouting {
    return new AlertRouting({ plan: () => plan, configured: this.#configured, labels: this.#labels });
  }

  /** Everything that will be said of an alert, real or invented, until it is acknowledged, by time. */
  async channelsFor(client: pg.ClientBase | pg.Pool, alert: RoutedAlert): Promise<readonly Notice[]> {
    const plan = this.#plan();
    const routed = plan === null ? [] : noticesOf(plan, alert);
    return [...routed, ...(await ofEvery(client, routed, alert.openedAt))].sort((a, b) => a.at - b.at);
  }

  /** The same of an alert that there is, as if it opened at a moment. */
  async ofRecord(client: pg.ClientBase | pg.Pool, record: AlertRecord, openedAt: number): Promise<readonly Notice[]> {
    // Without routes nothing of the alert matters: who is told of every alert is told of this one.
    if (this.#plan() === null) return ofEvery(client, [], openedAt);
    return this.channelsFor(client, await routedAlert(client, record, this.#labels, openedAt));
  }

  /** An alert opened, for the first time or again: whoever is first is told, the others when their time comes. */
  async opened(client: pg.ClientBase, record: AlertRecord, { event, at }: RoutedEvent): Promise<void> {
    const routed = await routedAlert(client, record, this.#labels, at);
    await keepRouted(client, record.number, routed, isSource(this.inhibitions, routed));
    const wanted = await this.channelsFor(client, routed);
    if (wanted.length === 0) return;
    const { flapping = null, cap = null } = this.#plan() ?? {};
    // What a person opens again is meant.
    const isNew = record.alert.reopened === 0;
    const flap = flapping === null || !isNew ? null : await lookAtFlap(client, record, flapping, at);
    const isFree = cap === null || !isNew || flap?.step === 'held';
    const notices = isFree ? wanted : await capNotices(client, record.alert.rule.id, wanted, cap, at);
    const groups = await joinGroups(client, record.number, notices, at);
    const groupOf = ({ group }: Notice) => (group === null ? null : (groups.get(nameOf(group)) ?? null));
    const kept = await keepNotices(client, record.number, notices, at, groupOf);
    if (flap?.step === 'held') {
      await keepMuted(client, record.number, mutedByFlap(flap.id));
      return;
    }
    const due = kept.filter((notice) => notice.group === null && notice.at <= at);
    if (due.length === 0 || (await this.#isMuted(client, record, routed, at))) return;
    const flapNote = flap?.step === 'begins' ? flap.note : undefined;
    await tell(client, record, due, { event, at, flapping: flapNote });
  }

  /**
   * An alert that nobody has acknowledged became worse: whoever was told is told that, and whom its routes name for one as bad as
   * it is now is told of it, and escalated to, as of one that opens.
   */
  async raised(
    client: pg.ClientBase,
    record: AlertRecord,
    { event, at, change }: RoutedEvent & { readonly change: Readonly<Record<string, unknown>> },
  ): Promise<void> {
    await this.followed(client, record, { type: 'alert.changed', event, at, change });
    const routed = await routedAlert(client, record, this.#labels, at);
    await client.query('UPDATE routed_alerts SET mutes = $2 WHERE alert = $1', [
      record.number,
      isSource(this.inhibitions, routed),
    ]);
    const known = new Set((await toldPeople(client, record.number)).map(pairOf));
    const wanted = (await this.channelsFor(client, routed)).filter(
      (one) => one.step !== 'first' || !known.has(pairOf(one)),
    );
    const groups = await joinGroups(client, record.number, wanted, at);
    const groupOf = ({ group }: Notice) => (group === null ? null : (groups.get(nameOf(group)) ?? null));
    const kept = await keepNotices(client, record.number, wanted, at, groupOf, 'its severity was raised');
    const due = kept.filter((notice) => notice.group === null && notice.at <= at);
    if (due.length === 0 || (await this.#isMuted(client, record, routed, at))) return;
    // Another message than that of the change, where one channel carries both.
    await tell(client, record, due, { event: `${event}-raised`, at });
  }

  /** Told later, if it still stands: reviewMutes() writes by what it is muted. */
  async #isMuted(
    client: pg.ClientBase,
    { alert, number }: AlertRecord,
    routed: RoutedAlert,
    at: number,
  ): Promise<boolean> {
    const silences = await standingSilences(client, at);
    const sources = await standingSources(client, at);
    const muted = mutedBy({ id: alert.id, routed }, silences, this.inhibitions, sources, at);
    if (muted !== null) await keepMuted(client, number, muted);
    return muted !== null;
  }

  /** Which alerts say it for which others. */
  get inhibitions(): readonly Inhibition[] {
    return [...BUILTIN_INHIBITIONS, ...(this.#plan()?.inhibit ?? [])];
  }

  /** By which channels a person is told of what is not urgent; none where the routing does not know them. */
  channelsOf(person: string): readonly string[] {
    const notify = this.#plan()?.people.get(person)?.notify;
    return [notify?.info, notify?.warning, notify?.critical].find((those) => (those?.length ?? 0) > 0) ?? [];
  }

  /** Ids of the channels of the configuration. */
  get configured(): readonly string[] {
    return this.#configured;
  }

  /** Whether it is the quiet hours of a person, which an alert of that severity does not pierce. */
  isQuiet(person: string | null, severity: Severity, at: number): boolean {
    if (person === null || severity === 'critical') return false;
    const known = this.#plan()?.people.get(person);
    return known !== undefined && quietUntil(new LocalClocks().of(known.zone), known.quiet, at) !== at;
  }

  /** Something became of it: whoever was told before is told that too, and nobody else is told of it. */
  async followed(
    client: pg.ClientBase,
    record: AlertRecord,
    {
      type,
      event,
      at,
      change,
    }: RoutedEvent & {
      readonly type: MessageType;
      /** Of `alert.changed`: what is other than it was. */
      readonly change?: Readonly<Record<string, unknown>>;
    },
  ): Promise<void> {
    const { state } = record.alert;
    if (state !== 'open') await cancelNotices(client, record.number, at, `the alert was ${state}`);
    // Who was told in a group hears of it with the group, also where that had ended.
    if (type === 'alert.retracted') await wakeGroups(client, record.number, at);
    const channels = await toldChannels(client, record.number, this.#configured);
    await post(client, channels, record, { type, event, at, ...(change !== undefined && { change }) });
  }
}

function pairOf({ channel, person }: Pick<Notice, 'channel' | 'person'>): string {
  return JSON.stringify([channel, person]);
}

const NO_LABELS: RuleLabels = async () => ({});

/** Channels that people made to be told of every alert, unless a route leads there at once. */
async function ofEvery(
  client: pg.ClientBase | pg.Pool,
  routed: readonly Notice[],
  at: number,
): Promise<readonly Notice[]> {
  const { rows } = await client.query<{ id: string }>('SELECT id FROM channels WHERE is_told ORDER BY id');
  const known = new Set(routed.flatMap(({ channel, step }) => (step === 'first' ? [channel] : [])));
  const why = 'the channel is told of every alert';
  return rows
    .filter(({ id }) => !known.has(id))
    .map(({ id }) => ({
      at,
      channel: id,
      person: null,
      step: 'first' as const,
      route: 'every alert',
      why,
      isHeld: false,
      group: null,
    }));
}

/** Puts one message a channel into the outbox, for everybody whom it tells. */
export async function tell(
  client: pg.ClientBase,
  record: AlertRecord,
  due: readonly SingleNotice[],
  { event, at, flapping }: RoutedEvent,
): Promise<void> {
  const byChannel = Map.groupBy(due, ({ channel }) => channel);
  for (const [channel, notices] of byChannel) {
    const people = notices.flatMap(({ person }) => (person === null ? [] : [person]));
    const notice = { step: notices[0]?.step ?? 'first', people };
    const message = { type: typeOf(notices), event, at, ...(flapping !== undefined && { flapping }) };
    await post(client, [channel], record, { ...message, ...(people.length > 0 && { notice }) });
    await markTold(client, notices, `${event}.${channel}`, at);
  }
}

/** What a message to several is of: that somebody is asked to step in comes before all else. */
function typeOf(notices: readonly SingleNotice[]): MessageType {
  if (notices.some(({ step }) => step.startsWith('escalation'))) return 'alert.escalated';
  return notices.some(({ step }) => step === 'first') ? 'alert.opened' : 'alert.reminded';
}
