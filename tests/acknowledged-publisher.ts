import { connect, type MqttClient } from 'mqtt';

export interface Publication {
  readonly device: string;
  readonly payload: string;
}

/**
 * Publishes with MQTT QoS 1 and remembers what was acknowledged. A connection that ends takes the unacknowledged
 * publications with it: `publish` then resolves, and the caller sends what is missing again.
 */
export class AcknowledgedPublisher {
  readonly acknowledged = new Set<Publication>();
  readonly #clients = new Map<string, MqttClient>();
  readonly #passwords: ReadonlyMap<string, string>;

  constructor(passwords: ReadonlyMap<string, string>) {
    this.#passwords = passwords;
  }

  /** Everything not yet acknowledged, in order per device, until done or disconnected. `onProgress` gets the count. */
  async publish(
    brokerUrl: string,
    publications: readonly Publication[],
    onProgress: (acknowledged: number) => void,
  ): Promise<void> {
    const devices = [...new Set(publications.map((publication) => publication.device))];
    await Promise.all(
      devices.map(async (device) => {
        const own = publications.filter(
          (publication) => publication.device === device && !this.acknowledged.has(publication),
        );
        if (own.length > 0) await this.#publishAs(device, brokerUrl, own, onProgress);
      }),
    );
  }

  async #publishAs(
    device: string,
    brokerUrl: string,
    publications: readonly Publication[],
    onProgress: (acknowledged: number) => void,
  ): Promise<void> {
    const client = connect(brokerUrl, {
      clientId: device,
      username: device,
      password: this.#passwords.get(device) ?? '',
      protocolVersion: 4,
      reconnectPeriod: 0,
      // What was in flight when the connection ended is this class's to send again, not the client's.
      queueQoSZero: false,
    });
    this.#clients.set(device, client);
    await new Promise<void>((resolve) => {
      let left = publications.length;
      client.once('close', resolve);
      client.on('error', () => client.end(true));
      client.once('connect', () => {
        for (const publication of publications) {
          client.publish(`isotherm/v1/devices/${device}/readings`, publication.payload, { qos: 1 }, (error) => {
            if (error) return;
            this.acknowledged.add(publication);
            onProgress(this.acknowledged.size);
            left -= 1;
            if (left === 0) client.end();
          });
        }
      });
    });
    this.#clients.delete(device);
  }

  /** Ends every connection at once. */
  disconnect(): void {
    for (const client of this.#clients.values()) client.end(true);
  }
}
