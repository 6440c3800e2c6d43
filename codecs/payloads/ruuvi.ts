import { type Collector, decimal, decodeObject, NOTHING_MEASURED, shown } from './collector.ts';
import type { Dialect } from './dialect.ts';
import { hearSignal } from './radio-signal.ts';

/** `ruuvi/{gateway}/{tag}`, both as Bluetooth addresses. */
const TOPIC = /^ruuvi\/([^/]+)\/([^/]+)$/;
const ADDRESS = /^([0-9A-F]{2}:){5}[0-9A-F]{2}$/i;
/** Bluetooth company identifier of Ruuvi Innovations, as sent: low byte first. */
const COMPANY = [0x99, 0x04];
const MANUFACTURER_DATA = 0xff;

/**
 * Ruuvi Gateway (docs.ruuvi.com, *Time-stamped data from Bluetooth sensors*; data formats 5 and 6): `data` is the
 * advertisement in hex, `ts` epoch seconds of when the gateway heard it. The device is the tag. A battery voltage is not
 * a percentage, and the acceleration of a tag at rest is not a shock: both are left out.
 */
export const RUUVI: Dialect = {
  name: 'ruuvi',
  sourceOf: (topic) => TOPIC.exec(topic)?.[1] ?? null,
  decode({ topic, source, payload }) {
    const tag = TOPIC.exec(topic)?.[2] ?? null;
    // `ruuvi/{gateway}/gw_status`: whether the gateway is there.
    if (tag !== null && !ADDRESS.test(tag)) return NOTHING_MEASURED;
    return decodeObject(payload, ({ data, ts, rssi }, into) => {
      const time = timeOf(ts);
      const bytes = typeof data === 'string' && /^([0-9A-F]{2}){1,255}$/i.test(data) ? Buffer.from(data, 'hex') : null;
      if (bytes === null)
        into.refuse('MESSAGE_MALFORMED', 'data', `is ${shown(data)}; allowed: an advertisement in hex`);
      else if (time === undefined) into.refuse('TIME_NOT_UNDERSTOOD', 'ts', `is ${shown(ts)}; allowed: epoch seconds`);
      else {
        const frame = ruuviFrame(bytes);
        if (frame === null) into.refuse('MESSAGE_MALFORMED', 'data', 'has no data of Ruuvi in it');
        else {
          const device = tag?.toUpperCase() ?? source;
          hearSignal({ rssi }, device, into);
          readFrame(frame, { device, time }, into);
        }
      }
    });
  },
};

/** The manufacturer data behind Ruuvi's identifier (Bluetooth Core 5.4, 3.C, 11: length, type, data), or bare. */
function ruuviFrame(bytes: Uint8Array): Uint8Array | null {
  if (bytes[0] === 5 || bytes[0] === 6) return bytes;
  for (let at = 0; at < bytes.length; ) {
    const length = bytes[at] ?? 0;
    if (length === 0) return null;
    const part = bytes.subarray(at + 1, at + 1 + length);
    if (part.length < length) return null;
    if (part[0] === MANUFACTURER_DATA && part[1] === COMPANY[0] && part[2] === COMPANY[1]) return part.subarray(3);
    at += length + 1;
  }
  return null;
}

function readFrame(
  frame: Uint8Array,
  { device, time }: { readonly device: string; readonly time: number | null },
  into: Collector,
): void {
  const format = frame[0];
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (!(format === 5 && frame.length === 24) && !(format === 6 && frame.length === 20)) {
    into.refuse(
      'MESSAGE_MALFORMED',
      'data',
      `data format ${shown(format)} of ${frame.length} bytes; allowed: 5 of 24, 6 of 20`,
    );
    return;
  }
  // Smallest and largest values stand for what is not available.
  const temperature = view.getInt16(1);
  const humidity = view.getUint16(3);
  const pressure = view.getUint16(5);
  if (temperature !== -0x8000) into.measure(device, 'temperature', decimal(temperature * 0.005), time, 'data');
  if (humidity !== 0xffff) into.measure(device, 'humidity', decimal(humidity * 0.0025), time, 'data');
  if (pressure !== 0xffff) into.measure(device, 'pressure', (pressure + 50_000) / 100, time, 'data');
  if (format !== 6) return;
  const light = view.getUint8(13);
  // Logarithmic: 254 steps up to 65,535 lux, meant to be rounded to hundredths.
  if (light === 0xff) return;
  const lux = Math.exp((light * Math.log(65_536)) / 254) - 1;
  into.measure(device, 'light', Math.round(lux * 100) / 100, time, 'data');
}

/** Seconds, as text or number; null where the gateway has none. */
function timeOf(given: unknown): number | null | undefined {
  if (given === undefined || given === '' || given === null) return null;
  const seconds = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given;
  if (typeof seconds !== 'number' || !(seconds >= 1e9 && seconds < 1e11)) return undefined;
  return Math.floor(seconds * 1000);
}
