import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
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
const OTHER = { id: 'other' } as Partner;

async function dropOf(fate: 'taken' | 'refused' = 'taken') {
  const folder = await mkdtemp(join(tmpdir(), 'isotherm-drop-'));
  folders.push(folder);
  for (const { id } of [PARTNER, OTHER]) await mkdir(join(folder, id));
  const taken: CameIn[] = [];
  const drop = new PartnerDrop({
    ...{ folder, time: systemTime, logger: silentLogger, partners: async () => [PARTNER, OTHER] },
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
  return { drop, taken, own: join(folder, 'acme'), others: join(folder, 'other') };
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

test('a file that cannot be taken holds up no other, and is not taken again and again', async () => {
  const { drop, taken, own, others } = await dropOf();
  const long = `${'a'.repeat(251)}.xml`;
  const looks = async (count: number) => {
    for (let look = 0; look < count; look += 1) await drop.look();
  };
  // The bytes of a name are the sender's; this one is no UTF-8.
  await writeFile(Buffer.concat([Buffer.from(`${own}/`), Buffer.from([0xfc, 0x2e, 0x78])]), '<x/>');
  for (const round of [1, 2]) {
    await writeFile(join(own, long), `<a${round}/>`);
    await writeFile(join(others, `b${round}.xml`), '<b/>');
    await looks(4);
  }
  expect(taken.map(({ name }) => name.slice(0, 2))).toEqual(['aa', 'b1', 'aa', 'b2']);
  const done = await readdir(join(own, 'done'));
  expect(done.filter((name) => name.endsWith('.xml'))).toHaveLength(2);
  expect(done.filter((name) => name.endsWith('.fate.json'))).toHaveLength(2);
});

test('a link that a partner lays leads nothing out of its folder, nor anything in', async () => {
  const { drop, taken, own, others } = await dropOf();
  const outside = await mkdtemp(join(tmpdir(), 'isotherm-outside-'));
  folders.push(outside);
  await writeFile(join(outside, 'secret'), 'not theirs');
  await symlink(outside, join(own, 'done'));
  await symlink(join(outside, 'secret'), join(own, 'a.xml'));
  await writeFile(join(own, 'b.xml'), '<b/>');
  await writeFile(join(others, 'c.xml'), '<c/>');
  for (const _look of [1, 2, 3]) await drop.look();
  expect(taken.map(({ name }) => name)).toEqual(['c.xml']);
  expect(await readdir(outside)).toEqual(['secret']);
  await rm(join(own, 'done'));
  for (const _look of [1, 2]) await drop.look();
  expect(taken.map(({ name }) => name)).toEqual(['c.xml', 'b.xml']);
});
