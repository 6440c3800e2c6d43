import { randomBytes } from 'node:crypto';
import { type Response, Router } from 'express';
import { escapedHtml } from '../../../alerts/index.ts';
import { serverText } from '../../../domain/index.ts';
import { HelpPages } from './help-pages.ts';

/** Where what one does is told, by role: the first pages of the help. */
const BY_ROLE = {
  logistics: ['first-hour', 'trace', 'lanes', 'sharing', 'logger-files', 'recall'],
  quality: ['cases', 'dispositions', 'reports', 'audit', 'ledger', 'recall'],
  dock: ['dock', 'gateway', 'recall'],
  operations: ['rules', 'routing', 'channels', 'devices', 'operating'],
  admin: ['setup', 'people', 'permissions', 'configuration', 'keeping', 'security'],
} as const;

/**
 * The help at /help: the documents of this version, with a search. Without a script, a session or a network beyond this
 * server: who cannot sign in needs it most.
 */
export function helpDoor(pages = new HelpPages()): Router {
  const router = Router();

  router.get('/', async (request, response) => {
    const query = typeof request.query.q === 'string' ? request.query.q.slice(0, 200) : '';
    const body = query.trim() === '' ? await contentsOf(pages) : await foundOf(pages, query);
    send(response, serverText('help.title'), body, query);
  });

  router.get(/^\/(.+)$/, async (request, response) => {
    const name = decodeURIComponent(request.path.slice(1).replace(/\/$/, ''));
    const picture = await pages.picture(name);
    if (picture !== null) {
      response.set({ 'Content-Type': 'image/png', 'Cache-Control': 'public, max-age=3600' }).end(picture);
      return;
    }
    const page = await pages.page(name.replace(/\.md$/, ''));
    if (page === null) {
      response.status(404);
      const found = await foundOf(pages, name.replace(/[^a-z0-9]+/gi, ' '));
      send(
        response,
        serverText('help.unknown'),
        `<h1>${text('help.unknown')}</h1><p>${text('help.unknown.next')}</p>${found}`,
        '',
      );
      return;
    }
    send(response, page.title, page.html, '');
  });
  return router;
}

async function contentsOf(pages: HelpPages): Promise<string> {
  const all = await pages.all();
  const link = ({ name, title }: { name: string; title: string }) =>
    `<li><a href="/help/${name}">${escapedHtml(title)}</a></li>`;
  const roles = Object.entries(BY_ROLE).map(([role, names]) => {
    const known = names.flatMap((name) => all.filter((page) => page.name === name));
    return `<section><h2>${escapedHtml(serverText('help.role', { role }))}</h2><ul>${known.map(link).join('')}</ul></section>`;
  });
  const [people, decisions] = [
    all.filter(({ name }) => !name.includes('/')),
    all.filter(({ name }) => name.includes('/')),
  ];
  const sorted = people.toSorted((one, other) => one.title.localeCompare(other.title, 'en'));
  return `<h1>${text('help.title')}</h1><div class="roles">${roles.join('')}</div>
<h2>${text('help.all')}</h2><ul class="columns">${sorted.map(link).join('')}</ul>
<h2 id="decisions">${text('help.decisions')}</h2><ul class="columns">${decisions.map(link).join('')}</ul>`;
}

async function foundOf(pages: HelpPages, query: string): Promise<string> {
  const found = await pages.search(query);
  if (found.length === 0) return `<p role="status">${escapedHtml(serverText('help.nothing', { query }))}</p>`;
  const items = found.map(
    ({ name, title, heading, anchor, excerpt }) =>
      `<li><a href="/help/${name}#${anchor}">${escapedHtml(heading === title ? title : `${title}: ${heading}`)}</a><p>${escapedHtml(excerpt)}</p></li>`,
  );
  return `<h1>${escapedHtml(serverText('help.found', { query }))}</h1><ol class="found">${items.join('')}</ol>`;
}

function text(key: 'help.title' | 'help.unknown' | 'help.unknown.next' | 'help.all' | 'help.decisions'): string {
  return escapedHtml(serverText(key));
}

function send(response: Response, title: string, body: string, query: string): void {
  const nonce = randomBytes(16).toString('base64');
  response
    .set({
      'Content-Security-Policy': `default-src 'none'; style-src 'nonce-${nonce}'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
      'Cache-Control': 'no-cache',
    })
    .type('html')
    .send(`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapedHtml(title)} · ${text('help.title')}</title><link rel="icon" type="image/svg+xml" href="/icon.svg"><style nonce="${nonce}">${STYLE}</style></head>
<body><header><nav><a href="/help">${text('help.title')}</a> <a href="/">${escapedHtml(serverText('help.back'))}</a></nav>
<form action="/help" role="search"><input type="search" name="q" value="${escapedHtml(query)}" aria-label="${escapedHtml(serverText('help.search'))}" placeholder="${escapedHtml(serverText('help.search'))}"><button>${escapedHtml(serverText('help.search.button'))}</button></form></header>
<main>${body}</main></body></html>`);
}

const STYLE = `:root{color-scheme:light dark;--line:light-dark(#dfe6e9,#27343d);--page:light-dark(#f4f7f8,#0d1418);--text:light-dark(#14222b,#e6eef2);--muted:light-dark(#536570,#98a9b4);--accent:light-dark(#0b5f7a,#63c6e2);--surface:light-dark(#fff,#141d23)}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.6 system-ui,sans-serif}header{display:flex;flex-wrap:wrap;gap:10px 24px;align-items:center;justify-content:space-between;padding:10px 20px;background:var(--surface);border-bottom:1px solid var(--line)}
header a{margin-right:16px;font-weight:600}form{display:flex;gap:6px;flex:0 1 380px;min-width:0}input,button{font:inherit;padding:7px 10px;border:1px solid var(--muted);border-radius:8px;background:var(--page);color:var(--text)}input{flex:1;min-width:0}
main{box-sizing:border-box;max-width:64rem;margin:0 auto;padding:16px 20px 60px;overflow-wrap:anywhere}a{color:var(--accent)}h1,h2,h3{line-height:1.25;margin:1.6em 0 .5em}h1{margin-top:.4em}code{font:.92em ui-monospace,monospace;overflow-wrap:anywhere}
pre{overflow-x:auto;padding:12px;background:var(--surface);border:1px solid var(--line);border-radius:8px}pre code{overflow-wrap:normal}.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.94em}th,td{padding:6px 12px 6px 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;min-width:5em}
img{max-width:100%;height:auto;border:1px solid var(--line);border-radius:8px}.roles{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,220px),1fr));gap:0 24px}.columns{columns:280px;column-gap:2.4em;padding-left:1.2em}.found p{margin:2px 0 10px;color:var(--muted)}.source{color:var(--muted)}
@media print{header{display:none}}`;
