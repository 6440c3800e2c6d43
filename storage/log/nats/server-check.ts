import type { ServerInfo } from '@nats-io/transport-node';
import { InputError } from '../../../domain/index.ts';
import { MIN_PAYLOAD_BYTES, MIN_VERSION, type NatsOptions } from './options.ts';
import { serverAccounts } from './server-accounts.ts';

const NANOSECONDS = 1e9;

/**
 * Whether what these servers acknowledge is on their disks. JetStream's own default writes to disk every two minutes, and
 * a cluster whose machines lose power within them has acknowledged what it does not have (docs/decisions/0219).
 *
 * @throws {InputError} NATS_TOO_OLD, NATS_PAYLOAD_SMALL, NATS_SYNC_UNSEEN, NATS_SYNC_LAZY
 */
export async function requireDurable(connected: ServerInfo, options: NatsOptions): Promise<void> {
  requireVersion(connected.server_name ?? connected.server_id, connected.version);
  if (connected.max_payload < MIN_PAYLOAD_BYTES) {
    throw new InputError(
      'NATS_PAYLOAD_SMALL',
      `the NATS server takes ${connected.max_payload} bytes a message: set max_payload: 8MB or more on every server`,
      { maxPayload: connected.max_payload },
    );
  }
  if (options.acceptsUnsynced) return;
  const accounts = await serverAccounts(options);
  for (const { server_name: server, version, jetstream } of accounts) {
    requireVersion(server, version);
    if (jetstream?.config?.sync_always === true) continue;
    const interval = (jetstream?.config?.sync_interval ?? 0) / NANOSECONDS;
    throw new InputError(
      'NATS_SYNC_LAZY',
      `NATS server ${server} writes to its disk every ${interval} s and would acknowledge readings that a power cut takes: ` +
        'set jetstream { sync_interval: always } on every server, or accept that with nats.acceptUnsynced',
      { server, interval },
    );
  }
  const seen = new Set(accounts.map(({ server_id }) => server_id));
  if (seen.has(connected.server_id) && seen.size >= options.replicas) return;
  throw new InputError(
    'NATS_SYNC_UNSEEN',
    `whether every NATS server has sync_interval: always cannot be seen: nats.monitorUrl or nats.systemUrl shows ${seen.size} of ` +
      `${options.replicas} servers${seen.has(connected.server_id) ? '' : ', and not the one connected to'}; ` +
      'name the monitoring address of each, or a user of the system account, or accept it with nats.acceptUnsynced',
    { seen: seen.size, replicas: options.replicas },
  );
}

export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor, wantedMinor] = MIN_VERSION;
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function requireVersion(server: string, version: string): void {
  if (isNewEnough(version)) return;
  throw new InputError(
    'NATS_TOO_OLD',
    `NATS server ${server} is version ${version}: ${MIN_VERSION.join('.')} or newer is needed`,
    { server, version },
  );
}
