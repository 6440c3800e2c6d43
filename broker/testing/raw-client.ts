import { connect as connectSocket, type Socket } from 'node:net';
import mqttPacket, { type Packet } from 'mqtt-packet';

/** An MQTT connection without a client library's manners: sends what it is told and keeps what it is answered. */
export class RawClient {
  readonly #socket: Socket;
  readonly #received: Packet[] = [];
  readonly #waiting: (() => void)[] = [];
  #isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const parser = mqttPacket.parser({ protocolVersion: 4 });
    parser.on('packet', (packet) => {
      this.#received.push(packet);
      this.#wake();
    });
    socket.on('data', (bytes) => parser.parse(bytes));
    socket.on('error', () => this.#wake());
    socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  static open(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connectSocket({ host: '127.0.0.1', port });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new RawClient(socket)));
    });
  }

  /** Opens and signs in with user name and password equal to the client id, unless told otherwise. */
  static async signIn(port: number, clientId: string, extra: object = {}): Promise<RawClient> {
    const client = await RawClient.open(port);
    client.send({
      cmd: 'connect',
      clientId,
      username: clientId,
      password: Buffer.from(clientId),
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      keepalive: 0,
      ...extra,
    });
    await client.next('connack');
    return client;
  }

  /** Sends CONNECT on a connection that is open already, and waits for the answer. */
  static connectAnswer(client: RawClient, clientId: string): Promise<Packet | null> {
    const password = Buffer.from(clientId);
    const packet = { cmd: 'connect', clientId, username: clientId, password, clean: true, keepalive: 0 } as const;
    client.send({ ...packet, protocolId: 'MQTT', protocolVersion: 4 });
    return client.next('connack');
  }

  send(packet: Packet): void {
    this.#socket.write(mqttPacket.generate(packet));
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  publish(topic: string, payload: string | Buffer, messageId: number, extra: object = {}): void {
    this.send({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false, messageId, ...extra });
  }

  /** The next packet of that kind, in order of arrival; null when the connection closes first. */
  async next(cmd: Packet['cmd']): Promise<Packet | null> {
    for (;;) {
      const at = this.#received.findIndex((packet) => packet.cmd === cmd);
      if (at >= 0) return this.#received.splice(at, 1)[0] ?? null;
      if (this.#isClosed) return null;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Resolves when the other end has closed the connection. */
  async closed(): Promise<void> {
    while (!this.#isClosed) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  received(cmd: Packet['cmd']): number {
    return this.#received.filter((packet) => packet.cmd === cmd).length;
  }

  /** Ends as a cable pulled out does: without DISCONNECT. */
  drop(): void {
    this.#socket.destroy();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
