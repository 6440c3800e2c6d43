// biome-ignore-all lint/style/noRestrictedImports: a kit of the tests, which stand outside the table of rooms
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEachFile } from '../../tests/testing/after-file.ts';

const made: string[] = [];
afterEachFile(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** A directory of the test's own, gone when its test file is done. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'isotherm-gateway-'));
  made.push(directory);
  return directory;
}
