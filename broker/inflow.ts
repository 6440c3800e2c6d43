import type { PublishPacket } from 'aedes';
import { type Logger, type Timer, type TimeSource, UnavailableError } from '../domain/index.ts';
import type { Session } from './admission.ts';
import { FairTurns } from './fair-turns.ts';
import type { BrokerLimits } from './limits.ts';
import type { LogThrottle } from './log-throttle.ts';
import type { Accept, EarlierArrival, RefusedTopic } from './message.ts';
import type { BrokerMetrics } from './metrics.ts';
import { isBridgeState, isIllFormed, rightToPublish, type SourceOf } from './rights.ts';
import { Unacknowledged } from './unacknowledged.ts';

const COUNT_EVERY_MS = 1_000;

type Done = (error?: Error | null) => void;

export interface InflowOptions {
  readonly accept: Accept;
  readonly sourceOf: SourceOf;
  readonly earlierArrival: EarlierArrival;
  readonly limits: BrokerLimits;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly metrics: BrokerMetrics;
  readonly logThrottle: LogThrottle;
}

interface Arrived {
  readonly session: Session;
  readonly packet: PublishPacket;
  readonly payload: Buffer;
  readonly arrival: number;
  readonly refusal: RefusedTopic | null;
  readonly done: Done;
}

/** What clients send on its way to `accept` and back: rights, bounds, repeats, and what an error means to the client. */
export class Inflow {
  readonly #options: InflowOptions;
  readonly #turns: FairTurns<Arrived>;
  readonly #unacknowledged = new Unacknowledged();
  #counting: Timer | null = null;
  #onSettled: (() => void) | null = null;
  #inFlightMessages = 0;
  #inFlightBytes = 0;
  /** Counted here and handed to the meter once a second: messages are too many for a call each. */
  #messages = 0;
  #acknowledged = 0;

  constructor(options: InflowOptions) {
    this.#options = options;
    this.#turns = new FairTurns(options.time, (arrived) => this.#handOn(arrived));
  }

  start(): void {
    this.#counting = this.#options.time.every('mqtt counters', COUNT_EVERY_MS, () => this.#count());
  }

