import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  AlertStatisticsView,
  ChannelTest,
  CountedBy,
  RoutedNoticeView,
  RoutingDraftView,
  RoutingTextView,
  RoutingView,
  SilenceView,
} from '../../../api/index.ts';
import { ask, segment, send } from '../ask.ts';

const ROUTING = ['routing'] as const;
const SILENCES = ['silences'] as const;

export function useRouting() {
  return useQuery({ queryKey: ROUTING, queryFn: ({ signal }) => ask<RoutingView>('/routing', {}, signal) });
}

export function useRoutingVersion(version: number | null) {
  return useQuery({
    queryKey: [...ROUTING, 'version', version],
    queryFn: ({ signal }) => ask<RoutingTextView>(`/routing/versions/${version}`, {}, signal),
    enabled: version !== null,
    // A version never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What somebody wants to make of the routing. */
export interface RoutingEdit {
  readonly text: string;
  readonly reason: string;
  /** The latest version they saw. */
  readonly seen: number;
}

export function useSaveRouting() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ text, reason, seen }: RoutingEdit) =>
      send<RoutingView>('PUT', `/routing?version=${seen}`, { text, reason }),
    onSuccess: () => client.invalidateQueries({ queryKey: ROUTING }),
  });
}

/** What a form changes in a routing: a JSON Merge Patch of one entry; null: the entry goes. */
export interface RoutingChangeGiven {
  readonly section: 'people' | 'teams' | 'schedules';
  readonly id: string;
  readonly value: Readonly<Record<string, unknown>> | null;
}

/** What a change would make of a text; nothing is saved by it. */
export function useChangeRouting() {
  return useMutation({
    mutationFn: (given: { text: string; change?: RoutingChangeGiven }) =>
      send<RoutingDraftView>('POST', '/routing/draft', given),
  });
}

/** An alert that there is, or one that is invented. */
export interface Trial {
  readonly alert?: string;
  readonly severity?: string;
  readonly kind?: string;
  readonly sites?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly at?: number;
  readonly text?: string;
}

export function useTrial() {
  return useMutation({
    mutationFn: (trial: Trial) => send<{ items: readonly RoutedNoticeView[] }>('POST', '/routing/trial', trial),
  });
}

/** Sends a real message to a person by one of their channels, and says what was answered. */
export function useTestPerson() {
  return useMutation({
    mutationFn: ({ channel, person }: { channel: string; person: string }) =>
      send<ChannelTest>('POST', `/channels/${segment(channel)}/test?person=${segment(person)}`),
  });
}

export function useSilences() {
  return useQuery({
    queryKey: SILENCES,
    queryFn: async ({ signal }) => (await ask<{ items: readonly SilenceView[] }>('/silences', {}, signal)).items,
    refetchInterval: 30_000,
  });
}

export interface SilenceGiven {
  readonly match: Readonly<Record<string, readonly string[] | Readonly<Record<string, string>>>>;
  readonly reason: string;
  readonly until: number;
}

export function useAddSilence() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: SilenceGiven) => send<SilenceView>('POST', '/silences', given),
    onSuccess: () => client.invalidateQueries({ queryKey: SILENCES }),
  });
}

export function useEndSilence() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => send<SilenceView>('POST', `/silences/${id}/end`),
    onSettled: () => client.invalidateQueries({ queryKey: SILENCES }),
  });
}

const DAY_MS = 86_400_000;

export function useStatistics(by: CountedBy, days: number) {
  return useQuery({
    queryKey: ['statistics', by, days],
    queryFn: ({ signal }) => {
      const to = Date.now();
      return ask<AlertStatisticsView>('/statistics/alerts', { by, from: to - days * DAY_MS, to }, signal);
    },
    placeholderData: (before) => before,
  });
}
