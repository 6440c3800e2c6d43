import { type ConnectionOptions, connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { UnavailableError } from '../../../domain/index.ts';
import type { NatsAccess } from './options.ts';

const CONNECT_MS = 2_000;
const RECONNECT_MS = 100;
/** A server that is frozen, or whose machine is gone without a word, is left after so many pings that it does not answer. */
const PING_MS = 1_500;
const PINGS_UNANSWERED = 2;

/** A connection that finds another server of the cluster by itself. @throws {UnavailableError} NATS_UNAVAILABLE */
export async function openConnection({ servers, credentials }: NatsAccess, name: string): Promise<NatsConnection> {
  const settings: ConnectionOptions = {
    servers: servers.map((server) => new URL(server)).map(({ protocol, host }) => `${protocol}//${host}`),
    name,
    timeout: CONNECT_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_MS,
    pingInterval: PING_MS,
    maxPingOut: PINGS_UNANSWERED,
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
