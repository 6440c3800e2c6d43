import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AedesOptions, Client, PublishPacket, Subscription } from 'aedes';
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws';
import {
  commandsRecipient,
  DefectError,
  type Downlink,
  HOST_STATE_TOPIC,
  hostState,
  isGatewayStatus,
  isOurs,
  type Logger,
  type Meter,
  type TimeSource,
  UnavailableError,
} from '../domain/index.ts';
import { Admission, type Session } from './admission.ts';
import { type FrameProblem, limitPackets } from './frames.ts';
import { Hub } from './hub.ts';
import { Inflow } from './inflow.ts';
import { BROKER_LIMITS, type BrokerLimits, PACKET_OVERHEAD_BYTES } from './limits.ts';
import { type Listener, listenPlain, listenTls, type TlsOptions } from './listeners.ts';
import { LogThrottle } from './log-throttle.ts';
import type { Accept, Authenticate, Certified, EarlierArrival } from './message.ts';
import { type BrokerMetrics, brokerMetrics } from './metrics.ts';
import { isFilter, isIllFormed, mayReceive, maySubscribe, type SourceOf } from './rights.ts';
import { addressOf, Strangers } from './strangers.ts';

/** WebSocket subprotocol of MQTT 3.1.1 (clause 6). */
export const MQTT_SUBPROTOCOL = 'mqtt';

export interface BrokerOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly tls?: TlsOptions;
  readonly authenticate: Authenticate;
  /** Default: certificates of clients say nothing. */
  readonly certified?: Certified;
  readonly accept: Accept;
  /** The source that a topic of a sensors' dialect names. Default: there are no dialects. */
  readonly sourceOf?: SourceOf;
  /** Default: nothing is known of before the start, and a message with DUP is new. */
  readonly earlierArrival?: EarlierArrival;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly limits?: Partial<BrokerLimits>;
}

export interface BrokerPorts {
  readonly mqtt: number;
  /** null where TLS is not configured. */
  readonly tls: number | null;
}

/** How long `stop` waits for messages under way before it closes their connections. */
const STOP_WAIT_MS = 2_000;

/**
 * The broker. MQTT 3.1 and 3.1.1 (5 is refused with return code 1: MQTT-3.1.2-2).
 *
 * aedes calls `authorizePublish` before PUBACK and nothing else does, so that is where a message is handed to `accept`:
 * an error there means no PUBACK and a closed connection, and the client sends again. QoS 2 is made durable at PUBLISH.
 */
export class Broker implements Downlink {
  readonly #options: BrokerOptions;
  readonly #limits: BrokerLimits;
  readonly #metrics: BrokerMetrics;
  readonly #logThrottle: LogThrottle;
  readonly #admission: Admission;
  readonly #inflow: Inflow;
  readonly #connections = new Set<Duplex>();
  readonly #strangers: Strangers;
  readonly #webSockets: WebSocketServer;
  #state: 'idle' | 'running' | 'stopping' | 'stopped' = 'idle';
  #hub: Hub | null = null;
  #listeners: Listener[] = [];
  /** When it was started, epoch ms UTC. */
  #since = 0;

