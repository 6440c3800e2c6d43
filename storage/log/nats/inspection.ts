import { jetstreamManager } from '@nats-io/jetstream';
import { openConnection } from './connection.ts';
import type { NatsOptions } from './options.ts';
import { serverAccounts } from './server-accounts.ts';
import { isNewEnough } from './server-check.ts';
import { awayOf } from './stream.ts';

/** A server, as its own account says. */
export interface NatsServerSeen {
  readonly name: string;
  readonly version: string;
  readonly isNewEnough: boolean;
  /** It writes to its disk before it acknowledges. */
  readonly isSynced: boolean;
}

/** A stream of readings, as its leader knows it. */
export interface NatsStreamSeen {
  readonly name: string;
  readonly copies: number;
  /** Servers whose copy is away or behind. */
  readonly away: readonly string[];
  readonly bytes: number;
  /** It refuses messages beyond so many bytes. */
  readonly maxBytes: number;
  /** Left for PostgreSQL: it takes nothing any more. */
  readonly isSealed: boolean;
}

const PATIENCE_MS = 5_000;

/** Every server that monitoring or a system account shows, once each. @throws {UnavailableError} @throws {InputError} */
export async function natsServers(nats: NatsOptions): Promise<readonly NatsServerSeen[]> {
  const accounts = new Map((await serverAccounts(nats)).map((account) => [account.server_id, account]));
  return [...accounts.values()].map(({ server_name: name, version, jetstream }) => ({
    ...{ name, version, isNewEnough: isNewEnough(version) },
    isSynced: jetstream?.config?.sync_always === true,
  }));
}

/** The installation's streams, by name; none where it was never started on NATS. @throws {UnavailableError} NATS_UNAVAILABLE */
export async function natsStreams(nats: NatsOptions): Promise<readonly NatsStreamSeen[]> {
  const connection = await openConnection(nats, 'isotherm doctor');
  try {
    const { streams } = await jetstreamManager(connection, { timeout: PATIENCE_MS });
    const seen: NatsStreamSeen[] = [];
    for await (const info of streams.list()) {
      const { config, state, cluster } = info;
      if (!config.name.startsWith(`${nats.stream}-`)) continue;
      const { num_replicas: copies, max_bytes: maxBytes, sealed: isSealed = false } = config;
      seen.push({ name: config.name, copies, away: awayOf(cluster), bytes: state.bytes, maxBytes, isSealed });
    }
    return seen.sort((one, other) => (one.name < other.name ? -1 : 1));
  } finally {
    await connection.close();
  }
}
