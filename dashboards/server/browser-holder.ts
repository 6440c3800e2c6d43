import { createHash, randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';

const COOKIE = 'isotherm_signing_in';
const FOR_MS = 10 * 60_000;

/**
 * Marks a browser that is signing in, so that what was begun in it ends in it: the answer of another browser, or one
 * that somebody else brought about, is not taken.
 * @returns the hash that stands for it; the secret is in the cookie alone
 */
export function newBrowserHolder(request: Request, response: Response): string {
  const secret = randomBytes(32).toString('base64url');
  response.cookie(COOKIE, secret, {
    httpOnly: true,
    sameSite: 'lax',
    secure: request.secure,
    maxAge: FOR_MS,
    path: '/api/v1',
  });
  return hashOf(secret);
}

/** The browser that was marked; null = none. */
export function browserHolder({ headers }: Request): string | null {
  const secret = new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]+)`).exec(headers.cookie ?? '')?.[1];
  return secret === undefined ? null : hashOf(secret);
}

function hashOf(secret: string): string {
  return `browser:${createHash('sha256').update(secret).digest('base64url')}`;
}
