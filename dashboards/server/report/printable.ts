/** Of a font: whether it has a glyph. */
export interface Glyphs {
  hasGlyphForCodePoint(codePoint: number): boolean;
}

/** Stands for what the font cannot show, U+FFFD: PDF/A-3 forbids the font's own sign for it (ISO 19005-3, 6.2.11.8). */
const UNSHOWN = '\u{FFFD}';

/** A text as the fonts of a report can show it; characters without a glyph and control characters are replaced, none is dropped. */
export function printable(text: string, glyphs: Glyphs): string {
  let out = '';
  for (const character of text.normalize('NFC')) {
    const codePoint = character.codePointAt(0) ?? 0;
    if (codePoint === 0x0a) out += '\n';
    else if (codePoint === 0x09) out += ' ';
    else out += codePoint >= 0x20 && glyphs.hasGlyphForCodePoint(codePoint) ? character : UNSHOWN;
  }
  return out;
}

/** A title for metadata, which are XML that the PDF library does not escape: what XML would read is left out. */
export function plainTitle(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come through
  return text.replace(/[<>&\u0000-\u001f\u007f-\u009f\ufffe\uffff]|\p{Cs}/gu, ' ').trim();
}
