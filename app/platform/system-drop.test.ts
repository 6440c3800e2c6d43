import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { InputError, silentLogger, systemTime } from '../../domain/index.ts';
import type { ArrivedFile, FileOfSystem, System } from '../../partners/index.ts';
import { putOut } from './outbox.ts';
import { SystemDrop } from './system-drop.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'isotherm-systems-'));
  folders.push(folder);
  return folder;
}

async function dropOf(answer: (file: ArrivedFile) => Partial<FileOfSystem>) {
  const folder = await newFolder();
  const taken: string[] = [];
  const warned: unknown[][] = [];
  const systems = ['wms', 'edi'].map((id) => ({ id }) as System);
  const drop = new SystemDrop({
    ...{ folder, time: systemTime, owners: async () => systems },
    logger: { ...silentLogger, warn: (fields: object, text: string) => warned.push([fields, text]) },
    take: async ({ id }, file) => {
      taken.push(`${id}/${file.name}`);
      const given = { id: 7, fate: 'taken', reason: null, sha256: 'x', repeats: null, acknowledgement: null };
      return { ...given, ...answer(file) } as FileOfSystem;
    },
  });
  const looks = async (count: number) => {
    for (let look = 0; look < count; look += 1) await drop.look();
  };
  return { folder, taken, warned, looks };
}

test('files in `in` are taken once and moved aside with their fate; what lies elsewhere is left alone', async () => {
  const { folder, taken, looks } = await dropOf(({ name }) =>
    name === 'bad.xml' ? { fate: 'refused', reason: 'line 3: no lot' } : {},
  );
  await mkdir(join(folder, 'wms', 'in'), { recursive: true });
  await mkdir(join(folder, 'edi'));
  for (const name of ['wms/in/a.xml', 'wms/in/bad.xml', 'wms/b.xml', 'edi/c.xml']) {
    await writeFile(join(folder, name), '<a/>');
  }
  await looks(4);
  expect(taken).toEqual(['wms/a.xml', 'wms/bad.xml']);
  expect((await readdir(join(folder, 'wms/in/done'))).sort()).toEqual(['a.xml', 'a.xml.fate.json']);
  const fate = JSON.parse(await readFile(join(folder, 'wms/in/refused/bad.xml.fate.json'), 'utf8'));
  expect(fate).toMatchObject({ file: 7, fate: 'refused', reason: 'line 3: no lot' });
  expect(await readdir(join(folder, 'wms'))).toEqual(['b.xml', 'in']);
});

test('a stock file of the same name each day has a fate of its own, also where the last one was fetched and its fate left', async () => {
  let day = 0;
  const { folder, taken, looks } = await dropOf(() => ({ id: ++day }));
  const own = join(folder, 'wms', 'in');
  await mkdir(own, { recursive: true });
  for (const _day of [1, 2, 3]) {
    await writeFile(join(own, 'stock.csv'), 'gtin;lot');
    await looks(3);
    await rm(join(own, 'done', 'stock.csv'), { force: true });
  }
  expect(taken).toHaveLength(3);
  const fates = (await readdir(join(own, 'done'))).filter((name) => name.endsWith('.fate.json'));
  const ids = await Promise.all(
    fates.map(async (name) => (JSON.parse(await readFile(join(own, 'done', name), 'utf8')) as { file: number }).file),
  );
  expect(ids.sort()).toEqual([1, 2, 3]);
  expect(JSON.parse(await readFile(join(own, 'done', 'stock.csv.fate.json'), 'utf8'))).toMatchObject({ file: 1 });
});

test('a file that somebody has opened and not written yet is waited for; one that stays empty is taken as it is', async () => {
  const { folder, taken, looks } = await dropOf(({ content }) =>
    content.length === 0 ? { fate: 'refused', reason: 'it is empty' } : {},
  );
  const own = join(folder, 'wms', 'in');
  await mkdir(own, { recursive: true });
  for (const name of ['slow.xml', 'empty.xml']) await writeFile(join(own, name), '');
  await looks(3);
  expect(taken).toEqual([]);
  await writeFile(join(own, 'slow.xml'), '<a/>');
  const old = new Date(Date.now() - 120_000);
  await utimes(join(own, 'empty.xml'), old, old);
  await looks(3);
  expect(taken.sort()).toEqual(['wms/empty.xml', 'wms/slow.xml']);
  expect(await readdir(join(own, 'refused'))).toContain('empty.xml.fate.json');
  expect(await readdir(join(own, 'done'))).toContain('slow.xml');
});

