import { connect, type IClientOptions, type IConnackPacket, type IPublishPacket, type MqttClient } from 'mqtt';
import { type Logger, type Timer, type TimeSource, type Troubles, UnavailableError } from '../domain/index.ts';
import { DeferredPubacks } from './deferred-pubacks.ts';
import { EXTERNAL_FILTERS, FORMER_FILTERS, speakerOf } from './external-topics.ts';
import type { Accept, Principal, RefusedTopic } from './message.ts';
import type { BrokerMetrics } from './metrics.ts';
import type { SourceOf } from './rights.ts';

/** Where a broker of others is, and how one comes in. */
export interface ExternalAddress {
  /** mqtt, mqtts, ws or wss; user name and password stand in it. */
  readonly url: string;
  /** PEM: the authority of its certificate, where that is not a public one. */
  readonly ca?: Buffer;
}

export interface ExternalParts {
  readonly address: ExternalAddress;
  /** Whether processes share out what comes; without it each gets all of it. */
  readonly isShared: boolean;
  readonly accept: Accept;
  readonly sourceOf: SourceOf;
  /** Topic filters of what people have mapped, beside those of the dialects. */
  readonly mapped: readonly string[];
  /** Why a message is not to be believed, though the broker let it through: a batch that is not signed as it should be. */
  readonly refusalOf: (topic: string, payload: Uint8Array, speaker: string) => Promise<RefusedTopic | null>;
  /** Where it shows that the broker is away. */
  readonly troubles: Troubles;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly metrics: BrokerMetrics;
}

/** All processes of an installation share out what comes. */
const GROUP = '$share/isotherm/';
/** Messages taken and not yet durable; beyond it the connection is not read. */
const MOST_IN_FLIGHT = 10_000;
/** How long the broker keeps a session, and what came for it, whose process is away: a week, seconds. */
const SESSION_SECONDS = 7 * 86_400;
/** At once at first: what comes to a broker that has forgotten our subscriptions is lost until we are back. */
const RECONNECT_SOON_MS = 100;
const SOON_TRIES = 100;
const RECONNECT_MS = 1_000;
const RETRY_JITTER_MS = 1_000;
const CONNECT_MS = 10_000;
/** A session that is to be emptied is empty when nothing has come for so long. */
const QUIET_MS = 10_000;
const SETTLE_MS = 2_000;
/** CONNACK: MQTT 3.1.1, 3.2.2.3; MQTT 5, 3.2.2.2. */
const WRONG_LEVEL: ReadonlySet<unknown> = new Set([1, 132]);

/** The part of the troubles of a process whose broker is away. */
export const MQTT_TROUBLE = 'mqtt';

/** Options of every connection to a broker of others. */
export function connectionOptions({ address }: Pick<ExternalParts, 'address'>, level: 4 | 5) {
  return {
    ...{ protocolVersion: level, connectTimeout: CONNECT_MS, keepalive: 30, resubscribe: false, queueQoSZero: false },
    ...{ reconnectPeriod: RECONNECT_SOON_MS, reconnectOnConnackError: true },
    ...(address.ca === undefined ? {} : { ca: address.ca }),
  } as const satisfies IClientOptions;
}

/**
 * One lasting session at a broker of others: what comes is handed on with QoS 1 and acknowledged when it is durable. A
 * message that could not be made durable is not acknowledged; the connection is ended, and the broker sends it again.
 */
export class ExternalSession {
  readonly #parts: ExternalParts;
  readonly #name: string;
  /** To be emptied, not filled: its process is gone. */
  readonly #isLeft: boolean;
  #client: MqttClient | null = null;
  #pubacks: DeferredPubacks | null = null;
  #level: 4 | 5 = 5;
  #isStopped = false;
  #retry: Timer | null = null;
  #lastMessage = 0;
  /** Connections that ended since the last one that was let in. */
  #tries = 0;
  #onSettled: (() => void) | null = null;
  #refused: string | null = null;

