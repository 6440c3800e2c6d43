import { InputError, type SeenFrom } from '../../../domain/index.ts';
import type { Decisions } from '../../../quality/index.ts';

/** An id that can be no case's is one that is not there. */
export async function isCaseSeen(decisions: Decisions, id: string, seenFrom: SeenFrom): Promise<boolean> {
  try {
    return await decisions.isSeen(id, seenFrom);
  } catch (error) {
    if (error instanceof InputError && error.code === 'CASE_UNKNOWN') return false;
    throw error;
  }
}
