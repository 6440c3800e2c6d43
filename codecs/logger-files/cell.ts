/** What stands in a cell: text, or what a spreadsheet has typed. A `Date` holds civil time in its UTC fields. */
export type Cell = string | number | boolean | Date | null;

/** A row of a file, by the number a person counts it with: the line of a text, the row of a sheet. */
export interface Row {
  readonly row: number;
  readonly cells: readonly Cell[];
}

/** A cell as it reads, without the blanks around it (no-break ones too). */
export function textOf(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return '';
  if (cell instanceof Date) return cell.toISOString();
  return String(cell)
    .replaceAll(/[\u00a0\u2007\u202f]/g, ' ')
    .replace(/^\ufeff/, '')
    .trim();
}

export function isBlank({ cells }: Row): boolean {
  return cells.every((cell) => textOf(cell) === '');
}

/** A cell as a person is shown it, short. */
export function shownCell(cell: Cell | undefined): string {
  return JSON.stringify(textOf(cell).slice(0, 60));
}
