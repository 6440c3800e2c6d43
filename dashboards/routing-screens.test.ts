import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../domain/index.ts';
import { systemPart } from '../tests/parts.ts';
import type { RoutingView } from './api/index.ts';
import { ensurePage } from './page-build.ts';
import { Installation } from './server/testing/installation.ts';

const PATIENCE_MS = 60_000;
const chromiumPath = systemPart('chromium');
const FIRST = `people:
  anna: { notify: { critical: [ops] } }
route: { name: all, to: [{ person: anna }] }
`;

describe.skipIf(chromiumPath === null)('the routing and the silences in a browser', () => {
  let house: Installation;
  let browser: Browser;

  beforeAll(async () => {
    house = await Installation.start({ pageDir: await ensurePage({ logger: silentLogger }) });
    await house.ask('admin', 'PUT', '/channels/ops', { url: 'http://127.0.0.1:9/hook' });
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox'] });
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  async function open(role: string, path: string, title: string): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    await page.request.post(`${house.url}/api/v1/session`, { data: { username: role, password: 'demo' } });
    await page.goto(`${house.url}${path}`);
    await page.getByRole('heading', { name: title, level: 1 }).waitFor();
    return page;
  }
  const inForce = async () => (await house.ask('operations', 'GET', '/routing')).body as RoutingView;

  test('a routing is tried before it is saved, saved with a reason, refused with its line, and taken back', async () => {
    const page = await open('operations', '/admin/routing', 'Who is told of alerts');
    const text = page.getByLabel('The routing in YAML');
    const save = (version: number) => page.getByRole('button', { name: `Save as version ${version}` }).press('Enter');
    await text.fill(FIRST);
    await page.getByText('By what stands in the editor below').waitFor();
    await page.getByRole('button', { name: 'Show who is told' }).press('Enter');
    await page.getByText('the route names them').waitFor();
    await page.getByLabel('Why it is changed').fill('anna is on duty');
    await save(1);
    await page.getByText('Version 1', { exact: true }).waitFor();
    await page.getByText('anna is on duty').waitFor();
    expect(await inForce()).toMatchObject({ source: 'edited', version: 1, text: FIRST });

    await text.fill(FIRST.replace('person: anna', 'person: carl'));
    await page.getByLabel('Why it is changed').fill('carl is on duty');
    await save(2);
    await page.getByText('routing:3: route.to[0].person: "carl"').waitFor();
    expect((await inForce()).version).toBe(1);

    await text.fill(FIRST.replace('anna: {', 'ben: { notify: { critical: [ops] } }\n  anna: {'));
    await save(2);
    await page.getByText('Version 2', { exact: true }).waitFor();
    await page.locator('summary', { hasText: 'What it changed' }).nth(1).click();
    await page.getByRole('button', { name: 'Put it back into the editor' }).press('Enter');
    await page.getByText('What changes', { exact: true }).waitFor();
    await save(3);
    await page.getByText('Takes back to version 1').waitFor();
    await expect.poll(async () => (await inForce()).text, { timeout: PATIENCE_MS }).toBe(FIRST);
    await page.context().close();
  });

  test('who may not change the routing reads it, and who was too late is told so', async () => {
    const reader = await open('quality', '/admin/routing', 'Who is told of alerts');
    await reader.getByRole('heading', { name: 'As it is written' }).waitFor();
    await reader.getByRole('button', { name: /^Save as/ }).waitFor({ state: 'detached' });
    await reader.context().close();
    const late = await open('operations', '/admin/routing', 'Who is told of alerts');
    await late.getByLabel('The routing in YAML').fill(`${FIRST}# mine\n`);
    const { version } = await inForce();
    const body = { text: `${FIRST}# theirs\n`, reason: 'first' };
    await house.ask('operations', 'PUT', `/routing?version=${version}`, body);
    await late.getByLabel('Why it is changed').fill('second');
    await late.getByRole('button', { name: `Save as version ${version + 1}` }).press('Enter');
    await late.getByText('Somebody saved another version since').waitFor();
    await late.context().close();
  });

  test('a person is tried by a channel, and what the receiver says against it is shown', async () => {
    const page = await open('admin', '/admin/routing', 'Who is told of alerts');
    await page.getByRole('button', { name: 'Test ops to anna' }).press('Enter');
    await page.getByText(/^ops did not take the test:/).waitFor();
    await page.context().close();
  });

  test('somebody stands in after three clicks: the day, the person, and save; what changes is shown before', async () => {
    const schedule =
      'schedules:\n  # by turns\n  duty: { zone: Europe/Berlin, people: [anna], start: "2026-11-02", handOver: "08:00" }\n';
    const { version } = await inForce();
    const text = `people:\n  anna: { notify: { critical: [ops] } }\n  ben: { notify: { critical: [ops] } }\n${schedule}route: { name: all, to: [{ schedule: duty }] }\n`;
    await house.ask('operations', 'PUT', `/routing?version=${version}`, { text, reason: 'by turns' });
    const page = await open('operations', '/admin/routing', 'Who is told of alerts');
    await page.getByRole('list').getByRole('button', { name: /anna$/ }).nth(3).click();
    await page.getByRole('button', { name: 'ben stands in' }).click();
    await page.getByText('ben, standing in').first().waitFor();
    await page.getByText('person: ben }').first().waitFor();
    await page.getByRole('button', { name: `Save as version ${version + 2}` }).click();
    await page.getByText(/^ben stands in for duty on/).waitFor();
    const saved = await inForce();
    expect(saved.schedules[0]?.instead).toMatchObject([
      { person: 'ben', from: expect.stringMatching(/T08:00:00\+0[12]:00$/) },
    ]);
    expect(saved.text).toContain('# by turns');
    await page.context().close();
  });

  test('people, teams and schedules are made by forms from nothing, and a field that is wrong says what is allowed', async () => {
    const page = await open('operations', '/admin/routing', 'Who is told of alerts');
    const { version } = await inForce();
    await page.getByRole('button', { name: 'Add a person' }).click();
    await page.getByLabel('Name', { exact: true }).fill('carl');
    await page.getByLabel('Time zone').fill('Europe/Nowhere');
    const put = page.getByRole('button', { name: 'Put it into the routing' });
    await page.getByRole('group', { name: 'Told of critical alerts by' }).getByLabel('ops').check();
    await put.click();
    await page.getByText('people.carl.zone: "Europe/Nowhere", allowed: an IANA time zone').waitFor();
    await page.getByLabel('Time zone').fill('Europe/Lisbon');
    await put.click();
    await page.getByRole('cell', { name: 'carl', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Add a team' }).click();
    await page.getByLabel('Name', { exact: true }).fill('night');
    await page.getByRole('group', { name: 'Members' }).getByLabel('carl').check();
    await put.click();
    await page.getByRole('button', { name: 'Change night' }).waitFor();
    await page.getByRole('button', { name: `Save as version ${version + 1}` }).click();
    await page.getByText('Person carl; Team night').waitFor();
    const { text } = await inForce();
    expect(text).toContain('  carl:\n    zone: Europe/Lisbon\n');
    expect(text).toContain('night:\n    members: [carl]');
    await page.context().close();
  });

  test('a silence is made with a reason and an end, shown with who made it, and ended', async () => {
    const page = await open('operations', '/admin/silences', 'Silences');
    await page.getByText('No silence is in force').waitFor();
    await page.getByLabel('Its id').fill('site:berlin');
    await page.getByLabel('Why', { exact: true }).fill('works at the ramp');
    const until = page.getByLabel('Until');
    await until.fill('2020-01-01 10:00');
    await page.getByRole('button', { name: 'Silence them' }).press('Enter');
    await page.getByText('later than now, thirty days at most').waitFor();
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16).replace('T', ' ');
    await until.fill(tomorrow);
    await page.getByRole('button', { name: 'Silence them' }).press('Enter');
    await page.getByText('site: site:berlin').waitFor();
    await page.getByText('It mutes nothing now.').waitFor();
    await page.getByRole('button', { name: 'End it now' }).press('Enter');
    await page.getByRole('button', { name: 'End it', exact: true }).press('Enter');
    await page.getByText('Ended by operations.').waitFor();
    await page.context().close();
  });
});
