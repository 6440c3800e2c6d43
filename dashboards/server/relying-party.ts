import { isIP } from 'node:net';
import type { Request } from 'express';
import type { RelyingParty } from '../../access/index.ts';
import { ConflictError } from '../../domain/index.ts';
import type { Mode } from './services.ts';

/**
 * Whom passkeys are made for. A passkey belongs to a host name, so it comes from the configuration, never from what a
 * request says of itself; but for `localhost`, which is this machine for everybody.
 * @returns null where there is none: people come by a network address
 */
export function relyingPartyOf({ publicUrl = null }: Mode, request: Request): RelyingParty | null {
  if (publicUrl !== null) {
    const { hostname, origin } = new URL(publicUrl);
    return isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? { id: hostname, origin } : null;
  }
  const host = request.get('host') ?? '';
  if (!/^localhost(:\d+)?$/.test(host)) return null;
  return { id: 'localhost', origin: `${request.protocol}://${host}` };
}

/**
 * Where people reach this server: as configured, else as they reach it on this machine.
 * @throws {ConflictError} PUBLIC_URL_UNKNOWN
 */
export function publicBaseOf({ publicUrl = null }: Mode, request: Request): string {
  if (publicUrl !== null) return publicUrl.replace(/\/+$/, '');
  const host = request.get('host') ?? '';
  if (/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host)) return `${request.protocol}://${host}`;
  throw new ConflictError(
    'PUBLIC_URL_UNKNOWN',
    'http.url is not set: a provider would not know where to send people back to',
  );
}

/** @throws {ConflictError} PASSKEYS_UNAVAILABLE */
export function requireRelyingParty(mode: Mode, request: Request): RelyingParty {
  const party = relyingPartyOf(mode, request);
  if (party !== null) return party;
  throw new ConflictError(
    'PASSKEYS_UNAVAILABLE',
    'passkeys belong to a host name, and there is none: have http.url set to the name that people use (or use localhost on this machine)',
  );
}
