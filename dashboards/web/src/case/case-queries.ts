import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser';
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import type {
  CaseSummaryView,
  CaseView,
  caseChanges,
  caseDecision,
  caseInput,
  caseMentions,
  caseSerial,
  Disposition,
  SignatureInput,
  stepInput,
} from '../../../api/case.ts';
import type { traceRequest, traceRequestInput } from '../../../api/trace-request.ts';
import { ask, segment, send } from '../ask.ts';
import type { Page } from '../queries.ts';
import type { SigningWindow } from './signing-window.ts';

export type CaseDecision = z.output<typeof caseDecision>;
export type CaseChange = z.output<typeof caseChanges>['items'][number];
export type CaseSerial = z.output<typeof caseSerial>;
export type NewCase = z.input<typeof caseInput>;
export type TraceRequest = z.output<typeof traceRequest>;
export type NewTraceRequest = z.input<typeof traceRequestInput>;
export type CaseStepInput = z.input<typeof stepInput>;

/** What the inbox is asked for. */
export interface CaseFilter extends Readonly<Record<string, string>> {
  /** With commas; empty = all. */
  readonly state: string;
  readonly shipment: string;
  readonly assignee: string;
  readonly order: string;
}

const POLL_MS = 15_000;
/** What waits for somebody. */
export const UNDECIDED = 'open,evidence changed';

export function useCases(filter: CaseFilter) {
  return useInfiniteQuery({
    queryKey: ['cases', filter],
    queryFn: ({ signal, pageParam }) =>
      ask<Page<CaseSummaryView>>('/cases', { ...filter, limit: 50, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
}

/** How many wait, for the menu; `50+` is as good as the number. */
export function useOpenCases(isOn: boolean) {
  return useQuery({
    queryKey: ['cases', 'open-count'],
    queryFn: ({ signal }) => ask<Page<CaseSummaryView>>('/cases', { state: UNDECIDED, limit: 50 }, signal),
    enabled: isOn,
    refetchInterval: 60_000,
  });
}

export function useCase(id: string) {
  return useQuery({
    queryKey: ['case', id],
    queryFn: ({ signal }) => ask<CaseView>(`/cases/${segment(id)}`, {}, signal),
    refetchInterval: POLL_MS,
  });
}

/** What changed since a revision that somebody looked at. @param now the revision of the case as it is */
export function useCaseChanges(id: string, after: number, now: number) {
  return useQuery({
    queryKey: ['case-changes', id, after, now],
    queryFn: ({ signal }) => ask<Page<CaseChange>>(`/cases/${segment(id)}/changes`, { after: String(after) }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** @param isOn only once somebody asks to see them */
export function useCaseSerials(id: string, revision: number, group: string, isOn: boolean) {
  return useInfiniteQuery({
    queryKey: ['case-serials', id, revision, group],
    queryFn: ({ signal, pageParam }) =>
      ask<Page<CaseSerial>>(`/cases/${segment(id)}/serials`, { group, limit: 100, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    enabled: isOn,
  });
}

/** Exactly one of the three. */
export type Scope =
  | { readonly group: string; readonly toDecide?: true }
  | { readonly lot: string }
  | { readonly serials: readonly string[] };

/** A decision as it is about to be signed. */
export interface Wish {
  readonly scope: Scope;
  readonly disposition: Disposition;
  readonly reason: string;
}

/** How somebody signs: what was typed, or that the browser is to ask for a passkey. */
export type Signing =
  | { readonly method: 'password'; readonly user?: string; readonly password: string; readonly code?: string }
  | { readonly method: 'passkey' }
  | { readonly method: 'oidc'; readonly window: SigningWindow };

/** What a record that is shown can be signed with; null where it cannot. */
export interface Shown {
  /** What is asked of a passkey. */
  readonly passkey: Record<string, unknown> | null;
  /** Where a fresh sign-in begins. */
  readonly oidc: string | null;
}

/** The signature as it is sent; a passkey and a fresh sign-in sign what `show` is answered. */
export async function signatureOf(
  meaning: string,
  signing: Signing,
  show: () => Promise<Shown>,
): Promise<SignatureInput> {
  if (signing.method === 'password') {
    const { method: _, ...typed } = signing;
    return { meaning, ...typed };
  }
  if (signing.method === 'oidc') {
    const oidc = await signing.window.ticket(async () => {
      const { oidc: path } = await show();
      if (path === null) throw new Error('No provider vouches for you here; sign with your password.');
      return path;
    });
    return { meaning, oidc };
  }
  const [{ startAuthentication }, { passkey }] = await Promise.all([import('@simplewebauthn/browser'), show()]);
  const optionsJSON = passkey as PublicKeyCredentialRequestOptionsJSON | null;
  if (optionsJSON === null) throw new Error('No passkey of yours can be used here; sign with your password.');
  return { meaning, passkey: { ...(await startAuthentication({ optionsJSON })) } };
}

/** Signs one decision. @returns it as it stands now */
export function useDecide(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (given: {
      readonly revision: number;
      readonly wish: Wish;
      readonly meaning: string;
      readonly signing: Signing;
    }) => {
      const { revision, meaning, signing } = given;
      const { scope, ...wish } = given.wish;
      const decision = { revision, ...scope, ...wish };
      const path = `/cases/${segment(id)}/decisions`;
      const signature = await signatureOf(meaning, signing, () => send<Shown>('POST', `${path}/draft`, decision));
      return send<CaseDecision>('POST', path, { ...decision, signature });
    },
    // Also after a refusal: it says that something else is shown than there is.
    onSettled: () => refreshed(client, id),
  });
}

export function useCountersign(id: string, number: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ meaning, signing }: { readonly meaning: string; readonly signing: Signing }) => {
      const path = `/cases/${segment(id)}/decisions/${number}`;
      const signature = await signatureOf(meaning, signing, () => send<Shown>('POST', `${path}/challenge`, {}));
      return send<CaseDecision>('POST', `${path}/signatures`, { signature });
    },
    onSettled: () => refreshed(client, id),
  });
}

/** A word on the evidence that is signed. @param path `/steps`, or `/steps/3/undo` */
export function useSignStep(id: string, path: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (given: {
      readonly step: { readonly revision: number; readonly reason: string; readonly step?: CaseStepInput };
      readonly meaning: string;
      readonly signing: Signing;
    }) => {
      const { step, meaning, signing } = given;
      const to = `/cases/${segment(id)}${path}`;
      const signature = await signatureOf(meaning, signing, () => send<Shown>('POST', `${to}/draft`, step));
      return send<unknown>('POST', to, { ...step, signature });
    },
    onSettled: () => refreshed(client, id),
  });
}

/** Comments, tasks, closing: writes below a case. */
export function useCaseAction<Given>(id: string, path: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Given) => send<unknown>('POST', `/cases/${segment(id)}${path}`, body),
    onSettled: () => refreshed(client, id),
  });
}

