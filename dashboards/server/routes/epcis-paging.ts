import type { Request, Response } from 'express';
import { InputError } from '../../../domain/index.ts';
import type { EpcisPaging } from '../../../trace/index.ts';
import { formatTime } from '../../api/index.ts';

const DEFAULT_PAGE = 30;
const MOST = 1_000;
/** A token says where its page begins and holds as long as there are events; a client may rely on a day. */
const TOKEN_HOLDS_MS = 24 * 3_600_000;

/** `perPage` and `nextPageToken` of a list. @throws {InputError} EPCIS_PARAMETER */
export function pagingOf({ query }: Request): EpcisPaging {
  const { perPage = String(DEFAULT_PAGE), nextPageToken = null } = query;
  const most = typeof perPage === 'string' && /^\d{1,4}$/.test(perPage) ? Number(perPage) : 0;
  if (most < 1 || most > MOST) {
    throw new InputError('EPCIS_PARAMETER', `perPage: "${String(perPage)}" given; allowed: 1 to ${MOST}`);
  }
  if (nextPageToken !== null && typeof nextPageToken !== 'string') {
    throw new InputError('EPCIS_PARAMETER', 'nextPageToken: given twice; allowed: once');
  }
  return { perPage: most, token: nextPageToken };
}

/** Where the next page is (EPCIS 2.0, section 12.5); nothing on the last one. */
export function linkTo(
  request: Request,
  response: Response,
  { nextPageToken, now }: { readonly nextPageToken: string | null; readonly now: number },
): void {
  if (nextPageToken === null) return;
  const next = new URL(request.originalUrl, 'http://localhost');
  next.searchParams.set('nextPageToken', nextPageToken);
  response.set({
    Link: `<${next.pathname}${next.search}>; rel="next"`,
    'GS1-Next-Page-Token-Expires': formatTime(now + TOKEN_HOLDS_MS),
  });
}
