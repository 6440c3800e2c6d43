import type net from 'node:net';
import { PatroniCluster, type PatroniNode, type PatroniParts, SHORT_TTL_S } from '../../storage/testing/patroni.ts';
import type { PostgresHome } from './postgres.ts';

const PROMOTED_LOOK_MS = 100;

/** What came of what was done to a primary, ms from it. */
export interface Failover {
  /** Another takes writes. */
  readonly promotedMs: number;
  /** The former one follows, and commits wait for it. */
  readonly wholeMs: number;
}

/** Two servers by Patroni itself, with `deploy/patroni/` and a lease that is shorter. */
export class PatroniHome implements PostgresHome {
  static readonly ttlSeconds = SHORT_TTL_S;
  /** Of the last time. */
  last: Failover | null = null;
  readonly #parts: PatroniParts;
  #cluster: PatroniCluster | null = null;
  #primary: PatroniNode | null = null;

  constructor(parts: PatroniParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    this.#cluster = await PatroniCluster.start(this.#parts);
    this.#primary = (await this.#cluster.whole()).primary;
  }

  get primary(): string {
    return this.#primary?.name ?? '';
  }

  get account(): string {
    const { username, password } = new URL((this.#cluster?.ownerUrl ?? '').replace(/,[^/]*/, ''));
    return `${username}:${password}`;
  }

  address(server: string): net.NetConnectOpts {
    return { host: '127.0.0.1', port: this.#node(server).port };
  }

  pids(server: string): number[] {
    return this.#cluster?.nodes.find(({ name }) => name === server)?.pids() ?? [];
  }

  async kill(server: string): Promise<void> {
    const node = this.#node(server);
    const began = performance.now();
    await node.kill();
    const promotedMs = (await this.#replaced(node)) - began;
    node.start();
    await this.#isWhole(began, promotedMs);
  }

  async standStill(server: string, forMs: number): Promise<string> {
    const node = this.#node(server);
    const began = performance.now();
    node.freeze();
    try {
      const promotedMs = (await this.#replaced(node)) - began;
      await new Promise((resolve) => setTimeout(resolve, began + forMs - performance.now()));
      node.thaw();
      await this.#isWhole(began, promotedMs);
      return `another took writes after ${(promotedMs / 1_000).toFixed(1)} s`;
    } finally {
      node.thaw();
    }
  }

  /** @returns when another takes writes; at once where it was no primary */
  async #replaced(node: PatroniNode): Promise<number> {
    const other = this.#cluster?.nodes.find((one) => one !== node);
    if (node !== this.#primary || other === undefined) return performance.now();
    const at = await other.promoted(PROMOTED_LOOK_MS);
    this.#primary = other;
    return at;
  }

  async #isWhole(began: number, promotedMs: number): Promise<void> {
    this.#primary = (await this.#cluster?.whole())?.primary ?? null;
    this.last = { promotedMs, wholeMs: performance.now() - began };
  }

  /** The end of what Patroni has said at each server, for a report. */
  said(): string {
    return this.#cluster?.said() ?? '';
  }

  async stop(): Promise<void> {
    await this.#cluster?.stop();
  }

  #node(server: string): PatroniNode {
    const node = this.#cluster?.nodes.find(({ name }) => name === server);
    if (node === undefined) throw new Error(`no server is called ${server}`);
    return node;
  }
}
