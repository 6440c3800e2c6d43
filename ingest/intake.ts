import { z } from 'zod';
import {
  type Decode,
  type Decoded,
  type Dialect,
  dialectOf,
  NO_DEVICE,
  parseJson,
  type Reply,
} from '../codecs/payloads/index.ts';
import {
  DEVICE_ID,
  InputError,
  isOurs,
  type Log,
  type Logger,
  type Meter,
  nativeTopic,
  type OriginalSubject,
  type RefusalCount,
  type SpeaksFor,
  type Timer,
  type TimeSource,
  tailBehind,
  UnavailableError,
} from '../domain/index.ts';
import type { RefusalReason } from './admission.ts';
import { DeviceVitalsNoticed } from './device-vitals.ts';
import { dialectRecords } from './dialect-records.ts';
import { FrameTimes } from './frame-times.ts';
import { batchRecords } from './gateway-batch.ts';
import type { Done } from './group.ts';
import { GroupCommit, INTAKE_LIMITS, type IntakeLimits } from './group-commit.ts';
import type { Mapper } from './mapping/mapper.ts';
import { type IngestMetrics, ingestMetrics } from './metrics.ts';
import { OwnClock } from './own-clock.ts';
import { decodeReadingsJson } from './readings-json.ts';
import { ReadingScanner } from './readings-scan.ts';
import { RefusalTally } from './refusal-tally.ts';
import { Refusals, type RefusedMessage } from './refusals.ts';
import { type Unheard, UnheardSenders } from './unheard.ts';

/** A message as the broker hands it over: what the intake needs of it. */
export interface IntakeMessage {
  readonly clientId: string;
  readonly topic: string;
  /** Copied before `accept` returns. */
  readonly payload: Uint8Array;
  /** Epoch ms UTC. */
  readonly arrival: number;
  /** When the message that this one repeats came: the time of readings that have none. Default: `arrival`. */
  readonly firstArrival?: number;
  /** Whom its sender speaks for, where that is not by its id. */
  readonly speakers?: SpeaksFor;
  /** Told what a dialect made of it, before it is durable. */
  readonly onDecoded?: (decoded: Decoded) => void;
  /** Why it was published where its sender may not; it is kept with that reason. */
  readonly refusal?: {
    readonly reason: 'TOPIC_FOREIGN' | 'TOPIC_UNKNOWN' | 'BATCH_UNSIGNED' | 'BATCH_SIGNATURE_WRONG';
    readonly detail: string;
  } | null;
}

const gatewayStatus = z.object({
  state: z.enum(['online', 'offline']),
  readers: z.array(z.unknown()).default([]),
  spool: z
    .object({ pending: z.number().nonnegative(), oldest: z.union([z.number(), z.string(), z.null()]) })
    .optional(),
  /** Of what its doors expect; older gateways say nothing of it. */
  manifest: z.unknown().optional(),
  manifestRefused: z.string().max(100).nullable().optional(),
});

/** What a gateway says of itself; retained by the broker, not kept in the log. */
export type GatewayStatus = z.infer<typeof gatewayStatus>;

export interface IntakeOptions {
  readonly log: Log;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly onGatewayStatus?: (gateway: string, status: GatewayStatus) => void;
  /** Reads what no dialect reads. Default: nothing does. */
  readonly mapper?: Mapper;
  /** What a dialect has to say to a sender: to ask for what was missed. */
  readonly onReply?: (reply: Reply) => void;
  /** Whose readings and sightings a sender may bring. */
  readonly speaksFor: SpeaksFor;
  /** When radio frames were first heard. Default: those that come in here. */
  readonly frames?: Pick<FrameTimes, 'firstOf'>;
  /** Whether it is our own clock that is wrong; default: one that hears only what comes in here. */
  readonly clock?: OwnClock;
  readonly limits?: Partial<IntakeLimits>;
}

