import { connect, createServer, type Server, type Socket } from 'node:net';

interface Segment {
  readonly fromReader: boolean;
  readonly bytes: Buffer;
}

/** Stands between a gateway and a reader, hands everything on, and keeps it for a protocol analyser. */
export class WireTap {
  readonly #readerPort: number;
  readonly #server: Server;
  readonly #segments: Segment[] = [];
  readonly #sockets = new Set<Socket>();

  constructor(readerPort: number) {
    this.#readerPort = readerPort;
    this.#server = createServer((client) => this.#join(client));
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** What went over the wire, as a pcap file of one TCP connection to port 5084. */
  pcap(): Buffer {
    return pcapOf(this.#segments);
  }

  #join(client: Socket): void {
    const reader = connect(this.#readerPort, '127.0.0.1');
    for (const [from, to, fromReader] of [
      [client, reader, false],
      [reader, client, true],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (bytes: Buffer) => {
        this.#segments.push({ fromReader, bytes });
        to.write(bytes);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  }
}

/** Longest payload of one packet: TCP's own limit in an IPv4 packet, rounded down. */
const PACKET_BYTES = 60_000;

/** A pcap file (link type: raw IPv4) with the segments as TCP packets in their order. */
export function pcapOf(segments: readonly Segment[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262_144, 16);
  header.writeUInt32LE(101, 20);
  const next = { reader: 1, client: 1 };
  const packets: Buffer[] = [];
  for (const { fromReader, bytes } of segments) {
    for (let at = 0; at < bytes.length; at += PACKET_BYTES) {
      const payload = bytes.subarray(at, at + PACKET_BYTES);
      const [from, to] = fromReader ? (['reader', 'client'] as const) : (['client', 'reader'] as const);
      packets.push(packet(fromReader, next[from], next[to], payload, packets.length));
      next[from] += payload.length;
    }
  }
  return Buffer.concat([header, ...packets]);
}

function packet(fromReader: boolean, sequence: number, acknowledged: number, payload: Buffer, index: number): Buffer {
  const ip = Buffer.alloc(40);
  ip.writeUInt8(0x45, 0);
  ip.writeUInt16BE(40 + payload.length, 2);
  ip.writeUInt8(64, 8);
  ip.writeUInt8(6, 9);
  ip.writeUInt32BE(fromReader ? 0x0a000002 : 0x0a000001, 12);
  ip.writeUInt32BE(fromReader ? 0x0a000001 : 0x0a000002, 16);
  ip.writeUInt16BE(fromReader ? 5084 : 40_000, 20);
  ip.writeUInt16BE(fromReader ? 40_000 : 5084, 22);
  ip.writeUInt32BE(sequence, 24);
  ip.writeUInt32BE(acknowledged, 28);
  ip.writeUInt8(0x50, 32);
  ip.writeUInt8(0x18, 33);
  ip.writeUInt16BE(65_535, 34);
  const record = Buffer.alloc(16);
  record.writeUInt32LE(1_700_000_000 + Math.floor(index / 1000), 0);
  record.writeUInt32LE((index % 1000) * 1000, 4);
  record.writeUInt32LE(40 + payload.length, 8);
  record.writeUInt32LE(40 + payload.length, 12);
  return Buffer.concat([record, ip, payload]);
}
