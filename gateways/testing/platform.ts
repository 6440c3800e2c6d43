import { createServer, type Server } from 'node:net';
import { Aedes } from 'aedes';
import { decodeBatch } from '../../codecs/batch/index.ts';
import type { GatewayBatch, GpiEvent, ReadGap, Sighting } from '../../domain/index.ts';
import { mergeSightings } from '../../domain/index.ts';

/** The platform's side of the uplink, as far as a gateway can tell: a broker that acknowledges batches. */
export class TestPlatform {
  readonly batches: GatewayBatch[] = [];
  /** The last retained status. */
  status: unknown = null;
  /** While false, batches are left without acknowledgement. */
  acknowledges = true;
  #broker: Aedes | null = null;
  #server: Server | null = null;
  #port = 0;
  #withheld: (() => void)[] = [];
  #waiting: (() => void)[] = [];

  async start(): Promise<void> {
    const broker = await Aedes.createBroker();
    broker.authorizePublish = (_client, packet, done) => {
      if (packet.topic.endsWith('/status')) this.status = JSON.parse(String(packet.payload));
      const take = () => {
        if (packet.topic.endsWith('/batches')) this.batches.push(decodeBatch(Buffer.from(packet.payload)).batch);
        done(null);
        this.#wake();
      };
      if (this.acknowledges) take();
      else this.#withheld.push(take);
    };
    this.#broker = broker;
    const server = createServer((socket) => broker.handle(socket));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    const address = server.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Away, but back on the same port after the next `start`. */
  async stop(): Promise<void> {
    const [broker, server] = [this.#broker, this.#server];
    this.#withheld = [];
    if (broker !== null) await new Promise<void>((resolve) => broker.close(() => resolve()));
    if (server !== null) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.#port}`;
  }

  command(gateway: string, command: object): void {
    const packet = {
      cmd: 'publish',
      topic: `isotherm/v1/gateways/${gateway}/commands`,
      qos: 1,
      dup: false,
      retain: false,
    };
    this.#broker?.publish({ ...packet, cmd: 'publish', qos: 1, payload: JSON.stringify(command) }, () => {});
  }

  /** What its doors expect. */
  tell(gateway: string, manifest: Uint8Array): void {
    const topic = `isotherm/v1/gateways/${gateway}/manifest`;
    const packet = {
      cmd: 'publish',
      topic,
      qos: 1,
      dup: false,
      retain: false,
      payload: Buffer.from(manifest),
    } as const;
    this.#broker?.publish(packet, () => {});
  }

  /** Sightings so far, reports of one identity merged, in order of first report. */
  get sightings(): Sighting[] {
    const merged = new Map<string, Sighting>();
    for (const sighting of this.batches.flatMap((batch) => batch.sightings)) {
      const key = `${sighting.reader} ${sighting.antenna} ${sighting.epcHex} ${sighting.firstSeen}`;
      const before = merged.get(key);
      merged.set(key, before === undefined ? sighting : mergeSightings(before, sighting));
    }
    return [...merged.values()];
  }

  get gpi(): GpiEvent[] {
    return this.batches.flatMap((batch) => batch.gpi);
  }

  get gaps(): ReadGap[] {
    // One without a length is a new spool's: a platform that has never heard of the gateway knows of no gap.
    return this.batches.flatMap((batch) => batch.gaps).filter(({ from, to }) => from < to);
  }

  /** Resolves once the batches so far satisfy `holds`. */
  async until(holds: (platform: TestPlatform) => boolean): Promise<void> {
    while (!holds(this)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
