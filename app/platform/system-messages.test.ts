import { lookup } from 'node:dns';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Installation } from '../../dashboards/server/testing/installation.ts';
import { BY_PLATFORM, Outgoing, systemTime } from '../../domain/index.ts';
import { DocumentReader, SystemMessages, Systems } from '../../partners/index.ts';
import { InstallationKey, PostgresAuditTrail } from '../../storage/index.ts';
import { lookForNews, newsOf, send } from './system-messages.ts';

const NOW = Math.floor(Date.now() / 60_000) * 60_000;
const HOUR = 3_600_000;
const iso = (at: number) => new Date(at).toISOString();
const PALLET = 'urn:epc:id:sscc:0614141.1234567890';
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.812345.${serial}`;
const SECRET = `whsec_${Buffer.alloc(24, 5).toString('base64')}`;

/** A system beside us: keeps what it is told, and answers as it is said to. */
const heard: { headers: IncomingHttpHeaders; body: string }[] = [];
let answer = 200;
let receiver: Server;
let house: Installation;
let told: ReturnType<typeof tools>;
let folder: string | null = null;

function tools(url: string) {
  const { database } = house;
  const audit = new PostgresAuditTrail({ database });
  const outgoing = new Outgoing({ allow: ['127.0.0.0/8'], lookup });
  const given = { audit, database, outgoing, time: systemTime };
  const systems = new Systems({ ...given, key: InstallationKey.random() });
  const messages = new SystemMessages(given);
  const reader = new DocumentReader({ time: systemTime });
  return { ...given, url, systems, messages, reader, news: newsOf(database) };
}

beforeAll(async () => {
  house = await Installation.start();
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      heard.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(answer).end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  told = tools(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`);
  await house.tell({
    type: 'place',
    place: { id: 'site:lyon', kind: 'site', name: 'Lyon', parent: null, zone: 'Europe/Paris' },
    by: 'test',
  });
  const { status } = await house.ask('logistics', 'POST', '/shipments', {
    ...{ id: 'SHP-1', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon', products: [] },
    ...{ departs: iso(NOW - 8 * HOUR), arrives: iso(NOW - HOUR) },
    units: [
      {
        sscc: PALLET,
        from: iso(NOW - 8 * HOUR),
        children: [1, 2, 3].map((serial) => ({ epc: sgtin(serial), lot: 'A17', expiry: '2028-06-30' })),
      },
    ],
  });
  expect(status).toBe(201);
  await house.capture({
    ...{ type: 'ObjectEvent', eventTime: iso(NOW - HOUR), eventTimeZoneOffset: '+00:00', action: 'OBSERVE' },
    ...{ bizStep: 'receiving', bizLocation: { id: 'site:lyon' }, epcList: [PALLET] },
  });
  await house.database.query("UPDATE shipments SET received_at = $1, state = 'received' WHERE id = 'SHP-1'", [
    NOW - HOUR,
  ]);
  const mapping = `name: ERP\nwebhook: ${told.url}\nout:\n  - { id: received, tells: receipts }\n`;
  await told.systems.put('erp', { mapping, secret: SECRET }, BY_PLATFORM);
});
afterAll(async () => {
  receiver.close();
  await told.reader.stop();
  await house.stop();
});
beforeEach(() => {
  heard.splice(0);
  answer = 200;
});

const look = () => lookForNews(told);
async function sendDue() {
  const due = await told.messages.claim(8);
  for (const one of due) await send(one, { ...told, folder, signal: new AbortController().signal });
  return due;
}
const again = () => house.database.query("UPDATE erp_messages SET next_attempt_at = now() - interval '1 second'");

test('stock and receipts say what stands where, and what is stopped', async () => {
  const stock = await house.ask('logistics', 'GET', '/erp/stock?site=site:lyon');
  expect(stock.body).toMatchObject({
    items: [{ place: 'site:lyon', gtin: '80614141123458', lot: 'A17', packs: 3, status: null, stated: null }],
  });
  const receipts = await house.ask('logistics', 'GET', '/erp/receipts?shipment=SHP-1');
  expect(receipts.body).toMatchObject({
    items: [{ shipment: 'SHP-1', destination: 'site:lyon', lines: [{ lot: 'A17', listed: 3, stopped: 0 }] }],
  });
});