test('one that is enormous is refused unread, and holds up no other', async () => {
  const { folder, taken, looks } = await dropOf(() => ({}));
  const own = join(folder, 'wms', 'in');
  await mkdir(own, { recursive: true });
  await writeFile(join(own, 'a.csv'), '');
  await truncate(join(own, 'a.csv'), 5 * 1024 ** 3);
  await writeFile(join(own, 'b.csv'), 'x');
  await looks(3);
  expect(taken).toEqual(['wms/b.csv']);
  const fate = JSON.parse(await readFile(join(own, 'refused', 'a.csv.fate.json'), 'utf8'));
  expect(fate).toMatchObject({ fate: 'refused', reason: expect.stringContaining('allowed: 16777216') });
});

test('one that may not be read is told once, holds up no other, and is taken when it may', async (context) => {
  if (process.getuid?.() === 0) context.skip();
  const { folder, taken, warned, looks } = await dropOf(() => ({}));
  const own = join(folder, 'wms', 'in');
  await mkdir(own, { recursive: true });
  await writeFile(join(own, 'a.csv'), 'x', { mode: 0o000 });
  await writeFile(join(own, 'b.csv'), 'x');
  await looks(4);
  expect([taken, warned.length]).toEqual([['wms/b.csv'], 1]);
  await chmod(join(own, 'a.csv'), 0o600);
  await looks(2);
  expect(taken).toEqual(['wms/b.csv', 'wms/a.csv']);
});

test('what acknowledges a file lies in `out`, once for however many times it comes', async () => {
  let repeats: number | null = null;
  const { folder, looks } = await dropOf(() => ({ id: repeats === null ? 7 : 8, repeats, acknowledgement: 'UNB+1' }));
  await mkdir(join(folder, 'edi', 'in'), { recursive: true });
  for (let turn = 0; turn < 2; turn += 1) {
    await writeFile(join(folder, 'edi/in/a.edi'), 'UNA');
    await looks(2);
    repeats = 7;
  }
  expect(await readdir(join(folder, 'edi/out'))).toEqual(['acknowledgement-7.edi']);
  expect(await readFile(join(folder, 'edi/out/acknowledgement-7.edi'), 'utf8')).toBe('UNB+1');
});

test('links at the folder of a system, at in, done and out are not followed', async () => {
  const { folder, taken, warned, looks } = await dropOf(() => ({ acknowledgement: 'UNB' }));
  const outside = await newFolder();
  await mkdir(join(outside, 'in'));
  await writeFile(join(outside, 'in', 'a.xml'), '<a/>');
  await symlink(outside, join(folder, 'wms'));
  await mkdir(join(folder, 'edi', 'in'), { recursive: true });
  await symlink(outside, join(folder, 'edi', 'out'));
  await writeFile(join(folder, 'edi/in/b.xml'), '<b/>');
  await looks(3);
  expect(taken.every((name) => name === 'edi/b.xml')).toBe(true);
  expect((await readdir(outside)).sort()).toEqual(['in']);
  expect(await readdir(join(folder, 'edi/in'))).toContain('b.xml');
  expect(warned.map(([, text]) => text)).toEqual(['a folder of a system cannot be read']);
  await rm(join(folder, 'edi/out'));
  await looks(1);
  expect(await readdir(join(folder, 'edi/in/done'))).toContain('b.xml');
});

test('what is more than is agreed for a day waits', async () => {
  const { folder, taken, warned, looks } = await dropOf(() => {
    throw new InputError('SYSTEM_QUOTA', 'used up');
  });
  await mkdir(join(folder, 'wms', 'in'), { recursive: true });
  for (const name of ['a.xml', 'b.xml']) await writeFile(join(folder, 'wms/in', name), '<a/>');
  await looks(4);
  expect(taken).toEqual(['wms/a.xml']);
  expect(warned).toEqual([[{ system: 'wms', reason: 'used up' }, 'files of a system wait: more than is agreed']]);
});

test('a file of `out` is whole under its name, whatever half of it or link was left there', async () => {
  const folder = await newFolder();
  const outside = await newFolder();
  await writeFile(join(outside, 'kept'), 'theirs');
  await symlink(join(outside, 'kept'), join(folder, '.a.json.part'));
  await symlink(join(outside, 'kept'), join(folder, 'a.json'));
  await putOut(folder, 'a.json', 'ours');
  expect(await readFile(join(outside, 'kept'), 'utf8')).toBe('theirs');
  expect([await readdir(folder), await readFile(join(folder, 'a.json'), 'utf8')]).toEqual([['a.json'], 'ours']);
});

test('an `out` that nobody empties takes no more', async () => {
  const folder = await newFolder();
  for (const name of ['a', 'b']) await putOut(folder, name, 'x', 2);
  await expect(putOut(folder, 'c', 'x', 2)).rejects.toMatchObject({ code: 'OUTBOX_FULL' });
});
