import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url';
import { codeText, READER_OPTIONS } from './code-text.ts';

/**
 * Reads codes in pictures, beside the page: a frame that takes long stops no verdict, and WebAssembly is allowed here alone. In:
 * a picture; out: what its first code says, or null.
 */
prepareZXingModule({ overrides: { locateFile: () => wasm } });

self.addEventListener('message', async ({ data }: MessageEvent<ImageData>) => {
  try {
    const [code] = await readBarcodes(data, READER_OPTIONS);
    self.postMessage({ text: code === undefined ? null : codeText(code) });
  } catch (error) {
    self.postMessage({ fault: String(error) });
  }
});
