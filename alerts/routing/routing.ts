import type { AlertAbout, MessageLanguage, Severity } from '../../domain/index.ts';
import type { FlapSetting } from '../storm/flapping.ts';
import type { DailyWindow } from './local-clock.ts';

/** Somebody who can be told. */
export interface Person {
  readonly id: string;
  /** IANA zone of their quiet hours, and of times in messages to them alone. */
  readonly zone: string;
  /** Of messages to them alone. */
  readonly language: MessageLanguage;
  /** Where they are reached by a channel, instead of its own addresses: a mail address, a number, a chat. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Channels by which they are told, by severity. */
  readonly notify: Readonly<Record<Severity, readonly string[]>>;
  /** When only critical alerts reach them; others wait for its end. */
  readonly quiet: readonly DailyWindow[];
}

/** Several people, all of whom are told. */
export interface Team {
  readonly id: string;
  readonly members: readonly string[];
}

/** Who is on call when: people one after the other, by days of a calendar. */
export interface Schedule {
  readonly id: string;
  readonly zone: string;
  /** In turn. */
  readonly people: readonly string[];
  /** First day of the first one's turn, `2026-11-02`. */
  readonly start: string;
  /** Days of a turn. */
  readonly days: number;
  /** When one hands over to the next, minutes since midnight. */
  readonly handOver: number;
  /** When somebody is on call at all; absent: always. */
  readonly hours: readonly DailyWindow[] | null;
  /** Dates on which others stand in, from hand-over to hand-over; nobody: nobody is on call. */
  readonly holidays: readonly { readonly date: string; readonly people: readonly string[] }[];
  /** Somebody else, from one moment to another (epoch ms UTC). The last that covers a moment counts. */
  readonly instead: readonly { readonly from: number; readonly to: number; readonly person: string }[];
}

/** Whom a route tells. */
export type Target =
  | { readonly person: string }
  | { readonly team: string }
  | { readonly schedule: string }
  /** A machine, or a room of people, without anybody in particular. */
  | { readonly channel: string };

/** Whom else, where nobody has acknowledged by then. */
export interface Escalation {
  /** After the alert opened, ms. */
  readonly afterMs: number;
  readonly to: readonly Target[];
}

/** What an alert must be for a route to take it; what is absent does not matter. */
export interface RouteMatch {
  readonly severity?: readonly Severity[] | undefined;
  readonly kind?: readonly string[] | undefined;
  readonly site?: readonly string[] | undefined;
  readonly profile?: readonly string[] | undefined;
  /** GTIN-14. */
  readonly product?: readonly string[] | undefined;
  readonly rule?: readonly string[] | undefined;
  readonly shipment?: readonly string[] | undefined;
  readonly device?: readonly string[] | undefined;
  /** That speaks for the alert's device, or is it. */
  readonly gateway?: readonly string[] | undefined;
  readonly about?: readonly AlertAbout[] | undefined;
  /** Of the alert's rule: every one of these must be there, with this value. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** By the clock of a zone, when the alert opened. */
  readonly during?: { readonly zone: string; readonly windows: readonly DailyWindow[] } | undefined;
}

/** By what alerts are told together: those that agree in all of these. `label:x` is the label x of their rule. */
export type GroupedBy = 'shipment' | 'site' | 'gateway' | 'device' | 'rule' | 'kind' | 'severity' | `label:${string}`;

/** Alerts that are told in one notification, in the words of Alertmanager. */
export interface Grouping {
  /** Nothing: all alerts of the route are one group. */
  readonly by: readonly GroupedBy[];
  /** How long the first alert of a group waits for others, ms. */
  readonly waitMs: number;
  /** How long after a notification alerts that came since wait for the next, ms. */
  readonly intervalMs: number;
}

/**
 * A node of the tree. An alert goes to the first child that takes it, and on to the next where that one says `continue`;
 * where no child takes it, it stays here. What a node does not say, its parent has said.
 */
export interface RouteNode {
  readonly name: string;
  readonly match: RouteMatch;
  readonly to: readonly Target[] | null;
  readonly escalation: readonly Escalation[] | null;
  /** Told again every so often until somebody acknowledges, ms; 0 never. */
  readonly repeatMs: number | null;
  /** Absent: as its parent says. */
  readonly group?: Grouping | 'none' | undefined;
  readonly isContinued: boolean;
  readonly routes: readonly RouteNode[];
}

/** While such alerts go on, others are not told of, in the words of Alertmanager. */
export interface Inhibition {
  readonly name: string;
  /** Which alerts say it for others. */
  readonly source: RouteMatch;
  /** For which. */
  readonly target: RouteMatch;
  /** In what both agree: they have at least one value of each in common. */
  readonly equal: readonly GroupedBy[];
  /** So many sources at once, of different devices. */
  readonly least: number;
  /** Still so long after the source is over, ms: what it spoke for needs time to be heard again. */
  readonly graceMs?: number | undefined;
}

/** No inhibition speaks for others for longer than this after its source is over. */
export const LONGEST_GRACE_MS = 24 * 3_600_000;

/** How many notifications of one rule go out within so long; what is beyond follows together. */
export interface NotificationCap {
  readonly notifications: number;
  readonly withinMs: number;
}

/** People, teams, schedules and the tree of routes: who is told of what (docs/routing.md). */
export interface RoutingPlan {
  readonly people: ReadonlyMap<string, Person>;
  readonly teams: ReadonlyMap<string, Team>;
  readonly schedules: ReadonlyMap<string, Schedule>;
  readonly root: RouteNode;
  /** Besides those that are built in. */
  readonly inhibit?: readonly Inhibition[] | undefined;
  /** When alerts flap; absent: never. */
  readonly flapping?: FlapSetting | null | undefined;
  /** How much one rule tells; absent: all of it. */
  readonly cap?: NotificationCap | null | undefined;
}

/** What routes look at in an alert. */
export interface RoutedAlert {
  readonly severity: Severity;
  readonly kind: string;
  readonly rule: string;
  readonly about: AlertAbout;
  readonly device: string | null;
  /** Those that speak for its device; itself where it is one. */
  readonly gateways: readonly string[];
  readonly shipments: readonly string[];
  readonly sites: readonly string[];
  readonly profiles: readonly string[];
  readonly products: readonly string[];
  /** Those of its rule. */
  readonly labels: Readonly<Record<string, string>>;
  /** When it was found, epoch ms UTC. */
  readonly openedAt: number;
}
