/**
 * The serials of a shipment on its page, in Chromium: how long until they are there, and how long frames take while somebody
 * scrolls through every row, beside a bare list of as many rows without anything around it, which is what the machine can do.
 *
 *   node bench/page-serials.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { Accounts } from '../access/index.ts';
import { silentLogger, systemTime } from '../domain/index.ts';
import { openDatabase, runningEmbeddedUrl } from '../storage/index.ts';
import { startIsotherm } from '../tests/isotherm-process.ts';
import { systemPart } from '../tests/parts.ts';
import { heapOf, timeFrames } from './frames.ts';
import { ms } from './timing.ts';

/** How many serials in two units, and by how much a frame scrolls: the longer one as a flick does. */
const SHIPMENTS = [
  { id: 'SHP-1000', serials: 1_000, step: 40 },
  { id: 'SHP-20000', serials: 20_000, step: 800 },
] as const;
const HOUR = 3_600_000;
const ROW_PX = 36;

const browserPath = systemPart('chromium');
if (browserPath === null) throw new Error('there is no Chromium here');
const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-bench-'));
const platform = await startIsotherm({ command: 'serve', dataDir, env: { ISOTHERM_LOG_LEVEL: 'error' } });
const url = await runningEmbeddedUrl(dataDir);
if (url === null) throw new Error('the platform runs without its database');
const database = await openDatabase({ url, logger: silentLogger, time: systemTime });
const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
try {
  const accounts = new Accounts({ database, time: systemTime });
  await accounts.users.create({ name: 'logistics', role: 'logistics', password: 'a few odd words' });
  const token = await accounts.tokens.create({ name: 'bench', role: 'logistics' });
  for (const shipment of SHIPMENTS) await announce(token, shipment);
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, bypassCSP: true })).newPage();
  await page.request.post(`${platform.httpUrl}/api/v1/session`, {
    data: { username: 'logistics', password: 'a few odd words' },
  });
  for (const { id, serials, step } of SHIPMENTS) {
    console.log(`\n${serials.toLocaleString('en')} serials, load ${loadavg()[0]?.toFixed(1)}`);
    await page.goto(`${platform.httpUrl}/shipments/${id}`);
    const list = page.getByRole('treegrid', { name: `Serials of ${id}`, exact: true });
    const heading = page.getByRole('heading', { name: `Serials ${serials.toLocaleString('en')}`, exact: true });
    await heading.waitFor({ timeout: 60_000 });
    const took = await ms(async () => {
      await heading.scrollIntoViewIfNeeded();
      await list.waitFor({ timeout: 120_000 });
    });
    const half = `${(serials / 2).toLocaleString('en')} serials`;
    for (const nth of [1, 0]) await list.getByRole('button', { name: half, exact: true }).nth(nth).click();
    const rows = Number(await list.getAttribute('aria-rowcount')) - 1;
    const session = await page.context().newCDPSession(page);
    console.log(
      `there after ${Math.round(took)} ms, ${rows} rows, ${await page.evaluate('document.querySelectorAll("*").length')} elements, heap ${((await heapOf(session)) / 1e6).toFixed(1)} MB`,
    );
    await scrollThrough(page, `${rows} rows, ${step} px a frame`, '[role=treegrid]', step);
    const field = page.getByRole('searchbox', { name: 'Search these serials', exact: true });
    await timeFrames(page, 'typing a serial into the search', async () => {
      await field.pressSequentially('1000042', { delay: 60 });
      await list.getByRole('link', { name: '1000042', exact: true }).waitFor();
    });
    await bareList(page, rows, step);
  }
} finally {
  await browser.close();
  await database.close();
  await platform.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function scrollThrough(page: Page, what: string, selector: string, step: number): Promise<void> {
  const scroller = `document.querySelector('${selector}').parentElement`;
  await timeFrames(page, what, () =>
    page.waitForFunction(
      `(() => { const at = ${scroller}; at.scrollBy(0, ${step}); return at.scrollTop + at.clientHeight >= at.scrollHeight - 1 })()`,
      undefined,
      { polling: 'raf', timeout: 300_000 },
    ),
  );
}

/** What the browser does here with as many rows of text and nothing else. */
async function bareList(page: Page, rows: number, step: number): Promise<void> {
  await page.goto('about:blank');
  await page.setContent(
    `<div style="height: 640px; overflow: auto"><ul id="bare" style="margin: 0">${Array.from(
      { length: rows },
      (_, row) => `<li style="height: ${ROW_PX}px">${1_000_000 + row}</li>`,
    ).join('')}</ul></div>`,
  );
  await scrollThrough(page, `a bare list of ${rows} rows, ${step} px a frame`, '#bare', step);
}

async function announce(
  token: string,
  { id, serials }: { readonly id: string; readonly serials: number },
): Promise<void> {
  const now = Date.now();
  const iso = (at: number) => new Date(at).toISOString();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${platform.httpUrl}/api/v1/shipments`, {
    ...{ method: 'POST', headers },
    body: JSON.stringify({
      ...{ id, profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon', products: [] },
      ...{ departs: iso(now - HOUR), arrives: iso(now + HOUR) },
      units: [0, 1].map((unit) => ({
        ...{ sscc: `urn:epc:id:sscc:0614141.1${serials + unit}`.padEnd(34, '0').slice(0, 34), devices: [] },
        ...{ from: iso(now - HOUR) },
        children: Array.from(
          { length: serials / 2 },
          (_, n) =>
            `urn:epc:id:sgtin:0614141.${serials === 1_000 ? '812345' : '812346'}.${1_000_000 + unit * (serials / 2) + n}`,
        ),
      })),
    }),
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  // Taken and not yet applied: it is there in a moment.
  while (!(await fetch(`${platform.httpUrl}/api/v1/shipments/${id}`, { headers })).ok)
    await systemTime.sleep('the shipment', 100);
}
