import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Installation } from '../dashboards/server/testing/installation.ts';
import { systemTime } from '../domain/index.ts';

import { effectsOf, PostgresAuditTrail } from '../storage/index.ts';
import { by } from '../storage/testing/people.ts';
import { isotherm } from './isotherm-process.ts';

/* The ledger as somebody outside sees it: over HTTP, and on the command line. */

let house: Installation;
let dataDir = '';
const add = (n: number) =>
  house.database.transaction((client) =>
    new PostgresAuditTrail({ database: house.database }).addAll(
      effectsOf(client),
      Array.from({ length: n }, (_, at) => ({
        ...by('paula'),
        ...{ at: systemTime.now(), action: 'hold.set', subject: `shipment:SHP-${at}` as const, reason: 'complaint' },
        origin: { via: 'http', address: '192.0.2.7' } as const,
      })),
    ),
  );

/** Commands that start one after the other, on a machine that is busy. */
vi.setConfig({ testTimeout: 180_000 });

beforeAll(async () => {
  house = await Installation.start();
  dataDir = mkdtempSync(join(tmpdir(), 'isotherm-ledger-'));
  await add(600);
});
afterAll(async () => {
  await house.stop();
  rmSync(dataDir, { recursive: true });
});

const run = (command: string, ...more: string[]) =>
  isotherm([...command.split(' '), ...more], { dataDir, env: { DATABASE_URL: house.database.url } });
const get = (path: string) => fetch(`${house.url}/ledger/${path}`);

test('nothing is served before anything was signed', async () => {
  const response = await get('checkpoint');
  expect([response.status, response.headers.get('content-type')]).toEqual([
    404,
    expect.stringContaining('problem+json'),
  ]);
});

test('a subject is proven by a file that verifies without the installation, with its key alone', async () => {
  const { stdout: key } = await run('ledger key');
  expect(key).toMatch(/^isotherm-[0-9a-f]{16}\/ledger\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*\n$/);
  const file = join(dataDir, 'shipment.tlog-proof');
  expect((await run('ledger prove shipment:SHP-599 --out', file)).code).toBe(0);
  const elsewhere = mkdtempSync(join(tmpdir(), 'isotherm-ledger-other-'));
  const verify = (...more: string[]) => isotherm(['ledger', 'verify', file, ...more], { dataDir: elsewhere });
  const proven = await verify('--key', key.trim());
  expect([proven.code, proven.stderr]).toEqual([0, '']);
  expect(JSON.parse(proven.stdout)).toMatchObject({
    proven: { kind: 'audit', content: { action: 'hold.set', subject: 'shipment:SHP-599', reason: 'complaint' } },
  });
  const stranger = await verify();
  expect([stranger.code, stranger.stderr]).toEqual([1, expect.stringContaining('none of the keys given has signed')]);
  writeFileSync(file, 'no proof');
  expect(await verify('--key', key.trim())).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('it is no proof'),
  });
  rmSync(elsewhere, { recursive: true });
  expect(await run('ledger prove shipment:nowhere')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no leaf about'),
  });
});

test('is served as tiles and entries that hash to each other, cached for good', async () => {
  const checkpoint = await get('checkpoint');
  expect(checkpoint.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(checkpoint.headers.get('cache-control')).toBe('public, max-age=1');
  const size = Number((await checkpoint.text()).split('\n')[1]);
  const width = size % 256;
  const tile = await get(`tile/0/002.p/${width}`);
  expect(tile.headers.get('content-type')).toBe('application/octet-stream');
  expect(tile.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  const hashes = Buffer.from(await tile.arrayBuffer());
  const bundle = Buffer.from(await (await get(`tile/entries/002.p/${width}`)).arrayBuffer());
  let at = 0;
  for (let n = 0; n < width; n++) {
    const entry = bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at));
    at += 2 + entry.length;
    const hash = createHash('sha256').update(Buffer.of(0)).update(entry).digest();
    expect(hashes.subarray(n * 32, n * 32 + 32).equals(hash)).toBe(true);
    expect(entry.toString()).toMatch(/^\{"kind":"[a-z-]+","sha256":"[0-9a-f]{64}","v":1\}$/);
  }
  expect(at).toBe(bundle.length);
  expect((await (await get('tile/0/001')).arrayBuffer()).byteLength).toBe(8192);
  expect(Buffer.from(await (await get('tile/0/001.p/7')).arrayBuffer()).length).toBe(7 * 32);
  expect((await get('tile/1/000.p/2')).status).toBe(200);
});

test.each([
  'tile/0/000.p/0',
  'tile/0/000.p/256',
  'tile/0/000.p/01',
  'tile/0/2',
  'tile/0/x000/001',
  'tile/00/001',
  'tile/64/000',
  'tile/0/002',
  'tile/0/002.p/255',
  'tile/0/003.p/1',
  'tile/1/000.p/3',
  'tile/entries/002',
  'tile/entries/%30%30%31',
  'tile/0/001/',
  'tile/0/../0/001',
  'tile/0/x999/x999/x999/x999/999',
  'nothing',
  'checkpoint/',
])('%s is not there', async (path) => {
  const { hostname, port } = new URL(house.url);
  // As it is written: fetch would tidy it up.
  const { request } = await import('node:http');
  const status = await new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path: `/ledger/${path}` }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject);
    asked.end();
  });
  expect(status).toBe(404);
});

test('verifies, names what was changed, and what was rotated goes on', async () => {
  const whole = await run('ledger verify');
  const { leaves } = JSON.parse(whole.stdout);
  expect([whole.code, whole.stderr]).toEqual([0, '']);
  expect(JSON.parse(whole.stdout)).toMatchObject({ waiting: 0, faults: [] });
  expect((await run('ledger key --rotate')).code).toBe(2);
  const before = (await run('ledger key')).stdout;
  const rotated = await run('ledger key --rotate --reason', 'an administrator left');
  expect(rotated.stdout).not.toBe(before);
  expect(rotated.stdout.split('+')[0]).toBe(before.split('+')[0]);
  expect((await run('ledger prove installation:ledger')).code).toBe(0);
  const after = await run('ledger verify');
  expect([after.code, after.stderr, JSON.parse(after.stdout).leaves]).toEqual([0, '', leaves + 2]);
  await house.database.transaction(async (client) => {
    await client.query('SET LOCAL session_replication_role = replica');
    await client.query(
      `UPDATE audit_entries SET leaf = replace(leaf, 'complaint', 'all well') WHERE subject = 'shipment:SHP-7'`,
    );
  });
  const changed = await run('ledger verify');
  expect(changed.code).toBe(1);
  expect(changed.stderr).toMatch(/^leaf \d+ \(audit of shipment:SHP-7, evt_[0-9a-f-]+\): changed: .*\n$/);
});

test('a database that is behind what was signed is not signed on', async () => {
  await add(3);
  await house.database.transaction(async (client) => {
    await client.query('SET LOCAL session_replication_role = replica');
    await client.query('DELETE FROM ledger_checkpoints WHERE size = (SELECT max(size) FROM ledger_checkpoints)');
  });
  const refused = await run('ledger prove shipment:SHP-1');
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('were signed: an older backup was put back'),
  });
});
