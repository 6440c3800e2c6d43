import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { Api } from './api.ts';
import { startIsotherm } from './isotherm-process.ts';

/** Says it is ready, and ends at the first request. */
const FALLS = `
  const server = require('node:http').createServer(() => {
    console.error('{"level":60,"msg":"the disk is full"}');
    process.exit(3);
  });
  server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port + '\\nmqtt://127.0.0.1:1\\n'));
`;
const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-process-'));
const program = join(dataDir, 'falls.cjs');
writeFileSync(program, FALLS);

afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

// "fetch failed" was all one saw of a program that had ended in the middle of a test.
test('of a program that ended by itself the request says the exit code and the end of its log, and so does the output', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  const fallen = await startIsotherm({ command: 'serve', dataDir, program });
  const api = new Api(fallen.httpUrl, '');
  const first = /^GET \/alerts: isotherm serve \(process \d+\) ended by itself with 3:\n.*the disk is full/;
  await expect(api.get('/alerts')).rejects.toThrow(first);
  await expect(api.get('/alerts')).rejects.toThrow(first);
  expect(said.mock.calls.flat().join('\n')).toMatch(/ended by itself with 3:\n.*the disk is full/);
});

test('one that was told to end is no surprise', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  const told = await startIsotherm({ command: 'serve', dataDir, program });
  await told.kill();
  await expect(new Api(told.httpUrl, '').get('/alerts')).rejects.toThrow(/^GET \/alerts: .*ECONNREFUSED/);
  expect(said).not.toHaveBeenCalled();
});
