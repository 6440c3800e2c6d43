import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import {
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  type NatsConnection,
  type ServerInfo,
} from '@nats-io/transport-node';
import { DefectError, UnavailableError } from '../../../domain/index.ts';
import type { NatsOptions } from './options.ts';
import { requireDurable } from './server-check.ts';

/** One connection for all streams, to any server of the cluster; it finds another by itself. */
export interface NatsLink {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly info: ServerInfo;
}

const REQUEST_MS = 5_000;
const RECONNECT_MS = 250;

/** @throws {UnavailableError} NATS_UNAVAILABLE @throws {InputError} where the servers do not do (server-check.ts) */
export async function openLink(options: NatsOptions, name: string): Promise<NatsLink> {
  const connection = await connected(options, name);
  try {
    const { info } = connection;
    if (info === undefined) throw new DefectError('NATS_SILENT', 'a NATS server did not say what it is');
    await requireDurable(info, options);
    const manager = await jetstreamManager(connection, { timeout: REQUEST_MS });
    return { connection, client: jetstream(connection, { timeout: REQUEST_MS }), manager, info };
  } catch (error) {
    await connection.close();
    throw asUnavailable(error);
  }
}

async function connected({ servers, credentials }: NatsOptions, name: string): Promise<NatsConnection> {
  const settings: ConnectionOptions = {
    servers: servers.map((server) => new URL(server)).map(({ protocol, host }) => `${protocol}//${host}`),
    name,
    timeout: REQUEST_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_MS,
    ...userOf(servers),
    ...(credentials === null ? {} : { authenticator: credsAuthenticator(credentials) }),
  };
  try {
    return await connect(settings);
  } catch (error) {
    throw asUnavailable(error);
  }
}

function userOf(servers: readonly string[]): Pick<ConnectionOptions, 'user' | 'pass'> {
  const { username, password } = new URL(servers[0] ?? 'nats://localhost');
  return username === '' ? {} : { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
}

/** What the client throws, as an error of ours; ours stay what they are. */
export function asUnavailable(error: unknown): Error {
  if (error instanceof Error && 'details' in error) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new UnavailableError('NATS_UNAVAILABLE', `NATS cannot be had (${text})`, {}, error);
}
