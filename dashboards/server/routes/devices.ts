import { isDeepStrictEqual } from 'node:util';
import type { Fact, SeenFrom } from '../../../domain/index.ts';
import type { TraceQueries } from '../../../trace/index.ts';
import { deviceOperations } from '../../api/index.ts';
import { accepted, created, ok, SENT } from '../answer.ts';
import { textOf } from '../body.ts';
import { deviceCsv, parseDeviceCsv } from '../device-csv.ts';
import { contextFrom, withoutUndefined } from '../device-registration.ts';
import { mount } from '../mount.ts';
import { Refusal } from '../problems.ts';
import type { Services } from '../services.ts';

/** The registry of loggers, sensors and gateways. */
export function deviceRoutes({ at, directory, factCommands, live, time }: Services) {
  return [
    mount(deviceOperations.list, async ({ query, seenFrom }) => ok(await at(seenFrom).deviceViews.list(query))),

    mount(deviceOperations.get, async ({ parameters, seenFrom }) =>
      ok(await at(seenFrom).deviceViews.detail(parameters.id)),
    ),

    mount(deviceOperations.register, async ({ identity, body, received, seenFrom }) => {
      const { deviceViews, trace } = at(seenFrom);
      const { id, kind, name, attachment, effectiveFrom, ...described } = body;
      const by = identity.name;
      const context = contextFrom(described);
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

    mount(deviceOperations.csv, async ({ response }) => {
      const { devices } = await directory.registered();
      response
        .attachment('devices.csv')
        .type('text/csv; charset=utf-8')
        .end(deviceCsv([...devices.values()]));
      return SENT;
    }),

    mount(deviceOperations.import, async ({ query, request, identity, body, received }) => {
      directory.forget();
      const { devices } = await directory.registered();
      const given = parseDeviceCsv(textOf(body, request.headers['content-type']), devices);
      const fresh = given.filter(({ id }) => !devices.has(id));
      const changed = given.filter((one) => {
        const before = devices.get(one.id);
        return before !== undefined && !isDeepStrictEqual(one, before);
      });
      const facts = [...fresh, ...changed].map((device): Fact => ({ type: 'device', device, by: identity.name }));
      const counts = { added: fresh.length, changed: changed.length };
      const answer = ok({ ...counts, same: given.length - fresh.length - changed.length });
      if (query.dryRun === 'true' || facts.length === 0) return answer;
      const isApplied = await factCommands.record(facts, received);
      for (const { id } of [...fresh, ...changed]) live.deviceChanged(id);
      return isApplied ? answer : accepted('/api/v1/devices');
    }),

    mount(deviceOperations.swap, async ({ parameters: { id }, body, received, seenFrom }) => {
      const { deviceSwap, deviceViews } = at(seenFrom);
      const { isApplied, warnings } = await deviceSwap.swap(id, body, received);
      live.deviceChanged(id);
      live.deviceChanged(body.by);
      return isApplied
        ? ok({ by: await deviceViews.detail(body.by), warnings })
        : accepted(`/api/v1/devices/${encodeURIComponent(body.by)}`);
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
