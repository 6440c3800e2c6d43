import { describe, expect, test } from 'vitest';
import { dark, light, MEANINGS, type Palette } from './theme.ts';

/** WCAG 2.2, 1.4.3: 4.5 for text. */
const TEXT = 4.5;
/** WCAG 2.2, 1.4.11: 3 for marks and lines that carry meaning. */
const MARK = 3;

describe.each([
  ['light', light],
  ['dark', dark],
] as const)('%s', (_, palette: Palette) => {
  test('text is legible on every background', () => {
    for (const ground of [palette.page, palette.surface, palette.raised, palette.accentSoft]) {
      expect(contrast(palette.text, ground)).toBeGreaterThanOrEqual(7);
      expect(contrast(palette.muted, ground)).toBeGreaterThanOrEqual(TEXT);
      expect(contrast(palette.accent, ground)).toBeGreaterThanOrEqual(TEXT);
    }
    expect(contrast(palette.onAccent, palette.accent)).toBeGreaterThanOrEqual(TEXT);
  });

  test.each(MEANINGS)('%s can be read as ink and as ground', (meaning) => {
    const { ink, soft, fill, onFill } = palette[meaning];
    for (const ground of [palette.page, palette.surface, palette.raised, soft])
      expect(contrast(ink, ground)).toBeGreaterThanOrEqual(TEXT);
    expect(contrast(palette.text, soft)).toBeGreaterThanOrEqual(TEXT);
    expect(contrast(onFill, fill)).toBeGreaterThanOrEqual(TEXT);
  });

  test('lines of a chart stand out from the card', () => {
    for (const line of palette.lines) expect(contrast(line, palette.surface)).toBeGreaterThanOrEqual(MARK);
  });

  test('meanings that matter stand apart from the unknown', () => {
    expect(new Set(MEANINGS.map((meaning) => palette[meaning].ink)).size).toBe(MEANINGS.length);
    for (const meaning of MEANINGS)
      expect(contrast(palette[meaning].ink, palette.surface)).toBeGreaterThanOrEqual(MARK);
  });
});

/** WCAG 2.2, "contrast ratio" over "relative luminance". */
function contrast(a: string, b: string): number {
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