/** Those of a case, which a revision of it may have answered. */
export function useTraceRequests(id: string, revision: number, isOn: boolean) {
  return useQuery({
    queryKey: ['case-traces', id, revision],
    queryFn: ({ signal }) => ask<Page<TraceRequest>>(`/cases/${segment(id)}/trace-requests`, {}, signal),
    placeholderData: keepPreviousData,
    enabled: isOn,
  });
}

/** Who can be mentioned, and given cases and tasks. @param isOn only who may */
export function useCasePeople(isOn: boolean) {
  return useQuery({
    queryKey: ['case-people'],
    queryFn: ({ signal }) => ask<Page<{ name: string; role: string }>>('/cases/people', {}, signal),
    enabled: isOn,
    staleTime: 300_000,
  });
}

export type CaseMention = z.output<typeof caseMentions>['items'][number];

/** Comments that mention who is signed in, until the case was looked at. */
export function useMentions() {
  return useQuery({
    queryKey: ['cases', 'mentions'],
    queryFn: ({ signal }) => ask<Page<CaseMention>>('/cases/mentions', {}, signal),
    refetchInterval: 60_000,
  });
}

/** What mentions who is signed in has been looked at. */
export function useSawMentions(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => send<unknown>('POST', `/cases/${segment(id)}/mentions/seen`, {}),
    onSuccess: () => client.invalidateQueries({ queryKey: ['cases', 'mentions'] }),
  });
}

/** Opens a case by hand. @returns it */
export function useOpenCase() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewCase) => send<CaseView>('POST', '/cases', body),
    onSettled: () => client.invalidateQueries({ queryKey: ['cases'] }),
  });
}

function refreshed(client: ReturnType<typeof useQueryClient>, id: string) {
  return Promise.all([
    client.invalidateQueries({ queryKey: ['case', id] }),
    client.invalidateQueries({ queryKey: ['cases'] }),
  ]);
}
