import { connect, type MqttClient } from 'mqtt';
import { type Downlink, HOST_STATE_TOPIC, hostState, type Meter, UnavailableError } from '../domain/index.ts';
import { connectionOptions, type ExternalParts, ExternalSession, MQTT_TROUBLE } from './external-session.ts';
import { DESCRIPTION_FILTERS, STATUS_FILTER, speakerOf } from './external-topics.ts';
import type { InboundMessage } from './message.ts';
import { brokerMetrics } from './metrics.ts';

/** A lasting session that this process alone uses. */
export interface SessionClaim {
  /** The client id. */
  readonly name: string;
  /** Aborted when it may be another's. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
  /** The session is gone at the broker. */
  forget(): Promise<void>;
}

/** Which sessions there are, and whose: several processes stand side by side, and one that is gone leaves its session. */
export interface Sessions {
  claim(signal: AbortSignal): Promise<SessionClaim>;
  /** One whose process is gone; null where there is none. */
  claimLeft(): Promise<SessionClaim | null>;
}

export interface ExternalBrokerOptions extends Omit<ExternalParts, 'metrics'> {
  readonly sessions: Sessions;
  readonly meter: Meter;
}

const LOOK_EVERY_MS = 15_000;
/** A command that has not arrived by then is worth nothing (MQTT 5); seconds. */
const COMMAND_SECONDS = 15;
const ANSWER_MS = 5_000;
/** What is retained comes ahead of our own state, or within this; a broker that does not bring our state back is not waited for. */
const DESCRIPTIONS_MS = 5_000;
const DESCRIPTION_AGAIN_MS = 1_000;

/**
 * A broker of others in place of the embedded one. Messages come over a session of this process that lasts, shared out
 * among all processes of the installation; commands go down over a connection of its own, whose will says that Isotherm is
 * away. What a session holds whose process is gone is taken over. What devices say of themselves is heard before the first
 * of their readings: what the broker has kept for us may be in a unit that it says.
 */
export class ExternalBroker implements Downlink {
  readonly #options: ExternalBrokerOptions;
  readonly #parts: ExternalParts;
  readonly #stopping = new AbortController();
  readonly #work: Promise<void>[] = [];
  #down: MqttClient | null = null;
  #level: 4 | 5 = 5;
  #since = 0;
  #isDescribed = false;
  #said = '';
  #onDescribed: () => void = () => {};

  constructor(options: ExternalBrokerOptions) {
    this.#options = options;
    this.#parts = { ...options, metrics: brokerMetrics(options.meter) };
  }

