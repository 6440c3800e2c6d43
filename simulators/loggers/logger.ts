import { connectAsync, type MqttClient } from 'mqtt';
import { readingsTopic } from '../../domain/index.ts';
import { type Climate, humidityAt, temperatureAt } from './climate.ts';

export interface LoggerOptions {
  readonly id: string;
  readonly password: string;
  readonly brokerUrl: string;
  readonly climate: Climate;
}

/** Readings in one message of a backlog: below the platform's 10,000 and 1 MiB. Two days of minutes fit into one. */
const MESSAGE_READINGS = 4_000;
/** Messages sent and not yet acknowledged while a backlog is uploaded. */
const IN_FLIGHT = 8;

/** A logger that measures temperature and humidity and publishes them as MQTT QoS 1 under its own name. */
export class SimulatedLogger {
  readonly #options: LoggerOptions;
  #client: MqttClient | null = null;

  constructor(options: LoggerOptions) {
    this.#options = options;
  }

  get id(): string {
    return this.#options.id;
  }

  async start(): Promise<void> {
    const { id, password, brokerUrl } = this.#options;
    const client = await connectAsync(brokerUrl, {
      clientId: id,
      username: id,
      password,
      protocolVersion: 4,
      clean: false,
      reconnectPeriod: 1_000,
      reconnectOnConnackError: true,
    });
    // Reconnecting is mqtt.js's work; an error between attempts is not ours to end the simulation for.
    client.on('error', () => client.reconnecting);
    this.#client = client;
  }

  async stop(): Promise<void> {
    await this.#client?.endAsync();
    this.#client = null;
  }

  /** Publishes what was measured in [from, to) every `everyMs`, oldest first; resolves when all is acknowledged. */
  async upload(from: number, to: number, everyMs: number): Promise<number> {
    const messages: string[] = [];
    let rows: object[] = [];
    for (let at = from; at < to; at += everyMs) {
      rows.push(this.#measure(at));
      if (rows.length === MESSAGE_READINGS) {
        messages.push(JSON.stringify(rows));
        rows = [];
      }
    }
    if (rows.length > 0) messages.push(JSON.stringify(rows));
    for (let next = 0; next < messages.length; next += IN_FLIGHT) {
      await Promise.all(messages.slice(next, next + IN_FLIGHT).map((message) => this.#publish(message)));
    }
    return Math.max(0, Math.ceil((to - from) / everyMs));
  }

  #measure(at: number): object {
    const { climate } = this.#options;
    return {
      time: new Date(at).toISOString(),
      temperature: temperatureAt(climate, at),
      humidity: humidityAt(climate, at),
    };
  }

  async #publish(message: string): Promise<void> {
    await this.#client?.publishAsync(readingsTopic(this.#options.id), message, { qos: 1 });
  }
}