/** Refusals that cost nothing but themselves: counted, with an entry in quarantine once an hour. */
const COUNTED_ONLY: ReadonlySet<RefusalReason> = new Set(['FIELD_UNKNOWN']);
const COUNTS_EVERY_MS = 10_000;

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
  readonly #clock: OwnClock;
  readonly #tally = new RefusalTally();
  readonly #unheard = new UnheardSenders();
  /** Dialects that remember what came before. */
  readonly #sessions = new Map<Dialect, Decode>();
  readonly #frames: Pick<FrameTimes, 'firstOf'>;
  /** What is noticed of devices meanwhile. */
  readonly vitals = new DeviceVitalsNoticed();
  #counting: Timer | null = null;

  constructor(options: IntakeOptions) {
    const { log, time, logger, meter } = options;
    const metrics = ingestMetrics(meter);
    this.#options = options;
    this.#metrics = metrics;
    this.#frames = options.frames ?? new FrameTimes();
    this.#clock = options.clock ?? new OwnClock(time);
    this.#commit = new GroupCommit({ log, time, logger, metrics, limits: { ...INTAKE_LIMITS, ...options.limits } });
  }

  /** Senders of which nothing is taken. */
  get unheard(): readonly Unheard[] {
    return this.#unheard.list();
  }

  /** Takes nothing more, and waits until what was taken is durable or has failed. Stop the broker first. */
  async stop(): Promise<void> {
    this.#counting?.cancel();
    this.#appendCounts(this.#tally.takeAll());
    await this.#commit.stop();
  }

  /** The broker's `accept`: see the class. `done` is called exactly once, with an error where it is to be sent again. */
  readonly accept = (message: IntakeMessage, done: Done): void => {
    const { mapper } = this.#options;
    const mapped = mapper === undefined || (message.refusal ?? null) !== null ? null : mapper.of(message.topic);
    if (mapper === undefined || mapped === null) {
      this.#accept(message, done);
      return;
    }
    // The thread answers later; by then the payload would be somebody else's.
    const kept = { ...message, payload: Buffer.from(message.payload) };
    const { topic, payload, arrival } = kept;
    const { mapping, source } = mapped;
    mapper.map(mapping, { topic, payload, source, arrival }).then(
      (decoded) => this.#accept(kept, done, { dialect: { name: mapping.id, decode: () => decoded }, source }),
      (error: Error) => done(error),
    );
  };

  /** @param as what read it already */
  #accept(message: IntakeMessage, done: Done, as: ReturnType<typeof dialectOf> = null): void {
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
      subjects = as === null ? this.#take(message) : this.#takeDialect(as, message);
    } catch (error) {
      if (error instanceof UnavailableError) {
        this.#metrics.unappended.add(1, { cause: 'clock' });
        done(error);
        return;
      }
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
  }

  /** As {@link accept}. @throws what `done` is called with */
  readonly taken = (message: IntakeMessage): Promise<void> =>
    new Promise((resolve, reject) => {
      this.accept(message, (error) => (error === undefined ? resolve() : reject(error)));
    });

  /** @returns what the message is found by; null for one that leaves nothing behind */
  #take(message: IntakeMessage): readonly OriginalSubject[] | null {
    const { topic, clientId, refusal } = message;
    if (refusal !== null && refusal !== undefined) return this.#takeRefused(message, refusal);
    const tail = tailBehind(topic, 'device', clientId);
    if (tail === 'readings') {
      this.#options.speaksFor.heardOwn(clientId);
      return this.#takeReadings(clientId, message);
    }
    const native = nativeTopic(topic);
    if (native !== null && DEVICE_ID.test(native.id)) {
      const { kind, id } = native;
      if (kind === 'device' && native.tail === 'readings') return this.#takeReadings(id, message);
      if (kind === 'gateway' && native.tail === 'batches') return this.#takeBatch(id, message);
      if (kind === 'gateway' && native.tail === 'status') {
        this.#takeStatus(id, message);
        return null;
      }
    } else if (native === null) {
      const known = dialectOf(topic);
      if (known !== null) return this.#takeDialect(known, message);
    }
    return this.#takeRefused(message, { reason: 'TOPIC_UNKNOWN', detail: `no decoder for the topic ${topic}` });
  }

  /** Where nobody decodes what a stock client says about itself all day, an entry an hour says so. */
  #takeRefused(
    message: IntakeMessage,
    { reason, detail }: { readonly reason: RefusalReason; readonly detail: string },
  ): readonly OriginalSubject[] | null {
    const { clientId, topic, arrival } = message;
    const isChatter = reason === 'TOPIC_UNKNOWN' && !isOurs(topic);
    const isDue = !isChatter || this.#tally.isEntryDue(clientId, `${reason} ${topic}`, arrival);
    this.#refuse(message, reason, detail, isDue, isChatter);
    return isDue ? [] : null;
  }

  #takeDialect(
    { dialect, source }: NonNullable<ReturnType<typeof dialectOf>>,
    message: IntakeMessage,
  ): readonly OriginalSubject[] | null {
    const { clientId, topic, payload, arrival, firstArrival = arrival } = message;
    const { group } = this.#commit;
    this.#requireClock(clientId, Number.NEGATIVE_INFINITY);
    const { record, refusals, others, replies, subjects, decoded } = dialectRecords(
      {
        ...{ decode: dialect.session === undefined ? dialect.decode : this.#decodeOf(dialect), frames: this.#frames },
        ...{ source, topic, payload, arrival, timeless: firstArrival },
        ...{ sender: clientId, speakers: message.speakers ?? this.#options.speaksFor },
      },
      () => group.builder,
    );
    message.onDecoded?.(decoded);
    if (record !== null) group.addRecord(record);
    const taken = new Set(subjects.map(({ id }) => id));
    for (const id of taken) this.#unheard.taken(id);
    this.#notice(decoded, taken, arrival);
    const counted = source === NO_DEVICE ? clientId : source;
    if (!refusals.isEmpty) this.#keep(refusals, { arrival, source: counted, topic, payload }, taken.size > 0);
    for (const { source: of, refusals: refused, payload: kept } of others) {
      this.#keep(refused, { arrival, source: of, topic, payload: kept }, kept === null || taken.has(of));
    }
    for (const reply of replies) this.#options.onReply?.(reply);
    // What a client says of itself (availability, a join) measures nothing and leaves nothing.
    const isNothing = record === null && refusals.isEmpty && others.length === 0 && subjects.length === 0;
    return isNothing ? null : subjects;
  }

  /** @param taken devices of which something was taken: what others say of themselves is nobody's word */
  #notice({ readings, signals = [] }: Decoded, taken: ReadonlySet<string>, arrival: number): void {
    const stated = new Map<string, number>();
    for (const { device, time } of readings) {
      if (time !== null && time > (stated.get(device) ?? Number.NEGATIVE_INFINITY)) stated.set(device, time);
    }
    for (const [device, time] of stated) if (taken.has(device)) this.vitals.told(device, time, arrival);
    for (const { device, rssi, snr } of signals) {
      if (taken.has(device)) this.vitals.received(device, { rssi, snr }, arrival);
    }
  }

  #decodeOf(dialect: Dialect): Decode {
    const known = this.#sessions.get(dialect) ?? dialect.session?.() ?? dialect.decode;
    this.#sessions.set(dialect, known);
    return known;
  }

  #takeReadings(device: string, message: IntakeMessage): readonly OriginalSubject[] {
    const { payload, arrival, firstArrival = arrival, topic, clientId } = message;
    const builder = this.#commit.group.builder;
    const before = builder.count;
    const index = builder.deviceIndex(device);
    let refusals: Refusals | null = null;
    let stated = Number.NEGATIVE_INFINITY;
    const isFast = this.#scanner.scan(payload, index, arrival, firstArrival, builder);
    if (!isFast) {
      this.#metrics.slowMessages.add();
      refusals = new Refusals();
      const onTime = (time: number) => {
        if (time > stated) stated = time;
      };
      const native = { payload, device: index, arrival, absentTime: firstArrival, onTime };
      decodeReadingsJson(native, builder, refusals);
    }
    const { isEmpty, from, to } = builder.spanFrom(before);
    if (isFast && !this.#scanner.isTimeless) stated = to;
    try {
      this.#requireClock(clientId, stated);
    } catch (error) {
      builder.truncate(before);
      throw error;
    }
    if (!isEmpty) this.#unheard.taken(device);
    if (!isEmpty && stated > Number.NEGATIVE_INFINITY) this.vitals.told(device, stated, arrival);
    if (refusals?.isEmpty === false) this.#keep(refusals, { arrival, source: device, topic, payload }, !isEmpty);
    return isEmpty ? [{ id: device, from: arrival, to: arrival }] : [{ id: device, from, to }];
  }

  /**
   * @param stated the latest time that a message states; -Infinity where it states none
   * @throws {UnavailableError} CLOCK_WRONG what comes now would be refused or dated by a clock that is wrong
   */
  #requireClock(sender: string, stated: number): void {
    const fault = this.#clock.faultAfter(sender, stated);
    if (fault !== null) throw new UnavailableError('CLOCK_WRONG', fault);
  }

  #takeBatch(gateway: string, message: IntakeMessage): readonly OriginalSubject[] {
    const { group } = this.#commit;
    const { topic, payload, arrival } = message;
    const { records, readings, madeAt, refusals, subjects } = batchRecords(
      { gateway, topic, payload, arrival },
      this.#options.speaksFor,
    );
    this.#requireClock(gateway, madeAt ?? Number.NEGATIVE_INFINITY);
    for (const record of records) group.addRecord(record);
    group.countReadings(readings);
    for (const { source, refusals: refused, payload: kept } of refusals) {
      this.#keep(refused, { arrival, source, topic, payload: kept }, true);
    }
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

  #refuse(message: IntakeMessage, reason: RefusalReason, detail: string, isDue = true, isChatter = false): void {
    const { arrival, clientId: source, topic, payload } = message;
    const refusals = new Refusals();
    refusals.add(reason, () => detail, null);
    this.#keep(refusals, { arrival, source, topic, payload }, false, isDue, isChatter);
  }

  /** @param isPartTaken the rest of the message is taken: then what costs only itself is counted */
  #keep(refusals: Refusals, message: RefusedMessage, isPartTaken: boolean, isDue = true, isChatter = false): void {
    const { arrival, source } = message;
    const { group } = this.#commit;
    const due = (reason: RefusalReason) =>
      isDue && (!isPartTaken || !COUNTED_ONLY.has(reason) || this.#tally.isEntryDue(source, reason, arrival));
    group.addQuarantined(refusals.toQuarantined(message, due));
    for (const [reason, count] of refusals.counts()) this.#metrics.refused.add(count, { reason });
    for (const count of refusals.tally(message)) {
      this.#tally.count(count);
      if (!isPartTaken) this.#unheard.refused(source, arrival, count.reason, count.detail, isChatter);
    }
    group.addRefusalCounts(this.#tally.takeNews());
    this.#counting ??= this.#options.time.every('refusal counts', COUNTS_EVERY_MS, () =>
      this.#appendCounts(this.#tally.takeAll()),
    );
  }

  /** What has been counted since and nobody's message took along. */
  #appendCounts(counts: readonly RefusalCount[]): void {
    if (counts.length === 0 || this.#commit.refusal(0) !== null) return;
    this.#commit.group.addRefusalCounts(counts);
    this.#commit.join(() => {}, 0);
  }
}
