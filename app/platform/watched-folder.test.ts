import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type LoggerFileAnswer,
  type LoggerFileUpload,
  silentLogger,
  systemTime,
  UnavailableError,
} from '../../domain/index.ts';
import { lookAtLoggerFile } from '../../ingest/index.ts';
import { WatchedFolder } from './watched-folder.ts';

let folder: string;
let taken: LoggerFileUpload[];
let fault: Error | null;
let onTake: (name: string) => void;
let warned: string[];
let watched: WatchedFolder;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'isotherm-folder-'));
  taken = [];
  fault = null;
  onTake = () => {};
  warned = [];
  const logger = { ...silentLogger, warn: (_fields: object, text: string) => warned.push(text) };
  const take = async (upload: LoggerFileUpload): Promise<LoggerFileAnswer> => {
    if (fault !== null) throw fault;
    const answer = await lookAtLoggerFile(upload, Date.parse('2026-11-29T00:00:00Z'));
    taken.push(upload);
    onTake(upload.name ?? '');
    return answer;
  };
  watched = new WatchedFolder({
    ...{ folder, zone: 'UTC', time: systemTime, logger },
    files: { take, look: take, rows: async () => [] },
  });
  await watched.start();
});
afterEach(async () => {
  await watched.stop();
  rmSync(folder, { recursive: true });
});

const put = (name: string, text: string) => writeFileSync(join(folder, name), text);
const GOOD = 'Serial number;A-1\nTime;Temp °C\n2026-11-22 10:00;5,1\n';

test('a file that has stood still is taken in and moved to done, with what was taken beside it', async () => {
  put('a.csv', GOOD);
  await watched.look();
  expect(taken).toEqual([]);
  await watched.look();
  expect(taken).toMatchObject([{ name: 'a.csv', zone: 'UTC' }]);
  expect(readdirSync(join(folder, 'done')).toSorted()).toEqual(['a.csv', 'a.csv.json']);
  expect(JSON.parse(readFileSync(join(folder, 'done/a.csv.json'), 'utf8'))).toMatchObject({ devices: [{ taken: 1 }] });
});

test('a file that is still being written is waited for', async () => {
  put('b.csv', GOOD.slice(0, 30));
  await watched.look();
  put('b.csv', GOOD);
  await watched.look();
  expect(taken).toEqual([]);
  put('.c.csv', GOOD);
  put('d.csv.part', GOOD);
  for (let look = 0; look < 3; look++) await watched.look();
  expect(taken.map(({ name }) => name)).toEqual(['b.csv']);
});

test('a file that cannot be taken is moved to refused with the reason, and nothing is overwritten', async () => {
  for (let i = 0; i < 2; i++) {
    put('x.csv', 'hello\n');
    for (let look = 0; look < 2; look++) await watched.look();
  }
  const refused = readdirSync(join(folder, 'refused'));
  expect(refused.filter((name) => name.endsWith('x.csv'))).toHaveLength(2);
  expect(readFileSync(join(folder, 'refused/x.csv.reason.txt'), 'utf8')).toMatch(/^LOGGER_FILE_NOT_RECOGNISED: /);
});

test('while the log is away a file stays, and is taken when it is back', async () => {
  put('a.csv', GOOD);
  fault = new UnavailableError('LOG_UNAVAILABLE', 'away');
  await watched.look();
  for (let look = 0; look < 2; look++) await watched.look();
  expect(warned).toEqual(['the folder of logger files cannot be read']);
  expect(readdirSync(folder)).toContain('a.csv');
  fault = null;
  for (let look = 0; look < 2; look++) await watched.look();
  expect(readdirSync(join(folder, 'done'))).toContain('a.csv');
});

test('a file that was taken away meanwhile does not hold up those behind it', async () => {
  for (const name of ['a.csv', 'b.csv', 'c.csv']) put(name, GOOD);
  await watched.look();
  onTake = (first) => {
    onTake = () => {};
    rmSync(join(folder, first === 'b.csv' ? 'a.csv' : 'b.csv'));
  };
  await watched.look();
  expect(taken).toHaveLength(2);
  expect(readdirSync(join(folder, 'done')).filter((name) => name.endsWith('.csv'))).toHaveLength(2);
});

test('a file that cannot be moved is said once, holds up no other, and is taken when it can', async () => {
  rmSync(join(folder, 'refused'), { recursive: true });
  symlinkSync(join(folder, 'nowhere'), join(folder, 'refused'));
  put('a.csv', 'hello\n');
  put('b.csv', GOOD);
  for (let look = 0; look < 4; look++) await watched.look();
  expect(readdirSync(join(folder, 'done'))).toContain('b.csv');
  put('c.csv', GOOD);
  for (let look = 0; look < 2; look++) await watched.look();
  expect(readdirSync(join(folder, 'done'))).toContain('c.csv');
  expect(warned).toEqual(['a logger file could not be taken in']);
  rmSync(join(folder, 'refused'));
  mkdirSync(join(folder, 'refused'));
  await watched.look();
  expect(readdirSync(join(folder, 'refused')).toSorted()).toEqual(['a.csv', 'a.csv.reason.txt']);
});
