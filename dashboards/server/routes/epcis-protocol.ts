import { type Request, type RequestHandler, Router } from 'express';
import type { Accounts } from '../../../access/index.ts';
import { DOCUMENT_LIMIT, EVENTS_MOST, type Problem } from '../../api/index.ts';
import { admit } from '../identity.ts';
import type { Mounted } from '../mount.ts';
import { Refusal } from '../problems.ts';

export const JSON_MEDIA = ['application/json', 'application/ld+json'];
export const XML_MEDIA = ['application/xml', 'text/xml'];
const MEDIA = [...JSON_MEDIA, ...XML_MEDIA];

/** EPCIS 2.0, section 12.7: what is spoken here, and what is taken in. */
const VERSIONS = {
  ...{ 'GS1-EPCIS-Version': '2.0.0', 'GS1-EPCIS-Min': '1.0', 'GS1-EPCIS-Max': '2.0.0' },
  ...{ 'GS1-CBV-Version': '2.0.0', 'GS1-CBV-Min': '1.0', 'GS1-CBV-Max': '2.0.0' },
  ...{ 'GS1-EPC-Format': 'Never_Translates', 'GS1-CBV-XML-Format': 'Never_Translates' },
  'GS1-Extensions': 'isotherm=urn:isotherm:epcis:',
};

const CAPTURE_LIMITS = {
  'GS1-EPCIS-Capture-Limit': String(EVENTS_MOST),
  'GS1-EPCIS-Capture-File-Size-Limit': String(DOCUMENT_LIMIT),
};

/** Before every request of EPCIS: which versions are spoken, and what may be sent (EPCIS 2.0, section 12.7). */
export const epcisProtocol: RequestHandler = (request, response, next) => {
  response.set({ 'Cache-Control': 'no-store', ...VERSIONS });
  if (isCapture(request.path)) response.set(CAPTURE_LIMITS);
  checkVersions(request);
  const allowed = isCapture(request.path) ? MEDIA : ['application/json'];
  if (request.method === 'POST' && !request.is(allowed)) {
    throw new Refusal(415, 'EPCIS_MEDIA', `Content-Type: expected ${allowed.join(', ')}`);
  }
  next();
};

/** OPTIONS of each resource: what may be done with it, and what is spoken (EPCIS 2.0, section 12.3). */
export function epcisOptions(
  mounted: readonly Mounted[],
  { accounts, version }: { readonly accounts: Accounts; readonly version: string },
): Router {
  const router = Router();
  const methods = Map.groupBy(mounted, ({ operation }) => operation.path);
  for (const [path, operations] of methods) {
    const allowed = ['OPTIONS', ...operations.map(({ operation }) => operation.method.toUpperCase())].join(', ');
    router.options(path, async (request, response) => {
      await admit(accounts, { permission: 'signed in' }, request);
      response.set({ Allow: allowed, 'GS1-Vendor-Version': `Isotherm ${version}` });
      if (isCapture(request.path)) response.set('GS1-Capture-Error-Behaviour', 'rollback');
      response.status(204).end();
    });
    router.all(path, (request, response, next) => {
      if (operations.some(({ operation }) => operation.method === request.method.toLowerCase())) return next();
      if (request.method === 'HEAD') return next();
      response.set('Allow', allowed);
      throw new Refusal(405, 'METHOD_NOT_ALLOWED', `${request.method} is not taken here; allowed: ${allowed}`);
    });
  }
  return router;
}

/** The exception of the standard that a problem is (EPCIS 2.0, section 8.2.7 and the OpenAPI of its REST binding). */
export function epcisProblemType({ code, status }: Problem): string {
  return `epcisException:${BY_CODE[code] ?? BY_STATUS[status] ?? (status < 500 ? 'ValidationException' : 'ImplementationException')}`;
}

const BY_CODE: Readonly<Record<string, string>> = {
  EPCIS_PARAMETER: 'QueryParameterException',
  EPCIS_TOO_MANY: 'QueryTooLargeException',
  EPCIS_QUERY_UNKNOWN: 'NoSuchNameException',
  EPCIS_SUBSCRIPTION_UNKNOWN: 'NoSuchNameException',
  EPCIS_SUBSCRIPTION_EXISTS: 'DuplicateSubscriptionException',
  EPCIS_SUBSCRIPTION: 'SubscriptionControlsException',
  EPCIS_NOT_BY_SOAP: 'SubscribeNotPermittedException',
  OUTGOING_FORBIDDEN: 'InvalidURIException',
};

const BY_STATUS: Readonly<Record<number, string>> = {
  401: 'SecurityException',
  403: 'SecurityException',
  404: 'NoSuchResourceException',
  406: 'NotAcceptableException',
  409: 'ResourceAlreadyExistsException',
  413: 'CaptureLimitExceededException',
  414: 'URITooLongException',
  415: 'UnsupportedMediaTypeException',
};

function isCapture(path: string): boolean {
  return /^\/(capture|events)\/?$/.test(path);
}

const SPOKEN = 2;

/** @throws {Refusal} 406 EPCIS_VERSION: another version is asked for than the one that is spoken */
function checkVersions(request: Request): void {
  const asked = [
    ...[['GS1-EPCIS-Min', '<='] as const, ['GS1-EPCIS-Max', '>='] as const],
    ...[['GS1-CBV-Min', '<='] as const, ['GS1-CBV-Max', '>='] as const],
  ];
  for (const [header, sign] of asked) {
    const given = request.get(header);
    const major = Number(/^(\d+)(\.\d+){0,2}$/.exec(given ?? '')?.[1] ?? Number.NaN);
    const isFit = sign === '<=' ? major <= SPOKEN : major >= SPOKEN;
    if (given !== undefined && !isFit) {
      throw new Refusal(406, 'EPCIS_VERSION', `${header}: "${given}" given; events are given in version 2.0.0`);
    }
  }
}
