import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SystemDocumentView, SystemFileView } from '../dashboards/api/index.ts';
import { Api, eventually } from './api.ts';
import { type IsothermProcess, isotherm, startIsotherm } from './isotherm-process.ts';

/*
 * kill -9 of the real program in the middle of a file of ERP: kept and not read yet, its shipment announced and not written down,
 * written down and not moved aside. Whenever it was, each file is taken once.
 */

const EXAMPLE = join(import.meta.dirname, '../docs/examples/erp/sap-s4');
const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-kill-system-'));
const config = join(dataDir, 'isotherm.yaml');
const inbox = join(dataDir, 'systems', 'sap-s4', 'in');
let platform: IsothermProcess;
let token = '';

const start = async () => {
  platform = await startIsotherm({ command: 'serve', args: ['--config', config], dataDir });
};

beforeAll(async () => {
  mkdirSync(inbox, { recursive: true });
  writeFileSync(config, JSON.stringify({ systems: { folder: join(dataDir, 'systems') } }));
  await start();
  const made = await isotherm(['token', 'create', 'kill-system', '--role', 'admin', '--config', config], { dataDir });
  expect(made.code, made.stderr).toBe(0);
  token = made.stdout.trim();
  const mapping = readFileSync(join(EXAMPLE, 'system.yaml'), 'utf8');
  await api().send('PUT', '/erp/systems/sap-s4', { mapping });
}, 180_000);

afterAll(async () => {
  await platform?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const api = () => new Api(platform.httpUrl, token);
const files = () => api().all<SystemFileView>('/erp/systems/sap-s4/files');
const shipments = async () => (await api().all<{ id: string }>('/shipments')).map(({ id }) => id);

function bring(number: string): void {
  const content = readFileSync(join(EXAMPLE, 'delivery.xml'), 'utf8').replaceAll('80004711', number);
  writeFileSync(join(inbox, '.half'), content);
  renameSync(join(inbox, '.half'), join(inbox, `${number}.xml`));
}

const moments: readonly [number: string, what: string, seen: (number: string) => Promise<boolean>][] = [
  ['81000001', 'it is kept', async (number) => (await files()).some(({ name }) => name === `${number}.xml`)],
  ['81000002', 'its shipment is announced', async (number) => (await shipments()).includes(number)],
  [
    '81000003',
    'it is taken',
    async (number) => (await files()).some(({ name, fate }) => name === `${number}.xml` && fate === 'taken'),
  ],
];

test('a file of ERP in whose middle the program was killed is taken once', async () => {
  for (const [number, what, seen] of moments) {
    bring(number);
    await eventually(
      what,
      () => seen(number),
      (isSo) => isSo,
    );
    await platform.kill();
    await start();
  }
  const numbers = moments.map(([number]) => number);
  const done = await eventually(
    'all are moved aside',
    async () => readdirSync(join(inbox, 'done')).filter((name) => name.endsWith('.xml')),
    (names) => names.length === numbers.length,
  );
  expect(done.sort()).toEqual(numbers.map((number) => `${number}.xml`));
  const documents = await api().all<SystemDocumentView>('/erp/systems/sap-s4/documents');
  expect(documents.map(({ number, revisions }) => [number, revisions]).sort()).toEqual(numbers.map((one) => [one, 1]));
  const fates = Map.groupBy(await files(), ({ name }) => name);
  for (const [name, all] of fates) {
    const took = all.filter(({ fate }) => fate !== 'repeated').map(({ fate }) => fate);
    expect([name, took]).toEqual([name, ['taken']]);
  }
  expect((await shipments()).sort()).toEqual(numbers);
}, 240_000);
