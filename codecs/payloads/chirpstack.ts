import { decodeObject, isTold, NOTHING_MEASURED, shown } from './collector.ts';
import type { Dialect } from './dialect.ts';
import { readUplink } from './lorawan/uplink.ts';
import { measurePosition } from './position.ts';
import { hearSignal } from './radio-signal.ts';
import { isObject, timeIn } from './tag-event.ts';

/** `application/{id}/device/{devEui}/event/{event}`. */
const TOPIC = /^application\/[^/]+\/device\/([^/]+)\/event\/([a-z]+)$/;

/**
 * ChirpStack v4 (chirpstack.io/docs, *Events*): an uplink by its `devEui`, of `time`, when the server received it: the
 * decoded `object` where the device profile has a codec, else the bytes of `data`. The `status` event has the battery as
 * the device reports it. Fields that are zero or empty are left out.
 */
export const CHIRPSTACK: Dialect = {
  name: 'chirpstack',
  sourceOf: (topic) => TOPIC.exec(topic)?.[1] ?? null,
  decode({ topic, source, payload, decoder }) {
    const named = TOPIC.exec(topic)?.[2];
    const event = named ?? 'up';
    if (event !== 'up' && event !== 'status' && event !== 'location') return NOTHING_MEASURED;
    return decodeObject(payload, (message, into) => {
      const info = isObject(message.deviceInfo) ? message.deviceInfo : {};
      // A topic that names the device is what its sender may publish on; what the message says then changes nothing.
      const isNamed = named === undefined && typeof info.devEui === 'string' && info.devEui !== '';
      const device = isNamed ? String(info.devEui) : source;
      const time = timeIn(message.time);
      if (time === undefined) {
        into.refuse('TIME_NOT_UNDERSTOOD', 'time', `is ${shown(message.time)}; allowed: RFC 3339 with a zone`);
        return;
      }
      if (!isTold(time, message, 'time', into, device)) return;
      if (event === 'status') {
        const isKnown = message.batteryLevelUnavailable !== true && message.externalPowerSource !== true;
        if (isKnown) into.measure(device, 'battery', message.batteryLevel, time, 'batteryLevel');
        return;
      }
      if (event === 'location') {
        const { latitude, longitude, accuracy } = isObject(message.location) ? message.location : {};
        measurePosition({ latitude, longitude, accuracy }, device, time, 'location', into);
        return;
      }
      const { object, data, fPort: port, devAddr, fCnt: counter = 0 } = message;
      hearSignal(message.rxInfo, device, into);
      // The counter is left out where it is 0.
      if (typeof devAddr === 'string' && devAddr !== '') {
        into.isFrame({ key: `${device} ${devAddr} ${String(counter)} ${String(data ?? '')}`, time });
      }
      readUplink(
        {
          ...{ device, time },
          decoded: isObject(object) && Object.keys(object).length > 0 ? { object, field: 'object' } : null,
          raw:
            typeof data === 'string' && data !== ''
              ? { data, field: 'data', port: typeof port === 'number' ? port : 0 }
              : null,
          hints: [info.deviceProfileName, info.deviceName].filter((hint) => typeof hint === 'string'),
        },
        into,
        decoder,
      );
    });
  },
};
