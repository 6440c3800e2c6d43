import { type Browser, chromium, type Page } from 'playwright-core';
import type { Api } from '../api.ts';
import { Link } from '../chaos/link.ts';
import { systemPart } from '../parts.ts';
import type { Found } from './comparison.ts';

const PATIENCE_MS = 60_000;

/** A tab in which the page of the version before was opened, and which stays open. */
export class OpenPage {
  readonly #link: Link;
  readonly #browser: Browser;
  readonly #page: Page;
  readonly #wrong: string[] = [];

  private constructor(link: Link, browser: Browser, page: Page) {
    this.#link = link;
    this.#browser = browser;
    this.#page = page;
    page.on('pageerror', (error) => this.#wrong.push(`the page of before: ${error.message}`));
  }

  /** @param httpUrls of the processes by name, which `lead` changes @param logger that the list of devices has */
  static async open(
    httpUrls: ReadonlyMap<string, string>,
    { username, password, logger }: { readonly username: string; readonly password: string; readonly logger: string },
  ): Promise<OpenPage> {
    const link = new Link();
    await link.start();
    for (const [name, url] of httpUrls) lead(link, name, url);
    const browser = await chromium.launch({ executablePath: systemPart('chromium') ?? '', args: ['--no-sandbox'] });
    const context = await browser.newContext();
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const url = `http://127.0.0.1:${link.port}`;
    const answer = await page.request.post(`${url}/api/v1/session`, { data: { username, password } });
    if (!answer.ok()) throw new Error(`${username} cannot sign in: ${answer.status()} ${await answer.text()}`);
    const open = new OpenPage(link, browser, page);
    await page.goto(`${url}/devices`);
    await page.getByText(logger, { exact: true }).first().waitFor();
    await page.evaluate('window.isOfBefore = true');
    return open;
  }

  lead(name: string, httpUrl: string): void {
    lead(this.#link, name, httpUrl);
  }

  /** Once no process of before is left: what is open goes on as it is, and what was never opened is there after a loading. */
  async goesOn(api: Api): Promise<Found> {
    const page = this.#page;
    const refused: string[] = [];
    page.on('response', (response) => {
      if (response.status() >= 400 && response.url().includes('/api/'))
        refused.push(`${response.status()} ${response.url()}`);
    });
    await api.send('POST', '/devices', { id: 'up-new', kind: 'logger', name: 'Registered after it' });
    await page.getByText('Registered after it', { exact: true }).first().waitFor();
    if ((await page.evaluate('window.isOfBefore')) !== true) this.#wrong.push('the page of before loaded itself anew');
    await page.getByRole('link', { name: 'Shipments', exact: true }).first().click();
    await page.getByText('SHP-UP', { exact: true }).first().waitFor();
    const isOld = (await page.evaluate('window.isOfBefore')) === true;
    const said = `the page of before showed what was registered after it; a screen that it had never opened came ${isOld ? 'as it was' : 'with the page of now'}; ${refused.length} requests were refused`;
    return { said, wrong: [...this.#wrong, ...refused] };
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#link.stop();
  }
}

function lead(link: Link, name: string, httpUrl: string): void {
  link.lead(name, { host: '127.0.0.1', port: Number(new URL(httpUrl).port) });
}
