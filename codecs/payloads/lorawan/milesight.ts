import type { Collector } from '../collector.ts';
import type { UplinkBytes } from './uplink-bytes.ts';

/** Bytes behind channel and type where they measure none of our metrics. */
const PASSED_OVER: Readonly<Record<string, number>> = {
  'ff 01': 1,
  'ff 08': 6,
  'ff 09': 2,
  'ff 0a': 2,
  'ff 0b': 1,
  'ff 0f': 1,
  'ff 16': 8,
  'ff 18': 1,
  'ff ff': 2,
  '05 00': 1,
  '05 6a': 2,
  '07 7d': 2,
  '08 7d': 2,
};

/**
 * Milesight's sensors (Milesight-IoT/SensorDecoders): channel, type, value, little endian. Channel 01 type 75 battery %,
 * type 67 temperature 0.1 °C, type 68 humidity 0.5 %RH, type 73 pressure 0.1 hPa, 06 65 and 03 94 illuminance, type 00 on
 * channel 06 a door; channel 20 type ce is a reading out of the sensor's memory, with its own time.
 */
export function decodeMilesight({ bytes, device, time, field }: UplinkBytes, into: Collector): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; ) {
    const kind = Buffer.from(bytes.subarray(at, at + 2))
      .toString('hex')
      .replace(/^(..)/, '$1 ');
    const value = at + 2;
    const has = (size: number) => value + size <= bytes.length;
    const type = bytes[at + 1];
    let size: number | undefined;
    if (kind === '01 75' && has(1)) {
      into.measure(device, 'battery', view.getUint8(value), time, field);
      size = 1;
    } else if (type === 0x67 && has(2)) {
      // 03 is the sensor's own, 04 a second probe (EM500-PT100, TS302).
      const of = bytes[at] === 0x03 ? device : `${device}.${bytes[at]}`;
      into.measure(of, 'temperature', view.getInt16(value, true) / 10, time, field);
      size = 2;
    } else if (kind === '04 68' && has(1)) {
      into.measure(device, 'humidity', view.getUint8(value) / 2, time, field);
      size = 1;
    } else if (type === 0x73 && has(2)) {
      into.measure(device, 'pressure', view.getUint16(value, true) / 10, time, field);
      size = 2;
    } else if (kind === '06 65' && has(6)) {
      into.measure(device, 'light', view.getUint16(value, true), time, field);
      size = 6;
    } else if (kind === '03 94' && has(4)) {
      into.measure(device, 'light', view.getUint32(value, true), time, field);
      size = 4;
    } else if (kind === '06 00' && has(1)) {
      into.measure(device, 'door', view.getUint8(value), time, field);
      size = 1;
    } else if (kind === '20 ce' && has(7)) {
      const seconds = view.getUint32(value, true);
      into.measure(device, 'temperature', view.getInt16(value + 4, true) / 10, seconds * 1000, field);
      into.measure(device, 'humidity', view.getUint8(value + 6) / 2, seconds * 1000, field);
      size = 7;
    } else if (PASSED_OVER[kind] !== undefined && has(PASSED_OVER[kind])) {
      size = PASSED_OVER[kind];
    }
    if (size === undefined) {
      into.refuse(
        'MESSAGE_MALFORMED',
        field,
        `byte ${at}: ${kind} is unknown or cut off; what is behind it is not read`,
      );
      return;
    }
    at = value + size;
  }
}
