import type { Request, Response } from 'express';
import type { OpenIdProvider } from '../../../access/index.ts';
import { ConflictError, InputError, UnavailableError } from '../../../domain/index.ts';
import { openIdOperations } from '../../api/index.ts';
import { SENT } from '../answer.ts';
import { addressOf } from '../identity.ts';
import { mount } from '../mount.ts';
import { notFound } from '../problems.ts';
import { publicBaseOf } from '../relying-party.ts';
import type { Services } from '../services.ts';
import { openSession } from '../sign-in.ts';

const COOKIE = 'isotherm_oidc';
const PATH = '/api/v1/sign-in/oidc';

/** Signing in by another provider. What is refused is told on the sign-in page, not as JSON: a person is looking. */
export function openIdRoutes(services: Services) {
  const { accounts, mode, openId } = services;

  return [
    mount(openIdOperations.begin, async ({ request, response }) => {
      const provider = required(openId);
      try {
        const { url, kept, keptMs } = await provider.begin(callbackOf(request));
        response.cookie(COOKIE, kept, { ...cookieOf(request), maxAge: keptMs });
        response.redirect(302, url);
      } catch (error) {
        await refuse(error, request, response);
      }
      return SENT;
    }),

    mount(openIdOperations.finish, async ({ request, response }) => {
      const provider = required(openId);
      response.clearCookie(COOKIE, cookieOf(request));
      try {
        const callback = new URL(callbackOf(request));
        callback.search = new URL(request.originalUrl, callback).search;
        const vouched = await provider.finish(callback, keptIn(request));
        const user = await accounts.providers.userOf(vouched);
        await openSession(services, user, request, response, 'oidc');
        response.redirect(302, '/');
      } catch (error) {
        await refuse(error, request, response);
      }
      return SENT;
    }),
  ];

  function callbackOf(request: Request): string {
    return `${publicBaseOf(mode, request)}${PATH}/callback`;
  }

  async function refuse(error: unknown, request: Request, response: Response): Promise<void> {
    const isKnown = error instanceof InputError || error instanceof ConflictError || error instanceof UnavailableError;
    if (!isKnown) throw error;
    await accounts.signIns.refused('', { via: 'http', address: addressOf(request) });
    // The code alone: what stands in an address could be anybody's words.
    response.redirect(302, `/?refused=${error.code}`);
  }
}

function required(openId: OpenIdProvider | null): OpenIdProvider {
  if (openId !== null) return openId;
  throw notFound('OIDC_OFF', 'no OpenID provider is configured (oidc.issuer)');
}

function cookieOf(request: Request) {
  const { secure } = request;
  // Lax: the way back begins at another site.
  return { httpOnly: true, sameSite: 'lax', secure, path: PATH } as const;
}

function keptIn({ headers }: Request): string {
  const kept = new RegExp(`(?:^|;\\s*)${COOKIE}=([^;]+)`).exec(headers.cookie ?? '')?.[1] ?? '';
  try {
    return decodeURIComponent(kept);
  } catch (error) {
    // Somebody else's cookie of this name: as good as none.
    if (error instanceof URIError) return '';
    throw error;
  }
}
