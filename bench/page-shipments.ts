/**
 * The screen of shipments with 2,000 under way: how many elements there are, how long frames take while somebody scrolls
 * through all of them as each logger speaks every five minutes, and while sixty times as much comes; what its main thread
 * does in a frame; how long frames take while somebody types, and while it is left open for as many readings as an hour has;
 * how many texts change meanwhile, and what the heap holds before and after; and how fast the same rows scroll without a
 * program, which is as fast as they can. In Chromium, on the machine that serves it.
 *
 *   node bench/page-shipments.ts [SHIPMENTS]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { Accounts } from '../access/index.ts';
import {
  type Asn,
  encodeJson,
  FACT_VERSION,
  type Fact,
  silentLogger,
  silentMeter,
  systemTime,
} from '../domain/index.ts';
import { openDatabase, PostgresLog, runningEmbeddedUrl } from '../storage/index.ts';
import { type IsothermProcess, startIsotherm } from '../tests/isotherm-process.ts';
import { systemPart } from '../tests/parts.ts';
import { heapOf, TARGET_FPS, timeFrames, timeMain, watchTexts } from './frames.ts';
import { median, ms } from './timing.ts';

const SHIPMENTS = Number(process.argv[2]) || 2_000;
/** Readings a second of so many loggers that speak every five minutes, and of an hour of them in a minute. */
const USUAL_RATE = SHIPMENTS / 300;
const RATE = 400;
/** Readings of one message. */
const TOGETHER = 20;
/** Notices in one entry of the log. */
const AT_ONCE = 100;
const HOUR = 3_600_000;
/** An hour of a reading every five minutes of each logger, at that rate. */
const LEFT_OPEN_MS = Math.round((SHIPMENTS * 12 * 1_000) / RATE);
const SITES = ['berlin', 'lyon', 'lisbon', 'osaka', 'austin'] as const;

