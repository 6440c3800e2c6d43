import { hasGoodCheckDigit } from './epcis-by-the-book.ts';

/*
 * A second reading of GS1 Lightweight Verification Messaging 1.1, slow and obvious, with nothing of ours.
 * Each gives what is wrong, in words; nothing where all is right.
 */

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Section 5.2: why a pack is not verified. */
const REASONS =
  `No_match_GTIN_Serial No_match_GTIN_Serial_Lot No_match_GTIN_Serial_Expiry No_match_GTIN_Serial_Lot_Expiry
  No_reason_provided`.split(/\s+/);
const MORE = ['Recalled', 'Suspect', 'Expired'];

/** @param path of the request, with its query: the answer is tied to it */
export function faultsOfVerificationAnswer(text: string, path: string): string[] {
  const said = JSON.parse(text) as Record<string, unknown>;
  const faults: string[] = [];
  const known = ['responderGLN', 'corrUUID', 'verificationTimestamp', 'data'];
  for (const name of Object.keys(said)) if (!known.includes(name)) faults.push(`${name} is no member`);
  if (!isGln(said.responderGLN)) faults.push(`responderGLN ${said.responderGLN}`);
  if (said.corrUUID !== new URL(path, 'http://x').searchParams.get('corrUUID'))
    faults.push(`corrUUID ${said.corrUUID}`);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(String(said.verificationTimestamp))) {
    faults.push(`verificationTimestamp ${said.verificationTimestamp}`);
  }
  return [...faults, ...faultsOfData(said.data)];
}

function faultsOfData(given: unknown): string[] {
  const {
    verified,
    verificationFailureReason: reason,
    additionalInfo: more,
    ...others
  } = given as Record<string, unknown>;
  const names = Object.keys(others);
  if (names.length > 0) return [`data.${names[0]} is no member`];
  if (typeof verified !== 'boolean') return [`verified ${verified}`];
  if (more !== undefined && !MORE.includes(String(more))) return [`additionalInfo ${more}`];
  if (verified) return reason === undefined ? [] : ['a reason of failure, and no failure'];
  return REASONS.includes(String(reason)) ? [] : [`verificationFailureReason ${reason}`];
}

/** GET of a GS1 Digital Link: GTIN, lot and serial by path, the expiry and the rest by query. */
export function faultsOfVerificationRequest(path: string, headers: Readonly<Record<string, unknown>>): string[] {
  const url = new URL(path, 'http://x');
  // In the words of Digital Link 1.0, `exp` with them, or in application identifiers, `17` with them.
  const words = /\/gtin\/(\d{14})\/lot\/([^/]+)\/ser\/([^/]+)$/.exec(url.pathname);
  const identifiers = /\/01\/(\d{14})\/10\/([^/]+)\/21\/([^/]+)$/.exec(url.pathname);
  const [gtin = '', lot = '', serial = ''] = (words ?? identifiers)?.slice(1) ?? [];
  const expiry = url.searchParams.get(words === null ? '17' : 'exp') ?? '';
  if (gtin === '') return [`the path ${url.pathname}`];
  const faults: string[] = [];
  if (!hasGoodCheckDigit(gtin)) faults.push(`GTIN ${gtin}`);
  for (const [what, text] of Object.entries({ lot, serial })) {
    if (!/^[!-"%-?A-Z_a-z]{1,20}$/.test(decodeURIComponent(text))) faults.push(`${what} ${text}`);
  }
  const query = url.searchParams;
  const [year = '', month = '', day = ''] = /^(\d\d)(\d\d)(\d\d)$/.exec(expiry)?.slice(1) ?? [];
  const date = new Date(`20${year}-${month}-${day === '00' ? '01' : day}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || date.getUTCMonth() + 1 !== Number(month)) faults.push(`expiry ${expiry}`);
  if (query.get('linkType') !== 'verificationService') faults.push(`linkType ${query.get('linkType')}`);
  const context = query.get('context');
  if (context !== null && context !== 'dscsaSaleableReturn') faults.push(`context ${context}`);
  if (!isGln(query.get('reqGLN'))) faults.push(`reqGLN ${query.get('reqGLN')}`);
  if (!UUID.test(query.get('corrUUID') ?? '')) faults.push(`corrUUID ${query.get('corrUUID')}`);
  if (headers.accept !== undefined && !/json|\*\/\*/.test(String(headers.accept)))
    faults.push(`Accept ${headers.accept}`);
  return faults;
}

function isGln(given: unknown): boolean {
  return typeof given === 'string' && given.length === 13 && hasGoodCheckDigit(given);
}
