import type { Metric } from '../../domain/index.ts';
import { type Collector, decodeObject, isTold, shown } from './collector.ts';
import type { Dialect } from './dialect.ts';
import { isObject, type Json, timeIn } from './tag-event.ts';

/**
 * Disruptive Technologies (developer.disruptive-technologies.com, *Events*, *Data Connectors*): an event, bare or as
 * `event` of a Data Connector's message. The device is the last segment of `targetName`. The time is `updateTime`, or the
 * event's `timestamp`; `samples` of a temperature, backfilled ones too, are readings of their own `sampleTime`.
 */
export const DISRUPTIVE: Dialect = {
  name: 'disruptive',
  decode({ source, payload }) {
    return decodeObject(payload, (message, into) => {
      const event = isObject(message.event) ? message.event : message;
      const { targetName, eventType, data, timestamp } = event;
      if (typeof eventType !== 'string' || !isObject(data)) {
        into.refuse('MESSAGE_MALFORMED', 'eventType', `is ${shown(eventType)}; allowed: an event with data`);
        return;
      }
      const device = typeof targetName === 'string' ? (targetName.split('/').at(-1) ?? source) : source;
      const part = isObject(data[eventType]) ? data[eventType] : {};
      const isTimed = part.updateTime !== undefined || Array.isArray(part.samples);
      if (!isTimed && timestamp === undefined && !isTold(null, { ...event, ...part }, 'timestamp', into, device))
        return;
      readEvent(eventType, part, { device, sentAt: timestamp }, into);
    });
  },
};

interface Sent {
  readonly device: string;
  readonly sentAt: unknown;
}

function readEvent(type: string, part: Json, { device, sentAt }: Sent, into: Collector): void {
  const field = `data.${type}`;
  const measure = (metric: Metric, value: unknown, given: unknown, path: string) => {
    const time = timeIn(given);
    if (time === undefined) {
      into.refuse('TIME_NOT_UNDERSTOOD', path, `is of ${shown(given)}; allowed: RFC 3339 with a zone`);
    } else into.measure(device, metric, value, time, path);
  };
  const at = part.updateTime ?? sentAt;
  if (type === 'temperature') {
    const samples = Array.isArray(part.samples) ? part.samples.filter(isObject) : [];
    for (const [index, { value, sampleTime }] of samples.entries()) {
      measure('temperature', value, sampleTime ?? at, `${field}.samples[${index}]`);
    }
    if (samples.length === 0) measure('temperature', part.value, at, `${field}.value`);
  } else if (type === 'humidity') {
    measure('temperature', part.temperature, at, `${field}.temperature`);
    measure('humidity', part.relativeHumidity, at, `${field}.relativeHumidity`);
  } else if (type === 'batteryStatus') {
    measure('battery', part.percentage, at, `${field}.percentage`);
  }
}
