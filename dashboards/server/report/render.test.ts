import { expect, test } from 'vitest';
import { renderReport } from './render.ts';
import type { Report } from './report.ts';
import { objectsOf } from './testing/pdf-a.ts';

const saying = (text: string): Report => ({
  ...{ title: 'A report', subtitle: 'on words', organisation: null, at: 0, language: 'en', zone: 'UTC', files: [] },
  blocks: [{ kind: 'text', text }],
});

/** As what characters its glyphs are read: ToUnicode, ISO 32000-2, 9.10.3. */
function readAs(pdf: Buffer): string {
  const maps = objectsOf(pdf).map(({ stream }) => stream?.toString('latin1') ?? '');
  return maps.filter((map) => map.includes('begincmap')).join('\n');
}

// The fonts' tables are decoded once for all reports. Their glyphs must not be: the letters f and i and the ligature U+FB01
// are one glyph, which would be read from then on as it was drawn first.
test('what an earlier report wrote leaves no trace in the next one', async () => {
  const letters = await renderReport(saying('fine'));
  const ligature = await renderReport(saying('\ufb01ne'));
  expect(readAs(letters)).toContain('<0066 0069>');
  expect(readAs(ligature)).toContain('<fb01>');
  expect((await renderReport(saying('fine'))).equals(letters)).toBe(true);
});