  constructor(options: BrokerOptions) {
    const { authenticate, accept, time, logger, meter } = options;
    const { sourceOf = () => null, earlierArrival = async () => null, certified = async () => null } = options;
    const limits = { ...BROKER_LIMITS, ...options.limits };
    const metrics = brokerMetrics(meter);
    const logThrottle = new LogThrottle(time);
    this.#options = options;
    this.#limits = limits;
    this.#strangers = new Strangers(limits.strangersPerAddress);
    this.#metrics = metrics;
    this.#logThrottle = logThrottle;
    this.#inflow = new Inflow({ accept, sourceOf, earlierArrival, limits, time, logger, metrics, logThrottle });
    this.#admission = new Admission({
      ...{ authenticate, certified, logger, metrics, logThrottle },
      acknowledged: (clientId, packetId) => this.#inflow.acknowledged(clientId, packetId),
    });
    this.#webSockets = new WebSocketServer({
      noServer: true,
      maxPayload: limits.payloadBytes + PACKET_OVERHEAD_BYTES,
      handleProtocols: (offered) => (offered.has(MQTT_SUBPROTOCOL) ? MQTT_SUBPROTOCOL : false),
    });
  }

  /**
   * Opens the listeners.
   * @throws {UnavailableError} PORT_TAKEN, LISTEN_FAILED
   */
  async start(): Promise<BrokerPorts> {
    if (this.#state !== 'idle') throw new DefectError('BROKER_STATE', `start() of a broker that is ${this.#state}`);
    const { host, port, tls } = this.#options;
    this.#state = 'running';
    this.#hub = this.#createHub();
    await this.#hub.listen();
    this.#inflow.start();
    this.#since = this.#options.time.now();
    await this.#sayState(this.#hub, true);
    try {
      const bell = {
        onSocket: (socket: Duplex) => this.#attach(socket),
        onError: (error: Error) => {
          this.#metrics.clientErrors.add();
          this.#options.logger.debug({ err: error }, 'MQTT connection not taken');
        },
      };
      const plain = await listenPlain(host, port, bell);
      this.#listeners.push(plain);
      if (tls === undefined) return { mqtt: plain.port, tls: null };
      const secure = await listenTls(host, tls, bell);
      this.#listeners.push(secure);
      return { mqtt: plain.port, tls: secure.port };
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Takes no more connections, waits up to two seconds for messages under way, then closes every connection. */
  async stop(): Promise<void> {
    if (this.#state !== 'running') return;
    this.#state = 'stopping';
    const closed = this.#listeners.map((listener) => listener.close());
    await this.#inflow.settle(STOP_WAIT_MS);
    const hub = this.#hub;
    if (hub !== null) {
      await this.#sayState(hub, false);
      await new Promise<void>((resolve) => hub.close(resolve));
    }
    for (const connection of this.#connections) connection.destroy();
    for (const listener of this.#listeners) listener.destroyConnections();
    await Promise.all(closed);
    this.#state = 'stopped';
  }

  /**
   * Sends a message down: to a gateway's or device's own commands, which must be connected, or to whoever listens under
   * its own name in its dialect.
   *
   * @returns resolves when it has been handed to the recipient's session, not when it has been acted upon
   * @throws {UnavailableError} RECIPIENT_NOT_CONNECTED, BROKER_STATE
   */
  async publish(
    topic: string,
    payload: Uint8Array,
    { qos = 1, retain = false }: { readonly qos?: 0 | 1; readonly retain?: boolean } = {},
  ): Promise<void> {
    const hub = this.#hub;
    if (hub === null || this.#state !== 'running') {
      throw new UnavailableError('BROKER_STATE', `the broker is ${this.#state}`);
    }
    const recipient = commandsRecipient(topic);
    if (recipient !== null && !hub.isConnected(recipient)) {
      throw new UnavailableError('RECIPIENT_NOT_CONNECTED', `${recipient} is not connected`, { recipient });
    }
    await this.#send(hub, topic, payload, qos, retain);
  }

  async #send(hub: Hub, topic: string, payload: Uint8Array, qos: 0 | 1, retain: boolean): Promise<void> {
    const packet: PublishPacket = { cmd: 'publish', topic, payload: Buffer.from(payload), qos, retain, dup: false };
    await new Promise<void>((resolve, reject) => {
      hub.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Sparkplug's edge nodes wait for their host's state before they send, and stop at its end. */
  async #sayState(hub: Hub, isOnline: boolean): Promise<void> {
    await this.#send(hub, HOST_STATE_TOPIC, hostState(isOnline, this.#since), 1, true);
  }

  isConnected(clientId: string): boolean {
    return this.#hub?.isConnected(clientId) ?? false;
  }

  /** Ends the connection that signed in as `id`: its credentials have changed. Its will is published. */
  disconnect(id: string): void {
    this.#admission.disconnect(id);
  }

  /** An HTTP upgrade on /mqtt, as the web server gets it. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => this.handleWebSocket(webSocket, request));
  }

  /** A WebSocket with the subprotocol `mqtt` that has been accepted already. */
  handleWebSocket(webSocket: WebSocket, request?: IncomingMessage): void {
    this.#attach(createWebSocketStream(webSocket), request);
  }

  #createHub(): Hub {
    const admission = this.#admission;
    const options: AedesOptions = {
      maxClientsIdLength: 128,
      connectTimeout: this.#limits.connectTimeoutMs,
      preConnect: (client, packet, done) => admission.preConnect(client, packet, done),
      authenticate: (client, username, password, done) => admission.authenticate(client, username, password, done),
      authorizePublish: (client, packet, done) => this.#authorizePublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => this.#authorizeSubscribe(client, subscription, done),
      // Also for what a stored session gathered while its client was away.
      authorizeForward: (client, packet) => {
        const session = admission.sessionOf(client);
        return session !== undefined && mayReceive(session.principal, packet.topic) ? packet : null;
      },
    };
    const hub = new Hub(options, (client, packetId) => {
      const session = admission.sessionOf(client);
      if (session !== undefined) this.#inflow.acknowledging(session, packetId);
    });
    hub.on('client', ({ conn }) => this.#strangers.recognized(conn));
    const onClientError = (client: Client, error: Error) => {
      // What was under way when it closed fails after it.
      if (client.closed) return;
      this.#metrics.clientErrors.add();
      this.#options.logger.debug({ client: client.id, err: error }, 'MQTT connection ended in an error');
    };
    hub.on('clientError', onClientError);
    hub.on('connectionError', onClientError);
    hub.onBrokerError((error) => this.#options.logger.error({ err: error }, 'MQTT broker error'));
    return hub;
  }

  #attach(connection: Duplex, request?: IncomingMessage): void {
    const { logger } = this.#options;
    const isFull = this.#state !== 'running' || this.#connections.size >= this.#limits.connections;
    if (this.#hub === null || isFull || !this.#strangers.takes(connection, request)) {
      this.#metrics.refusedConnections.add(1, { reason: isFull ? 'full' : 'address' });
      if (this.#logThrottle.allows('full')) {
        logger.warn({ connections: this.#connections.size, state: this.#state }, 'MQTT connection not taken');
      }
      connection.on('error', () => this.#metrics.clientErrors.add());
      connection.destroy();
      return;
    }
    this.#connections.add(connection);
    this.#metrics.connections.set(this.#connections.size);
    connection.once('close', () => {
      this.#connections.delete(connection);
      this.#metrics.connections.set(this.#connections.size);
    });
    limitPackets(connection, this.#limits.payloadBytes + PACKET_OVERHEAD_BYTES, (problem, length) => {
      if (problem === 'level') this.#wrongLevel(addressOf(connection, request));
      else if (problem === 'no id') this.#metrics.refusedConnections.add(1, { reason: 'identity' });
      else this.#wrongPacket(client.id, problem, length);
    });
    const client = this.#hub.handle(connection, request);
  }

  /** Nobody has said who it is: where it comes from is all there is. */
  #wrongLevel(address: string): void {
    this.#metrics.refusedConnections.add(1, { reason: 'level' });
    if (!this.#logThrottle.allows(`level ${address}`)) return;
    this.#options.logger.warn({ address }, 'MQTT version not spoken here, client disconnected');
  }

  #wrongPacket(client: string, problem: FrameProblem, bytes: number): void {
    this.#metrics.refusedMessages.add(1, { reason: problem });
    if (!this.#logThrottle.allows(`${problem} ${client}`)) return;
    this.#options.logger.warn({ client, bytes, problem }, 'MQTT packet not taken, client disconnected');
  }

  /** Runs before PUBACK; for wills as well, and then for a client that is gone. */
  #authorizePublish(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
    // Without a client: the will of another broker's, and there is no other.
    const session = client === null ? undefined : this.#admission.sessionOf(client);
    if (client === null || session === undefined) {
      done(new Error('not signed in'));
    } else if (client.closed) {
      // A will. When the broker stops, its clients have not died; and a state of somebody else's making is no message.
      if (this.#state === 'running' && isGatewayStatus(packet.topic) && isOurs(packet.topic)) {
        this.#inflow.take({ ...session, isFailing: false }, packet, done);
      } else done(new Error('not to be published'));
    } else if (!session.isFailing) {
      this.#takePublish(client, session, packet, done);
    }
    // Else never called back: the first refusal ends the connection, and this packet with it.
  }

  #takePublish(client: Client, session: Session, packet: PublishPacket, done: (error?: Error | null) => void): void {
    // A session that outlives its connection knows what it has received and not released; aedes answers PUBREC.
    if (packet.qos !== 2 || client.clean || this.#hub === null) {
      this.#inflow.take(session, packet, done);
      return;
    }
    this.#hub.isUnreleased(client, packet).then((isUnreleased) => {
      if (isUnreleased) done();
      else this.#inflow.take(session, packet, done);
    }, done);
  }

  #authorizeSubscribe(
    client: Client,
    subscription: Subscription,
    done: (error: Error | null, subscription?: Subscription | null) => void,
  ): void {
    const { topic } = subscription;
    if (isIllFormed(topic) || !isFilter(topic)) {
      this.#metrics.refusedSubscriptions.add();
      done(new Error('malformed filter'));
      return;
    }
    const session = this.#admission.sessionOf(client);
    if (session !== undefined && maySubscribe(session.principal, subscription.topic)) {
      // Later than the refusals in the same packet: aedes stores all of a packet's subscriptions at the first grant.
      queueMicrotask(() => done(null, subscription));
      return;
    }
    this.#metrics.refusedSubscriptions.add();
    if (this.#logThrottle.allows(`subscribe ${client.id}`)) {
      this.#options.logger.warn({ client: client.id, topic: subscription.topic }, 'MQTT subscription refused');
    }
    // A stored subscription of QoS 0 gathers nothing while its client is away.
    subscription.qos = 0;
    done(null, null);
  }
}
