import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, expect, test } from 'vitest';
import { ASSISTANT_TOOLS, type AuditEntryView } from '../api/index.ts';
import { excursionsOf, HOUR, iso, NOW } from './testing/excursions.ts';
import { Installation } from './testing/installation.ts';

/*
 * Assistants as an npm client speaks for them: Model Context Protocol 2026-07-28, and the 2025 one of older assistants.
 */

const house = await Installation.start({ areAssistantsOpen: true });
afterAll(() => house.stop());

const { excursion, decide, person, bySigner } = excursionsOf(house);
const LAST_WEEK = { from: iso(NOW - 7 * 24 * HOUR), to: iso(NOW + HOUR) };

async function assistantOf(token: string, versions: 'new' | 'old' = 'new'): Promise<Client> {
  const client = new Client(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: versions === 'new' ? { pin: '2026-07-28' } : 'legacy' } },
  );
  const headers = { authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${house.url}/mcp`), { requestInit: { headers } }));
  return client;
}

async function ask(client: Client, name: string, given: object = {}) {
  const { content, isError, structuredContent } = await client.callTool({ name, arguments: { ...given } });
  const [first] = content;
  return {
    isError: isError === true,
    text: first?.type === 'text' ? first.text : '',
    answer: structuredContent as Record<string, unknown> | undefined,
  };
}

/** What each tool is asked with. */
async function questions(): Promise<Readonly<Record<keyof typeof ASSISTANT_TOOLS, object>>> {
  const lot = await excursion();
  const asked = {
    ...{ search: { query: lot.shipment }, list_shipments: {}, get_shipment: { id: lot.shipment }, list_alerts: {} },
    ...{ get_alert: { id: lot.alert }, alert_serials: { id: lot.alert, limit: 1 }, lots_touched: LAST_WEEK },
    ...{ get_serial: { epc: lot.serials[0] }, recall: { shipment: lot.shipment }, list_verifications: {} },
    list_lanes: {},
    ...{ list_cases: { states: ['open'] }, get_case: { id: lot.id } },
    get_readings: { device: lot.device, ...LAST_WEEK },
    list_rules: {},
    get_rule: { id: 'too-warm' },
  };
  return asked;
}

test.each(['new', 'old'] as const)(
  'an assistant of the %s protocol lists every tool and calls it',
  async (versions) => {
    const client = await assistantOf(await house.token('quality'), versions);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual(Object.keys(ASSISTANT_TOOLS).sort());
    for (const { annotations, inputSchema } of tools) {
      expect(annotations).toMatchObject({ readOnlyHint: true });
      expect(inputSchema).toMatchObject({ type: 'object' });
    }
    for (const [name, given] of Object.entries(await questions())) {
      const { isError, text } = await ask(client, name, given);
      // The rules of this installation are in no log.
      if (name === 'get_rule') expect(text).toContain('RULE_UNKNOWN');
      else expect({ name, isError, text: isError ? text : '' }).toEqual({ name, isError: false, text: '' });
    }
    await client.close();
  },
);

test('which lots were above 8 °C last week, and who decided: one question answers it', async () => {
  const [lot, { name, cookie }] = [await excursion({ gtin: '812399' }), await person()];
  await decide(lot, cookie, bySigner(name), { disposition: 'release' });
  const client = await assistantOf(await house.token('quality'));
  const { answer } = await ask(client, 'lots_touched', { ...LAST_WEEK, above: 8 });
  expect(answer).toMatchObject({ isComplete: true });
  const { lots, cases } = answer as { lots: { cases: string[]; serials: number; most: number }[]; cases: object[] };
  expect(lots.find((one) => one.cases.includes(lot.id))).toMatchObject({ serials: 3, most: 9.1 });
  expect(cases.find((one) => 'id' in one && one.id === lot.id)).toMatchObject({
    decisions: [{ disposition: 'release', serials: 3, isInForce: true, signatures: [{ name }] }],
  });
  // A limit that none of them reached.
  const none = await ask(client, 'lots_touched', { ...LAST_WEEK, above: 9.5 });
  expect(none.answer).toMatchObject({ lots: [], cases: [], isComplete: true });
  await client.close();
});

test('each call is under the role and the sites of who asks, and stands in the audit trail, refused ones too', async () => {
  const lot = await excursion();
  const token = await house.accounts.tokens.create({ name: 'narrow', role: 'dock', scope: ['pack.verify'] });
  const narrow = await assistantOf(token);
  const refused = await ask(narrow, 'get_case', { id: lot.id });
  expect(refused).toMatchObject({ isError: true, answer: undefined });
  expect(refused.text).toMatch(/^ROLE_NOT_ALLOWED: /);
  await narrow.close();

  const elsewhere = await assistantOf(
    await house.accounts.tokens.create({ name: 'elsewhere', role: 'quality', sites: ['site:oslo'] }),
  );
  expect(await ask(elsewhere, 'get_shipment', { id: lot.shipment })).toMatchObject({ isError: true });
  expect((await ask(elsewhere, 'list_alerts')).answer).toMatchObject({ items: [] });
  expect((await ask(elsewhere, 'lots_touched', LAST_WEEK)).answer).toMatchObject({ lots: [], cases: [] });
  await elsewhere.close();

  const { body } = await house.ask('admin', 'GET', '/audit?action=assistant.ask');
  const entries = (body as { items: AuditEntryView[] }).items.filter(({ actor }) => actor.name === 'narrow');
  expect(entries).toMatchObject([
    {
      ...{ subject: 'assistant:get_case', actor: { name: 'narrow', kind: 'token' } },
      new: { arguments: { id: lot.id }, answered: false, refused: 'ROLE_NOT_ALLOWED' },
    },
  ]);
});

test('what is asked wrongly is answered in words an assistant can mend it by', async () => {
  const client = await assistantOf(await house.token('quality'));
  for (const [name, given, said] of [
    ['get_readings', { device: 'logger-1', from: 'last week', to: iso(NOW) }, /RFC 3339/],
    ['list_alerts', { limit: 100_000 }, /limit/],
    ['recall', {}, /at least one of gtin, lot and shipment/],
    ['recall', { gtin: '123' }, /gtin/i],
    ['get_shipment', { id: 'SHP-404' }, /SHIPMENT_UNKNOWN/],
    ['get_serial', { epc: 'no code' }, /EPC/],
    ['list_cases', { order: 'value' }, /order/],
  ] as const) {
    const { isError, text } = await ask(client, name, given);
    expect({ name, isError }).toEqual({ name, isError: true });
    expect(text).toMatch(said);
  }
  await client.close();
});

test('a door that is not for browsers of other sites, for nobody without a token, nor for other methods', async () => {
  const listTools = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };
  const post = (headers: Record<string, string>, body = JSON.stringify(listTools)) =>
    fetch(`${house.url}/mcp`, {
      method: 'POST',
      headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json', ...headers },
      body,
    });
  const authorization = `Bearer ${await house.token('quality')}`;
  const stranger = await post({});
  expect([stranger.status, stranger.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  expect((await post({ authorization: 'Bearer wrong' })).status).toBe(401);
  expect((await post({ authorization, origin: 'https://elsewhere.example' })).status).toBe(403);
  expect((await post({ authorization, 'content-type': 'text/plain' })).status).toBe(415);
  expect((await post({ authorization }, 'no JSON')).status).toBe(400);
  expect((await post({ authorization }, JSON.stringify('x'.repeat(2 * 1024 * 1024)))).status).toBe(413);
  const listened = await fetch(`${house.url}/mcp`, { headers: { authorization } });
  expect([listened.status, listened.headers.get('allow')]).toEqual([405, 'POST']);
  expect((await post({ authorization })).status).toBe(200);
  // An assistant that is told 401 looks here for a way to sign in: it would read a page as a broken answer.
  for (const path of ['oauth-protected-resource/mcp', 'oauth-authorization-server', 'openid-configuration']) {
    const sought = await fetch(`${house.url}/.well-known/${path}`);
    expect([sought.status, sought.headers.get('content-type')]).toEqual([404, expect.stringContaining('problem+json')]);
  }
});

test('on stdin and stdout: isotherm mcp asks the installation with its token', async () => {
  const lot = await excursion();
  const client = new Client({ name: 'desk', version: '1' });
  const troubles: Error[] = [];
  client.onerror = (error) => troubles.push(error);
  const env = (token: string) => ({
    ...{ PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' },
    ...{ ISOTHERM_ASSISTANTS_URL: house.url, ISOTHERM_ASSISTANTS_TOKEN: token },
  });
  const command = { command: process.execPath, args: [join(import.meta.dirname, '../../app/isotherm.js'), 'mcp'] };
  await client.connect(new StdioClientTransport({ ...command, env: env(await house.token('quality')) }));
  expect((await client.listTools()).tools).toHaveLength(Object.keys(ASSISTANT_TOOLS).length);
  expect((await ask(client, 'get_case', { id: lot.id })).answer).toMatchObject({ id: lot.id });
  expect((await ask(client, 'get_case', { id: 'C-999999' })).text).toContain('CASE_UNKNOWN');
  // A line on stdout that is not of the protocol would be one.
  expect(troubles).toEqual([]);
  await client.close();
});

test('off, as it is by default, nothing is answered', async () => {
  const closed = await Installation.start();
  const headers = { authorization: `Bearer ${await closed.token('admin')}`, 'content-type': 'application/json' };
  for (const path of ['/mcp', '/api/v1/assistants/tools/list_alerts']) {
    const response = await fetch(closed.url + path, { method: 'POST', headers, body: '{}' });
    expect(await response.json()).toMatchObject({ status: 404, code: 'ASSISTANTS_OFF' });
  }
  await closed.stop();
});