describe('a system is told of a receipt', () => {
  test('once, signed, under one id at every attempt', async () => {
    await look();
    await look();
    answer = 500;
    expect(await sendDue()).toHaveLength(1);
    await again();
    answer = 200;
    await sendDue();
    await again();
    expect(await sendDue()).toHaveLength(0);
    const [first, second] = heard;
    expect(heard).toHaveLength(2);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body).toBe(first?.body);
    const signed = new Webhook(SECRET).verify(second?.body ?? '', second?.headers as Record<string, string>);
    expect(signed).toMatchObject({ type: 'receipt', revision: 1, data: { shipment: 'SHP-1', lines: [{ listed: 3 }] } });
  });

  test('again with a higher revision where it turns out otherwise, the later in place of the earlier', async () => {
    const recall = (serial: number) =>
      house.capture({
        ...{ type: 'ObjectEvent', eventTime: iso(NOW), eventTimeZoneOffset: '+00:00', action: 'OBSERVE' },
        ...{ bizStep: 'holding', disposition: 'recalled', epcList: [sgtin(serial)] },
      });
    await recall(1);
    await look();
    await recall(2);
    await look();
    await sendDue();
    expect(heard.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      { revision: 3, data: { lines: [{ listed: 3, stopped: 2 }] } },
    ]);
    expect((await told.messages.of('erp')).map(({ revision, lastError }) => [revision, lastError])).toEqual(
      expect.arrayContaining([[2, 'a later revision replaced it']]),
    );
  });

  test('never again after 410, until somebody says so', async () => {
    await house.database.query("UPDATE shipments SET received_at = received_at + 1 WHERE id = 'SHP-1'");
    await look();
    answer = 410;
    await sendDue();
    await again();
    expect(await sendDue()).toHaveLength(0);
    const [message] = await told.messages.of('erp');
    expect(message).toMatchObject({ givenUpAt: expect.any(Number), attempts: 1 });
    answer = 200;
    await told.messages.again('erp', message?.id ?? '', BY_PLATFORM);
    await sendDue();
    expect(heard.at(-1)?.headers['webhook-id']).toBe(message?.id);
  });
});

describe('a system that is told by folder', () => {
  const mapping = 'name: WMS\nout:\n  - { id: received, tells: receipts, to: folder, as: csv }\n';
  const outbox = async () => {
    const names = await readdir(join(folder ?? '', 'wms', 'out')).catch(() => []);
    return Promise.all(names.map(async (name) => [name, await readFile(join(folder ?? '', 'wms/out', name), 'utf8')]));
  };

  test('finds one file a message in its out, the same again where we were killed before we wrote it down', async () => {
    await told.systems.remove('erp', BY_PLATFORM);
    await told.systems.put('wms', { mapping }, BY_PLATFORM);
    await look();
    expect(await sendDue()).toHaveLength(1);
    const [waits] = await told.messages.of('wms');
    expect(waits).toMatchObject({ deliveredAt: null, lastError: expect.stringContaining('systems.folder is not set') });
    folder = await mkdtemp(join(tmpdir(), 'isotherm-systems-'));
    await again();
    expect(await sendDue()).toHaveLength(1);
    const first = await outbox();
    expect(first).toEqual([
      [
        expect.stringMatching(/^\d{8}T\d{6}\.\d{3}Z-received-msg_[0-9a-f-]{36}\.csv$/),
        expect.stringContaining('SHP-1,1,'),
      ],
    ]);
    await house.database.query('UPDATE erp_messages SET delivered_at = NULL WHERE id = $1', [waits?.id]);
    await again();
    expect(await sendDue()).toHaveLength(1);
    expect(await outbox()).toEqual(first);
    expect(heard).toEqual([]);
    await rm(folder, { recursive: true });
  });
});

describe('a system is told of what was decided of goods', () => {
  const decide = async (number: number, disposition: 'quarantine' | 'release', epcs: readonly string[]) => {
    await house.tell({
      type: 'decision',
      decision: {
        ...{ case: 'C-000001', number, at: NOW + number * 1_000, disposition, epcs },
        ...{ alerts: [], reason: 'test', recordHash: 'ab' },
      },
      by: 'test',
    });
    const kept = async () => (await house.database.query('SELECT FROM goods_decisions')).rowCount;
    await expect.poll(kept, { timeout: 30_000 }).toBe(number);
  };
  const bodies = () => heard.map(({ body }) => JSON.parse(body) as unknown);

  test('by GTIN and lot with their serials, and again where a later one is on some of them', async () => {
    const mapping = `name: ERP\nwebhook: ${told.url}\nout:\n  - { id: decided, tells: decisions }\n`;
    await told.systems.put('mes', { mapping }, BY_PLATFORM);
    await decide(1, 'quarantine', [1, 2, 3].map(sgtin));
    await look();
    await look();
    await sendDue();
    const line = { gtin: '80614141123458', lot: 'A17' };
    expect(bodies()).toMatchObject([
      {
        ...{ type: 'decision', revision: 1 },
        data: {
          ...{ case: 'C-000001', decision: 1, disposition: 'quarantine', at: iso(NOW + 1_000) },
          lines: [{ ...line, packs: 3, superseded: 0, epcs: [1, 2, 3].map(sgtin) }],
        },
      },
    ]);
    await decide(2, 'release', [1, 2].map(sgtin));
    await look();
    heard.splice(0);
    await sendDue();
    expect(bodies()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          revision: 2,
          data: expect.objectContaining({ decision: 1, lines: [expect.objectContaining({ superseded: 2 })] }),
        }),
        expect.objectContaining({ revision: 1, data: expect.objectContaining({ disposition: 'release' }) }),
      ]),
    );
    expect(heard).toHaveLength(2);
  });
});