/** The page as it stands, without its program, and as many rows as there are shipments. */
const STANDING = `(() => {
  const rows = [...document.querySelectorAll('tbody tr[data-index]')].map(({ outerHTML }) => outerHTML);
  const page = document.documentElement.cloneNode(true);
  for (const one of page.querySelectorAll('script, link[rel="modulepreload"]')) one.remove();
  page.querySelector('tbody').innerHTML = Array.from({ length: ${SHIPMENTS} }, (_, n) => rows[n % rows.length]).join('');
  page.querySelector('head').insertAdjacentHTML('afterbegin', '<base href="' + location.origin + '/">');
  return page.outerHTML;
})()`;

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
  const sender = await accounts.tokens.create({ name: 'cloud', role: 'admin', scope: ['readings.send'] });
  console.log(`announced ${SHIPMENTS} shipments in ${Math.round(await ms(() => announce(token)))} ms`);
  await say(sender, 0, SHIPMENTS);
  const asked: number[] = [];
  for (let turn = 0; turn < 10; turn++)
    asked.push(await ms(() => get(platform, token, '/shipments?limit=200&show=open')));
  console.log(`GET /shipments, 200 of ${SHIPMENTS}, median of 10: ${median(asked).toFixed(0)} ms`);

  let isSaying = true;
  let rate = USUAL_RATE;
  let said = 0;
  const saying = (async () => {
    for (let n = 0; isSaying; n = (n + TOGETHER) % SHIPMENTS) {
      await say(sender, n, TOGETHER);
      said += TOGETHER;
      await systemTime.sleep('the next readings', (1_000 * TOGETHER) / rate);
    }
  })();
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, bypassCSP: true })).newPage();
  await page.request.post(`${platform.httpUrl}/api/v1/session`, {
    data: { username: 'logistics', password: 'a few odd words' },
  });
  await page.goto(`${platform.httpUrl}/shipments`);
  await page.locator('tbody a').first().waitFor({ timeout: 60_000 });
  // Everything there is, loaded as somebody scrolls down.
  await page.waitForFunction(
    `(() => { scrollTo(0, document.body.scrollHeight); return document.querySelector('[aria-rowindex="${SHIPMENTS + 1}"]') !== null })()`,
    undefined,
    { polling: 100, timeout: 120_000 },
  );
  console.log(
    `elements on the page, all ${SHIPMENTS} loaded: ${await page.evaluate('document.querySelectorAll("*").length')}`,
  );
  const session = await page.context().newCDPSession(page);
  const way = await page.evaluate<number>('scrollY');
  await timeMain(session, () =>
    timeFrames(page, `scrolling up through all of them, ${way} px, 40 px a frame`, () => scrollUp(page)),
  );
  await page.evaluate('scrollTo(0, document.body.scrollHeight)');
  rate = RATE;
  const ours = await timeMain(session, () =>
    timeFrames(page, `again, while ${RATE} readings a second come`, () => scrollUp(page)),
  );
  const standing = await page.evaluate<string>(STANDING);
  const field = page.getByRole('searchbox', { name: 'Filter shipments' });
  await timeFrames(page, 'typing eight letters', async () => {
    await field.pressSequentially('SHP-0012', { delay: 60 });
    await page.getByRole('link', { name: 'SHP-00120' }).waitFor();
  });
  await field.fill('');
  await page.getByRole('link', { name: 'SHP-', exact: false }).first().waitFor();
  const before = await heapOf(session);
  const shown = await watchTexts(page, 'tbody');
  await timeFrames(page, `left open for ${SHIPMENTS * 12} readings, ${RATE} a second`, () =>
    systemTime.sleep('an hour of readings', LEFT_OPEN_MS),
  );
  const { changes, texts } = await shown();
  const after = await heapOf(session);
  console.log(
    `shown meanwhile: ${changes} texts changed, to ${texts} different ones; heap ${(before / 1e6).toFixed(1)} MB before, ${(after / 1e6).toFixed(1)} MB after; ${said} readings sent in all, load ${loadavg()[0]?.toFixed(1)}`,
  );
  if (changes === 0) throw new Error('nothing of what was streamed was shown');
  const still = await page.context().newPage();
  await still.setContent(standing);
  await still.evaluate('scrollTo(0, document.body.scrollHeight)');
  const limit = await timeFrames(still, 'the same rows without a program, scrolled up so', () => scrollUp(still));
  isSaying = false;
  await saying;
  const least = limit < TARGET_FPS ? `; this browser draws no ${TARGET_FPS} here, whatever the page does` : '';
  console.log(`ours to that: ${((100 * ours) / limit).toFixed(0)} %${least}`);
} finally {
  await browser.close();
  await database.close();
  await platform.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** As a wheel that is held: so far a frame. */
async function scrollUp(page: Page): Promise<void> {
  await page.waitForFunction('scrollBy(0, -40), scrollY === 0', undefined, { polling: 'raf', timeout: 300_000 });
}

/**
 * What as many notices leave in the log, at once: sent one by one, each waits until it is worked in. Done when all of them
 * are in the list.
 */
async function announce(token: string): Promise<void> {
  const log = new PostgresLog({ database, time: systemTime, logger: silentLogger, meter: silentMeter });
  await log.start();
  try {
    for (let from = 0; from < SHIPMENTS; from += AT_ONCE) {
      const facts = Array.from({ length: Math.min(AT_ONCE, SHIPMENTS - from) }, (_, n) => notice(from + n));
      const rest = { family: 'trace', kind: 'fact', version: FACT_VERSION, source: 'bench', sequence: null } as const;
      await log.append(facts.map((fact) => ({ ...rest, arrival: Date.now(), payload: encodeJson(fact) })));
    }
  } finally {
    await log.stop();
  }
  while ((await counted(token)) < SHIPMENTS) await systemTime.sleep('until all are announced', 500);
}

function notice(n: number): Fact {
  const [from, to] = [SITES[n % SITES.length], SITES[(n + 1 + (n % 3)) % SITES.length]];
  const now = Date.now();
  const asn: Asn = {
    ...{ id: `SHP-${String(n).padStart(5, '0')}`, profile: '2-8C', products: [] },
    ...{ origin: `site:${from}`, destination: `site:${to}` },
    ...{ departs: now - (2 + (n % 40)) * HOUR, arrives: now + (n % 50) * HOUR },
    units: [0, 1].map((unit) => ({
      sscc: `urn:epc:id:sscc:0614141.1${String(n * 2 + unit).padStart(9, '0')}`,
      devices: unit === 0 ? [`logger-${n}`] : [],
      children: Array.from({ length: 24 }, (_, k) => `urn:epc:id:sgtin:0614141.812345.${(n * 2 + unit) * 100 + k}`),
      from: now - (3 + (n % 40)) * HOUR,
    })),
  };
  return { type: 'asn', asn, by: 'bench' };
}

async function counted(token: string): Promise<number> {
  const { counts } = JSON.parse(await get(platform, token, '/shipments?limit=1&show=open'));
  return Object.values<number>(counts).reduce((sum, one) => sum + one, 0);
}

/** A reading of each of so many loggers, as InfluxDB lines: a token may bring those of any device. */
async function say(sender: string, first: number, count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, k) => {
    const n = (first + k) % SHIPMENTS;
    const temperature = Math.round((4 + (n % 7) * 0.6 + Math.random() * 0.5) * 10) / 10;
    return `readings,device=logger-${n} temperature=${temperature} ${Date.now()}`;
  });
  const answer = await fetch(`${platform.httpUrl}/api/v2/write?precision=ms`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sender}` },
    body: lines.join('\n'),
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
}

async function get({ httpUrl }: IsothermProcess, token: string, path: string): Promise<string> {
  const answer = await fetch(`${httpUrl}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.text();
}
