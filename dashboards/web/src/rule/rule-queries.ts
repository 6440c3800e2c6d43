import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type {
  BacktestLine,
  BacktestProgressView,
  BacktestResult,
  RuleChanged,
  RulePreview,
  RuleView,
} from '../../../api/index.ts';
import { AnswerError, ask, segment, send, sendForLines, sendText } from '../ask.ts';

const YAML = 'application/yaml';
const RULES = ['rules'] as const;
const ruleKey = (id: string) => ['rule', id] as const;

export function useRules() {
  return useQuery({
    queryKey: RULES,
    queryFn: async ({ signal }) =>
      (await ask<{ items: readonly RuleView[] }>('/rules', { limit: 1_000 }, signal)).items,
  });
}

export function useRule(id: string) {
  return useQuery({
    queryKey: ruleKey(id),
    queryFn: ({ signal }) => ask<RuleView>(`/rules/${segment(id)}`, {}, signal),
    enabled: id !== '',
  });
}

/** What someone wants to make of a rule; `text` null removes it. */
export interface RuleEdit {
  readonly id: string;
  readonly text: string | null;
  /** The latest version they saw. */
  readonly seen: number;
}

/** What the edit would change, changing nothing. */
export function useRulePreview() {
  return useMutation({ mutationFn: (edit: RuleEdit) => change<RulePreview>(edit, 'dryRun=true') });
}

export function useSaveRule() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (edit: RuleEdit) => change<RuleChanged>(edit, `version=${edit.seen}`),
    onSuccess: (_, { id }) => {
      void client.invalidateQueries({ queryKey: RULES });
      void client.invalidateQueries({ queryKey: ruleKey(id) });
    },
  });
}

function change<T>({ id, text }: RuleEdit, query: string): Promise<T> {
  const path = `/rules/${segment(id)}?${query}`;
  return text === null ? send<T>('DELETE', path) : sendText<T>('PUT', path, text, YAML);
}

export type BacktestState =
  | { readonly at: 'idle' }
  | { readonly at: 'running'; readonly progress: BacktestProgressView | null }
  | { readonly at: 'done'; readonly result: BacktestResult }
  | { readonly at: 'failed'; readonly error: Error };

/** One backtest at a time; starting another, or leaving the page, stops it. */
export function useBacktest() {
  const [state, setState] = useState<BacktestState>({ at: 'idle' });
  const under = useRef<AbortController | null>(null);
  const stop = () => {
    under.current?.abort();
    under.current = null;
    setState({ at: 'idle' });
  };
  const start = (rule: string, from: number, to: number) => {
    under.current?.abort();
    const control = new AbortController();
    under.current = control;
    setState({ at: 'running', progress: null });
    const body = { rules: rule, from, to };
    sendForLines<BacktestLine>('/rules/backtest', body, (line) => setState(stateOf(line)), control.signal).catch(
      (error: unknown) => {
        if (!control.signal.aborted) setState({ at: 'failed', error: error as Error });
      },
    );
  };
  return { state, start, stop };
}

function stateOf(line: BacktestLine): BacktestState {
  if ('progress' in line) return { at: 'running', progress: line.progress };
  if ('result' in line) return { at: 'done', result: line.result };
  return { at: 'failed', error: new AnswerError(line.problem.status, line.problem) };
}
