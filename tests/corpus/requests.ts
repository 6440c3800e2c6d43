/** What is sent for a file of somebody else's EPCIS samples. */
export interface CorpusRequest {
  /** The file, and the name within it where it holds several. */
  readonly name: string;
  /** `query`: kept as a named query and asked; `xml query`: the query interface in XML. */
  readonly to: 'capture' | 'event' | 'xml capture' | 'xml query' | 'query';
  readonly isXml: boolean;
  readonly body: string | Buffer;
  /** What the file's own name says of it. */
  readonly isMeantWell: boolean;
}

const OPERATIONS =
  /^(Poll|Subscribe|Unsubscribe|GetQueryNames|GetSubscriptionIDs|GetStandardVersion|GetVendorVersion)$/;
const ILL = /invalid|[\W_]bad[\W_]|unknown|\bwrong/i;

/**
 * The requests of a file: one, several of a Postman collection, or none where it is nothing that is sent to an EPCIS
 * repository (an answer, a schema, a build file). What it is is told from its first element, or from its first keys.
 */
export function requestsIn(name: string, bytes: Buffer): readonly CorpusRequest[] {
  const text = bytes.toString('utf8');
  const isMeantWell = !ILL.test(name);
  const isXml = /^\s*(?:\uFEFF)?\s*</.test(text) || bytes[1] === 0 || bytes[0] === 0;
  const own = { name, isXml, isMeantWell, body: bytes };
  if (isXml) return ofXml(own, text);
  const given = jsonOf(text);
  if (given === null) return /"EPCIS\w*Document"/.test(text) ? [{ ...own, to: 'capture' }] : [];
  if (Array.isArray(given.item)) {
    return collected(given.item, name).flatMap((one) => requestsIn(one.name, Buffer.from(one.raw)));
  }
  const type = String(given.type ?? given.isA ?? '');
  if (/^EPCIS(Query|MasterData)?Document$/.test(type)) return [{ ...own, to: 'capture' }];
  if (/^(Object|Aggregation|Association|Transaction|Transformation)Event$/.test(type)) return [{ ...own, to: 'event' }];
  return isRecord(given.query) && !('epcisBody' in given) ? [{ ...own, to: 'query' }] : [];
}

function ofXml(own: Omit<CorpusRequest, 'to'>, text: string): readonly CorpusRequest[] {
  const bare = text.replace(/<\?.*?\?>|<!--[\s\S]*?-->|<!DOCTYPE[^>[]*(?:\[[\s\S]*?\])?[^>]*>/g, '');
  const root = /<(?:[\w.-]+:)?([\w.-]+)/.exec(bare)?.[1] ?? '';
  const asks = /<(?:[\w.-]+:)?(Poll|Subscribe|Unsubscribe|Get[A-Z]\w+)[\s/>]/.test(bare);
  if (root === 'EPCISDocument' || root === 'EPCISMasterDataDocument') return [{ ...own, to: 'capture' }];
  if (root === 'EPCISQueryDocument') return [{ ...own, to: asks ? 'xml query' : 'capture' }];
  if (root === 'Envelope')
    return [{ ...own, to: asks || !/EPCIS\w*Document/.test(bare) ? 'xml query' : 'xml capture' }];
  if (/^(Object|Aggregation|Association|Quantity|Transaction|Transformation)Event$/.test(root)) {
    return [{ ...own, to: 'event' }];
  }
  return OPERATIONS.test(root) ? [{ ...own, to: 'xml query', body: asDocument(bare.trim()) }] : [];
}

/** One element of the query interface, in the document that EPCIS sends it in without SOAP. */
export function asDocument(element: string): string {
  const version = element.includes('urn:epcglobal:epcis-query:xsd:2') ? 2 : 1;
  const head = `xmlns:corpus="urn:epcglobal:epcis-query:xsd:${version}" schemaVersion="${version === 2 ? '2.0' : '1.2'}"`;
  return `<corpus:EPCISQueryDocument ${head} creationDate="2026-07-22T10:30:00Z"><EPCISBody>${element}</EPCISBody></corpus:EPCISQueryDocument>`;
}

/** Bodies of a Postman collection, at any depth of its folders. */
function collected(items: readonly unknown[], under: string): { readonly name: string; readonly raw: string }[] {
  return items.filter(isRecord).flatMap((item) => {
    const name = `${under} / ${String(item.name)}`;
    if (Array.isArray(item.item)) return collected(item.item, name);
    const body = isRecord(item.request) ? item.request.body : null;
    const raw = isRecord(body) ? body.raw : null;
    return typeof raw === 'string' && raw.trim() !== '' ? [{ name, raw }] : [];
  });
}

function jsonOf(text: string): Record<string, unknown> | null {
  try {
    const given: unknown = JSON.parse(text);
    return isRecord(given) ? given : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
