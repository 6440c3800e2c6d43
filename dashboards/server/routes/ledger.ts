import { Router, text } from 'express';
import { TILE_WIDTH } from '../../../storage/index.ts';
import { notFound } from '../problems.ts';
import type { Services } from '../services.ts';

/** A tile never changes; of a partial one no more than this is served under its name. */
const FOR_GOOD = 'public, max-age=31536000, immutable';
/** A new checkpoint comes within a second. */
const SHORTLY = 'public, max-age=1';
const BYTES = 'application/octet-stream';
/** 63 hashes, and a checkpoint with more signatures than anybody has. */
const REQUEST_BYTES = 65_536;

/**
 * The ledger for anybody who verifies it (C2SP tlog-tiles): checkpoint, tiles and entries. They hold hashes alone, so
 * nobody has to sign in for them.
 */
export function ledgerRoutes({ ledger, witness }: Pick<Services, 'ledger' | 'witness'>): Router {
  const router = Router({ caseSensitive: true, strict: true });

  router.get('/checkpoint', async (_request, response) => {
    const latest = await ledger.latest();
    if (latest === null) throw notFound('LEDGER_EMPTY', 'nothing has been signed yet');
    response.set({ 'Cache-Control': SHORTLY, 'Content-Type': 'text/plain; charset=utf-8' }).send(latest.note);
  });

  // Express would decode and split what has to be exactly this.
  router.get(/^\/tile\/(.+)$/, async (request, response) => {
    const wanted = tileIn(request.path.slice('/tile/'.length));
    const { level = null, number = 0, width = 0 } = wanted ?? {};
    const found =
      wanted === null
        ? null
        : level === null
          ? await ledger.entries(number, width)
          : await ledger.tile({ level, number }, width);
    if (found === null) throw notFound('LEDGER_TILE_UNKNOWN', `the tree that was signed last has no ${request.path}`);
    response.set({ 'Cache-Control': FOR_GOOD, 'Content-Type': BYTES }).send(found);
  });

  // Whoever asks is known by the signature on his checkpoint (C2SP tlog-witness).
  router.post('/add-checkpoint', text({ type: () => true, limit: REQUEST_BYTES }), async (request, response) => {
    if (witness === null) throw notFound('LEDGER_WITNESS_NONE', 'no ledger of others is cosigned here');
    const { status, body } = await witness.addCheckpoint(typeof request.body === 'string' ? request.body : '');
    const type = status === 409 ? 'text/x.tlog.size' : 'text/plain; charset=utf-8';
    response.status(status).set({ 'Cache-Control': 'no-store', 'Content-Type': type }).end(body);
  });

  router.get(/^\/([0-9a-f]{64})\/checkpoint$/, async (request, response) => {
    const note = (await witness?.cosigned(request.path.slice(1, 65))) ?? null;
    if (note === null) throw notFound('LEDGER_WITNESS_NONE', 'no checkpoint of such a log was cosigned here');
    response.set({ 'Cache-Control': SHORTLY, 'Content-Type': 'text/plain; charset=utf-8' }).send(note);
  });

  return router;
}

interface Wanted {
  /** Null: the entries. */
  readonly level: number | null;
  readonly number: number;
  readonly width: number;
}

/** `<L>/<N>[.p/<W>]` or `entries/<N>[.p/<W>]`, N in groups of three digits, all but the last behind an x. */
function tileIn(path: string): Wanted | null {
  const found = /^(entries|\d|[1-5]\d|6[0-3])\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path);
  if (found === null) return null;
  const [, level = '', groups = '', partial] = found;
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  // A group of zeros before the number would be a second name for it.
  if (/^x000\//.test(groups) || (partial !== undefined && width >= TILE_WIDTH)) return null;
  const number = Number(groups.replaceAll(/[x/]/g, ''));
  return { level: level === 'entries' ? null : Number(level), number, width };
}
