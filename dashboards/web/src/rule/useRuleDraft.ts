import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { RuleDraftView, RuleKindsView } from '../../../api/index.ts';
import { ask, send } from '../ask.ts';

/** How each kind of rule is written. */
export function useRuleKinds() {
  return useQuery({
    queryKey: ['rule-kinds'],
    queryFn: async ({ signal }) => (await ask<RuleKindsView>('/rules/kinds', {}, signal)).items,
    // It comes with the version of the product.
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What a form changes: keys as they are written; null takes one out. */
export type RuleEdits = Readonly<Record<string, unknown>>;

const TYPING_MS = 250;

/**
 * One rule under two hands, the form's and the text's: what the text says, and the text after what the form changes. Changes are
 * made one after another, each to the text that the one before left.
 */
export function useRuleDraft(text: string, onText: (text: string) => void) {
  const settled = useSettled(text);
  const draft = useQuery({
    queryKey: ['rule-draft', settled],
    queryFn: () => send<RuleDraftView>('POST', '/rules/draft', { text: settled }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const latest = useRef(text);
  useEffect(() => {
    latest.current = text;
  }, [text]);
  const queue = useRef<Promise<void>>(Promise.resolve());
  const [error, setError] = useState<Error | null>(null);
  const [lost, setLost] = useState<readonly string[]>([]);

  async function apply(change: RuleEdits): Promise<void> {
    try {
      const changed = await send<RuleDraftView>('POST', '/rules/draft', { text: latest.current, change });
      latest.current = changed.text;
      setError(null);
      setLost(changed.lost);
      onText(changed.text);
    } catch (fault) {
      setError(fault as Error);
    }
  }

  return {
    draft: draft.data,
    /** Why the last change of the form was not made. */
    error,
    lost,
    change: (change: RuleEdits) => {
      queue.current = queue.current.then(() => apply(change));
    },
  };
}

/** A text once nobody has typed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
