import type { DeviceContext, Fact, SeenFrom } from '../../../domain/index.ts';
import type { TraceQueries } from '../../../trace/index.ts';
import { deviceOperations } from '../../api/index.ts';
import { accepted, created, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import { Refusal } from '../problems.ts';
import type { Services } from '../services.ts';

/** The registry of loggers, sensors and gateways. */
export function deviceRoutes({ at, factCommands, live, time }: Services) {
  return [
    mount(deviceOperations.list, async ({ query, seenFrom }) => ok(await at(seenFrom).deviceViews.list(query))),

    mount(deviceOperations.get, async ({ parameters, seenFrom }) =>
      ok(await at(seenFrom).deviceViews.detail(parameters.id)),
    ),

    mount(deviceOperations.register, async ({ identity, body, received, seenFrom }) => {
      const { deviceViews, trace } = at(seenFrom);
      const { id, kind, name, attachment, interval, reportsEvery, heartbeat, correction, ...rest } = body;
      const { effectiveFrom, ...described } = rest;
      const by = identity.name;
      const context: DeviceContext = {
        ...withoutUndefined(described),
        ...(interval === undefined ? {} : { intervalMs: interval }),
        ...(reportsEvery === undefined ? {} : { reportsEveryMs: reportsEvery }),
        ...(heartbeat === undefined ? {} : { heartbeatMs: heartbeat }),
        ...(correction === undefined ? {} : { corrections: withoutUndefined(correction) }),
      };
      const facts: Fact[] = [
        { type: 'device', device: { id, kind, ...withoutUndefined({ name, effectiveFrom }), context }, by },
      ];
      if (attachment !== undefined) {
        const from = attachment.from ?? time.now();
        facts.push({ type: 'attachment', attachment: { device: id, subject: attachment.subject, from }, by });
      }
      await requireTheirs(body, trace, seenFrom);
      const isApplied = await factCommands.record(facts, received);
      live.deviceChanged(id);
      const location = `/api/v1/devices/${encodeURIComponent(id)}`;
      return isApplied ? created(await deviceViews.detail(id), location) : accepted(location);
    }),
  ];
}

/**
 * Who is bound to sites registers devices at those, and changes those that are seen there: else whoever names a device
 * could see what it measures.
 * @throws {Refusal} 403 NOT_AT_YOUR_SITES
 */
async function requireTheirs(
  {
    id,
    site,
    attachment,
  }: { id: string; site?: string | undefined; attachment?: { subject: string | null } | undefined },
  trace: TraceQueries,
  seenFrom: SeenFrom,
): Promise<void> {
  if (seenFrom === null) return;
  const refuse = (what: string) => new Refusal(403, 'NOT_AT_YOUR_SITES', `${what} is not at your sites`);
  if (site === undefined || !seenFrom.includes(site)) throw refuse(`a device of ${site ?? 'no site'}`);
  if ((await trace.strangersAmong({ devices: [id], epcs: [] })).length > 0) throw refuse(`device ${id}`);
  const subject = attachment?.subject;
  if (subject === undefined || subject === null || seenFrom.includes(subject)) return;
  if (!(await trace.seenGoods([subject])).has(subject)) throw refuse(subject);
}

/** Absent is absent: a key with `undefined` is not written into a fact. */
function withoutUndefined<T extends object>(given: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
