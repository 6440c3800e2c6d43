import { z } from 'zod';
import { ANSWERS_ABOUT } from '../../domain/index.ts';

const day = z.iso.date('a day as YYYY-MM-DD');
const text = z.string().min(1).max(300);
const source = text.describe('key in sources');
const said = { source, clause: text.default('') };

const fact = z.strictObject({ what: text, within: text, ...said });
const element = z.strictObject({
  ai: z
    .string()
    .regex(/^\d{2,4}$/, 'two to four digits')
    .nullable(),
  name: text,
  from: day,
  to: day.nullable().default(null),
  if: text.nullable().default(null),
  ...said,
});

/** A file of `packs/`: what a market asks, since when, by which source, and what of it is not covered here. */
export const marketSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z-]{1,30}$/, 'lower case letters and -'),
  name: text,
  authority: text,
  version: z.int().min(1),
  asOf: day,
  sources: z.record(z.string(), text),
  force: z.array(z.strictObject({ who: text, from: day, ...said })).min(1),
  identifier: z.array(element),
  periods: z.array(fact),
  reports: z.array(z.strictObject({ what: text, to: text, covered: text.nullable() })),
  answers: z.array(z.strictObject({ code: text, name: text, about: z.enum(ANSWERS_ABOUT), ...said })).default([]),
  notCovered: z.array(text).min(1, 'what is not covered is said of every market'),
});

export type Market = z.output<typeof marketSchema>;
export type MarketElement = Market['identifier'][number];
