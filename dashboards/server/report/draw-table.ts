import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { ReportColumn } from './report.ts';
import { INK, type Sheet, WIDTH } from './sheet.ts';

const SIZE = 7.6;
const LINE = SIZE * 1.32;
const PAD = 3;
const HEAD = { size: 7, face: 'bold' } as const;
const BODY = { size: SIZE } as const;

/** So many rows are drawn in one turn. */
const ROWS_AT_ONCE = 200;

/** A table whose head stands again on each page it goes on. @param onDrawn told how many rows more are drawn */
export async function drawTable(
  sheet: Sheet,
  { columns, rows }: { readonly columns: readonly ReportColumn[]; readonly rows: readonly (readonly string[])[] },
  onDrawn: (rows: number) => void,
): Promise<void> {
  const shares = columns.reduce((sum, { share }) => sum + share, 0);
  const widths = columns.map(({ share }) => (WIDTH * share) / shares);
  const table = sheet.begin('Table');
  const draw = (cells: readonly string[], isHead: boolean): void => {
    const written = isHead ? HEAD : BODY;
    const lines = cells.map((cell, i) => sheet.wrap(cell, (widths[i] ?? 0) - 2 * PAD, written));
    const height = Math.max(1, ...lines.map(({ length }) => length)) * LINE + 2 * PAD;
    if (sheet.ensure(Math.min(height, 600)) && !isHead) head();
    const top = sheet.y;
    if (isHead) {
      sheet.artifact(() => sheet.pdf.rect(sheet.left, top, WIDTH, height).fill(INK.band));
    }
    const row = sheet.pdf.struct('TR');
    let x = sheet.left;
    for (const [i, cell] of lines.entries()) {
      const width = widths[i] ?? 0;
      const isFigure = columns[i]?.isFigure === true;
      const widest = isFigure ? Math.max(0, ...cell.map((line) => sheet.width(line, written))) : 0;
      const start = isFigure ? x + width - PAD - widest : x + PAD;
      sheet.cell(row, isHead ? 'TH' : 'TD', cell, start, top + PAD, written);
      x += width;
    }
    table.add(row);
    row.end();
    sheet.y += height;
    if (!isHead) sheet.rule();
  };
  const head = () =>
    draw(
      columns.map(({ title }) => title),
      true,
    );
  sheet.ensure(50);
  head();
  for (const [i, row] of rows.entries()) {
    draw(row, false);
    if ((i + 1) % ROWS_AT_ONCE !== 0) continue;
    onDrawn(ROWS_AT_ONCE);
    await endOfTurn();
  }
  onDrawn(rows.length % ROWS_AT_ONCE);
  table.end();
  sheet.y += 6;
}
