import { metricByName, SWITCHES } from '../../../domain/index.ts';
import { Collector, shown } from '../collector.ts';
import { type Dialect, NO_DEVICE } from '../dialect.ts';
import { measurePosition } from '../position.ts';
import { type FieldValue, type Point, parseLines } from './line.ts';

/** What names the device, in this order. */
const DEVICE_TAGS = ['device', 'device_id', 'host'];
const NS_PER_MS = 1_000_000n;
/** 1973 and 5138, epoch ms: what is outside was written in another unit. */
const [EARLIEST, LATEST] = [1e11, 1e14];
/** Most points of one message. */
const MOST_POINTS = 100_000;

/**
 * InfluxDB line protocol, as Telegraf and every Influx client send it. The device is the tag `device`, else `device_id`,
 * else `host`, else the sender; a field is the metric, or the measurement where the field is `value`. Times are floored
 * to the millisecond. The name says in which unit they are: `influx` is nanoseconds, as where nobody says anything.
 */
export const INFLUX: Dialect = lineProtocol('influx', 1n);
export const INFLUX_US: Dialect = lineProtocol('influx-us', 1_000n);
export const INFLUX_MS: Dialect = lineProtocol('influx-ms', 1_000_000n);
export const INFLUX_S: Dialect = lineProtocol('influx-s', 1_000_000_000n);

/** By what a request calls the unit of its times, as InfluxDB 2 and 1 do. */
const BY_PRECISION: ReadonlyMap<string, Dialect> = new Map([
  ['ns', INFLUX],
  ['n', INFLUX],
  ['us', INFLUX_US],
  ['u', INFLUX_US],
  ['µ', INFLUX_US],
  ['ms', INFLUX_MS],
  ['s', INFLUX_S],
]);
export const PRECISIONS: readonly string[] = ['ns', 'us', 'ms', 's'];

export function lineProtocolIn(precision: string): Dialect | undefined {
  return BY_PRECISION.get(precision);
}

/** @param scale nanoseconds of one unit of time */
function lineProtocol(name: string, scale: bigint): Dialect {
  return {
    name,
    decode({ source, payload }) {
      const into = new Collector();
      const { points, bad } = parseLines(new TextDecoder('utf-8').decode(payload));
      for (const { line, reason, text } of bad) {
        into.refuse('LINE_MALFORMED', `line ${line}`, `${reason}: ${shown(text)}`);
      }
      if (points.length > MOST_POINTS) {
        into.refuse('READINGS_TOO_MANY', '', `${points.length} points; allowed: ${MOST_POINTS}, send the rest apart`);
      } else for (const point of points) readPoint(point, { source, scale }, into);
      return into.decoded();
    },
  };
}

function readPoint(
  { line, measurement, tags, fields, timestamp }: Point,
  { source, scale }: { readonly source: string; readonly scale: bigint },
  into: Collector,
): void {
  const where = `line ${line}`;
  const device = DEVICE_TAGS.map((name) => tags.get(name)).find((value) => value !== undefined) ?? source;
  if (device === NO_DEVICE) {
    into.refuse('LINE_MALFORMED', where, `names no device; give it a tag: ${DEVICE_TAGS.join(', ')}`);
    return;
  }
  const time = timestamp === null ? null : millis(timestamp * scale);
  if (time !== null && !(time >= EARLIEST && time < LATEST)) {
    const read = `is ${timestamp}, which is no time of a reading in this precision`;
    into.refuse(
      'TIME_NOT_UNDERSTOOD',
      where,
      `${read}; allowed: nanoseconds, or another with precision=us, ms, s`,
      device,
    );
    return;
  }
  const position = new Map<string, FieldValue>();
  for (const [name, value] of fields) {
    const metric = metricByName((name === 'value' ? measurement : name).toLowerCase());
    if (metric === undefined) {
      const said = name === 'value' ? measurement : name;
      into.refuse('FIELD_UNKNOWN', `${where} ${said.slice(0, 64)}`, 'is no metric', device);
    } else if (metric.name === 'latitude' || metric.name === 'longitude' || metric.name === 'accuracy') {
      position.set(metric.name, value);
    } else {
      const given = SWITCHES.has(metric.name) && typeof value === 'boolean' ? Number(value) : value;
      into.measure(device, metric.name, given, time, `${where} ${name}`);
    }
  }
  const [latitude, longitude] = [position.get('latitude'), position.get('longitude')];
  measurePosition({ latitude, longitude, accuracy: position.get('accuracy') }, device, time, where, into);
}

/** Floored, before 1970 too. */
function millis(nanoseconds: bigint): number {
  const whole = nanoseconds / NS_PER_MS;
  return Number(nanoseconds < 0n && whole * NS_PER_MS !== nanoseconds ? whole - 1n : whole);
}
