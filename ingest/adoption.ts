import { z } from 'zod';
import { BATCH_VERSION, encodeBatch } from '../codecs/batch/index.ts';
import { dialectOf, parseJson } from '../codecs/payloads/index.ts';
import {
  encodeReadings,
  type GatewayBatch,
  InputError,
  isPhysical,
  metricByName,
  type NewRecord,
  nativeTopic,
  type Quarantined,
  READINGS_VERSION,
  ReadingBuilder,
} from '../domain/index.ts';
import { ADOPTABLE, refusalOfTime, TIME_AHEAD_MS, TIME_TOO_OLD_MS } from './admission.ts';
import { decodeReadingsJson } from './readings-json.ts';
import { Refusals } from './refusals.ts';

/** Before it no logger kept this time: a clock that was never set. */
const OLDEST = Date.UTC(2000, 0, 1);

export interface Adopted {
  /** To be appended together. */
  readonly records: readonly NewRecord[];
  readonly readings: number;
}

/**
 * The readings of an entry in quarantine that a person takes over: those too old, those that were ahead of a clock of
 * ours and are past now, those beside a field that is not understood, where they have a time of their own, and those of a
 * source that a gateway brought before it was confirmed, with the sightings of such a reader. Nothing
 * else of the message is taken: what was good in it is in the log already.
 *
 * @param now epoch ms UTC
 * @throws {InputError} QUARANTINE_NOT_ADOPTABLE it was refused for what it says, not for when, or nothing of it can be taken
 */
export function adoptedRecords(entry: Quarantined, now: number): Adopted {
  const { reason, detail, source, topic, arrival } = entry;
  if (!ADOPTABLE.has(reason) || source === null) {
    throw notAdoptable(
      `${reason}: ${detail}; only what was refused for its time, its source or a field beside it can be adopted, discard it`,
    );
  }
  const builder = new ReadingBuilder();
  // A reader's sightings wait under the name of the gateway that brought them.
  const waiting = reason === 'SOURCE_UNCONFIRMED' ? sightingsIn(entry, now) : null;
  if (waiting !== null) return waiting;
  const admits = admissionOf(reason, arrival, now);
  // Nothing is wrong with the time of what only waits for its sender to be confirmed: it is of its arrival.
  const absentTime = reason === 'SOURCE_UNCONFIRMED' ? arrival : null;
  const payload = Buffer.from(entry.payload, 'base64');
  // What waits for a person is kept in the native form by its device, whatever it came in.
  const isNative = reason === 'SOURCE_UNCONFIRMED' || nativeTopic(topic) !== null || isNativeForm(payload);
  const dialect = isNative ? null : dialectOf(topic);
  if (dialect === null) {
    const native = { payload, device: builder.deviceIndex(source), arrival, absentTime: absentTime ?? Number.NaN };
    decodeReadingsJson({ ...native, admits, isHolding: false }, builder, new Refusals());
  } else {
    const { readings } = dialect.dialect.decode({ topic, source: dialect.source, payload });
    for (const { device, metric, value, time: stated } of readings) {
      const time = stated ?? absentTime;
      const known = metricByName(metric);
      if (known === undefined || time === null || admits(time) !== null || !isPhysical(known, value)) continue;
      builder.add(device, known.code, time, value + 0);
    }
  }
  const readings = builder.count;
  if (readings === 0) {
    throw notAdoptable(
      `${reason}: nothing of it can be taken: without a time of its own, or with one that is none; discard it`,
    );
  }
  const common = { family: 'readings', kind: 'readings', version: READINGS_VERSION, source: 'adoption' } as const;
  const adopted = { ...common, sequence: null, arrival: now, payload: encodeReadings(builder.view()) };
  return { records: [adopted], readings };
}

const nativeParts = z.array(z.looseObject({ time: z.int() })).min(1);

/** Readings as `dialectRecords` keeps them; entries of before that were kept as received. */
function isNativeForm(payload: Uint8Array): boolean {
  const isPlain = (name: string) => name === 'time' || metricByName(name) !== undefined;
  try {
    const parts = nativeParts.safeParse(parseJson(payload));
    return parts.success && parts.data.every((part) => Object.keys(part).every(isPlain));
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

const reader = z.string().min(1).max(255);
const time = z.int();
const waitingParts = z.array(
  z.union([
    z.strictObject({
      sighting: z.strictObject({
        ...{ reader, antenna: z.int().min(0), epcHex: z.hex(), epcBits: z.int().min(0) },
        ...{ firstSeen: time, lastSeen: time, count: z.int().min(0), rssiDbm: z.number().nullable() },
      }),
    }),
    z.strictObject({ gpi: z.strictObject({ reader, port: z.int().min(0), isHigh: z.boolean(), at: time }) }),
    z.strictObject({ gap: z.strictObject({ reader, from: time, to: time, reason: z.string() }) }),
  ]),
);

/** What readers saw, as a gateway's batch was left without it; null where the entry holds no such thing. */
function sightingsIn({ payload, source, topic }: Quarantined, now: number): Adopted | null {
  const native = nativeTopic(topic);
  if (native?.kind !== 'gateway' || native.id !== source) return null;
  const parts = waitingParts.safeParse(parseJson(Buffer.from(payload, 'base64')));
  if (!parts.success || parts.data.length === 0) return null;
  const batch: GatewayBatch = {
    ...{ gateway: source, sequence: 1, at: now, complete: [] },
    sightings: parts.data.flatMap((part) => ('sighting' in part ? [part.sighting] : [])),
    gpi: parts.data.flatMap((part) => ('gpi' in part ? [part.gpi] : [])),
    gaps: parts.data.flatMap((part) => ('gap' in part ? [part.gap] : [])),
  };
  const trace = { family: 'trace', kind: 'sightings', version: BATCH_VERSION, source } as const;
  return {
    records: [{ ...trace, sequence: null, arrival: now, payload: encodeBatch(batch) }],
    readings: 0,
  };
}

function admissionOf(
  reason: string,
  arrival: number,
  now: number,
): (time: number) => 'TIME_AHEAD' | 'TIME_TOO_OLD' | null {
  if (reason === 'TIME_TOO_OLD') {
    return (time) => (time >= OLDEST && time < arrival - TIME_TOO_OLD_MS ? null : 'TIME_TOO_OLD');
  }
  if (reason === 'TIME_AHEAD') {
    return (time) => (time > arrival + TIME_AHEAD_MS && time <= now + TIME_AHEAD_MS ? null : 'TIME_AHEAD');
  }
  return (time) => (Number.isNaN(time) ? 'TIME_TOO_OLD' : refusalOfTime(time, arrival));
}

function notAdoptable(message: string): InputError {
  return new InputError('QUARANTINE_NOT_ADOPTABLE', message);
}
