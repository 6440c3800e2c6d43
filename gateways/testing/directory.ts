import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const base = mkdtempSync(join(tmpdir(), 'isotherm-gateway-'));
process.once('exit', () => rmSync(base, { recursive: true, force: true }));

/** A directory of the test's own, gone when the test process is. */
export function temporaryDirectory(): string {
  return mkdtempSync(join(base, 'test-'));
}