  /** Does not wait for the broker: where it is away `/readyz` says so. */
  start(): void {
    this.#since = this.#options.time.now();
    this.#work.push(this.#serve(), this.#takeOver());
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new UnavailableError('BROKER_STATE', 'the connection to the broker is stopping'));
    await Promise.all(this.#work);
    const down = this.#down;
    if (down === null) return;
    if (down.connected) {
      const farewell = down.publishAsync(HOST_STATE_TOPIC, Buffer.from(hostState(false, this.#since)), {
        ...{ qos: 1, retain: true },
      });
      await Promise.race([farewell.catch(() => undefined), this.#options.time.sleep('mqtt farewell', ANSWER_MS)]);
    }
    await down.endAsync(true);
  }

  /** @throws {UnavailableError} BROKER_AWAY; whether the recipient is there is not known here */
  async publish(
    topic: string,
    payload: Uint8Array,
    { qos = 1, retain = false }: { readonly qos?: 0 | 1; readonly retain?: boolean } = {},
  ): Promise<void> {
    const down = this.#down;
    if (down === null || !down.connected) throw away();
    const expiry = this.#level === 5 && !retain ? { properties: { messageExpiryInterval: COMMAND_SECONDS } } : {};
    const sent = down.publishAsync(topic, Buffer.from(payload), { qos, retain, ...expiry });
    const { time } = this.#options;
    const late = time.sleep('mqtt answer', ANSWER_MS).then(() => Promise.reject(away()));
    await Promise.race([sent, late]);
  }

  /** A session at a time; another where it is lost to another process. */
  async #serve(): Promise<void> {
    const { sessions, time, logger } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const claim = await sessions.claim(signal);
        await this.#hearDescriptions(claim, signal);
        const session = new ExternalSession(this.#parts, claim.name);
        if (!signal.aborted && !claim.lost.aborted) {
          session.start();
          await aborted(signal, claim.lost);
          await session.stop();
        }
        await claim.release();
      } catch (error) {
        if (signal.aborted) return;
        logger.debug({ error }, 'no session at the MQTT broker yet');
        await time.sleep('mqtt session', LOOK_EVERY_MS / 15, signal);
      }
    }
  }

  async #takeOver(): Promise<void> {
    const { sessions, time, logger } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await time.sleep('mqtt sessions left', LOOK_EVERY_MS, signal);
      if (signal.aborted) return;
      if (!this.#isDescribed) continue;
      try {
        const claim = await sessions.claimLeft();
        if (claim === null) continue;
        logger.info({ session: claim.name }, 'what another process left at the MQTT broker is taken over');
        const session = new ExternalSession(this.#parts, claim.name, { isLeft: true });
        if (await session.empty(AbortSignal.any([signal, claim.lost]))) await claim.forget();
        await claim.release();
      } catch (error) {
        logger.debug({ error }, 'sessions at the MQTT broker could not be looked at');
      }
    }
  }

  /** Once, and until then the broker keeps the readings: a broker that is away is waited for, and shows as a trouble. */
  async #hearDescriptions({ name, lost }: SessionClaim, signal: AbortSignal): Promise<void> {
    if (this.#isDescribed) return;
    const described = new Promise<void>((resolve) => {
      this.#onDescribed = () => {
        this.#isDescribed = true;
        resolve();
      };
    });
    if (this.#down === null) this.#openDown(name);
    await Promise.race([described, aborted(signal, lost)]);
  }

  #openDown(session: string): void {
    const { address, sourceOf } = this.#options;
    const payload = Buffer.from(hostState(false, this.#since));
    const down = connect(address.url, {
      ...connectionOptions(this.#options, this.#level),
      ...{ clientId: `${session}-down`, clean: true },
      will: { topic: HOST_STATE_TOPIC, payload, qos: 1, retain: true },
    });
    this.#down = down;
    down.on('connect', () => {
      // What is refused here shows where it is missed: the light at a door, an edge node that waits.
      down.subscribe([STATUS_FILTER, HOST_STATE_TOPIC, ...DESCRIPTION_FILTERS], { qos: 1 }, (error) => {
        // Behind what is retained: when our state comes back, that has come.
        this.#sayOnline(down);
        if (error) {
          const { logger } = this.#options;
          logger.warn({ err: error }, 'states of gateways and descriptions of devices cannot be had from the broker');
          this.#onDescribed();
        } else this.#options.time.after('mqtt descriptions', DESCRIPTIONS_MS, () => this.#onDescribed());
      });
    });
    down.on('message', (topic, message, { retain }) => {
      const id = speakerOf(topic, sourceOf);
      if (topic === HOST_STATE_TOPIC) {
        // Another process of ours has gone, and its will speaks for all of us (Sparkplug 3.0, 6.4.27).
        if (!retain && message.equals(Buffer.from(hostState(true, this.#since)))) this.#onDescribed();
        else if (!retain) this.#contradict(down, message);
      } else if (id !== null) {
        // A state, or a description of a device: nothing else is subscribed to here.
        const arrival = this.#options.time.now();
        const sender = { clientId: id, principal: { kind: 'device', id } as const, topic, payload: message };
        const plain = { qos: 0, packetId: null, isDup: false, arrival, firstArrival: arrival, refusal: null } as const;
        this.#tell({ ...sender, ...plain });
      }
    });
    down.on('close', () => this.#away());
    down.on('error', (error) => {
      if ('code' in error && (error.code === 1 || error.code === 132) && this.#level === 5) {
        this.#level = 4;
        down.end(true);
        if (!this.#stopping.signal.aborted) this.#openDown(session);
      } else this.#away(error);
    });
  }

  /** Later it is the session that says so. */
  #away(error?: Error): void {
    if (this.#isDescribed || this.#stopping.signal.aborted) return;
    const { troubles, time, logger } = this.#options;
    const reason = error?.message || away().message;
    troubles.failed(MQTT_TROUBLE, new UnavailableError('BROKER_AWAY', reason, {}, error), time.now());
    if (this.#said === reason) return;
    this.#said = reason;
    logger.warn({ reason }, 'the MQTT broker is away');
  }

  /** The broker does not say it again: what could not be taken now is tried until it is. */
  #tell(message: InboundMessage): void {
    this.#options.accept(message, (error) => {
      if (error === undefined || this.#stopping.signal.aborted) return;
      this.#options.time.after('mqtt description', DESCRIPTION_AGAIN_MS, () => this.#tell(message));
    });
  }

  #sayOnline(down: MqttClient): void {
    down.publish(HOST_STATE_TOPIC, Buffer.from(hostState(true, this.#since)), { qos: 1, retain: true });
  }

  #contradict(down: MqttClient, message: Buffer): void {
    if (this.#stopping.signal.aborted || !message.includes('"online":false')) return;
    this.#sayOnline(down);
  }
}

function away(): UnavailableError {
  return new UnavailableError('BROKER_AWAY', 'the broker of mqtt.url is not connected');
}

function aborted(...signals: readonly AbortSignal[]): Promise<void> {
  const any = AbortSignal.any([...signals]);
  if (any.aborted) return Promise.resolve();
  return new Promise((resolve) => any.addEventListener('abort', () => resolve(), { once: true }));
}
