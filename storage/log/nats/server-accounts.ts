import { InputError, UnavailableError } from '../../../domain/index.ts';
import { openConnection } from './connection.ts';
import type { NatsAccess, NatsOptions } from './options.ts';

/** What of a server's own account is looked at: `/varz` of its monitoring, or `$SYS.REQ.SERVER.PING.VARZ`. */
export interface ServerAccount {
  readonly server_id: string;
  readonly server_name: string;
  readonly version: string;
  readonly jetstream?: { readonly config?: { readonly sync_always?: boolean; readonly sync_interval?: number } };
}

const PATIENCE_MS = 5_000;
/** All servers are asked at once; whoever has not answered so long after another one is not waited for. */
const STALL_MS = 500;
const ASK_ALL = '$SYS.REQ.SERVER.PING.VARZ';

/**
 * Of every server that can be seen; one that is seen twice is there twice.
 * @throws {UnavailableError} NATS_MONITOR_UNAVAILABLE, NATS_UNAVAILABLE @throws {InputError} NATS_NOT_SYSTEM
 */
export async function serverAccounts({ monitors, system }: NatsOptions): Promise<readonly ServerAccount[]> {
  const [shown, told] = await Promise.all([
    Promise.all(monitors.map(accountAt)),
    system === null ? [] : accountsTold(system),
  ]);
  return [...shown, ...told];
}

async function accountsTold(system: NatsAccess): Promise<ServerAccount[]> {
  const connection = await openConnection(system, 'isotherm looking at its servers');
  const accounts: ServerAccount[] = [];
  try {
    const strategy = { strategy: 'stall', maxWait: PATIENCE_MS, stall: STALL_MS } as const;
    for await (const answer of await connection.requestMany(ASK_ALL, '', strategy)) {
      accounts.push(answer.json<{ data: ServerAccount }>().data);
    }
  } catch (cause) {
    // Servers answer that to their system account alone (NoResponders, or nothing at all).
    if (accounts.length === 0) throw notSystem(cause);
  } finally {
    await connection.close();
  }
  if (accounts.length === 0) throw notSystem();
  return accounts;
}

function notSystem(cause?: unknown): InputError {
  const message =
    'nats.systemUrl: its user is not of the system account of these NATS servers (system_account), and is told nothing of them';
  return new InputError('NATS_NOT_SYSTEM', message, {}, cause);
}

async function accountAt(monitor: string): Promise<ServerAccount> {
  const url = new URL('varz', monitor.endsWith('/') ? monitor : `${monitor}/`);
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) throw new Error(`it answers ${answer.status}`);
    return (await answer.json()) as ServerAccount;
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new UnavailableError(
      'NATS_MONITOR_UNAVAILABLE',
      `the monitoring of NATS at ${url.host} cannot be asked (${text})`,
      { host: url.host },
      cause,
    );
  }
}
