import type { Collector } from '../collector.ts';
import type { UplinkBytes } from './uplink-bytes.ts';

/** Bytes behind channel and type, for every type of Cayenne LPP 1.0 (IPSO object minus 3200), big endian. */
const SIZES: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  101: 2,
  102: 1,
  103: 2,
  104: 1,
  113: 6,
  115: 2,
  134: 6,
  136: 9,
};

/**
 * Cayenne Low Power Payload (docs.mydevices.com, *Cayenne LPP*): channel, type, value. Temperature 0.1 °C signed,
 * humidity 0.5 %RH, barometer 0.1 hPa, illuminance 1 lux. One channel of a type is the device, several `{device}.{channel}`.
 */
export function decodeCayenne({ bytes, device, time, field }: UplinkBytes, into: Collector): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: { readonly channel: number; readonly type: number; readonly at: number }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [channel = 0, type = 0] = [bytes[at], bytes[at + 1]];
    const size = SIZES[type];
    if (size === undefined || at + 2 + size > bytes.length) {
      into.refuse('MESSAGE_MALFORMED', field, `byte ${at}: type ${type} is unknown or cut off`);
      break;
    }
    parts.push({ channel, type, at: at + 2 });
    at += 2 + size;
  }
  for (const { channel, type, at } of parts) {
    const isOnly = parts.filter((other) => other.type === type).length === 1;
    const of = isOnly ? device : `${device}.${channel}`;
    if (type === 103) into.measure(of, 'temperature', view.getInt16(at) / 10, time, field);
    else if (type === 104) into.measure(of, 'humidity', view.getUint8(at) / 2, time, field);
    else if (type === 115) into.measure(of, 'pressure', view.getUint16(at) / 10, time, field);
    else if (type === 101) into.measure(of, 'light', view.getUint16(at), time, field);
  }
}
