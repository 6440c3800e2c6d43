import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Accounts } from '../access/index.ts';
import { Receiver } from '../alerts/testing/receiver.ts';
import type { HealthView } from '../dashboards/api/index.ts';
import { systemTime } from '../domain/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { Api, eventually } from './api.ts';
import { type IsothermProcess, startIsotherm } from './isotherm-process.ts';

/*
 * kill -9 of the real program between an event and its subscriber, who was away for a day, is slow, and in the end wants no more:
 * every event is told once and in order, what comes twice has one id and one body, a message is bounded, and the end is told.
 */

const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-kill-epcis-'));
const config = join(dataDir, 'isotherm.yaml');
const receiver = new Receiver();
const SERIALS = Array.from({ length: 250 }, (_, n) => n + 1);
const DAY = 24 * 60;
const CONTEXT = 'https://ref.gs1.org/standards/epcis/epcis-context.jsonld';
const WITHIN_MS = 60_000;
let platform: IsothermProcess;
let token = '';
let databaseUrl = '';

/** @param minutes by which its clock is ahead: what was claimed by a process that died is free after half of one */
const start = async (minutes: number) => {
  const hurried = `--import ${import.meta.dirname}/testing/hurried.ts`;
  const env = { DATABASE_URL: databaseUrl, NODE_OPTIONS: hurried, HURRIED_MINUTES: String(minutes) };
  const args = ['--only', 'trace,alerts', '--config', config];
  platform = await startIsotherm({ command: 'serve', args, dataDir, env });
};

beforeAll(async () => {
  writeFileSync(config, JSON.stringify({ outgoing: { allow: ['127.0.0.1'] } }));
  const database = await testDatabase({ maxConnections: 2 });
  databaseUrl = database.url;
  token = await new Accounts({ database, time: systemTime }).tokens.create({ name: 'kill-epcis', role: 'admin' });
  await start(0);
}, 180_000);

afterAll(async () => {
  await platform?.stop();
  await receiver.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function ask(path: string, body: object): Promise<void> {
  const response = await fetch(`${platform.httpUrl}/epcis/v2${path}`, {
    ...{ method: 'POST', body: JSON.stringify(body) },
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  expect(response.status, await response.text()).toBeLessThan(300);
}

async function captured(serials: readonly number[]): Promise<void> {
  const eventList = serials.map((serial) => ({
    ...{ type: 'ObjectEvent', eventTime: '2026-07-22T06:45:00Z', eventTimeZoneOffset: '+02:00', action: 'OBSERVE' },
    ...{ bizStep: 'shipping', epcList: [`urn:epc:id:sgtin:0614141.999999.${serial}`] },
  }));
  const head = { '@context': [CONTEXT], type: 'EPCISDocument', schemaVersion: '2.0' };
  await ask('/capture', { ...head, creationDate: '2026-07-22T10:30:00Z', epcisBody: { eventList } });
}

/** The next request is answered by this. @returns when it was */
function next(answer: (response: ServerResponse) => Promise<void> | void): Promise<void> {
  return new Promise((resolve, reject) => {
    receiver.answer = (response) => {
      receiver.answer = away;
      Promise.resolve(answer(response)).then(resolve, reject);
    };
  });
}

const away = (response: ServerResponse) => void response.destroy();

/** What was sent, by the id of its message. */
function messages(): Map<string, { body: string; serials: number[] }[]> {
  const sent = receiver.received.map(({ headers, body }) => {
    const { eventList } = JSON.parse(body).epcisBody.queryResults.resultsBody;
    const serials = eventList.map(({ epcList }: { epcList: string[] }) => Number(epcList[0]?.split('.').at(-1)));
    return { id: String(headers['webhook-id']), body, serials };
  });
  return Map.groupBy(sent, ({ id }) => id);
}

test('every event is told once and in order, whoever is killed, away or slow; the end is told here', async () => {
  receiver.answer = away;
  await ask('/queries', { name: 'shipped', query: { EQ_bizStep: ['shipping'] } });
  await ask('/queries/shipped/subscriptions', { dest: await receiver.start(), stream: true });
  await captured(SERIALS);
  await receiver.gets(2);
  // While the subscriber has not answered.
  await next(async () => {
    await platform.kill();
  });
  // A day later; when it has answered, and nobody can have written it down.
  const again = start(DAY);
  await next(async (response) => {
    await again;
    await platform.kill();
    response.writeHead(204).end();
  });
  receiver.answer = (response) => void setTimeout(() => response.writeHead(204).end(), 1_000);
  await start(DAY + 1);
  const told = () => [...messages().values()].flatMap(([first]) => first?.serials ?? []);
  await eventually(
    'all of it is told',
    async () => told().length,
    (count) => count >= SERIALS.length,
    WITHIN_MS,
  );
  expect(told()).toEqual(SERIALS);
  for (const [id, same] of messages()) {
    expect([id, new Set(same.map(({ body }) => body)).size]).toEqual([id, 1]);
    expect(same[0]?.serials.length).toBeLessThanOrEqual(100);
  }
  expect(messages().values().next().value?.length).toBeGreaterThan(3);
  receiver.answer = (response) => void response.writeHead(410).end();
  await captured([251]);
  const api = new Api(platform.httpUrl, token);
  const [ended] =
    (await eventually(
      'the end is shown',
      async () => (await api.get<HealthView>('/health')).subscriptions,
      (ones) => ones?.length === 1,
      WITHIN_MS,
    )) ?? [];
  expect(ended).toMatchObject({ query: 'shipped', because: expect.stringContaining('410') });
  await eventually(
    'and is an alert',
    () => api.all<{ kind: string; subject: object }>('/alerts'),
    (all) => all.some((alert) => JSON.stringify(alert).includes(`subscription ${ended?.id}`)),
    WITHIN_MS,
  );
}, 300_000);
