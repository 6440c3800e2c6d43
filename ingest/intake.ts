import { z } from 'zod';
import {
  DEVICE_ID,
  InputError,
  type Log,
  type Logger,
  type Meter,
  type OriginalSubject,
  type ReadingBuilder,
  type TimeSource,
} from '../domain/index.ts';
import type { RefusalReason } from './admission.ts';
import { dialectSightings, isReaderDialect } from './dialect-sightings.ts';
import { batchRecords } from './gateway-batch.ts';
import type { Done } from './group.ts';
import { GroupCommit, INTAKE_LIMITS, type IntakeLimits } from './group-commit.ts';
import { parseJson } from './json.ts';
import { type IngestMetrics, ingestMetrics } from './metrics.ts';
import { decodeReadingsJson } from './readings-json.ts';
import { ReadingScanner } from './readings-scan.ts';
import { Refusals } from './refusals.ts';
import { Repeats } from './repeats.ts';

/** A message as the broker hands it over: what the intake needs of it. */
export interface IntakeMessage {
  readonly clientId: string;
  readonly topic: string;
  /** Copied before `accept` returns. */
  readonly payload: Uint8Array;
  /** null where a repeat cannot be told from a new message (QoS 0, wills). */
  readonly packetId: number | null;
  /** Epoch ms UTC. */
  readonly arrival: number;
}

const gatewayStatus = z.object({
  state: z.enum(['online', 'offline']),
  readers: z.array(z.unknown()).default([]),
  spool: z
    .object({ pending: z.number().nonnegative(), oldest: z.union([z.number(), z.string(), z.null()]) })
    .optional(),
});

/** What a gateway says of itself; retained by the broker, not kept in the log. */
export type GatewayStatus = z.infer<typeof gatewayStatus>;

export interface IntakeOptions {
  readonly log: Log;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly onGatewayStatus?: (gateway: string, status: GatewayStatus) => void;
  readonly limits?: Partial<IntakeLimits>;
}

const DEVICES = 'isotherm/v1/devices/';
const READINGS = '/readings';
const GATEWAYS = 'isotherm/v1/gateways/';
const BATCHES = '/batches';
const STATUS = '/status';
const DIALECTS = /^isotherm\/v1\/dialects\/([^/]+)\/([^/]+)$/;

