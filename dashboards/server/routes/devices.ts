import type { DeviceContext, Fact } from '../../../domain/index.ts';
import { deviceOperations } from '../../api/index.ts';
import { accepted, created, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** The registry of loggers, sensors and gateways. */
export function deviceRoutes({ deviceViews, factCommands, live, time }: Services) {
  return [
    mount(deviceOperations.list, async ({ query }) => ok(await deviceViews.list(query))),

    mount(deviceOperations.get, async ({ parameters }) => ok(await deviceViews.detail(parameters.id))),

    mount(deviceOperations.register, async ({ identity, body, received }) => {
      const { id, kind, name, attachment, interval, reportsEvery, heartbeat, correction, ...described } = body;
      const by = identity.name;
      const context: DeviceContext = {
        ...withoutUndefined(described),
        ...(interval === undefined ? {} : { intervalMs: interval }),
        ...(reportsEvery === undefined ? {} : { reportsEveryMs: reportsEvery }),
        ...(heartbeat === undefined ? {} : { heartbeatMs: heartbeat }),
        ...(correction === undefined ? {} : { corrections: withoutUndefined(correction) }),
      };
      const facts: Fact[] = [
        { type: 'device', device: { id, kind, ...(name === undefined ? {} : { name }), context }, by },
      ];
      if (attachment !== undefined) {
        const from = attachment.from ?? time.now();
        facts.push({ type: 'attachment', attachment: { device: id, subject: attachment.subject, from }, by });
      }
      const isApplied = await factCommands.record(facts, received);
      live.deviceChanged(id);
      const location = `/api/v1/devices/${encodeURIComponent(id)}`;
      return isApplied ? created(await deviceViews.detail(id), location) : accepted(location);
    }),
  ];
}

/** Absent is absent: a key with `undefined` is not written into a fact. */
function withoutUndefined<T extends object>(given: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
