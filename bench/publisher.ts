/**
 * The load generator: a process of its own that writes pre-built MQTT QoS 1 packets over raw sockets, with a window of
 * unacknowledged ones per connection, and counts PUBACKs. Every reading has a time of its own, so each is a new row.
 *
 * Talks to its parent by messages: `prepare` → `prepared`, `publish` → Report. Ends with its parent.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import mqttPacket from 'mqtt-packet';

export interface Load {
  readonly credentials: readonly { readonly id: string; readonly password: string }[];
  readonly messagesEach: number;
  readonly readingsAMessage: number;
  /** Event time of each device's first reading, epoch ms; the others follow 10 ms apart. */
  readonly from: number;
}

export interface Order {
  readonly port: number;
  readonly seconds: number;
  /** Unacknowledged messages a connection. */
  readonly window: number;
  /** Messages a second over all connections; null = as fast as they are acknowledged. */
  readonly rate: number | null;
}

export interface Report {
  readonly acknowledged: number;
  readonly seconds: number;
}

export type Request = { readonly prepare: Load } | { readonly publish: Order };

let prepared: { readonly id: string; readonly password: string; readonly packets: readonly Buffer[] }[] = [];

process.on('message', (request: Request) => {
  if ('prepare' in request) {
    prepared = request.prepare.credentials.map((credential) => ({
      ...credential,
      packets: packetsOf(credential.id, request.prepare),
    }));
    process.send?.('prepared');
    return;
  }
  void publish(request.publish).then((report) => process.send?.(report));
});
process.on('disconnect', () => process.exit());

async function publish(order: Order): Promise<Report> {
  const lines = await Promise.all(prepared.map((device) => Line.open(order, device)));
  const start = performance.now();
  const until = start + order.seconds * 1_000;
  const share = order.rate === null ? null : order.rate / lines.length;
  await Promise.all(lines.map((line) => line.run(until, share)));
  const end = performance.now();
  return { acknowledged: lines.reduce((sum, line) => sum + line.acknowledged, 0), seconds: (end - start) / 1_000 };
}

/** One connection: as many packets under way as its window, or as its rate lets through. */
class Line {
  acknowledged = 0;
  readonly #socket: Socket;
  readonly #packets: readonly Buffer[];
  readonly #window: number;
  #sent = 0;
  #answerBytes = 0;
  #allowed = Number.POSITIVE_INFINITY;
  #done: () => void = () => {};

  private constructor(socket: Socket, packets: readonly Buffer[], window: number) {
    this.#socket = socket;
    this.#packets = packets;
    this.#window = window;
  }

  static async open(order: Order, device: { id: string; password: string; packets: readonly Buffer[] }): Promise<Line> {
    const socket = connect({ port: order.port, host: '127.0.0.1', noDelay: true });
    const password = Buffer.from(device.password);
    socket.write(
      mqttPacket.generate({
        cmd: 'connect',
        keepalive: 0,
        clean: true,
        clientId: device.id,
        username: device.id,
        password,
      }),
    );
    // CONNACK: four bytes, return code last.
    const answer = await new Promise<Buffer>((resolve, reject) => {
      socket.once('data', resolve);
      socket.once('error', reject);
    });
    if (answer[3] !== 0) throw new Error(`${device.id} was refused with return code ${answer[3]}`);
    return new Line(socket, device.packets, order.window);
  }

  async run(until: number, rate: number | null): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      this.#done = resolve;
    });
    this.#socket.on('data', (chunk: Buffer) => this.#answered(chunk.length, until));
    this.#socket.on('error', () => this.#done());
    this.#socket.on('close', () => this.#done());
    if (rate === null) this.#send();
    else void this.#pace(until, rate);
    await ended;
    this.#socket.destroy();
  }

  async #pace(until: number, rate: number): Promise<void> {
    const start = performance.now();
    for (let now = start; now < until; now = performance.now()) {
      this.#allowed = Math.floor(((now - start) / 1_000) * rate) + 1;
      this.#send();
      await sleep(2);
    }
    this.#done();
  }

  /** Each PUBACK is four bytes. */
  #answered(bytes: number, until: number): void {
    this.#answerBytes += bytes;
    this.acknowledged = Math.floor(this.#answerBytes / 4);
    if (performance.now() >= until || this.acknowledged >= this.#packets.length) this.#done();
    else this.#send();
  }

  #send(): void {
    const to = Math.min(this.#packets.length, this.acknowledged + this.#window, this.#allowed);
    if (to <= this.#sent) return;
    this.#socket.cork();
    for (const packet of this.#packets.slice(this.#sent, to)) this.#socket.write(packet);
    this.#socket.uncork();
    this.#sent = to;
  }
}

function packetsOf(id: string, load: Load): Buffer[] {
  const topic = `isotherm/v1/devices/${id}/readings`;
  return Array.from({ length: load.messagesEach }, (_, i) => {
    const rows = Array.from({ length: load.readingsAMessage }, (_, k) => {
      const time = new Date(load.from + (i * load.readingsAMessage + k) * 10).toISOString();
      return `{"time":"${time}","temperature":${(4 + ((i + k) % 30) / 10).toFixed(1)}}`;
    });
    const payload = load.readingsAMessage === 1 ? (rows[0] ?? '') : `[${rows.join(',')}]`;
    return mqttPacket.generate({
      cmd: 'publish',
      topic,
      payload,
      qos: 1,
      messageId: (i % 65_535) + 1,
      retain: false,
      dup: false,
    });
  });
}
