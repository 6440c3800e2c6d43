import { useQuery } from '@tanstack/react-query';
import type { RuleDraftView } from '../../../api/index.ts';
import { send } from '../ask.ts';
import type { RuleEdits } from './useRuleDraft.ts';

/** A change that statistics propose: what it watches for has to last longer to be told. */
export interface Proposal {
  readonly minutes: number;
  /** The rule with it; undefined: its kind has no key for it, or it is not known yet. */
  readonly text?: string;
}

/** @param lasts minutes, as the address says them; null: nothing is proposed */
export function useProposal(source: string, lasts: string | null): Proposal | null {
  const minutes = lasts !== null && /^[1-9]\d{0,5}$/.test(lasts) ? Number(lasts) : null;
  const change = minutes === null ? null : changeFor(source, minutes);
  const { data } = useQuery({
    queryKey: ['rule-proposal', source, change],
    queryFn: () => send<RuleDraftView>('POST', '/rules/draft', { text: source, change }),
    enabled: change !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (minutes === null) return null;
  return data === undefined ? { minutes } : { minutes, text: data.text };
}

/** Of the kinds that say how long something must last. */
function changeFor(source: string, minutes: number): RuleEdits | null {
  return /^kind: threshold$/m.test(source) ? { for: `${minutes}m` } : null;
}
