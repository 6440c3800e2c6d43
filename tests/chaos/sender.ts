import { connect, type MqttClient } from 'mqtt';

interface Message {
  readonly payload: string | Buffer;
  readonly madeAt: number;
  /** On which connection it was sent. */
  on: MqttClient | null;
  readonly acknowledged: () => void;
}

/** An acknowledged message: when it was made and when the PUBACK came, ms of `performance.now()`. */
export interface Acknowledgement {
  readonly madeAt: number;
  readonly at: number;
}

const RECONNECT_MS = 100;

/** A logger that keeps what it has measured until it is acknowledged (MQTT, QoS 1), and sends it again on a new connection. */
export class Sender {
  readonly id: string;
  readonly acknowledgements: Acknowledgement[] = [];
  readonly #url: () => string;
  readonly #password: string;
  readonly #waiting = new Set<Message>();
  #client: MqttClient | null = null;
  #isStopped = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(id: string, password: string, url: () => string) {
    this.id = id;
    this.#password = password;
    this.#url = url;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Resolves when it was acknowledged, however often that is tried. */
  send(payload: string | Buffer): Promise<void> {
    return new Promise((resolve) => {
      const message = { payload, madeAt: performance.now(), on: null, acknowledged: resolve };
      this.#waiting.add(message);
      if (this.#client?.connected === true) this.#publish(this.#client, message);
      else this.#connect();
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#client?.endAsync(true);
  }

  #connect(): void {
    if (this.#client !== null || this.#timer !== null || this.#isStopped) return;
    const client = connect(this.#url(), {
      ...{ clientId: this.id, username: this.id, password: this.#password, protocolVersion: 4 },
      ...{ reconnectPeriod: 0, connectTimeout: 3_000, keepalive: 3, queueQoSZero: false },
    });
    this.#client = client;
    client.on('error', () => client.end(true));
    client.once('connect', () => {
      for (const message of this.#waiting) this.#publish(client, message);
    });
    client.once('close', () => {
      client.end(true);
      this.#client = null;
      if (this.#isStopped) return;
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.#connect();
      }, RECONNECT_MS);
    });
  }

  #publish(client: MqttClient, message: Message): void {
    if (message.on === client) return;
    message.on = client;
    client.publish(`isotherm/v1/devices/${this.id}/readings`, message.payload, { qos: 1 }, (error) => {
      if (error || !this.#waiting.delete(message)) return;
      this.acknowledgements.push({ madeAt: message.madeAt, at: performance.now() });
      message.acknowledged();
    });
  }
}
