import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { keysOf } from '../codecs/epc/index.ts';
import { filmOf, pictureIn } from './testing/fake-camera.ts';
import { codeText, READER_OPTIONS } from './web/src/dock/code-text.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'isotherm-codes-'));
  const bytes = await readFile(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'));
  const wasmBinary = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  prepareZXingModule({ overrides: { wasmBinary } });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function seen(...code: [text: string, options?: Parameters<typeof filmOf>[2]]): Promise<string> {
  const file = join(directory, 'code.y4m');
  await filmOf(file, ...code);
  const [found] = await readBarcodes(pictureIn(await readFile(file)), READER_OPTIONS);
  return found === undefined ? '' : codeText(found);
}

const PACK = { gtin: '80614141123458', serial: '908' };

// A serial whose FNC1 behind it was lost took the lot into itself: "90810A17".
test('a GS1 DataMatrix is read with the separator behind its serial', async () => {
  const text = await seen('(01)80614141123458(21)908(10)A17');
  expect(text).toBe(']d2018061414112345821908\u001d10A17');
  expect(keysOf(text)).toMatchObject(PACK);
});

test('an SSCC in GS1-128 and a Digital Link in a QR code are read as what they are', async () => {
  expect(keysOf(await seen('(00)106141410000000019', { format: 'Code128' }))).toMatchObject({
    sscc: '106141410000000019',
  });
  const link = 'https://id.gs1.org/01/80614141123458/21/908';
  expect(await seen(link, { format: 'QRCode', isGs1: false })).toBe(link);
  expect(keysOf(link)).toMatchObject(PACK);
});

test('codes of other kinds on the same box are not taken for packs', async () => {
  expect(await seen('4006381333931', { format: 'EAN13', isGs1: false })).toBe('');
});
