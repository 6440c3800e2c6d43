import { z } from 'zod';
import {
  ANSWER_CAUSES,
  ANSWERS_ABOUT,
  DECOMMISSION_REASONS,
  MARKET_PERIODS,
  PACK_CAPACITIES,
  parseDuration,
  SOURCES_READ,
} from '../../domain/index.ts';

const day = z.iso.date('a day as YYYY-MM-DD');
const text = z.string().min(1).max(300);
const source = text.describe('key in sources');
const said = { source, clause: text.default('') };

const lasting = z
  .string()
  .refine((given) => parseDuration(given) !== null, 'expected a whole number and one unit, such as 10d')
  .nullable()
  .default(null);

/** `is` with `lasts`: something here goes by it; without, it is for people to read. */
const fact = z.strictObject({
  ...{ what: text, within: text, is: z.enum(MARKET_PERIODS).nullable().default(null), lasts: lasting },
  ...{ from: day.nullable().default(null), ...said },
});
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
  sources: z.record(z.string(), z.strictObject({ title: text, read: z.enum(SOURCES_READ) })),
  force: z.array(z.strictObject({ who: text, from: day, ...said })).min(1),
  identifier: z.array(element),
  /** Information that goes with each change of ownership (transaction information and statement), where one is asked for. */
  transaction: z
    .strictObject({ from: day, to: day.nullable().default(null), ...said })
    .nullable()
    .default(null),
  periods: z.array(fact),
  reports: z.array(
    z.strictObject({
      ...{ what: text, to: text, covered: text.nullable() },
      /** Path of the screen where it is made, `/cases`. */
      screen: z
        .string()
        .regex(/^\/[a-z/-]+$/, 'the path of a screen')
        .nullable()
        .default(null),
    }),
  ),
  answers: z
    .array(
      z.strictObject({
        ...{
          code: text,
          /** Codes of other national systems that say the same. */
          also: z.array(text).default([]),
          name: text,
          about: z.enum(ANSWERS_ABOUT),
          cause: z.enum(ANSWER_CAUSES).nullable().default(null),
        },
        /** As the European hub names the alert, `A24`. */
        alert: text.nullable().default(null),
        /** The system itself does not hold it for a sign of falsification. */
        ...{ isAlert: z.boolean().default(true), ...said },
      }),
    )
    .default([])
    .transform((answers) =>
      answers.flatMap(({ also, ...one }) => [one.code, ...also].map((code) => ({ ...one, code }))),
    ),
  /** Why a pack's identifier is decommissioned, by whom, and what that makes of the pack in the words of the CBV. */
  decommissioning: z
    .array(
      z.strictObject({
        ...{ reason: z.enum(DECOMMISSION_REASONS), by: z.array(z.enum(PACK_CAPACITIES)).min(1) },
        /** Whether the law lets it be reverted at all. */
        ...{ isReversible: z.boolean(), step: text, disposition: text, ...said },
      }),
    )
    .default([]),
  notCovered: z.array(text).min(1, 'what is not covered is said of every market'),
});

export type Market = z.output<typeof marketSchema>;
export type MarketElement = Market['identifier'][number];
