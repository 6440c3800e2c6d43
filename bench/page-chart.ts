/**
 * The journey of a shipment with a million readings of one logger, in Chromium: how long frames take while somebody zooms from
 * days to seconds by wheel and pans, how many readings are drawn, whether the one reading that was too warm is still
 * seen; and an hour of readings streamed to the open screen in a minute: frames, and what the heap holds before and after.
 *
 *   node bench/page-chart.ts [READINGS]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { chromium, type Page } from 'playwright-core';
import { Accounts } from '../access/index.ts';
import { silentLogger, systemTime } from '../domain/index.ts';
import {
  effectsOf,
  openDatabase,
  PartitionManager,
  ReadingStore,
  Rollups,
  runningEmbeddedUrl,
} from '../storage/index.ts';
import { startIsotherm } from '../tests/isotherm-process.ts';
import { systemPart } from '../tests/parts.ts';
import { heapOf, timeFrames, watchTexts } from './frames.ts';
import { median, ms } from './timing.ts';

const READINGS = Number(process.argv[2]) || 1_000_000;
const SECOND = 1_000;
const HOUR = 3_600_000;
const ROWS_AT_ONCE = 50_000;
const TEMPERATURE = 1;
/** Reached in minutes, for one second: a step that air can make. */
const PEAK = { value: 9.4, perSecond: 0.02 };
/** Streamed after what is stored: an hour of a reading a second, in a minute. */
const STREAMED = { readings: 3_600, perSecond: 60 };
const END = Math.floor(Date.now() / SECOND) * SECOND - HOUR - 60 * SECOND;
const BEGIN = END - READINGS * SECOND;
/** Somewhere in the middle. */
const PEAK_AT = BEGIN + Math.floor(READINGS * 0.613) * SECOND;

