import { ConflictError, InputError } from '../../domain/index.ts';
import type { Problem } from '../api/index.ts';
import { problemOf } from './problems.ts';

/** What became of one of many: what it is now, or why nothing was done to it. */
export interface Acted<Thing> {
  readonly id: string;
  readonly alert: Thing | null;
  readonly problem: Problem | null;
}

/** More would keep connections to the database from everybody else. */
const AT_ONCE = 4;

/**
 * The same action on each of many alerts, each in a transaction of its own: what one is refused keeps no other. In the order asked
 * for; what is nobody's fault but ours, or a part that is away, ends it all.
 */
export async function actOnEach<Given extends { readonly id: string }, Thing>(
  { alerts }: { readonly alerts: readonly Given[] },
  act: (given: Given) => Promise<Thing>,
): Promise<readonly Acted<Thing>[]> {
  const acted: Acted<Thing>[] = [];
  const waiting = [...alerts.entries()];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [nth, given] = next;
        acted[nth] = await outcomeOf(given.id, () => act(given));
      }
    }),
  );
  return acted;
}

async function outcomeOf<Thing>(id: string, act: () => Promise<Thing>): Promise<Acted<Thing>> {
  try {
    return { id, alert: await act(), problem: null };
  } catch (error) {
    if (!(error instanceof InputError || error instanceof ConflictError)) throw error;
    return { id, alert: null, problem: problemOf(error) };
  }
}
