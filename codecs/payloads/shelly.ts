import { type Collector, decodeObject, NOTHING_MEASURED, shown } from './collector.ts';
import type { Dialect } from './dialect.ts';
import { isObject } from './tag-event.ts';

/** `{id}/events/rpc`, and with status notifications switched on `{id}/status/{component}`. */
const TOPIC = /^([^/]+)\/(?:events\/rpc|status\/[a-z_]+(?::\d+)?|online)$/;
const COMPONENT = /^(temperature|humidity|illuminance|devicepower)(?::(\d+))?$/;

/**
 * Shelly Gen2 and later (shelly-api-docs.shelly.cloud, *Notifications*, *Temperature*, *Humidity*, *DevicePower*,
 * *Illuminance*): `NotifyStatus` and `NotifyFullStatus` with components by number; component 0 is the device, any other
 * `{id}.{number}` (100 and up are those of the add-on). `params.ts` is epoch seconds with a fraction.
 */
export const SHELLY: Dialect = {
  name: 'shelly',
  sourceOf: (topic) => TOPIC.exec(topic)?.[1] ?? null,
  decode({ topic, source, payload }) {
    const tail = topic.startsWith(`${source}/`) ? topic.slice(source.length + 1) : '';
    if (tail === 'online') return NOTHING_MEASURED;
    return decodeObject(payload, (message, into) => {
      if (tail.startsWith('status/')) {
        readComponent(tail.slice('status/'.length), message, { source, time: null }, into);
        return;
      }
      const { method, params } = message;
      if (method === 'NotifyEvent') return;
      if ((method !== 'NotifyStatus' && method !== 'NotifyFullStatus') || !isObject(params)) {
        const detail = `is ${shown(method)}; allowed: NotifyStatus, NotifyFullStatus, NotifyEvent, with params`;
        into.refuse('MESSAGE_MALFORMED', 'method', detail);
        return;
      }
      const time = timeOf(params.ts);
      if (time === undefined) {
        into.refuse('TIME_NOT_UNDERSTOOD', 'params.ts', `is ${shown(params.ts)}; allowed: epoch seconds`);
        return;
      }
      for (const [name, component] of Object.entries(params)) readComponent(name, component, { source, time }, into);
    });
  },
};

function readComponent(
  name: string,
  component: unknown,
  { source, time }: { readonly source: string; readonly time: number | null },
  into: Collector,
): void {
  const [, kind, number = '0'] = COMPONENT.exec(name) ?? [];
  if (kind === undefined || !isObject(component)) return;
  const device = number === '0' ? source : `${source}.${number}`;
  // A notification carries what has changed; what is absent is as it was.
  if (kind === 'temperature') into.measure(device, 'temperature', component.tC, time, `${name}.tC`);
  else if (kind === 'humidity') into.measure(device, 'humidity', component.rh, time, `${name}.rh`);
  else if (kind === 'illuminance') into.measure(device, 'light', component.lux, time, `${name}.lux`);
  else {
    const { battery, external } = component;
    const isOnMains = isObject(external) && external.present === true;
    // Without a battery its percentage is 0.
    if (isObject(battery) && !isOnMains && battery.percent !== null) {
      into.measure(device, 'battery', battery.percent, time, `${name}.battery.percent`);
    }
  }
}

/** null where the device does not know the time yet: then it is of its arrival. */
function timeOf(given: unknown): number | null | undefined {
  if (given === undefined || given === null || given === 0) return null;
  if (typeof given !== 'number' || !(given >= 1e9 && given < 1e11)) return undefined;
  return Math.floor(given * 1000);
}
