import type { RequestHandler } from 'express';
import { DOCUMENT_TEXT_MOST, documentFault, type TextRule, textFault, textInvalid } from '../../domain/index.ts';

/**
 * What no text of a request may hold, wherever it stands; the contracts say more of each field. Separators pass: a scan
 * may be asked for by any path and any parameter.
 */
const ANYWHERE: TextRule = { form: 'scan', max: DOCUMENT_TEXT_MOST };

/** Refuses a path or a parameter with text that cannot be kept. @throws {InputError} TEXT_INVALID */
export const readableAddress: RequestHandler = (request, _response, next) => {
  const path = textFault(decoded(request.path), ANYWHERE);
  if (path !== null) throw textInvalid({ path: 'path', reason: path });
  const fault = documentFault(request.query, ANYWHERE);
  if (fault !== null) throw textInvalid(fault);
  next();
};

/** Refuses a body, JSON or text, with text that cannot be kept, by its field. @throws {InputError} TEXT_INVALID */
export function requireReadable(body: unknown): void {
  const rule = typeof body === 'string' ? { ...ANYWHERE, max: Number.POSITIVE_INFINITY } : ANYWHERE;
  const fault = documentFault(body, rule);
  if (fault !== null) throw textInvalid(fault);
}

/** A path that is no percent-encoded UTF-8 is refused by the router, with its own words. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
