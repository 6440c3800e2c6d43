import type { Request, Response } from 'express';
import type { OpenIdProvider, SignatureSignIn, Vouched } from '../../../access/index.ts';
import { ConflictError, InputError, UnavailableError } from '../../../domain/index.ts';
import { openIdOperations } from '../../api/index.ts';
import { SENT } from '../answer.ts';
import { addressOf, identify } from '../identity.ts';
import { mount } from '../mount.ts';
import { notFound } from '../problems.ts';
import { publicBaseOf } from '../relying-party.ts';
import type { Services } from '../services.ts';
import { openSession } from '../sign-in.ts';
import { signingPerson } from '../signing.ts';

const COOKIE = 'isotherm_oidc';
const PATH = '/api/v1/sign-in/oidc';
/** The page that waits beside the one on which somebody signs. */
const SIGNING_PAGE = '/signing';

/**
 * Signing in by another provider, and signing by signing in afresh. What is refused is told on the page that the person
 * looks at, not as JSON.
 */
export function openIdRoutes(services: Services) {
  const { accounts, freshSignIns, mode, openId, recordsToSign } = services;

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

    mount(openIdOperations.sign, async ({ identity, query: { record, window }, request, response }) => {
      const provider = required(openId);
      const { session } = signingPerson(identity);
      try {
        if (!(await recordsToSign.isShown(session, record))) {
          throw new InputError(
            'RECORD_NOT_SHOWN',
            'no such record was shown to be signed in this session; begin again',
          );
        }
        const { url, kept, keptMs } = await provider.begin(callbackOf(request), {
          session,
          recordHash: record,
          window,
        });
        response.cookie(COOKIE, kept, { ...cookieOf(request), maxAge: keptMs });
        response.redirect(302, url);
      } catch (error) {
        await refuse(error, request, response, window);
      }
      return SENT;
    }),

    mount(openIdOperations.finish, async ({ request, response }) => {
      const provider = required(openId);
      response.clearCookie(COOKIE, cookieOf(request));
      const kept = keptIn(request);
      try {
        const callback = new URL(callbackOf(request));
        callback.search = new URL(request.originalUrl, callback).search;
        const { vouched, signing } = await provider.finish(callback, kept);
        if (signing === null) {
          const user = await accounts.providers.userOf(vouched);
          await openSession(services, user, request, response, 'oidc');
          response.redirect(302, '/');
        } else {
          const ticket = await ticketOf(request, vouched, signing);
          response.redirect(302, signingPage({ window: signing.window, record: signing.recordHash, ticket }));
        }
      } catch (error) {
        await refuse(error, request, response, provider.wantedBy(kept)?.window ?? null);
      }
      return SENT;
    }),
  ];

  /**
   * What signs the record in this session, once. Only the person who is signed in here signs: a name says nothing, and
   * another account of the same person is somebody else.
   * @throws {InputError} OIDC_OTHER_PERSON, OIDC_ATTEMPT_VOID
   */
  async function ticketOf(request: Request, vouched: Vouched, signing: SignatureSignIn): Promise<string> {
    const identity = await identify(request.headers, accounts);
    if (identity === null || identity.userId === null || identity.session !== signing.session) {
      throw new InputError('OIDC_ATTEMPT_VOID', 'the session in which this was to be signed has ended; sign in again');
    }
    if (!(await accounts.providers.isOf(identity.userId, vouched))) {
      throw new InputError(
        'OIDC_OTHER_PERSON',
        `the provider vouched for somebody else than ${identity.name}, who is signed in here`,
      );
    }
    // Role and sites follow the provider: what is not allowed any more is refused when the signature comes.
    await accounts.providers.userOf(vouched);
    const { session, recordHash, authAt, nonce, salt } = signing;
    const proof = { issuer: vouched.issuer, subject: vouched.subject, authAt, nonce, salt };
    return freshSignIns.keep({ session, userId: identity.userId, recordHash, proof });
  }

  function callbackOf(request: Request): string {
    return `${publicBaseOf(mode, request)}${PATH}/callback`;
  }

  /** @param window where it was to be a signature: which window of the browser waits for it */
  async function refuse(
    error: unknown,
    request: Request,
    response: Response,
    window: string | null = null,
  ): Promise<void> {
    const isKnown = error instanceof InputError || error instanceof ConflictError || error instanceof UnavailableError;
    if (!isKnown) throw error;
    const name = window === null ? '' : ((await identify(request.headers, accounts))?.name ?? '');
    await accounts.signIns.refused(name, { via: 'http', address: addressOf(request) });
    // The code alone: what stands in an address could be anybody's words.
    response.redirect(302, window === null ? `/?refused=${error.code}` : signingPage({ window, refused: error.code }));
  }
}

/** Behind the `#`: what stands there is sent to no server. */
function signingPage(said: Readonly<Record<string, string>>): string {
  return `${SIGNING_PAGE}#${new URLSearchParams(said)}`;
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
