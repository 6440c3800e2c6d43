import type { ReaderOptions, ReadResult } from 'zxing-wasm/reader';

/** What packs, units and labels carry; other codes on a box (EAN, ITF) would only be taken for them. */
export const READER_OPTIONS: ReaderOptions = {
  formats: ['DataMatrix', 'QRCode', 'Code128'],
  maxNumberOfSymbols: 1,
  tryHarder: true,
  textMode: 'Plain',
};

/**
 * What a code says, as a scanner types it. FNC1 in first position stands in the symbology identifier (ISO/IEC 15424), between
 * elements it is the group separator.
 */
export function codeText(code: Pick<ReadResult, 'text' | 'symbologyIdentifier' | 'contentType'>): string {
  return code.contentType === 'GS1' ? code.symbologyIdentifier + code.text : code.text;
}
