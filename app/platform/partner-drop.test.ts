import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { InputError, type Partner, silentLogger, systemTime } from '../../domain/index.ts';
import type { CameIn, PartnerFile } from '../../partners/index.ts';
import { systemPart } from '../../tests/parts.ts';
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
    ...{ folder, time: systemTime, logger: silentLogger, owners: async () => [PARTNER, OTHER] },
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

test('what is more than is agreed waits in the folder, told once, and holds up no other', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'isotherm-drop-'));
  folders.push(folder);
  for (const { id } of [PARTNER, OTHER]) await mkdir(join(folder, id));
  const warned: string[] = [];
  const asked: string[] = [];
  const drop = new PartnerDrop({
    ...{ folder, time: systemTime, owners: async () => [PARTNER, OTHER] },
    logger: { ...silentLogger, warn: (_fields: object, text: string) => warned.push(text) },
    take: async ({ id }, { name }) => {
      asked.push(name);
      if (name === 'large.xml') throw new InputError('PARTNER_FILE_TOO_LARGE', 'more than a day');
      if (id === 'acme') throw new InputError('PARTNER_QUOTA', 'used up', { retryAfterSeconds: 60 });
      return { fate: 'taken' } as PartnerFile;
    },
  });
  for (const name of ['a.xml', 'b.xml']) await writeFile(join(folder, 'acme', name), '<a/>');
  for (const name of ['c.xml', 'large.xml']) await writeFile(join(folder, 'other', name), '<c/>');
  for (let look = 0; look < 4; look += 1) await drop.look();
  expect(asked).toEqual(['a.xml', 'c.xml', 'large.xml']);
  expect(await readdir(join(folder, 'acme'))).toEqual(expect.arrayContaining(['a.xml', 'b.xml']));
  expect(await readdir(join(folder, 'other', 'done'))).toContain('c.xml');
  expect(await readdir(join(folder, 'other', 'refused'))).toContain('large.xml');
  expect(warned).toEqual(['files of a partner wait: more than is agreed']);
});

test('a folder that is full leaves the others their turn in the same look', async () => {
  const { drop, taken, own, others } = await dropOf();
  for (let file = 0; file < 60; file += 1) await writeFile(join(own, `a${file}.xml`), '<a/>');
  await writeFile(join(others, 'b.xml'), '<b/>');
  for (const _look of [1, 2]) await drop.look();
  expect(taken).toHaveLength(26);
  expect(taken.map(({ name }) => name)).toContain('b.xml');
  for (const _look of [1, 2]) await drop.look();
  expect(taken).toHaveLength(61);
});

const SFTP = systemPart('sftp');
const SFTP_SERVER = systemPart('sftp-server');

test('what an SFTP client uploads by a temporary name, in place, and half, through the server of OpenSSH', async (context) => {
  if (SFTP === null || SFTP_SERVER === null) return context.skip('OpenSSH is not installed');
  const { drop, taken, own } = await dropOf();
  const source = await mkdtemp(join(tmpdir(), 'isotherm-source-'));
  folders.push(source);
  const large = '<x/>'.repeat(200_000);
  await writeFile(join(source, 'large.xml'), large);
  await writeFile(join(source, 'small.xml'), '<small/>');
  const client = (batch: readonly string[]) =>
    new Promise<number | null>((resolve, reject) => {
      // Without SSH between them (-D): the server itself, on a pipe.
      const sftp = spawn(SFTP, ['-q', '-b', '-', '-D', `${SFTP_SERVER} -d ${own}`], {
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      sftp.once('error', reject).once('close', resolve);
      sftp.stdin.end(`${batch.join('\n')}\n`);
    });
  expect(await client([`put ${source}/large.xml large.xml.filepart`])).toBe(0);
  for (const _look of [1, 2]) await drop.look();
  expect(taken).toEqual([]);
  expect(await client(['rename large.xml.filepart large.xml', `put ${source}/small.xml`])).toBe(0);
  await drop.look();
  // Begun again: a client that resumes goes on where it stopped (`reput`).
  await writeFile(join(own, 'broken.xml'), large.slice(0, 1_000));
  await drop.look();
  expect(await client([`reput ${source}/large.xml broken.xml`])).toBe(0);
  await drop.look();
  expect(taken.map(({ name, content }) => [name, content.length])).toEqual([
    ['large.xml', large.length],
    ['small.xml', 8],
  ]);
  await drop.look();
  expect(taken.at(-1)).toMatchObject({ name: 'broken.xml', content: Buffer.from(large) });
  // What became of them is there for the client to fetch.
  expect(await client([`get done/small.xml.fate.json ${source}/fate.json`])).toBe(0);
  expect(JSON.parse(await readFile(join(source, 'fate.json'), 'utf8'))).toMatchObject({ fate: 'taken' });
});
