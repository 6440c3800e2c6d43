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

/**
 * Writes a list of any length as CSV, page by page: no faster than it is read, and no longer than somebody reads it.
 * What is wrong with the question is answered as such: nothing is sent before its first page is there.
 *
 * @throws what `page` and `lines` throw of the first page
 */
export async function sendCsvPages<T>(
  response: Response,
  { name, columns, page, lines }: CsvPages<T>,
): Promise<typeof SENT> {
  let found = await page({});
  let text = csvLine(columns) + (await lines(found.items));
  response.set({
    ...{ 'content-type': 'text/csv; charset=utf-8' },
    'content-disposition': `attachment; filename="${name}"`,
  });
  for (;;) {
    if (!response.write(text)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
    if (response.destroyed || found.nextCursor === null) break;
    found = await page({ cursor: found.nextCursor });
    text = await lines(found.items);
  }
  response.end();
  return SENT;
}
