import { z } from 'zod';
import { named } from './schema.ts';
import { timeOut } from './time.ts';

/**
 * How something fares, worst last but for `unknown`, which says that nothing can be said:
 * - `inRange`: the latest reading is within the profile's limits
 * - `warning`: it is beyond a limit, not yet long enough to be an excursion; or a lesser alert waits for a decision
 * - `excursion`: an excursion is under way, or was, and nobody has decided what it means
 * - `unknown`: nothing has been heard for longer than the device's interval allows, nothing measures it, or no limits hold for it
 */
export const CONDITION_STATES = ['inRange', 'warning', 'excursion', 'unknown'] as const;
export const conditionState = z.enum(CONDITION_STATES);
export type ConditionState = z.output<typeof conditionState>;

export const condition = z
  .object({
    state: conditionState.describe('the worse of now and pending: what a person must know'),
    now: conditionState.describe('by its latest reading alone'),
    pending: z
      .enum(['warning', 'excursion'])
      .nullable()
      .describe(
        'what an alert says of it that nobody has decided, whatever the latest reading; null where there is none',
      ),
    about: z
      .object({ kind: z.string(), metric: z.string().nullable() })
      .nullable()
      .describe('the kind of the gravest of these alerts, and what was measured; null where nothing is pending'),
    /** The device that decides, worst of several. */
    device: z.string().nullable(),
    temperature: z.number().nullable().describe('°C: the latest that is judged as fact, corrected as registered'),
    received: z.number().optional().describe('what the device sent for it, °C; absent: the same'),
    at: timeOut.nullable(),
  })
  .register(named, { id: 'Condition' });
export type Condition = z.output<typeof condition>;
