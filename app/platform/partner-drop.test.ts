import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Partner, silentLogger, systemTime } from '../../domain/index.ts';
import type { CameIn, PartnerFile } from '../../partners/index.ts';
import { PartnerDrop } from './partner-drop.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const PARTNER = { id: 'acme' } as Partner;

async function dropOf(fate: 'taken' | 'refused' = 'taken') {
  const folder = await mkdtemp(join(tmpdir(), 'isotherm-drop-'));
  folders.push(folder);
  await mkdir(join(folder, 'acme'));
  const taken: CameIn[] = [];
  const drop = new PartnerDrop({
    ...{ folder, time: systemTime, logger: silentLogger, partners: async () => [PARTNER] },
    take: async (_partner, file) => {
      taken.push(file);
      return {
        fate,
        reason: fate === 'refused' ? 'no event' : null,
        sha256: 'x',
        repeats: null,
        subject: null,
      } as PartnerFile;
    },
  });
  return { drop, taken, own: join(folder, 'acme') };
}

test('a file that is still being written is not taken before it stands still', async () => {
  const { drop, taken, own } = await dropOf();
  await writeFile(join(own, 'a.xml'), '<half');
  await drop.look();
  await writeFile(join(own, 'a.xml'), '<half><whole/></half>');
  await drop.look();
  expect(taken).toEqual([]);
  await drop.look();
  expect(taken.map(({ name, content }) => [name, content.toString()])).toEqual([['a.xml', '<half><whole/></half>']]);
  expect(await readdir(own)).toEqual(['done']);
  expect(JSON.parse(await readFile(join(own, 'done', 'a.xml.fate.json'), 'utf8'))).toMatchObject({ fate: 'taken' });
});

test('what programs write before they rename is left alone, and the same name never writes over what is there', async () => {
  const { drop, taken, own } = await dropOf('refused');
  for (const name of ['b.xml.filepart', '.hidden', 'c.tmp']) await writeFile(join(own, name), 'x');
  for (const _ of [1, 2]) {
    await writeFile(join(own, 'a.xml'), '<a/>');
    for (const _look of [1, 2]) await drop.look();
  }
  expect(taken.map(({ name }) => name)).toEqual(['a.xml', 'a.xml']);
  expect((await readdir(join(own, 'refused'))).filter((name) => name.endsWith('a.xml'))).toHaveLength(2);
});
