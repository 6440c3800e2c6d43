import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { Api, eventually } from './api.ts';
import { type IsothermProcess, isotherm, startIsotherm } from './isotherm-process.ts';

/*
 * Two installations, one the witness of the other: what was cosigned cannot be taken back by putting an older backup in
 * place of it.
 */

vi.setConfig({ testTimeout: 400_000 });

const folders = ['own', 'restored', 'partner', 'backup'].map((name) =>
  mkdtempSync(join(tmpdir(), `isotherm-witness-${name}-`)),
);
const [own = '', restored = '', partner = '', backup = ''] = folders;
const running: IsothermProcess[] = [];

afterAll(async () => {
  for (const one of running) await one.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function serve(dataDir: string, ledger: object): Promise<IsothermProcess> {
  writeFileSync(join(dataDir, 'isotherm.yaml'), JSON.stringify({ ledger }));
  const started = await startIsotherm({
    command: 'serve',
    dataDir,
    args: ['--config', join(dataDir, 'isotherm.yaml')],
    env: { NODE_OPTIONS: `--import ${import.meta.dirname}/testing/hurried.ts` },
  });
  running.push(started);
  return started;
}

const keyOf = async (dataDir: string, ...more: string[]) =>
  (await isotherm(['ledger', 'key', ...more], { dataDir })).stdout.trim();
const tokenOf = async (dataDir: string, name: string) =>
  (await isotherm(['token', 'create', name, '--role', 'admin'], { dataDir })).stdout.trim();

/** Something that leaves an entry in the audit trail. */
const record = (api: Api, name: string) => api.send('PUT', '/products/80614141123458', { name, profile: '2-8C' });

async function checkpointOf(url: string): Promise<{ size: number; signatures: number }> {
  const [text = '', signatures = ''] = (await (await fetch(`${url}/ledger/checkpoint`)).text()).split('\n\n');
  return { size: Number(text.split('\n')[1]), signatures: signatures.trim().split('\n').length };
}

test('an older backup put in place of what a partner has cosigned is refused by the partner, named, and an alert', async () => {
  const [key, witnessKey] = [await keyOf(own), await keyOf(partner, '--witness')];
  const { httpUrl: witness } = await serve(partner, { cosigns: [key] });
  const witnesses = { witnesses: [`${witness}/ledger ${witnessKey}`] };
  const first = await serve(own, witnesses);
  await eventually(
    'the partner cosigns',
    () => checkpointOf(first.httpUrl),
    ({ signatures }) => signatures === 2,
  );
  const taken = await isotherm(['backup', backup], { dataDir: own });
  expect(taken.code, taken.stderr).toBe(0);
  // Recorded and cosigned after the backup.
  await tokenOf(own, 'later');
  const before = await checkpointOf(first.httpUrl);
  const api = new Api(first.httpUrl, await tokenOf(own, 'witnessed'));
  await record(api, 'cosigned');
  const { size: cosigned } = await eventually(
    'the partner cosigns what came after the backup',
    () => checkpointOf(first.httpUrl),
    ({ size, signatures }) => size > before.size && signatures === 2,
  );
  await first.stop();

  const { manifestSha256 } = JSON.parse(taken.stdout);
  const done = await isotherm(['restore', backup, '--manifest-sha256', manifestSha256], { dataDir: restored });
  expect(done.code, done.stderr).toBe(0);
  // The key as the documentation has it copied, and not what was signed last: as who wants it unseen would.
  copyFileSync(join(own, 'ledger.key'), join(restored, 'ledger.key'));
  const again = await serve(restored, witnesses);
  const part = `ledger-witness ${witnessKey.split('+')[0]}`;
  const ready = async () => JSON.stringify(await (await fetch(`${again.httpUrl}/readyz`)).json());
  const said = await eventually('the partner refuses', ready, (text) => text.includes(part));
  expect(said).toMatch(
    /it has cosigned \d+ leaves, and there are \d+: an older backup was put back|it has cosigned another history/,
  );
  // What lasts is an alert.
  process.kill(again.pid, 'SIGUSR2');
  const alerts = new Api(again.httpUrl, await tokenOf(restored, 'after'));
  const raised = await eventually(
    'an alert is raised',
    () => alerts.all<{ severity: string; summary: string; rule: { id: string } }>('/alerts'),
    (all) => all.some(({ summary }) => summary.includes(part)),
    120_000,
  );
  expect(raised.find(({ summary }) => summary.includes(part))).toMatchObject({ severity: 'critical' });
  // However much is recorded now, it never continues what was cosigned.
  for (let n = 0; (await checkpointOf(again.httpUrl)).size <= cosigned; n++) {
    await record(alerts, `another history ${n}`);
    await eventually(
      'it has its place',
      () => checkpointOf(again.httpUrl),
      ({ size }) => size > 0,
    );
  }
  await eventually('the fork is named', ready, (text) => text.includes('it has cosigned another history'));
  expect((await checkpointOf(again.httpUrl)).signatures).toBe(1);
});