/**
 * Takes messages, decodes them by their topic, and appends them in groups.
 *
 * `done` is called without an error when everything of the message is in the log: its readings, and what was refused of
 * it, as quarantine. A message that cannot be decoded is taken as well: sending it again would not mend it.
 */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #metrics: IngestMetrics;
  readonly #commit: GroupCommit;
  readonly #scanner = new ReadingScanner();
  readonly #repeats = new Repeats();

  constructor(options: IntakeOptions) {
    const { log, time, logger, meter } = options;
    const metrics = ingestMetrics(meter);
    this.#options = options;
    this.#metrics = metrics;
    this.#commit = new GroupCommit({ log, time, logger, metrics, limits: { ...INTAKE_LIMITS, ...options.limits } });
  }

  /** Takes nothing more, and waits until what was taken is durable or has failed. Stop the broker first. */
  stop(): Promise<void> {
    return this.#commit.stop();
  }

  /** The broker's `accept`: see the class. `done` is called exactly once, with an error where it is to be sent again. */
  readonly accept = (message: IntakeMessage, done: Done): void => {
    const { topic, payload } = message;
    const refusal = this.#commit.refusal(payload.length);
    if (refusal !== null) {
      done(refusal);
      return;
    }
    const { arrival, clientId } = message;
    this.#commit.group.arrival = arrival;
    let subjects: readonly OriginalSubject[] | null;
    try {
      subjects = this.#take(message);
    } catch (error) {
      // A defect of ours, met by this message each time it is sent: kept aside it costs only itself.
      this.#options.logger.error({ client: clientId, topic, err: error }, 'a decoder failed');
      this.#refuse(message, 'DECODER_FAILED', `a decoder failed: ${error instanceof Error ? error.message : error}`);
      subjects = [];
    }
    if (subjects !== null) {
      const found = subjects.length > 0 ? subjects : [{ id: clientId, from: arrival, to: arrival }];
      this.#commit.group.addOriginal({ arrival, source: clientId, door: topic, subjects: found, payload });
    }
    this.#commit.join(done, payload.length);
  };

  /** @returns what the message is found by; null for one that leaves nothing behind */
  #take(message: IntakeMessage): readonly OriginalSubject[] | null {
    const { topic, clientId } = message;
    const device = nameIn(topic, DEVICES, READINGS, clientId);
    if (device !== null) return this.#takeReadings(device, message);
    const batchOf = nameIn(topic, GATEWAYS, BATCHES, clientId);
    if (batchOf !== null) return this.#takeBatch(batchOf, message);
    const statusOf = nameIn(topic, GATEWAYS, STATUS, clientId);
    if (statusOf === null) return this.#takeDialect(message);
    this.#takeStatus(statusOf, message);
    return null;
  }

  /** Readers that speak MQTT themselves. */
  #takeDialect(message: IntakeMessage): readonly OriginalSubject[] {
    const { topic, payload, arrival } = message;
    const [, dialect = '', source = ''] = DIALECTS.exec(topic) ?? [];
    if (isReaderDialect(dialect)) {
      const timeless = this.#firstArrival(message);
      const { record, quarantined, refused, subjects } = dialectSightings({
        dialect,
        source,
        topic,
        payload,
        arrival,
        timeless,
      });
      const { group } = this.#commit;
      if (record !== null) group.addRecord(record);
      group.addQuarantined(quarantined);
      for (const [reason, count] of refused) this.#metrics.refused.add(count, { reason });
      return subjects;
    }
    this.#refuse(message, 'TOPIC_UNKNOWN', `no decoder for the topic ${topic}`);
    return [];
  }

  #takeReadings(device: string, message: IntakeMessage): readonly OriginalSubject[] {
    const builder = this.#commit.group.builderFor(device);
    const before = builder.count;
    this.#decodeReadings(device, message, builder);
    const { isEmpty, from, to } = builder.spanFrom(before);
    return isEmpty ? [{ id: device, from: message.arrival, to: message.arrival }] : [{ id: device, from, to }];
  }

  #decodeReadings(device: string, message: IntakeMessage, builder: ReadingBuilder): void {
    const { payload, arrival } = message;
    const index = builder.deviceIndex(device);
    const before = builder.count;
    if (this.#scanner.scan(payload, index, arrival, arrival, builder)) {
      if (!this.#scanner.isTimeless) return;
      const first = this.#firstArrival(message);
      if (first === arrival) return;
      builder.truncate(before);
      if (this.#scanner.scan(payload, index, arrival, first, builder)) return;
    }
    this.#metrics.slowMessages.add();
    let refusals = new Refusals();
    if (decodeReadingsJson(payload, index, arrival, arrival, builder, refusals)) {
      const first = this.#firstArrival(message);
      if (first !== arrival) {
        builder.truncate(before);
        refusals = new Refusals();
        decodeReadingsJson(payload, index, arrival, first, builder, refusals);
      }
    }
    if (!refusals.isEmpty) this.#quarantine(refusals, device, message);
  }

  #firstArrival({ clientId, packetId, payload, arrival }: IntakeMessage): number {
    return packetId === null ? arrival : this.#repeats.firstArrival(clientId, packetId, payload, arrival);
  }

  #takeBatch(gateway: string, message: IntakeMessage): readonly OriginalSubject[] {
    const { group } = this.#commit;
    const { topic, payload, arrival } = message;
    const { records, readings, quarantined, refused, subjects } = batchRecords(
      { gateway, topic, payload, arrival },
      this.#options.log,
    );
    for (const record of records) group.addRecord(record);
    group.countReadings(readings);
    group.addQuarantined(quarantined);
    for (const [reason, count] of refused) this.#metrics.refused.add(count, { reason });
    return subjects;
  }

  #takeStatus(gateway: string, message: IntakeMessage): void {
    // An empty message takes the retained state back; it says nothing.
    if (message.payload.length === 0) return;
    let json: unknown;
    try {
      json = parseJson(message.payload);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#refuse(message, 'STATUS_MALFORMED', error.message);
      return;
    }
    const status = gatewayStatus.safeParse(json);
    if (status.success) this.#options.onGatewayStatus?.(gateway, status.data);
    else this.#refuse(message, 'STATUS_MALFORMED', z.prettifyError(status.error).replaceAll('\n', ' '));
  }

  #refuse(message: IntakeMessage, reason: RefusalReason, detail: string): void {
    const refusals = new Refusals();
    refusals.add(reason, () => detail, null);
    this.#quarantine(refusals, message.clientId, message);
  }

  #quarantine(refusals: Refusals, source: string, { arrival, topic, payload }: IntakeMessage): void {
    this.#commit.group.addQuarantined(refusals.toQuarantined({ arrival, source, topic, payload }));
    for (const [reason, count] of refusals.counts()) this.#metrics.refused.add(count, { reason });
  }
}

/**
 * The id between `prefix` and `suffix`, or null where the topic is not of that form.
 * The client's own id is given back as the string it is: its hash is known, a slice's is not.
 */
function nameIn(topic: string, prefix: string, suffix: string, clientId: string): string | null {
  if (!topic.startsWith(prefix) || !topic.endsWith(suffix)) return null;
  const length = topic.length - prefix.length - suffix.length;
  if (length === clientId.length && topic.startsWith(clientId, prefix.length)) return clientId;
  if (length < 1) return null;
  const name = topic.slice(prefix.length, prefix.length + length);
  return DEVICE_ID.test(name) ? name : null;
}
