import { z } from 'zod';
import { words } from './alert.ts';

/** Why goods may not move on for now. */
export const GOODS_FINDINGS = [
  'decommissioned',
  'recalled',
  'stolen',
  'quarantined',
  'rejected',
  'expired',
  'expiry unreadable',
  'excursion',
  'on hold',
] as const;

export const goodsFinding = z.object({
  finding: z.enum(GOODS_FINDINGS),
  /** For a person, with who decides. */
  reason: z.string(),
  words: words
    .optional()
    .describe('the reason by its key and values, for other languages; absent where it was kept without'),
  /** false: a warning only, by the storage profile. */
  stops: z.boolean(),
});

/** Whether what went through a door may move on, as it was shown there; never worked out again. */
export const clearance = z.object({
  mayMoveOn: z.boolean(),
  findings: z.array(
    goodsFinding.extend({
      /** How many serials and units; `epcs` has the first 50. */
      count: z.number().int(),
      epcs: z.array(z.string()),
    }),
  ),
});
