import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { readBarcodes } from 'zxing-wasm/reader';
import { prepareZXingModule, type WriteInputBarcodeFormat, writeBarcode } from 'zxing-wasm/writer';

const WIDTH = 640;
const HEIGHT = 480;
/** Of the code's longer side in the picture. */
const SIZE = 300;
const WALL = 200;

/**
 * A film of one code for Chromium's pretended camera (`--use-file-for-fake-video-capture`): YUV4MPEG2, played over and over. The
 * code is made by zint, another program than the one that reads it.
 */
export async function filmOf(
  file: string,
  text: string,
  { format = 'DataMatrix', isGs1 = true }: { format?: WriteInputBarcodeFormat; isGs1?: boolean } = {},
): Promise<void> {
  const wasm = createRequire(import.meta.url).resolve('zxing-wasm/writer/zxing_writer.wasm');
  const bytes = await readFile(wasm);
  prepareZXingModule({
    overrides: { wasmBinary: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) },
  });
  const { symbol, error } = await writeBarcode(text, { format, options: isGs1 ? 'gs1' : '' });
  if (error !== '') throw new Error(error);
  const light = new Uint8Array(WIDTH * HEIGHT).fill(WALL);
  const scale = Math.floor(SIZE / symbol.width);
  const high = symbol.height === 1 ? 120 : symbol.height * scale;
  const [left, top] = [Math.floor((WIDTH - symbol.width * scale) / 2), Math.floor((HEIGHT - high) / 2)];
  for (let y = 0; y < high; y++)
    for (let x = 0; x < symbol.width * scale; x++) {
      const row = symbol.height === 1 ? 0 : Math.floor(y / scale);
      if (symbol.data[row * symbol.width + Math.floor(x / scale)] === 0) light[(top + y) * WIDTH + left + x] = 20;
    }
  const colours = new Uint8Array((WIDTH * HEIGHT) / 2).fill(128);
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), light, colours]);
  await writeFile(file, Buffer.concat([head, frame, frame]));
}

/** The first picture of such a film, as a page has it of a camera. */
export function pictureIn(film: Buffer): Parameters<typeof readBarcodes>[0] {
  const at = film.indexOf('FRAME\n') + 6;
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 4).fill(255);
  for (let pixel = 0; pixel < WIDTH * HEIGHT; pixel++) data.fill(film[at + pixel] ?? 0, 4 * pixel, 4 * pixel + 3);
  return { data, width: WIDTH, height: HEIGHT, colorSpace: 'srgb' };
}