  /** @param name the client id, which names the session */
  constructor(parts: ExternalParts, name: string, { isLeft = false } = {}) {
    this.#parts = parts;
    this.#name = name;
    this.#isLeft = isLeft;
  }

  start(): void {
    const { address } = this.#parts;
    const client = connect(address.url, {
      ...connectionOptions(this.#parts, this.#level),
      ...{ clientId: this.#name, clean: false },
      ...(this.#level === 5 && {
        properties: { sessionExpiryInterval: SESSION_SECONDS, receiveMaximum: MOST_IN_FLIGHT },
      }),
    });
    const pubacks = new DeferredPubacks(client, MOST_IN_FLIGHT);
    this.#client = client;
    this.#pubacks = pubacks;
    this.#lastMessage = this.#parts.time.now();
    client.on('connect', (connack) => this.#connected(client, connack));
    client.on('message', (_topic, _payload, packet) => this.#take(pubacks, packet));
    client.on('close', () => {
      this.#tries++;
      client.options.reconnectPeriod = this.#tries > SOON_TRIES ? RECONNECT_MS : RECONNECT_SOON_MS;
      pubacks.forget();
      this.#settledLater();
      this.#away(new UnavailableError('BROKER_AWAY', 'the broker of mqtt.url is not connected'));
    });
    client.on('error', (error) => {
      if ('code' in error && WRONG_LEVEL.has(error.code) && this.#level === 5) this.#speakOlder(client);
      else
        this.#away(new UnavailableError('BROKER_AWAY', error.message || String(Reflect.get(error, 'code')), {}, error));
    });
  }

  /** Takes no more, waits a moment for what is under way, and leaves the session as it is: what comes is kept in it. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#retry?.cancel();
    const { time } = this.#parts;
    const client = this.#client;
    if (client === null) return;
    if ((this.#pubacks?.size ?? 0) > 0) {
      const settled = new Promise<void>((resolve) => {
        this.#onSettled = resolve;
      });
      await Promise.race([settled, time.sleep('mqtt stop', SETTLE_MS)]);
    }
    await client.endAsync(true);
    this.#parts.troubles.passed(MQTT_TROUBLE);
  }

  /**
   * Hands on what a session holds whose process is gone, then ends the session.
   * @returns whether it is empty; false where the broker went away, or we stop
   */
  async empty(signal: AbortSignal): Promise<boolean> {
    const { time } = this.#parts;
    this.start();
    while (!signal.aborted) {
      await time.sleep('mqtt session', QUIET_MS / 10, signal);
      const isQuiet = time.now() - this.#lastMessage >= QUIET_MS && this.#pubacks?.size === 0;
      if (!isQuiet || this.#client?.connected !== true) continue;
      await this.#client.endAsync();
      await this.#forgetSession();
      return true;
    }
    await this.stop();
    return false;
  }

  get isConnected(): boolean {
    return this.#client?.connected ?? false;
  }

  #connected(client: MqttClient, { sessionPresent }: IConnackPacket): void {
    this.#tries = 0;
    this.#lastMessage = this.#parts.time.now();
    if (this.#isLeft) {
      if (sessionPresent) void this.#unsubscribe(client);
      return;
    }
    this.#subscribe(client, sessionPresent).then(
      () => {
        if (client.connected) this.#parts.troubles.passed(MQTT_TROUBLE);
        this.#refused = null;
      },
      (error: unknown) => this.#away(error),
    );
  }

  async #subscribe(client: MqttClient, isOld: boolean): Promise<void> {
    if (isOld) {
      await client.unsubscribeAsync(FORMER_FILTERS.flatMap((filter) => [filter, `${GROUP}${filter}`]));
    }
    const wanted = Object.fromEntries(this.#filters().map((filter) => [filter, { qos: 1 as const }]));
    const granted = await client.subscribeAsync(wanted).catch((error: unknown) => {
      const message = `the broker does not let us listen: ${error instanceof Error ? error.message : error}`;
      throw new UnavailableError('BROKER_REFUSES', `${message}; its list of rights must name ${GROUP}...`, {}, error);
    });
    const refused = granted.find(({ qos }) => qos >= 128 || qos === 0);
    if (refused === undefined) return;
    const message = `the broker does not let us listen to ${refused.topic} with QoS 1; mend its list of rights`;
    throw new UnavailableError('BROKER_REFUSES', message, { topic: refused.topic });
  }

  #filters(): string[] {
    const filters = new Set([...EXTERNAL_FILTERS, ...this.#parts.mapped]);
    return [...filters].map((filter) => `${this.#parts.isShared ? GROUP : ''}${filter}`);
  }

  async #unsubscribe(client: MqttClient): Promise<void> {
    await client.unsubscribeAsync(this.#filters()).catch(() => {
      // The connection has ended: then nothing more comes on it either.
      this.#parts.metrics.clientErrors.add();
    });
  }

  #take(pubacks: DeferredPubacks, packet: IPublishPacket): void {
    const { accept, sourceOf, time, metrics } = this.#parts;
    const arrival = time.now();
    this.#lastMessage = arrival;
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const { topic, messageId = null } = packet;
    const acknowledge = packet.qos > 0 && messageId !== null ? pubacks.begin(messageId) : () => {};
    const speaker = speakerOf(topic, sourceOf);
    // Retained: the broker's memory of what came before we listened, not news.
    if (speaker === null || packet.retain) {
      acknowledge();
      return;
    }
    metrics.messages.add();
    const principal: Principal = { kind: 'device', id: speaker };
    const common = { clientId: speaker, principal, topic, payload, qos: packet.qos, packetId: messageId };
    const done = (error?: Error) => {
      if (error === undefined) {
        metrics.acknowledged.add();
        acknowledge();
      } else {
        metrics.unaccepted.add(1, { qos: String(packet.qos) });
        if (packet.qos > 0) this.#sendAgain(error);
      }
      this.#settledLater();
    };
    const hand = (refusal: RefusedTopic | null) =>
      accept({ ...common, isDup: packet.dup, arrival, firstArrival: arrival, refusal }, done);
    const judged = this.#parts.refusalOf(topic, payload, speaker);
    judged.then(hand, (error: unknown) => done(error instanceof Error ? error : new Error(String(error))));
  }

  /** Ours: it is not durable. Without its PUBACK it comes again on the next connection. */
  #sendAgain(error: Error): void {
    if (this.#retry !== null || this.#isStopped) return;
    const { time, logger } = this.#parts;
    logger.error({ err: error }, 'MQTT message could not be made durable');
    this.#retry = time.after('mqtt retry', Math.random() * RETRY_JITTER_MS, () => {
      this.#retry = null;
      this.#client?.stream.destroy();
    });
  }

  #away(error: unknown): void {
    if (this.#isStopped) return;
    const { troubles, time, logger } = this.#parts;
    troubles.failed(MQTT_TROUBLE, error, time.now());
    const text = error instanceof Error ? error.message : String(error);
    if (this.#refused === text) return;
    this.#refused = text;
    logger.warn({ session: this.#name, reason: text }, 'the MQTT broker is away');
  }

  #speakOlder(client: MqttClient): void {
    this.#level = 4;
    client.end(true);
    if (!this.#isStopped) this.start();
  }

  async #forgetSession(): Promise<void> {
    const options = { ...connectionOptions(this.#parts, this.#level), clientId: this.#name, clean: true };
    const client = connect(this.#parts.address.url, { ...options, reconnectPeriod: 0 });
    await new Promise<void>((resolve) => {
      client.once('connect', () => client.end(false, {}, () => resolve()));
      client.once('error', () => resolve());
      client.once('close', () => resolve());
    });
  }

  #settledLater(): void {
    if (this.#pubacks?.size === 0) setImmediate(() => this.#onSettled?.());
  }
}
