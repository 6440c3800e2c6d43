import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, posix, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { RequestHandler, Response } from 'express';
import { notFound } from './problems.ts';

const NONCE = '__CSP_NONCE__';
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};
const PACKED = new Set(['.css', '.js', '.svg', '.wasm']);
/** What asks for a file, not for a screen; a serial may be called `A.js` too, but never stands first in a path. */
const FILE = /^\/[^/]+\.(css|html|ico|js|json|map|png|svg|txt|webmanifest|woff2?)$/;
/** Keeps the screen of a door (web/public/dock-worker.js). */
const DOCK_WORKER = '/dock-worker.js';
/** Reads codes in pictures of the camera (web/src/dock/scan-worker.ts). WebAssembly is allowed to it alone. */
const SCAN_WORKER = /^\/assets\/scan-worker-[\w-]+\.js$/;
/** Vite puts a hash of the content into these names. */
const HASHED = /^\/assets\//;

interface Asset {
  readonly type: string;
  readonly bytes: Buffer;
  readonly zipped: Buffer | null;
  readonly etag: string;
}

/** The built page, in memory: it is small, and is packed once instead of at each request. */
export interface Page {
  readonly assets: ReadonlyMap<string, Asset>;
  readonly index: string;
}

export async function loadPage(pageDir: string): Promise<Page> {
  const assets = new Map<string, Asset>();
  for (const entry of await readdir(pageDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = posix.join('/', relative(pageDir, file).split(sep).join('/'));
    const bytes = await readFile(file);
    const extension = extname(file);
    assets.set(path, {
      type: TYPES[extension] ?? 'application/octet-stream',
      bytes,
      zipped: PACKED.has(extension) ? await promisify(gzip)(bytes) : null,
      etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    });
  }
  return { assets, index: assets.get('/index.html')?.bytes.toString('utf8') ?? '' };
}

/**
 * Serves the page: assets by their name, and the page itself for every path that is a screen of it.
 * @param mark stands above every screen, whatever else comes or does not come
 */
export function pageHandler(page: Page | null, mark: string | null = null): RequestHandler {
  const index = page === null ? '' : marked(page.index, mark);
  const smallest = new Smallest();
  return (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      next();
      return;
    }
    const asset = page?.assets.get(request.path);
    if (asset !== undefined && request.path !== '/index.html') {
      const takesBrotli = request.acceptsEncodings('br') === 'br';
      if (takesBrotli) smallest.pack(request.path, asset);
      sendAsset(response, asset, request.path, {
        known: request.headers['if-none-match'],
        takesGzip: request.acceptsEncodings('gzip') === 'gzip',
        brotli: takesBrotli ? smallest.of(request.path) : null,
      });
      return;
    }
    if (HASHED.test(request.path) || FILE.test(request.path))
      throw notFound('FILE_UNKNOWN', `there is no ${request.path}`);
    if (index === '') throw notFound('PAGE_NOT_BUILT', 'the page is not built; run npm run build');
    const nonce = randomBytes(16).toString('base64');
    response.set('Content-Security-Policy', policyFor(nonce));
    response.set('Cache-Control', 'no-store');
    response.type('html').send(index.replaceAll(NONCE, nonce));
  };
}

/**
 * Files as Brotli packs them, an eighth smaller than gzip and a hundred times slower: each once, beside the requests, when it
 * is first asked for by who takes it (browsers do over HTTPS); until then it goes as gzip.
 */
class Smallest {
  readonly #packed = new Map<string, Buffer | null>();

  of(path: string): Buffer | null {
    return this.#packed.get(path) ?? null;
  }

  pack(path: string, { bytes, zipped }: Asset): void {
    if (zipped === null || this.#packed.has(path)) return;
    this.#packed.set(path, null);
    brotliCompress(bytes, (_error, packed) => {
      // What cannot be packed stays as it is.
      if (packed !== undefined) this.#packed.set(path, packed);
    });
  }
}

function marked(index: string, mark: string | null): string {
  if (mark === null) return index;
  const words = `<p id="practice-mark" role="note">${mark}</p>`;
  return index
    .replace('<html', '<html data-practice')
    .replace('<title>', '<title>PRACTICE · ')
    .replace('<body>', `<body>${words}`);
}

function sendAsset(
  response: Response,
  asset: Asset,
  path: string,
  { known, takesGzip, brotli }: { known: string | undefined; takesGzip: boolean; brotli: Buffer | null },
): void {
  response.set('Cache-Control', HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'public, max-age=3600');
  response.set('ETag', asset.etag);
  response.set('Vary', 'Accept-Encoding');
  if (known === asset.etag) {
    response.status(304).end();
    return;
  }
  response.set('Content-Type', asset.type);
  // A worker has its own policy: this one asks for the page's files and state.
  if (path === DOCK_WORKER) response.set('Content-Security-Policy', "default-src 'none'; connect-src 'self'");
  if (SCAN_WORKER.test(path)) {
    const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
    response.set('Content-Security-Policy', policy);
  }
  if (brotli !== null) {
    response.set('Content-Encoding', 'br').end(brotli);
    return;
  }
  if (asset.zipped !== null && takesGzip) {
    response.set('Content-Encoding', 'gzip');
    response.end(asset.zipped);
    return;
  }
  response.end(asset.bytes);
}

/**
 * What the page may load: its own files, no script that stands in a page, and styles that carry this answer's nonce. Styles on
 * elements are set by script only.
 */
function policyFor(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** On every answer; pages set their own policy over this one. */
export const securityHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  });
  next();
};