  /** Resolves when nothing is under way any more, or after `mostMs`. */
  async settle(mostMs: number): Promise<void> {
    if (this.#inFlightMessages > 0) {
      await new Promise<void>((resolve) => {
        const timer = this.#options.time.after('mqtt stop', mostMs, resolve);
        this.#onSettled = () => {
          timer.cancel();
          // The acknowledgements just given leave in the event loop's next turns.
          setImmediate(() => setImmediate(resolve));
        };
      });
    }
    this.#counting?.cancel();
    this.#count();
  }

  /** Hands a message on. `done` without an error lets aedes acknowledge it; with one it closes the connection. */
  take(session: Session, packet: PublishPacket, done: Done): void {
    const { principal } = session;
    const { limits, sourceOf, time } = this.#options;
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const bytes = payload.length;
    const { topic } = packet;
    if (packet.qos > 0 && packet.messageId === 0) {
      // MQTT-2.3.1-1: a packet identifier is not zero.
      this.#cutOff(session, packet, 'packet id', done);
    } else if (isIllFormed(topic)) {
      // MQTT-1.5.3-1, MQTT-1.5.3-2.
      this.#cutOff(session, packet, 'topic', done);
    } else if (bytes > limits.payloadBytes) {
      this.#cutOff(session, packet, 'size', done);
    } else if (isBridgeState(topic)) {
      done();
    } else if (
      this.#inFlightMessages >= limits.inFlightMessages ||
      this.#inFlightBytes + bytes > limits.inFlightBytes ||
      (session.inFlightBytes > 0 && session.inFlightBytes + bytes > limits.inFlightBytesPerClient)
    ) {
      this.#fail(session, packet.qos, new UnavailableError('BROKER_BUSY', 'too many messages in flight'), done);
    } else {
      this.#inFlightMessages++;
      this.#inFlightBytes += bytes;
      session.inFlightBytes += bytes;
      const right = rightToPublish(principal, topic, sourceOf);
      const refusal = right === 'own' ? null : refusalOf(right, topic, principal.id);
      const arrival = time.now();
      this.#turns.take(principal.id, { session, packet, payload, arrival, refusal, done });
    }
  }

  #handOn(arrived: Arrived): void {
    const { session, packet, payload, arrival, refusal } = arrived;
    const { id } = session.principal;
    const packetId = packet.messageId ?? null;
    if (refusal !== null) this.#options.metrics.refusedMessages.add(1, { reason: 'topic' });
    this.#messages++;
    session.acknowledgements.settle();
    const known = packetId === null ? null : this.#unacknowledged.begin(id, packetId, payload, arrival);
    if (known !== null || packet.dup !== true || packetId === null || !session.isFirstSinceStart) {
      this.#accept(arrived, known ?? arrival);
      return;
    }
    // Sent before this process began: what was acknowledged then is not known here, so DUP decides.
    this.#options.earlierArrival({ clientId: id, topic: packet.topic, payload }).then(
      (earlier) => {
        if (earlier !== null) this.#unacknowledged.dateBack(id, packetId, earlier);
        this.#accept(arrived, earlier ?? arrival);
      },
      () => this.#accept(arrived, arrival),
    );
  }

  #accept({ session, packet, payload, arrival, refusal, done }: Arrived, firstArrival: number): void {
    const { principal } = session;
    const { qos } = packet;
    const packetId = packet.messageId ?? null;
    const bytes = payload.length;
    const message = {
      clientId: principal.id,
      principal,
      topic: packet.topic,
      payload,
      qos,
      packetId,
      isDup: packet.dup === true,
      arrival,
      firstArrival,
      refusal,
    };
    this.#options.accept(message, (error) => {
      this.#inFlightMessages--;
      this.#inFlightBytes -= bytes;
      session.inFlightBytes -= bytes;
      if (error === undefined) {
        this.#acknowledged++;
        done();
        if (qos === 1) this.acknowledging(session, packetId);
      } else {
        this.#fail(session, qos, error, done);
      }
      if (this.#inFlightMessages === 0) this.#onSettled?.();
    });
  }

  /** The PUBACK or PUBREC was handed to the connection just now. */
  acknowledging({ acknowledgements }: Session, packetId: number | null): void {
    if (packetId !== null) acknowledgements.handed(packetId);
  }

  /** The acknowledgement has left: an equal message from here on is a new one. */
  acknowledged(clientId: string, packetId: number): void {
    this.#unacknowledged.end(clientId, packetId);
  }

  /** Theirs: what breaks the protocol or a bound. Disconnected at once; MQTT 3.1.1 has no other way to say no. */
  #cutOff(session: Session, packet: PublishPacket, reason: 'topic' | 'size' | 'packet id', done: Done): void {
    const { metrics, logThrottle, logger } = this.#options;
    const { id } = session.principal;
    session.isFailing = true;
    metrics.refusedMessages.add(1, { reason });
    if (logThrottle.allows(`publish ${id}`)) {
      const fields = { client: id, topic: packet.topic, bytes: packet.payload.length, reason };
      logger.warn(fields, 'MQTT message refused, client disconnected');
    }
    done(new Error(`refused: ${reason}`));
  }

  /** Ours: the message is not durable. Without PUBACK the client sends it again; QoS 0 is lost, and counted. */
  #fail(session: Session, qos: 0 | 1 | 2, error: Error, done: Done): void {
    const { metrics, logThrottle, logger, time, limits } = this.#options;
    metrics.unaccepted.add(1, { qos: String(qos) });
    if (logThrottle.allows('unaccepted')) {
      logger.error({ client: session.principal.id, err: error }, 'MQTT message could not be made durable');
    }
    if (qos === 0) {
      done();
    } else if (!session.isFailing) {
      session.isFailing = true;
      time.after('mqtt refusal', Math.random() * limits.refusalJitterMs, () => done(error));
    }
  }

  #count(): void {
    const { metrics } = this.#options;
    metrics.messages.add(this.#messages);
    metrics.acknowledged.add(this.#acknowledged);
    metrics.inFlightBytes.set(this.#inFlightBytes);
    this.#messages = 0;
    this.#acknowledged = 0;
  }
}

function refusalOf(right: 'foreign' | 'unknown', topic: string, id: string): RefusedTopic {
  return right === 'foreign'
    ? {
        reason: 'TOPIC_FOREIGN',
        detail: `${topic} is not ${id}'s to publish on; publish under ${id}, or sign in as its owner`,
      }
    : {
        reason: 'TOPIC_UNKNOWN',
        detail: `nobody decodes the topic ${topic}; readings go to isotherm/v1/devices/${id}/readings`,
      };
}
