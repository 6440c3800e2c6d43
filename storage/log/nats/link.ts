import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection, ServerInfo } from '@nats-io/transport-node';
import { DefectError } from '../../../domain/index.ts';
import { asUnavailable, openConnection } from './connection.ts';
import type { NatsOptions } from './options.ts';
import { requireDurable } from './server-check.ts';

/** One connection for all streams, to any server of the cluster; it finds another by itself. */
export interface NatsLink {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  /** The same, for questions that an election must not hold up. */
  readonly quick: JetStreamManager;
  readonly info: ServerInfo;
}

const REQUEST_MS = 5_000;
/** How far a stream reaches nobody says while it has no leader: asked again soon after it has one. */
const STATE_MS = 1_000;

/** @throws {UnavailableError} NATS_UNAVAILABLE @throws {InputError} where the servers do not do (server-check.ts) */
export async function openLink(options: NatsOptions, name: string): Promise<NatsLink> {
  const connection = await openConnection(options, name);
  try {
    const { info } = connection;
    if (info === undefined) throw new DefectError('NATS_SILENT', 'a NATS server did not say what it is');
    await requireDurable(info, options);
    const manager = await jetstreamManager(connection, { timeout: REQUEST_MS });
    const quick = await jetstreamManager(connection, { timeout: STATE_MS, checkAPI: false });
    return { connection, client: jetstream(connection, { timeout: REQUEST_MS }), manager, quick, info };
  } catch (error) {
    await connection.close();
    throw asUnavailable(error);
  }
}
