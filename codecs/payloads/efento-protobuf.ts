import protobuf from 'protobufjs/light.js';
import type { Metric } from '../../domain/index.ts';
import { type Collector, decimal } from './collector.ts';
import { epochSeconds } from './time.ts';

/*
 * `ProtoMeasurements`, which Efento's NB-IoT and LTE sensors send themselves: fields and types as the maker's own
 * integration has them (github.com/efento/NB-IoT-sensors-integration, protobuf/).
 */
const root = protobuf.Root.fromJSON({
  nested: {
    ProtoChannel: {
      fields: {
        ...{ type: { type: 'uint32', id: 1 }, timestamp: { type: 'int32', id: 2 } },
        startPoint: { type: 'sint32', id: 4 },
        sampleOffsets: { rule: 'repeated', type: 'sint32', id: 5 },
      },
    },
    ProtoMeasurements: {
      fields: {
        serialNum: { type: 'bytes', id: 1 },
        measurementPeriodBase: { type: 'uint32', id: 3 },
        channels: { rule: 'repeated', type: 'ProtoChannel', id: 4 },
        measurementPeriodFactor: { type: 'uint32', id: 8 },
      },
    },
  },
});
const MEASUREMENTS = root.lookupType('ProtoMeasurements');

interface Channel {
  readonly type: number;
  readonly timestamp: number;
  readonly startPoint: number;
  readonly sampleOffsets: readonly number[];
}

interface Measurements {
  readonly serialNum: Uint8Array;
  readonly measurementPeriodBase: number;
  readonly measurementPeriodFactor: number;
  readonly channels: readonly Channel[];
}

/** `MeasurementType`, and what one of its steps is: 0.1 °C, 1 %RH, 0.1 hPa. */
const TYPES: ReadonlyMap<number, { readonly metric: Metric; readonly step: number }> = new Map([
  [1, { metric: 'temperature', step: 0.1 }],
  [2, { metric: 'humidity', step: 1 }],
  [3, { metric: 'pressure', step: 0.1 }],
]);
/** Its serial number, six bytes, comes first: no text in JSON begins so. */
const SERIAL_FIRST = [0x0a, 0x06];
const MOST_SAMPLES = 10_000;

export function isEfentoProtobuf(payload: Uint8Array): boolean {
  return SERIAL_FIRST.every((byte, i) => payload[i] === byte);
}

/**
 * Samples of each channel: its start point and an offset, a measuring period apart from its timestamp on. An error code of a
 * sensor stands in place of an offset and is far beyond what is physical. Alarms and floods are states of a threshold, and no
 * metrics; of light the resolution stands in no public document.
 */
export function readEfentoProtobuf(payload: Uint8Array, into: Collector): void {
  let message: Measurements;
  try {
    // The descriptor above is what makes it of this shape; what is not there is 0, as in proto3.
    message = MEASUREMENTS.toObject(MEASUREMENTS.decode(payload), { defaults: true, arrays: true }) as Measurements;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    into.refuse('MESSAGE_MALFORMED', '', `no Efento measurements: ${reason.slice(0, 120)}`);
    return;
  }
  const { channels, measurementPeriodBase: base, measurementPeriodFactor: factor } = message;
  const serial = Buffer.from(message.serialNum).toString('hex').toUpperCase();
  const count = channels.reduce((sum, { sampleOffsets }) => sum + sampleOffsets.length, 0);
  if (count > MOST_SAMPLES) {
    into.refuse('READINGS_TOO_MANY', 'channels', `have ${count} samples; allowed: ${MOST_SAMPLES}`, serial);
    return;
  }
  for (const [index, { type, timestamp, startPoint, sampleOffsets }] of channels.entries()) {
    const known = TYPES.get(type);
    if (known === undefined || sampleOffsets.length === 0) continue;
    const isOnly = channels.filter((other) => other.type === type).length === 1;
    const device = isOnly ? serial : `${serial}.${index + 1}`;
    const from = epochSeconds(timestamp);
    const periodMs = base * Math.max(1, factor) * 1000;
    if (from === undefined || (periodMs === 0 && sampleOffsets.length > 1)) {
      const what =
        from === undefined ? `is ${timestamp}; allowed: epoch seconds` : 'is known of the first sample alone';
      into.refuse('TIME_NOT_UNDERSTOOD', `channels[${index}].timestamp`, what, device);
      continue;
    }
    for (const [i, offset] of sampleOffsets.entries()) {
      const field = `channels[${index}].sampleOffsets[${i}]`;
      into.measure(device, known.metric, decimal((startPoint + offset) * known.step), from + i * periodMs, field);
    }
  }
}
