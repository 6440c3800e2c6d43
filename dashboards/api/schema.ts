import { z } from 'zod';
import { type TextForm, textFault } from '../../domain/index.ts';

/** The named schemas of the OpenAPI document. Filled while the contract files load, read by openapi.ts. */
export const named = z.registry<{ id: string }>();

/** The shape of every list: cursors are opaque, null after the last page. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

export const LIMIT_DEFAULT = 50;
export const LIMIT_MOST = 1_000;

/** `?limit=&cursor=`, as query strings come. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(LIMIT_MOST).default(LIMIT_DEFAULT),
  cursor: z.string().max(1_000).optional(),
});

export type PageQuery = z.output<typeof pageQuery>;

/** A name, an id, a lot: one line, at most `max` characters. */
export const line = (max: number) => textOf('line', max);

/** A comment or a reason: lines of text, at most `max` characters. */
export const prose = (max: number) => textOf('prose', max);

/** What a scanner read, separators and all, at most `max` characters. */
export const scanned = (max: number) => textOf('scan', max);

function textOf(form: TextForm, max: number) {
  return z
    .string()
    .max(max)
    .superRefine((given, context) => {
      const fault = given.length > max ? null : textFault(given, { form, max });
      if (fault !== null) context.addIssue(fault);
    });
}
