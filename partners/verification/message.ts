import { calendarDate, gtin14 } from '../../codecs/epc/index.ts';
import { type GuidelineVersion, InputError, type VerificationData } from '../../domain/index.ts';
import { isGln } from '../companies/index.ts';

/** The link type of the GS1 Web Vocabulary that asks for a verification. */
export const LINK_TYPE = 'verificationService';
/** The one context that is asked in: a distributor wants to sell a returned pack again (FD&C Act 582(c)(4)(D)). */
export const SALEABLE_RETURN = 'dscsaSaleableReturn';

/** What stands on a pack (FD&C Act 581(14)). */
export interface PackIdentifier {
  /** 14 digits. */
  readonly gtin: string;
  readonly serial: string;
  readonly lot: string;
  /** `YYYY-MM-DD`; a day 00 is the last of the month. */
  readonly expiry: string;
}

/** A request as GS1 Lightweight Verification Messaging has it. */
export interface VerificationMessageRequest {
  readonly pack: PackIdentifier;
  /** GLN of who asks, 13 digits. */
  readonly requester: string;
  /** Ties the answer to the request; as it came. */
  readonly corrUUID: string;
  readonly version: GuidelineVersion;
}

export interface ConnectivityRequest {
  readonly gtin: string;
  readonly requester: string;
}

/** The answer, member by member as the standard names them. */
export interface VerificationMessage {
  readonly responderGLN: string;
  readonly corrUUID: string;
  /** RFC 3339, UTC. */
  readonly verificationTimestamp: string;
  readonly data: VerificationData;
}

/** Words of GS1 Digital Link before and since its version 1.2, which writes application identifiers alone. */
const KEYS: ReadonlyMap<string, 'gtin' | 'lot' | 'serial'> = new Map([
  ...([
    ['01', 'gtin'],
    ['gtin', 'gtin'],
    ['10', 'lot'],
    ['lot', 'lot'],
    ['21', 'serial'],
    ['ser', 'serial'],
  ] as const),
]);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** GS1 AI encodable character set 82 (General Specifications, figure 7.11-1). */
const TEXT_82 = /^[!-"%-?A-Z_a-z]{1,20}$/;

type Parameters = Readonly<Record<string, unknown>>;

/**
 * Reads a request from the path and the query of its address. GTIN comes first; lot and serial in either order.
 *
 * @param segments of the path, decoded: `['01', '80614141123458', '21', '6789', '10', 'A17']`
 * @param guideline `GS1US-Version` of the request, if it has one
 * @param year the current one: it decides the century of the expiry
 * @throws {InputError} VERIFICATION_REQUEST_BAD
 */
export function readVerificationRequest(
  segments: readonly string[],
  query: Parameters,
  guideline: string | undefined,
  year: number,
): VerificationMessageRequest {
  const given = keysOf(segments);
  const gtin = gtinOf(given.get('gtin'));
  const serial = textOf('serial (21)', given.get('serial'));
  const lot = textOf('lot (10)', given.get('lot'));
  const expiry = expiryOf(query, year);
  const linkType = one(query, 'linkType').replace(/^gs1:/, '');
  if (linkType !== LINK_TYPE) throw bad('linkType', linkType, LINK_TYPE);
  requireContext(query);
  const corrUUID = one(query, 'corrUUID');
  if (!UUID.test(corrUUID)) throw bad('corrUUID', corrUUID, 'a UUID such as 08dd5e1b-78e7-4dee-9f55-e69f5edf099b');
  return {
    pack: { gtin, serial, lot, expiry },
    ...{ requester: requesterOf(query), corrUUID },
    version: /^1\.3(\.|$)/.test(guideline ?? '') ? '1.3' : '1.1',
  };
}

/** @throws {InputError} VERIFICATION_REQUEST_BAD */
export function readConnectivityRequest(query: Parameters): ConnectivityRequest {
  requireContext(query);
  return { gtin: gtinOf(one(query, 'gtin')), requester: requesterOf(query) };
}

function keysOf(segments: readonly string[]): ReadonlyMap<'gtin' | 'lot' | 'serial', string> {
  const found = new Map<'gtin' | 'lot' | 'serial', string>();
  for (let at = 0; at < segments.length; at += 2) {
    const name = segments[at] ?? '';
    const key = KEYS.get(name);
    const isFirst = at === 0;
    if (key === undefined || found.has(key) || isFirst !== (key === 'gtin')) {
      throw bad('the path', segments.join('/'), '/01/GTIN/10/LOT/21/SERIAL or /gtin/GTIN/lot/LOT/ser/SERIAL');
    }
    found.set(key, segments[at + 1] ?? '');
  }
  return found;
}

function gtinOf(given = ''): string {
  try {
    return gtin14(given);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw bad('GTIN (01)', given, '8, 12, 13 or 14 digits of which the last checks the others');
  }
}

/** As it stands: an a is no A, and a leading zero is a character like any other. */
function textOf(what: string, given = ''): string {
  if (!TEXT_82.test(given)) throw bad(what, given, '1 to 20 characters of the GS1 character set 82');
  return given;
}

function expiryOf(query: Parameters, year: number): string {
  const name = query['17'] === undefined ? 'exp' : '17';
  const given = one(query, name);
  const isDate = /^\d{6}$/.test(given);
  try {
    if (isDate) return calendarDate(given, year);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  throw bad(`expiry (${name})`, given, 'YYMMDD of a day that there is; DD 00 is the last of the month');
}

function requireContext(query: Parameters): void {
  const context = query.context === undefined ? SALEABLE_RETURN : one(query, 'context');
  if (context !== SALEABLE_RETURN) throw bad('context', context, SALEABLE_RETURN);
}

function requesterOf(query: Parameters): string {
  const given = one(query, 'reqGLN');
  if (!isGln(given)) throw bad('reqGLN', given, 'a GLN: 13 digits of which the last checks the others');
  return given;
}

/** A parameter that is said twice says nothing. */
function one(query: Parameters, name: string): string {
  const given = query[name];
  return typeof given === 'string' ? given : '';
}

function bad(what: string, given: string, allowed: string): InputError {
  const message = `${what}: given ${JSON.stringify(given.slice(0, 80))}, allowed: ${allowed}`;
  return new InputError('VERIFICATION_REQUEST_BAD', message, { errors: [{ path: what, message }] });
}
