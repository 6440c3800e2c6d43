import type { Severity } from '../../domain/index.ts';
import { groupValues } from './group-key.ts';
import { type DailyWindow, isWithin, type LocalClock, LocalClocks } from './local-clock.ts';
import { onCall } from './on-call.ts';
import { routesOf, type TakenRoute } from './route-tree.ts';
import type { RoutedAlert, RoutingPlan, Target } from './routing.ts';

/** One telling that is due, while nobody has acknowledged the alert. */
export interface Notice {
  /** Not before then, epoch ms UTC. */
  readonly at: number;
  readonly channel: string;
  /** Who; null: a channel without anybody in particular. */
  readonly person: string | null;
  readonly step: NoticeStep;
  readonly route: string;
  /** How they come to be told, in words. */
  readonly why: string;
  /** It waits for the end of somebody's quiet hours. */
  readonly isHeld: boolean;
  /** Told together with other alerts; null: by itself. */
  readonly group: NoticeGroup | null;
}

/** Alerts that are told together: those of one route that agree in the values by which it groups. */
export interface NoticeGroup {
  readonly route: string;
  /** By what, and its value: `site` is `site:berlin`. */
  readonly by: Readonly<Record<string, string>>;
  readonly waitMs: number;
  readonly intervalMs: number;
  /** 0 never. */
  readonly repeatMs: number;
}

/** The first telling, the n-th escalation (from 1), or a repeat of the first. */
export type NoticeStep = 'first' | `escalation ${number}` | `repeat ${number}`;

const MINUTE_MS = 60_000;
/** Repeats end after a day: an alert that nobody wants is a matter for statistics, not for one more message. */
export const REPEATS_FOR_MS = 24 * 3_600_000;
/** Quiet hours that never end, seven days a week from 00:00 to 00:00, hold nothing back for longer than this. */
const LONGEST_QUIET_MS = 8 * 24 * 3_600_000;

/**
 * Everything that is to be said of an alert until it is acknowledged, by time: a pure function of the routing in force,
 * the alert and the clock. Who is on call is asked for the moment of each step. Nobody is told twice by one channel in one
 * step, also where two routes lead to them: the earlier one counts.
 */
export function noticesOf(routing: RoutingPlan, alert: RoutedAlert): readonly Notice[] {
  const clocks = new LocalClocks();
  return routesOf(routing.root, alert, clocks)
    .flatMap((route) => noticesBy(route, routing, alert, clocks))
    .sort((a, b) => a.at - b.at)
    .filter(isFirstOfItsKind());
}

function noticesBy(route: TakenRoute, routing: RoutingPlan, alert: RoutedAlert, clocks: LocalClocks): Notice[] {
  const group = groupOf(route, alert);
  const steps: { step: NoticeStep; afterMs: number; to: readonly Target[] }[] = [
    { step: 'first', afterMs: group?.waitMs ?? 0, to: route.to },
  ];
  // Where nobody is on call there is nobody to wait for.
  const isNobodyThere =
    route.to.length > 0 && route.to.every((target) => isOffCall(target, routing, alert.openedAt, clocks));
  for (const [i, { afterMs, to }] of route.escalation.entries()) {
    steps.push({ step: `escalation ${i + 1}`, afterMs: i === 0 && isNobodyThere ? 0 : afterMs, to });
  }
  // A group repeats as one.
  if (route.repeatMs > 0 && group === null) {
    for (let n = 1; n * route.repeatMs <= REPEATS_FOR_MS; n++) {
      steps.push({ step: `repeat ${n}`, afterMs: n * route.repeatMs, to: route.to });
    }
  }
  const asked = { routing, severity: alert.severity, clocks };
  return steps.flatMap(({ step, afterMs, to }) =>
    to.flatMap((target) =>
      reached(target, asked, alert.openedAt + afterMs).map((one) => ({
        ...one,
        step,
        route: route.path,
        group,
      })),
    ),
  );
}

function groupOf({ path, group, repeatMs }: TakenRoute, alert: RoutedAlert): NoticeGroup | null {
  if (group === null) return null;
  const { waitMs, intervalMs } = group;
  return { route: path, by: groupValues(group.by, alert), waitMs, intervalMs, repeatMs };
}

function isOffCall(target: Target, { schedules }: RoutingPlan, at: number, clocks: LocalClocks): boolean {
  if (!('schedule' in target)) return false;
  const schedule = schedules.get(target.schedule);
  return schedule === undefined || onCall(schedule, at, clocks).people.length === 0;
}

type Reached = Pick<Notice, 'at' | 'channel' | 'person' | 'why' | 'isHeld'>;

/** What stays the same for every step of an alert. */
interface Asked {
  readonly routing: RoutingPlan;
  readonly severity: Severity;
  readonly clocks: LocalClocks;
}

function reached(target: Target, asked: Asked, at: number): Reached[] {
  const { routing, clocks } = asked;
  if ('channel' in target) {
    return [{ at, channel: target.channel, person: null, why: 'the route names the channel', isHeld: false }];
  }
  if ('person' in target) return byPerson(target.person, 'the route names them', asked, at);
  if ('team' in target) {
    const members = routing.teams.get(target.team)?.members ?? [];
    return members.flatMap((person) => byPerson(person, `of the team ${target.team}`, asked, at));
  }
  const schedule = routing.schedules.get(target.schedule);
  if (schedule === undefined) return [];
  const { people, why } = onCall(schedule, at, clocks);
  const words = why === 'turn' ? 'on call' : why === 'instead' ? 'stands in on call' : 'on call on a holiday';
  return people.flatMap((person) => byPerson(person, `${words}, ${schedule.id}`, asked, at));
}

function byPerson(id: string, how: string, { routing, severity, clocks }: Asked, at: number): Reached[] {
  const person = routing.people.get(id);
  if (person === undefined) return [];
  const until = severity === 'critical' ? at : quietUntil(clocks.of(person.zone), person.quiet, at);
  const isHeld = until !== at;
  const why = isHeld ? `${how}; held back until their quiet hours end` : how;
  return person.notify[severity].map((channel) => ({ at: until, channel, person: id, why, isHeld }));
}

/** The first moment, from a moment on, that lies in no quiet hours, to the minute. */
export function quietUntil(clock: LocalClock, quiet: readonly DailyWindow[], at: number): number {
  if (!isWithin(clock.read(at), quiet)) return at;
  const first = Math.floor(at / MINUTE_MS) * MINUTE_MS;
  for (let minute = first + MINUTE_MS; minute <= first + LONGEST_QUIET_MS; minute += MINUTE_MS) {
    if (!isWithin(clock.read(minute), quiet)) return minute;
  }
  return at;
}

function isFirstOfItsKind(): (notice: Notice) => boolean {
  const known = new Set<string>();
  return ({ channel, person, step }) => {
    const key = JSON.stringify([channel, person, step]);
    if (known.has(key)) return false;
    known.add(key);
    return true;
  };
}
