import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { SigningWindow } from '../case/signing-window.ts';
import { mayCopy } from './clipboard.ts';
import { randomId } from './random-id.ts';

/** What browsers have only where a page came by TLS or from this machine, and the files that ask first whether it is there. */
const ONLY_BY_TLS =
  /\bcrypto\.(randomUUID|subtle)|navigator\.(clipboard|mediaDevices|wakeLock|serviceWorker|locks|credentials|share)\b|\bcaches\./;
const ASKS_FIRST = new Set([
  ...['parts/clipboard.ts', 'admin/push-queries.ts', 'dock/offline-page.ts', 'dock/camera.ts', 'dock/wake.ts'],
]);

afterEach(() => vi.unstubAllGlobals());

function withoutTls(): void {
  const real = globalThis.crypto;
  vi.stubGlobal('crypto', { getRandomValues: (bytes: Uint8Array<ArrayBuffer>) => real.getRandomValues(bytes) });
  vi.stubGlobal('navigator', {});
}

// On a page without TLS the button of a long report and the window for a signature ended in "crypto.randomUUID is not a function".
test('ids are made, and a window for signatures is prepared, on a page that came without TLS', () => {
  withoutTls();
  const ids = Array.from({ length: 100 }, randomId);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(ids).size).toBe(100);
  expect(() => new SigningWindow()).not.toThrow();
});

// "Copy" of a secret did nothing there, and of the serials of an alert said that the connection was broken.
test('nothing is offered to be copied where the browser lends no clipboard', () => {
  withoutTls();
  expect(mayCopy()).toBe(false);
});

test('the page uses what only comes with TLS in the files that ask whether it is there, and in no other', () => {
  const src = join(import.meta.dirname, '..');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts'))
    .map((file) => file.replaceAll('\\', '/'));
  const uses = files.filter((file) => ONLY_BY_TLS.test(withoutComments(readFileSync(join(src, file), 'utf8'))));
  expect(uses.filter((file) => !ASKS_FIRST.has(file))).toEqual([]);
});

function withoutComments(code: string): string {
  return code.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}
