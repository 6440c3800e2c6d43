import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pdfAFaults } from '../dashboards/server/report/testing/pdf-a.ts';
import { isotherm } from './isotherm-process.ts';
import { readRequirements } from './traceability.ts';

interface Check {
  readonly id: string;
  readonly requirements: readonly string[];
  readonly found: string;
  readonly isPassed: boolean;
}

let dataDir: string;
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'isotherm-validation-'));
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

async function validated(args: readonly string[]) {
  const out = mkdtempSync(join(dataDir, 'out-'));
  const { code, stdout, stderr } = await isotherm(['validate', ...args, '--out', out], {
    dataDir,
  });
  const checks = stdout
    .split('\n')
    .filter(Boolean)
    .map((line): Check => JSON.parse(line));
  const files = readdirSync(out).map((name) => join(out, name));
  return { code, stderr, checks, fileOf: (end: string) => files.find((file) => file.endsWith(end)) ?? '' };
}

const checked = (file: string) => isotherm(['validate', 'check', file], { dataDir });

describe('qualification on the buyer’s machine', () => {
  test('the operation is qualified: known readings in, the alert with its serials out, and all of it there after a restart', async () => {
    const { code, checks, stderr, fileOf } = await validated(['oq']);
    expect(checks.filter(({ isPassed }) => !isPassed)).toEqual([]);
    expect({ code, checks: checks.length, stderr }).toMatchObject({ code: 0, checks: 11 });
    const known = new Set(readRequirements().map(({ id }) => id));
    expect(checks.flatMap(({ requirements }) => requirements).filter((id) => !known.has(id))).toEqual([]);
    expect(pdfAFaults(readFileSync(fileOf('.pdf')))).toEqual([]);
    expect(JSON.parse(readFileSync(fileOf('.json'), 'utf8'))).toMatchObject({ isPassed: true, checks });
  }, 240_000);

  test('the installation is qualified, its protocol is signed, and one that was changed afterwards is found', async () => {
    const { code, checks, fileOf } = await validated(['iq']);
    expect(checks.filter(({ isPassed }) => !isPassed)).toEqual([]);
    expect([code, checks.length]).toEqual([0, 9]);
    const file = fileOf('.json');
    expect((await checked(file)).code).toBe(0);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"isPassed": true', '"isPassed":  true'));
    const changed = await checked(file);
    expect([changed.code, changed.stderr]).toEqual([2, expect.stringContaining('one of the two was changed')]);
  }, 240_000);

  test('files that are not those of an earlier protocol fail the installation, and the protocol says so', async () => {
    const { code, checks, fileOf } = await validated(['iq', '--files-sha256', 'a'.repeat(64)]);
    expect(code).toBe(1);
    expect(checks.filter(({ isPassed }) => !isPassed).map(({ id }) => id)).toEqual(['IQ-2']);
    expect(JSON.parse(readFileSync(fileOf('.json'), 'utf8'))).toMatchObject({ isPassed: false });
  }, 240_000);
});
