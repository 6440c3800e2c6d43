import type { PublishPacket } from 'aedes';
import { type Logger, type Timer, type TimeSource, UnavailableError } from '../domain/index.ts';
import type { Session } from './admission.ts';
import type { BrokerLimits } from './limits.ts';
import type { LogThrottle } from './log-throttle.ts';
import type { Accept } from './message.ts';
import type { BrokerMetrics } from './metrics.ts';
import { mayPublish } from './topics.ts';

const COUNT_EVERY_MS = 1_000;

type Done = (error?: Error | null) => void;

export interface InflowOptions {
  readonly accept: Accept;
  readonly limits: BrokerLimits;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly metrics: BrokerMetrics;
  readonly logThrottle: LogThrottle;
}

/** What clients send on its way to `accept` and back: rights, bounds, and what an error means to the client. */
export class Inflow {
  readonly #options: InflowOptions;
  #counting: Timer | null = null;
  #onSettled: (() => void) | null = null;
  #inFlightMessages = 0;
  #inFlightBytes = 0;
  /** Counted here and handed to the meter once a second: messages are too many for a call each. */
  #messages = 0;
  #acknowledged = 0;

  constructor(options: InflowOptions) {
    this.#options = options;
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
    const { limits, accept, time } = this.#options;
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const bytes = payload.length;
    // This also keeps `$SYS` closed, which aedes no longer does once it is given a callback of ours.
    if (!mayPublish(principal, packet.topic)) {
      this.#refuse(session, packet, 'topic', done);
    } else if (bytes > limits.payloadBytes) {
      this.#refuse(session, packet, 'size', done);
    } else if (
      this.#inFlightMessages >= limits.inFlightMessages ||
      this.#inFlightBytes + bytes > limits.inFlightBytes
    ) {
      this.#fail(session, packet.qos, new UnavailableError('BROKER_BUSY', 'too many messages in flight'), done);
    } else {
      this.#inFlightMessages++;
      this.#inFlightBytes += bytes;
      this.#messages++;
      accept(
        {
          clientId: principal.id,
          principal,
          topic: packet.topic,
          payload,
          qos: packet.qos,
          packetId: packet.messageId ?? null,
          isDup: packet.dup === true,
          arrival: time.now(),
        },
        (error) => {
          this.#inFlightMessages--;
          this.#inFlightBytes -= bytes;
          if (error === undefined) {
            this.#acknowledged++;
            done();
          } else {
            this.#fail(session, packet.qos, error, done);
          }
          if (this.#inFlightMessages === 0) this.#onSettled?.();
        },
      );
    }
  }

  /** Theirs: what may not be published here. Disconnected at once; MQTT 3.1.1 has no other way to say no. */
  #refuse(session: Session, packet: PublishPacket, reason: 'topic' | 'size', done: Done): void {
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
