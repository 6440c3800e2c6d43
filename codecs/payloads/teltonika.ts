import type { Metric } from '../../domain/index.ts';
import { type Collector, decimal, decodeEachObject, isTold, shown } from './collector.ts';
import type { Dialect } from './dialect.ts';
import { measurePosition } from './position.ts';
import { isObject, type Json } from './tag-event.ts';
import { epochMillis, numberIn } from './time.ts';

/** An AVL element: what it measures, of which probe, in which steps; and what it holds where the sensor failed. */
interface Element {
  readonly metric: Metric;
  /** null: the tracker's own. */
  readonly probe: string | null;
  readonly step: number;
  readonly codes: ReadonlySet<number>;
}

/** Dallas: not ready, value read error, not connected, identifier failed, and as the first of other models. */
const DALLAS_CODES = new Set([850, 2000, 3000, 4000, 5000]);
/**
 * Bluetooth: failed parsing, not found, abnormal state. In hundredths of a degree these are 20, 30 and 40 °C to the last
 * digit, which are given up: nobody can say which is meant.
 */
const BLUETOOTH_CODES = new Set([2000, 3000, 4000]);
const NOTHING_SET = new Set([-32_768, 32_767, 32_768, 65_535]);

/** wiki.teltonika-gps.com, *Data Sending Parameters ID* of FMB, FMC and FMM trackers. */
const ELEMENTS: ReadonlyMap<string, Element> = new Map([
  ...probes([72, 73, 74, 75], 'temperature', 0.1, DALLAS_CODES, ''),
  ...probes([25, 26, 27, 28], 'temperature', 0.01, BLUETOOTH_CODES, 'ble'),
  ...probes([86, 104, 106, 108], 'humidity', 0.1, BLUETOOTH_CODES, 'ble'),
  ...probes([29, 20, 22, 23], 'battery', 1, BLUETOOTH_CODES, 'ble'),
  ...probes([10_800, 10_801, 10_802, 10_803], 'temperature', 0.01, BLUETOOTH_CODES, 'eye'),
  ...probes([10_804, 10_805, 10_806, 10_807], 'humidity', 1, BLUETOOTH_CODES, 'eye'),
  ['113', { metric: 'battery', probe: null, step: 1, codes: new Set<number>() }],
]);

/**
 * Teltonika trackers over MQTT (wiki.teltonika-gps.com, *Codec JSON*): `state.reported` with AVL elements by number, `ts`
 * in epoch milliseconds, `latlng` as text. A tracker's only probe is the tracker; of several each is `{imei}.1` to `.4`
 * (Dallas), `.ble1`, `.eye1`. An element that holds an error code measures nothing, and is refused.
 */
export const TELTONIKA: Dialect = {
  name: 'teltonika',
  decode: ({ source, payload }) => decodeEachObject(payload, (message, into) => readMessage(message, source, into)),
};

function readMessage(message: Json, source: string, into: Collector): void {
  const state = isObject(message.state) ? message.state : message;
  const reported = isObject(state.reported) ? state.reported : state;
  // An answer to a command is no record.
  if (message.RSP !== undefined || message.CMD !== undefined) return;
  const time = reported.ts === undefined ? null : epochMillis(number(reported.ts));
  if (time === undefined) {
    into.refuse('TIME_NOT_UNDERSTOOD', 'ts', `is ${shown(reported.ts)}; allowed: epoch milliseconds`);
    return;
  }
  if (!isTold(time, reported, 'ts', into) || !isTold(time, message, 'ts', into)) return;
  const found = Object.entries(reported).flatMap(([id, value]) => {
    const element = ELEMENTS.get(id);
    return element === undefined ? [] : [{ id, element, value: number(value) }];
  });
  const many = new Set(found.flatMap(({ element: { probe } }) => (probe === null ? [] : [probe]))).size > 1;
  for (const { id, element, value } of found) {
    const { metric, probe, step, codes } = element;
    const device = probe === null || !many ? source : `${source}.${probe}`;
    if (typeof value === 'number' && (codes.has(value) || NOTHING_SET.has(value))) {
      into.refuse('VALUE_NOT_PHYSICAL', id, `is ${value}, an error code of the sensor`, device);
    } else into.measure(device, metric, typeof value === 'number' ? decimal(value * step) : value, time, id);
  }
  if (reported.latlng !== undefined) readPosition(reported, source, time, into);
}

/** Without a satellite the last known position is repeated, or 0, 0 sent. */
function readPosition({ latlng, sat }: Json, device: string, time: number | null, into: Collector): void {
  if (number(sat) === 0) return;
  const [latitude, longitude, ...more] = typeof latlng === 'string' ? latlng.split(',').map(numberIn) : [];
  if (latitude === undefined || longitude === undefined || more.length > 0) {
    into.refuse('MESSAGE_MALFORMED', 'latlng', `is ${shown(latlng)}; allowed: "latitude,longitude"`, device);
  } else measurePosition({ latitude, longitude }, device, time, 'latlng', into);
}

/** Some firmware writes numbers as text. */
function number(value: unknown): unknown {
  return typeof value === 'string' ? (numberIn(value) ?? value) : value;
}

function probes(
  ids: readonly number[],
  metric: Metric,
  step: number,
  codes: ReadonlySet<number>,
  family: string,
): [string, Element][] {
  return ids.map((id, index) => [String(id), { metric, step, codes, probe: `${family}${index + 1}` }]);
}
