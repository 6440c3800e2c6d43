import type { IncomingHttpHeaders } from 'node:http';
import type { Namespace, Socket } from 'socket.io';
import type { Accounts } from '../../access/index.ts';
import { can, type Logger, UnavailableError } from '../../domain/index.ts';
import { type Identity, identify } from './identity.ts';

/** What is kept with a socket. */
export interface SocketData {
  readonly identity: Identity;
  /** By what it was known: its cookie or token. */
  readonly shown: IncomingHttpHeaders;
}

/** Lets in whoever may see records, and keeps with the socket who that is. @throws {Error} SIGNED_OUT, ROLE_NOT_ALLOWED */
export async function admit(
  socket: Socket,
  { accounts, logger }: { readonly accounts: Accounts; readonly logger: Logger },
): Promise<void> {
  const token: unknown = socket.handshake.auth.token;
  const headers =
    typeof token === 'string'
      ? { ...socket.handshake.headers, authorization: `Bearer ${token}` }
      : socket.handshake.headers;
  const identity = await identify(headers, accounts).catch((cause: unknown) => {
    logger.warn({ error: cause }, 'could not tell who opens a socket');
    throw new UnavailableError('DATABASE_UNAVAILABLE', 'UNAVAILABLE', {}, cause);
  });
  if (identity === null || identity.lacksFactor) throw new Error('SIGNED_OUT');
  // What the rooms tell is what records.read shows over HTTP.
  if (!can(identity, 'records.read')) throw new Error('ROLE_NOT_ALLOWED');
  const data: SocketData = { identity, shown: headers };
  socket.data = data;
}

/**
 * Socket.IO gives a socket that comes back its rooms and what it missed before it asks who it is. So it is asked here,
 * by what was shown when it first came: with other rights, or none, it begins anew.
 */
export function recoverOnlyTheSame({ adapter }: Namespace, accounts: Accounts): void {
  const restore = adapter.restoreSession.bind(adapter);
  adapter.restoreSession = async (pid, offset) => {
    const kept = await restore(pid, offset);
    // Nothing is kept of it any more: Socket.IO's types leave that out.
    if (kept == null) return kept;
    const { identity: before, shown } = kept.data as SocketData;
    const now = await identify(shown, accounts);
    const isSame =
      now !== null &&
      !now.lacksFactor &&
      can(now, 'records.read') &&
      JSON.stringify(now.sites) === JSON.stringify(before.sites);
    // Socket.IO takes this for nothing kept.
    if (!isSame) throw new Error('BEGINS_ANEW');
    return kept;
  };
}
