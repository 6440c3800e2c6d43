import type { Response } from 'express';
import { csvLine } from '../../domain/index.ts';
import type { Page } from '../../storage/index.ts';
import { SENT } from './answer.ts';

export interface CsvPages<T> {
  /** Of the file that is offered. */
  readonly name: string;
  readonly columns: readonly string[];
  /** One page after the other, from the start where no cursor is given. */
  readonly page: (from: { readonly cursor?: string }) => Promise<Page<T>>;
  /** Lines of a page, each with its end. */
  readonly lines: (items: readonly T[]) => string | Promise<string>;
}

/** Writes a list of any length as CSV, page by page: no faster than it is read, and no longer than somebody reads it. */
export async function sendCsvPages<T>(
  response: Response,
  { name, columns, page, lines }: CsvPages<T>,
): Promise<typeof SENT> {
  response.set({
    ...{ 'content-type': 'text/csv; charset=utf-8' },
    'content-disposition': `attachment; filename="${name}"`,
  });
  response.write(csvLine(columns));
  let cursor: string | null = null;
  do {
    const found: Page<T> = await page(cursor === null ? {} : { cursor });
    const text = await lines(found.items);
    if (!response.write(text)) {
      await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
    }
    cursor = response.destroyed ? null : found.nextCursor;
  } while (cursor !== null);
  response.end();
  return SENT;
}
