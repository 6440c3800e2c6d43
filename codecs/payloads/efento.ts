import type { Metric } from '../../domain/index.ts';
import { Collector, decodeEachObject, isTold, shown } from './collector.ts';
import type { Decoded, Dialect } from './dialect.ts';
import { isEfentoProtobuf, readEfentoProtobuf } from './efento-protobuf.ts';
import { isObject, type Json, timeIn } from './tag-event.ts';

/** Types of channels, folded to lower case with underscores; value in our units. */
const TYPES: Readonly<Record<string, Metric>> = {
  temperature: 'temperature',
  humidity: 'humidity',
  atmospheric_pressure: 'pressure',
  ambient_light: 'light',
  open_close: 'door',
};
const DOOR: Readonly<Record<string, number>> = { open: 1, closed: 0, close: 0 };

/**
 * Efento gateways, CoAP loader and measurement webhooks (docs.efento.io): `measurements` of sensors by `serial`, each with
 * `params` by channel. `measured_at` is UTC. Of several channels of one kind each is `{serial}.{channel}`. A battery that
 * is `ok` or `low` is no percentage. Its NB-IoT and LTE sensors send protocol buffers themselves (efento-protobuf.ts).
 */
export const EFENTO: Dialect = {
  name: 'efento',
  decode: ({ source, payload }) => (isEfentoProtobuf(payload) ? binary(payload) : text(payload, source)),
};

function binary(payload: Uint8Array): Decoded {
  const into = new Collector();
  readEfentoProtobuf(payload, into);
  return into.decoded();
}

function text(payload: Uint8Array, source: string): Decoded {
  return decodeEachObject(payload, (message, into) => {
    const { measurements } = message;
    const parts = Array.isArray(measurements) ? measurements : [message];
    for (const [index, part] of parts.entries()) {
      const at = Array.isArray(measurements) ? `measurements[${index}]` : '';
      if (isObject(part)) readMeasurement(part, source, at, into);
      else into.refuse('MESSAGE_MALFORMED', at, `is ${shown(part)}; allowed: an object`);
    }
  });
}

function readMeasurement(part: Json, source: string, at: string, into: Collector): void {
  const { serial, serialNumber, params } = part;
  const named = serial ?? serialNumber;
  const device = typeof named === 'string' && named !== '' ? named : source;
  const under = (field: string) => (at === '' ? field : `${at}.${field}`);
  if (!Array.isArray(params)) {
    into.refuse('MESSAGE_MALFORMED', under('params'), `is ${shown(params)}; allowed: an array of channels`, device);
    return;
  }
  const given = part.measured_at ?? part.measuredAt;
  const time = timeOf(given);
  if (time === undefined) {
    const detail = `is ${shown(given)}; allowed: 2026-11-22 10:00:00, in UTC`;
    into.refuse('TIME_NOT_UNDERSTOOD', under('measured_at'), detail, device);
    return;
  }
  if (!isTold(time, part, under('measured_at'), into, device)) return;
  const channels = params.flatMap((param: unknown, index) => {
    const metric = isObject(param) ? metricOf(param.type) : undefined;
    return isObject(param) && metric !== undefined
      ? [{ channel: param.channel, value: param.value, metric, index }]
      : [];
  });
  for (const { channel, metric, value, index } of channels) {
    // A channel that measures nothing now is one of several all the same: the other keeps its id.
    const isOnly = channels.filter((other) => other.metric === metric).length === 1;
    if (value === null) continue;
    const number = typeof channel === 'number' || typeof channel === 'string' ? channel : index + 1;
    const meant = metric === 'door' && typeof value === 'string' ? (DOOR[value.toLowerCase()] ?? value) : value;
    into.measure(isOnly ? device : `${device}.${number}`, metric, meant, time, under(`params[${index}].value`));
  }
}

function metricOf(type: unknown): Metric | undefined {
  if (typeof type !== 'string') return undefined;
  const folded = type.toLowerCase().replace(/[^a-z]+/g, '_');
  return Object.hasOwn(TYPES, folded) ? TYPES[folded] : undefined;
}

/** UTC by the documentation, whether it says so or not; null where there is none. */
function timeOf(given: unknown): number | null | undefined {
  if (typeof given !== 'string') return timeIn(given);
  const local = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?: ?UTC)?$/.exec(given);
  return timeIn(local === null ? given : `${local[1]}T${local[2]}Z`);
}
