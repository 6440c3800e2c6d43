import { z } from 'zod';
import type { Condition } from './condition.ts';
import { withPending } from './judge.ts';
import { named } from './schema.ts';

/** What keeps a shipment from being fine whatever is measured now, the gravest first. */
export const WAITING_KINDS = ['recall', 'alert', 'case', 'difference', 'stopped', 'hold'] as const;

export const waiting = z
  .object({
    kind: z
      .enum(WAITING_KINDS)
      .describe(
        'recall: serials of it are recalled; alert: nobody has resolved; case: serials are undecided, or wait for a second signature; difference: between what it lists and what was seen, nobody has settled; stopped: serials must not move on; hold: set by quality',
      ),
    gravity: z.enum(['warning', 'excursion']).describe('how grave: its share in the state'),
    count: z.number().int().describe('of serials (recall, stopped, case), alerts, differences, holds'),
    case: z.string().nullable().describe('where it is decided: the id of the case'),
  })
  .register(named, { id: 'Waiting' });
export type Waiting = z.output<typeof waiting>;

/**
 * The state of a shipment, and the only place that says it: the worst of what waits for a person and of what is measured
 * now; where neither says anything grave, that nobody knows. Cold again is not fine while somebody has yet to decide.
 *
 * @param measured the worst of its units by their readings
 * @param alerts what its undecided alerts say, and what the gravest is about
 */
export function standing(
  measured: Condition,
  alerts: Pick<Condition, 'pending' | 'about'>,
  all: readonly Waiting[],
): Condition {
  let condition = withPending(measured, alerts);
  for (const { kind, gravity } of all)
    if (kind !== 'alert') condition = withPending(condition, { pending: gravity, about: { kind, metric: null } });
  return condition;
}
