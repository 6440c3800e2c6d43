import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type IsothermProcess, startIsotherm } from './isotherm-process.ts';
import { systemPart } from './parts.ts';

/*
 * The demo as a person meets it: one command, one browser, no reload. Everything between the simulated readers and
 * loggers and this page is real.
 */

const executablePath = systemPart('chromium');
/** What the demo promises, and room for a machine that is busy with other tests. */
const STORY_MS = 120_000;

describe.skipIf(executablePath === null)('the demo in a browser', { timeout: STORY_MS + 60_000 }, () => {
  let dataDir = '';
  let demo: IsothermProcess;
  let browser: Browser;
  let page: Page;
  let loads = 0;

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'isotherm-demo-test-'));
    [demo, browser] = await Promise.all([
      startIsotherm({ command: 'demo', dataDir, fromSources: true }),
      chromium.launch({
        executablePath: executablePath ?? '',
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      }),
    ]);
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    // A busy machine is slow, not wrong; what the story promises is waited for by its own time.
    page.setDefaultTimeout(STORY_MS);
    page.on('load', () => {
      loads += 1;
    });
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test('says where it is and who may sign in', () => {
    expect(demo.output()).toContain(demo.httpUrl);
    expect(demo.output()).toContain('sign in   logistics, quality, dock, operations, admin; password for each: demo');
  });

  test('the excursion, its serials and the bulk read appear without reloading', async () => {
    await page.goto(demo.httpUrl);
    await page.getByRole('button', { name: /Operations/ }).click();
    await page
      .getByRole('link', { name: /Alerts/ })
      .first()
      .click();
    const excursion = page.locator('a.alert-row', { hasText: 'LOG-101' });
    const bulkRead = page.locator('a.alert-row', { hasText: /3\s+serials/ });
    await excursion.waitFor({ timeout: STORY_MS });
    await bulkRead.waitFor({ timeout: STORY_MS });
    await excursion.click();
    await expect.poll(() => page.locator('h1').innerText(), { timeout: STORY_MS }).toMatch(/48\s+serials/);
    await expect.poll(() => page.locator('table').last().innerText(), { timeout: STORY_MS }).toMatch(/1000|sgtin/i);
    expect(loads).toBe(1);
  });

  test('a defrost that stays short is no alert', async () => {
    await page.goto(`${demo.httpUrl}/alerts`);
    await page.locator('a.alert-row').first().waitFor();
    expect(await page.locator('a.alert-row', { hasText: 'LOG-301' }).count()).toBe(0);
  });

  test('a rule is opened from its alert, and a change of it tried on the past', async () => {
    await page.locator('a.alert-row', { hasText: 'LOG-101' }).click();
    await page.getByRole('heading', { name: 'How it came about' }).waitFor();
    await page.getByRole('link', { name: 'too-warm-2-8' }).click();
    await page.locator('pre', { hasText: 'above: 8' }).first().waitFor();
    // Operations reads rules; quality changes them.
    expect(await page.getByRole('button', { name: /Save/ }).count()).toBe(0);
    await page.evaluate(async () => {
      const body = JSON.stringify({ username: 'quality', password: 'demo' });
      await fetch('/api/v1/session', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    });
    await page.reload();
    const text = page.getByLabel('Rule in YAML');
    await text.fill((await text.inputValue()).replace('above: 8\n', 'above: 11\n').replace(/clearAbove.*\n/, ''));
    await page.getByRole('button', { name: 'See what would change' }).click();
    await page.getByText('In that time the rule in force finds').waitFor();
    await page.getByRole('button', { name: 'Try it', exact: true }).click();
    await page.getByText('Compared with the version in force').waitFor();
    await expect.poll(() => page.locator('.rule-counts').innerText()).toMatch(/different/);
  });

  test('Ctrl-C stops it cleanly and leaves nothing behind', async () => {
    expect(await demo.stop()).toBe(0);
  });
});
