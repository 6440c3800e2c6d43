import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { create, type Font } from 'fontkit';

const ttf = createRequire(import.meta.url);
const FILES = {
  text: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf',
  bold: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf',
  fixed: 'dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf',
} as const;
type Face = keyof typeof FILES;
/** PDFKit takes an opened font as well; its types name bytes alone. */
type FontSource = Uint8Array;

/** Read when the first report is drawn, and never changed: decoding their tables is most of what a short report costs. */
const decoded = new Map<Face, Font>();

/** The faces of one report, each to be embedded as far as it is used. */
export function reportFonts(): Record<Face, FontSource> {
  return { text: fresh('text'), bold: fresh('bold'), fixed: fresh('fixed') };
}

/**
 * Shares the decoded tables, and has glyphs of its own: a glyph remembers the first characters it was asked for by, and
 * which those are depends on the reports before (the letters f and i and their ligature are one glyph).
 */
function fresh(face: Face): FontSource {
  let font = decoded.get(face);
  if (font === undefined) {
    const opened = create(readFileSync(ttf.resolve(FILES[face])));
    if (!('layout' in opened)) throw new TypeError(`${FILES[face]} is a collection, not a font`);
    font = opened;
    decoded.set(face, font);
  }
  return Object.create(font, { _glyphs: { value: {}, writable: true } });
}
