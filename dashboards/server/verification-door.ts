import { type Request, Router } from 'express';
import { can } from '../../domain/index.ts';
import {
  readConnectivityRequest,
  readVerificationRequest,
  type VerificationAsker,
  type VerificationMessage,
  type VerificationMessageRequest,
} from '../../partners/index.ts';
import { addressOf, identify } from './identity.ts';
import { notFound, Refusal } from './problems.ts';
import type { Services } from './services.ts';

/** Before the keys of a Digital Link there may stand `/verify`, which many requesters write. */
const VERIFICATION = /^(?:\/verify)?\/(?:01|gtin)\/(?:.+)$/;
const CONNECTIVITY = /^(?:\/verify)?\/checkConnectivity$/;

/**
 * The responder of GS1 Lightweight Verification Messaging: a GET on the Digital Link of a pack, and the check of the
 * connection. Who asks is let in by an API token, an ATP credential, or both (docs/verification.md).
 */
export function verificationDoor({
  accounts,
  time,
  verifications,
}: Pick<Services, 'accounts' | 'time' | 'verifications'>): Router {
  const { credentials, requesters, responder } = verifications;
  const router = Router({ caseSensitive: true, strict: true });

  // The same addresses without these parameters are those that people open (GS1 Digital Link).
  router.use(['/01'], (request, _response, next) => {
    const isAsked = ['linkType', 'reqGLN', 'corrUUID'].some((name) => request.query[name] !== undefined);
    next(isAsked ? undefined : 'router');
  });

  router.get(VERIFICATION, async (request, response) => {
    const token = await tokenOf(request);
    const year = new Date(time.now()).getUTCFullYear();
    const asked = readVerificationRequest(segmentsOf(request), request.query, request.get('GS1US-Version'), year);
    const asker = await admitted(request, asked, token);
    await requireAgreed(asked.requester, asker);
    const message: VerificationMessage | null = await responder.answer(asked, asker);
    if (message === null) throw notOurs(asked.pack.gtin);
    response.set('Cache-Control', 'private, no-store').json(message);
  });

  router.get(CONNECTIVITY, async (request, response) => {
    // A presentation is for one request by its corrUUID, which this one does not have.
    const asker = (await tokenOf(request)) ?? refuseUnknown();
    const { gtin, requester } = readConnectivityRequest(request.query);
    await requireAgreed(requester, asker);
    const responderGLN = await responder.responderOf(gtin);
    if (responderGLN === null) throw notOurs(gtin);
    response.set('Cache-Control', 'private, no-store').json({ responderGLN });
  });

  router.all([VERIFICATION, CONNECTIVITY], (request, response) => {
    response.set('Allow', 'GET, HEAD');
    throw new Refusal(405, 'METHOD_NOT_ALLOWED', `${request.method} is not taken here; allowed: GET`);
  });

  return router;

  /** By the header alone: the cookie of a browser is not lent to who sends it here. Null: no token, but a presentation. */
  async function tokenOf(request: Request): Promise<Admitted | null> {
    const { authorization } = request.headers;
    const identity = await identify(authorization === undefined ? {} : { authorization }, accounts);
    if (identity === null) return presentationOf(request) === null ? refuseUnknown() : null;
    const { actor, partner, sites } = identity;
    if (
      sites !== 'all' ||
      identity.door !== null ||
      !can(identity, partner === null ? 'pack.verify' : 'partner.exchange')
    ) {
      const message = `${identity.name} may not ask; allowed: tokens of partners, and those of all sites that may verify packs`;
      throw new Refusal(403, 'ROLE_NOT_ALLOWED', message);
    }
    return { actor, address: addressOf(request), partner, credential: null };
  }

  /** What is presented has to hold, also beside a token that would do. */
  async function admitted(
    request: Request,
    asked: VerificationMessageRequest,
    token: Admitted | null,
  ): Promise<Admitted> {
    const presentation = presentationOf(request);
    if (presentation === null || credentials.trust === null) {
      if (token === null) return refuseUnknown();
      if (!credentials.isRequired) return token;
      throw new Refusal(401, 'VERIFICATION_CREDENTIAL_NEEDED', 'present an ATP credential as ATP-Authorization');
    }
    const presented = await verifications.presented(presentation, credentials.trust, asked);
    if (presented.fault !== null) {
      throw new Refusal(403, 'VERIFICATION_CREDENTIAL_REFUSED', `the ATP credential does not hold: ${presented.fault}`);
    }
    const { holder, issuer, name } = presented;
    const credential = { holder, issuer };
    if (token !== null) return { ...token, credential };
    const actor = { id: `credential:${holder}`, name, kind: 'credential' } as const;
    return { actor, address: addressOf(request), partner: null, credential };
  }

  /** Null: none, or none that could be judged here. */
  function presentationOf(request: Request): string | null {
    const given = request.get('ATP-Authorization');
    return given === undefined || credentials.trust === null ? null : given.replace(/^Bearer +/i, '').trim();
  }

  async function requireAgreed(requester: string, { partner }: Admitted): Promise<void> {
    const refusal = await requesters.refusal(requester, partner);
    if (refusal !== null) throw new Refusal(403, 'VERIFICATION_NOT_AGREED', refusal);
  }
}

interface Admitted extends VerificationAsker {
  /** Whose token it is; null: of no partner. */
  readonly partner: string | null;
}

/** Each decoded by itself: a slash inside a serial is no separator. */
function segmentsOf({ path }: Request): string[] {
  const [, ...segments] = path.replace(/^\/verify(?=\/)/, '').split('/');
  try {
    return segments.map(decodeURIComponent);
  } catch {
    throw new Refusal(400, 'VERIFICATION_REQUEST_BAD', 'the path is no percent-encoded UTF-8');
  }
}

function refuseUnknown(): never {
  throw new Refusal(401, 'SIGNED_OUT', 'send an API token as Authorization: Bearer TOKEN');
}

function notOurs(gtin: string): Refusal {
  return notFound('VERIFICATION_PRODUCT_UNKNOWN', `products of GTIN ${gtin} are not answered for here`);
}