const browserPath = systemPart('chromium');
if (browserPath === null) throw new Error('there is no Chromium here');
console.log(`${READINGS.toLocaleString('en')} readings, a second apart, load ${loadavg()[0]?.toFixed(1)}`);
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
  const password = await accounts.credentials.create('logger-1', { kind: 'device' });
  await announce(token);
  console.log(`stored and rolled up in ${Math.round((await ms(fill)) / 1_000)} s`);
  await timeAnswers(token);
  const page = await openJourney();
  await zoomAndPan(page);
  await stream(page, { password, token });
} finally {
  await browser.close();
  await database.close();
  await platform.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function announce(token: string): Promise<void> {
  const answer = await fetch(`${platform.httpUrl}/api/v1/shipments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ id: 'SHP-1', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon', products: [] },
      ...{ departs: new Date(BEGIN).toISOString(), arrives: new Date(Date.now() + 10 * HOUR).toISOString() },
      units: [
        {
          ...{ sscc: 'urn:epc:id:sscc:0614141.1000000001', devices: ['logger-1'], from: new Date(BEGIN).toISOString() },
          children: ['urn:epc:id:sgtin:0614141.812345.1'],
        },
      ],
    }),
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
}

async function fill(): Promise<void> {
  const store = new ReadingStore({ database });
  const partitions = new PartitionManager({ database });
  for (let at = 0; at < READINGS; at += ROWS_AT_ONCE) {
    const count = Math.min(ROWS_AT_ONCE, READINGS - at);
    const time = Float64Array.from({ length: count }, (_, n) => BEGIN + (at + n) * SECOND);
    for (const end of [time[0] ?? 0, time[count - 1] ?? 0]) await partitions.partitionFor(end);
    const value = Float64Array.from(time, (moment, n) => {
      const usual = 5 + Math.sin((at + n) / 7_000) + Math.sin((at + n) / 97) / 3;
      const peak = PEAK.value - (Math.abs(moment - PEAK_AT) / SECOND) * PEAK.perSecond;
      return Math.round(Math.max(usual, peak) * 100) / 100;
    });
    const columns = {
      ...{ count, devices: ['logger-1'], device: new Uint32Array(count), time, value },
      metric: new Uint8Array(count).fill(TEMPERATURE),
    };
    await database.transaction((client) => store.insert(effectsOf(client), columns));
  }
  await database.query('VACUUM (ANALYZE) readings');
  await new Rollups({ database }).rollUpTo(END - 2 * HOUR);
}

/** What the page asks for: all of it, a day, an hour. */
async function timeAnswers(token: string): Promise<void> {
  for (const [what, from, to] of [
    ['all of it', BEGIN, END],
    ['a day', PEAK_AT - 12 * HOUR, PEAK_AT + 12 * HOUR],
    ['an hour', PEAK_AT - HOUR / 2, PEAK_AT + HOUR / 2],
  ] as const) {
    const took: number[] = [];
    let drawn = { points: 0, most: 0 };
    for (let turn = 0; turn < 5; turn++) {
      took.push(
        await ms(async () => {
          const query = `device=logger-1&resolution=auto&points=2000&from=${from}&to=${to}`;
          const answer = await fetch(`${platform.httpUrl}/api/v1/readings?${query}`, {
            headers: { authorization: `Bearer ${token}` },
          });
          const { items } = (await answer.json()) as { items: { max: number }[] };
          drawn = { points: items.length, most: items.reduce((most, { max }) => Math.max(most, max), 0) };
        }),
      );
    }
    console.log(
      `readings of ${what}: median ${median(took).toFixed(0)} ms, ${drawn.points} points, highest ${drawn.most} °C`,
    );
  }
}

async function openJourney(): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 1000 }, bypassCSP: true })).newPage();
  await page.request.post(`${platform.httpUrl}/api/v1/session`, {
    data: { username: 'logistics', password: 'a few odd words' },
  });
  await page.goto(`${platform.httpUrl}/shipments/SHP-1`);
  const chart = page.getByRole('group', { name: 'Chart of the journey of SHP-1' });
  await chart.locator('canvas').first().waitFor({ timeout: 60_000 });
  await page.waitForLoadState('networkidle');
  return page;
}

async function zoomAndPan(page: Page): Promise<void> {
  const chart = page.getByRole('group', { name: 'Chart of the journey of SHP-1' });
  await chart.scrollIntoViewIfNeeded();
  const box = await chart.boundingBox();
  if (box === null) throw new Error('the chart is not shown');
  const share = (PEAK_AT - BEGIN) / (Date.now() - BEGIN);
  await page.mouse.move(box.x + 48 + share * (box.width - 56), box.y + 120);
  const turn = (what: string, [across, down]: readonly [number, number], times: number) =>
    timeFrames(page, what, async () => {
      for (let n = 0; n < times; n++) await page.mouse.wheel(across, down);
      await page.waitForLoadState('networkidle');
    });
  await turn('zooming in by wheel, days to seconds', [0, -60], 110);
  console.log(`shown then: ${await page.getByTestId('shown').innerText()}`);
  await turn('zooming out to hours', [0, 60], 55);
  await turn('panning', [24, 0], 200);
  await turn('panning back', [-24, 0], 200);
  await turn('zooming out to all of it', [0, 60], 60);
  await turn('zooming in to a day', [0, -60], 25);
  await turn('panning days', [24, 0], 200);
}

async function stream(
  page: Page,
  { password, token }: { readonly password: string; readonly token: string },
): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await page.getByRole('button', { name: 'Last 6 h' }).click();
  await page.waitForLoadState('networkidle');
  const before = await heapOf(session);
  const shown = await watchTexts(page, 'main');
  const picture = () => page.evaluate<string>('document.querySelector("[role=group] canvas").toDataURL()');
  const pictures = new Set([await picture()]);
  const client = await mqtt.connectAsync(platform.mqttUrl, { clientId: 'logger-1', username: 'logger-1', password });
  await timeFrames(page, `${STREAMED.readings} readings streamed, ${STREAMED.perSecond} a second`, async () => {
    const sent: Promise<unknown>[] = [];
    for (let n = 0; n < STREAMED.readings; n++) {
      const time = END + (n + 1) * SECOND;
      const temperature = Math.round((5 + Math.sin(n / 300)) * 10) / 10;
      const payload = JSON.stringify({ time, temperature });
      sent.push(client.publishAsync('isotherm/v1/devices/logger-1/readings', payload, { qos: 1 }));
      if (n % (STREAMED.perSecond / 20) === 0) await systemTime.sleep('the next twentieth of a second', 50);
      if (n % 600 === 599) pictures.add(await picture());
    }
    await Promise.all(sent);
  });
  await client.endAsync();
  const answer = await fetch(
    `${platform.httpUrl}/api/v1/readings?device=logger-1&resolution=auto&points=2000&from=${END + SECOND}&to=${Date.now()}`,
    { headers: { authorization: `Bearer ${token}` } },
  );
  const { items } = (await answer.json()) as { items: unknown[] };
  if (items.length === 0) throw new Error('nothing of what was streamed was taken');
  const { changes } = await shown();
  pictures.add(await picture());
  console.log(`shown meanwhile: ${changes} texts changed, ${pictures.size} of 8 pictures of the chart differ`);
  if (changes === 0 || pictures.size < 2) throw new Error('nothing of what was streamed was shown');
  const after = await heapOf(session);
  console.log(
    `heap: ${(before / 1e6).toFixed(1)} MB before, ${(after / 1e6).toFixed(1)} MB after an hour of readings; ${await page.evaluate('document.querySelectorAll("*").length')} elements`,
  );
}
