import { readFileSync, writeFileSync } from 'node:fs';
import { type ClusterInfo, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { NatsServer } from '../../storage/testing/nats-server.ts';
import { freePort } from '../testing/free-port.ts';
import type { Link } from './link.ts';

/** What Isotherm calls its first stream. */
const STREAM = 'isotherm-readings-0';

/** Servers of one cluster, each of which calls another through a link. */
export class NatsThree {
  readonly #program: string;
  readonly #names: readonly string[];
  readonly #links: Readonly<Record<string, Link>>;
  readonly #servers = new Map<string, NatsServer>();
  #isStopped = false;

  /** @param links those between two of its servers are called `nats-1>nats-2` */
  constructor({ program, names, links }: { program: string; names: readonly string[]; links: Record<string, Link> }) {
    this.#program = program;
    this.#names = names;
    this.#links = links;
  }

  async start(): Promise<void> {
    const ports = await Promise.all(this.#names.map(() => freePort()));
    const between = (one: string, two: string) => this.#links[`${one}>${two}`];
    for (const [n, name] of this.#names.entries()) {
      for (const other of this.#names.slice(0, n)) {
        const link = between(other, name);
        if (link !== undefined) link.target = { host: '127.0.0.1', port: ports[n] ?? 0 };
      }
    }
    await Promise.all(
      this.#names.map(async (name, n) => {
        // Each calls those behind it, and is called by those before it: what is between two is one link. The last would call nobody,
        // which JetStream does not take; a call that leads back to itself is let go.
        const calls = this.#names.slice(n + 1).flatMap((other) => between(name, other)?.port ?? []);
        const calledBy = this.#names.slice(0, n).flatMap((other) => between(other, name)?.port ?? []);
        const routes = calls.length > 0 ? calls : calledBy;
        // Whom the others tell of it is told to come through a link too.
        const [advertise] = calledBy;
        const cluster = { name, port: ports[n] ?? 0, routes, ...(advertise !== undefined && { advertise }) };
        this.#servers.set(name, await NatsServer.start(this.#program, { cluster }));
      }),
    );
  }

  /** Where a link to a server leads. */
  address(name: string): { host: string; port: number } {
    return { host: '127.0.0.1', port: Number(new URL(this.#server(name).url).port) };
  }

  get monitorUrls(): string[] {
    return this.#names.map((name) => this.#server(name).monitorUrl);
  }

  /** Of the stream of readings; the first where nobody leads. */
  async leader(): Promise<string> {
    return (await this.#streamed())?.leader ?? this.#names[0] ?? '';
  }

  /** Whether the stream of readings has a leader, and each of the others what that has. */
  async isWhole(): Promise<boolean> {
    const { leader, replicas = [] } = (await this.#streamed()) ?? {};
    const current = replicas.filter((one) => one.current && one.offline !== true);
    return leader !== undefined && current.length === this.#names.length - 1;
  }

  async #streamed(): Promise<ClusterInfo | undefined> {
    const servers = this.#names.map((name) => new URL(this.#server(name).url).host);
    const connection = await connect({ servers, timeout: 3_000, maxReconnectAttempts: 0 });
    try {
      const manager = await jetstreamManager(connection, { timeout: 3_000 });
      return (await manager.streams.info(STREAM)).cluster;
    } finally {
      await connection.close();
    }
  }

  /** SIGKILL, and it is started again. @param meanwhile while it is down */
  async kill(name: string, meanwhile = () => {}): Promise<void> {
    const server = this.#server(name);
    await server.kill();
    if (this.#isStopped) return;
    meanwhile();
    await server.start();
  }

  /** While it is down: one bit of what it has of the stream. @returns where, null where it has nothing */
  flipBit(name: string, chance: number): string | null {
    const blocks = this.#server(name)
      .blocks()
      .filter((file) => file.includes(STREAM))
      .map((file) => ({ file, bytes: readFileSync(file) }))
      .filter(({ bytes }) => bytes.length > 0);
    const block = blocks[Math.floor(chance * blocks.length)];
    if (block === undefined) return null;
    const bit = Math.floor(((chance * 1_000) % 1) * block.bytes.length * 8);
    block.bytes[bit >> 3] = (block.bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    writeFileSync(block.file, block.bytes);
    return `bit ${bit} of ${block.bytes.length} bytes of ${STREAM}`;
  }

  signal(name: string, which: 'SIGSTOP' | 'SIGCONT'): void {
    if (which === 'SIGSTOP') void this.#servers.get(name)?.pause();
    else this.#servers.get(name)?.resume();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#servers.values()].map((server) => server.remove()));
  }

  #server(name: string): NatsServer {
    const server = this.#servers.get(name);
    if (server === undefined) throw new Error(`no server is called ${name}`);
    return server;
  }
}
