import type pg from 'pg';
import { type AuditTrail, BY_PLATFORM } from '../../domain/index.ts';
import { type Database, effectsOf } from '../../storage/index.ts';
import { put } from '../delivery/outbox.ts';
import { hasBacklog } from '../pending-groups.ts';
import type { AlertRouting } from '../routing/alert-routing.ts';
import { markTold } from '../routing/notice-store.ts';
import { REPEATS_FOR_MS } from '../routing/notices.ts';
import { type GroupCount, type GroupTelling, stepOf } from './group-clock.ts';
import { groupView } from './group-message.ts';
import {
  countGroup,
  dueNoticeGroups,
  type GroupNotice,
  groupNotices,
  type KeptGroup,
  keepStep,
  lockNoticeGroup,
  markToldInGroup,
  nextNotice,
  toldInGroup,
} from './groups.ts';

const AT_ONCE = 100;
/** How long a change of a group that was told is held at most, while findings wait to become alerts. */
const LONGEST_HELD_MS = 10 * 60_000;

export interface GroupDependencies {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly routing: AlertRouting;
}

/**
 * Tells of groups whose time has come: one notification a channel, with how many alerts there are and how they stand.
 *
 * @param now epoch ms UTC
 * @returns how many groups something was told of
 */
export async function tellGroups(dependencies: GroupDependencies, now: number): Promise<number> {
  const { database } = dependencies;
  let told = 0;
  for (const due of await dueNoticeGroups(database.pool, now, AT_ONCE)) {
    const isTold = await database.transaction(async (client) => {
      const group = await lockNoticeGroup(client, due, now);
      return group !== null && lookAt(client, group, dependencies, now);
    });
    if (isTold) told++;
  }
  return told;
}

async function lookAt(
  client: pg.ClientBase,
  group: KeptGroup,
  dependencies: GroupDependencies,
  now: number,
): Promise<boolean> {
  const waiting = await groupNotices(client, group.id, now, group.intervalMs);
  const dueSteps = new Set(waiting.filter(({ at }) => at <= now).map(({ step }) => step));
  // What falls due within an interval goes along with its like, so that a storm is not escalated alert by alert.
  const due = waiting.filter(({ step }) => dueSteps.has(step));
  const count = await countGroup(client, group.id, numbersOf(due));
  const nextAt = await nextNotice(
    client,
    group.id,
    due.map(({ id }) => id),
  );
  const escalation = [...dueSteps].some((step) => step !== 'first');
  // While many findings are still to become alerts, a count would be wrong in a minute.
  const isHeld = group.toldAt !== null && (await hasBacklog(client, now));
  const paced = isHeld ? { ...group, intervalMs: Math.max(group.intervalMs, LONGEST_HELD_MS) } : group;
  const wanted = stepOf(paced, count, { first: dueSteps.has('first'), escalation, nextAt }, now, REPEATS_FOR_MS);
  const soon = now + group.intervalMs;
  const step = isHeld && wanted.nextAt !== null ? { ...wanted, nextAt: Math.min(wanted.nextAt, soon) } : wanted;
  const isTold =
    step.tell !== null && (await tell(client, { group, count, telling: step.tell, due }, dependencies, now));
  await keepStep(client, group.id, { ...step, toldAt: isTold ? now : null }, count, now);
  return isTold;
}

interface Telling {
  readonly group: KeptGroup;
  readonly count: GroupCount;
  readonly telling: GroupTelling;
  readonly due: readonly GroupNotice[];
}

/** @returns false where nobody is left to tell */
async function tell(
  client: pg.ClientBase,
  { group, count, telling, due }: Telling,
  { audit, routing }: GroupDependencies,
  now: number,
): Promise<boolean> {
  const isOfNotices = telling === 'opened' || telling === 'escalated' || (telling === 'changed' && due.length > 0);
  const told = isOfNotices ? due : [];
  const view = await groupView(client, group, count, telling, numbersOf(told));
  const before = await toldInGroup(client, group.id, routing.configured);
  // Whoever was told before hears of its end, of repeats, and of what was taken back; of what is new, whom its route names.
  const isForThem = !isOfNotices || count.retracted > group.toldRetracted;
  const again = before.filter(({ person }) => telling !== 'reminded' || !routing.isQuiet(person, view.severity, now));
  const recipients = [...told, ...(isForThem ? again : [])];
  const [first] = view.alerts;
  if (recipients.length === 0 || first === undefined) return false;
  const event = await audit.add(effectsOf(client), {
    ...BY_PLATFORM,
    ...{ at: now, action: 'alert.group', subject: `alert-group:${group.id}`, old: null, reason: null },
    new: { telling, route: group.route, by: group.by, ...count },
  });
  const step = told.find((one) => one.step !== 'first')?.step ?? 'first';
  for (const [channel, those] of Map.groupBy(recipients, (one) => one.channel)) {
    const people = [...new Set(those.flatMap(({ person }) => (person === null ? [] : [person])))];
    const data = { group: view, ...(people.length > 0 && { notice: { step, people } }) };
    await put(client, [channel], first.id, { type: `group.${telling}`, event, at: now, data });
    await markTold(
      client,
      told.filter((one) => one.channel === channel),
      `${event}.${channel}`,
      now,
    );
  }
  await markToldInGroup(client, group.id, numbersOf(told), now);
  return true;
}

function numbersOf(notices: readonly GroupNotice[]): readonly number[] {
  return [...new Set(notices.map(({ alert }) => alert))];
}
