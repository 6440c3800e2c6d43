import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const base = mkdtempSync(join(tmpdir(), 'isotherm-gateway-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** A directory of the test's own, gone when its test file is done. */
export function temporaryDirectory(): string {
  return mkdtempSync(join(base, 'test-'));
}
