import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import { PLAIN_PAGE_SETTINGS } from '../../../../domain/index.ts';
import type { PageSettingsView } from '../../../api/index.ts';
import { ask, OfflineError, segment, send, sendKept } from '../ask.ts';
import { keys } from '../queries.ts';
import { useSession } from '../sign-in/session-queries.ts';
import { language } from '../text/say.ts';
import { useSpoken } from '../text/spoken.ts';
import { knowPlaces } from '../words/place-names.ts';
import { showIn } from '../words/scale.ts';
import { forgetSent, keepUnsent, type PageSettingsChange, unsentSettings } from './unsent-settings.ts';
import { usePlaceNames } from './usePlaceNames.ts';

/** Between the open pages of one browser: somebody has set something. */
const CHANNEL = 'isotherm-page-settings';

const PLAIN: PageSettingsView = { ...PLAIN_PAGE_SETTINGS, hintsSeen: [] };

interface SettingsContext {
  /** Null where they could not be asked for. */
  readonly settings: PageSettingsView | null;
  readonly spoken: string | null;
  readonly places: ReadonlyMap<string, string>;
}

const Settings = createContext<SettingsContext>({ settings: null, spoken: null, places: new Map() });

/**
 * What who is signed in has set of the page, from the account. A change holds at once on every open page of this browser,
 * and on others when they are looked at next. Where it cannot be asked for, the page is as for everybody.
 */
export function PageSettingsProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const person = usePerson();
  const { data, isPending } = useQuery({
    queryKey: keys.pageSettings,
    queryFn: async ({ signal }) => {
      const kept = await ask<PageSettingsView>('/me/settings', {}, signal);
      return { ...kept, ...unsentSettings(person) };
    },
    staleTime: 30_000,
    retry: 1,
  });
  useSendUnsent(person);
  const settings = data ?? PLAIN;
  const spoken = useSpoken(settings.language);
  // With the language that is spoken by now: when its texts have come, all is drawn again.
  const places = usePlaceNames();
  // The names of places too: sentences say them as they are drawn.
  const value = useMemo(() => ({ settings: data ?? null, spoken, places }), [data, spoken, places]);
  // Before anything below asks: figures are written while it is drawn.
  showIn(settings.temperature);
  knowPlaces(places);
  useEffect(() => {
    const { dataset, lang } = document.documentElement;
    dataset.density = settings.density;
    if (lang !== language()) document.documentElement.lang = language();
  });
  useEffect(() => {
    const channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = () => void client.invalidateQueries({ queryKey: keys.pageSettings });
    return () => channel.close();
  }, [client]);
  if (isPending || spoken === null) return null;
  return <Settings value={value}>{children}</Settings>;
}

/** As it is for everybody until it is known. */
export function usePageSettings(): PageSettingsView {
  return useContext(Settings).settings ?? PLAIN;
}

/** Null where it could not be asked for. */
export function useHintsSeen(): readonly string[] | null {
  return useContext(Settings).settings?.hintsSeen ?? null;
}

function usePerson(): string {
  return useSession().data?.user.name ?? '';
}

/** What was chosen right before a page was left may not have arrived: the next page sends it again. */
function useSendUnsent(person: string): void {
  const { mutate } = useSetPageSettings();
  useEffect(() => {
    const unsent = unsentSettings(person);
    if (Object.keys(unsent).length > 0) mutate(unsent);
  }, [person, mutate]);
}

/**
 * Sets some of it: shown at once, and taken back where the server does not take it. Until the server has it the tab keeps
 * it, so that a page that is opened meanwhile shows what was chosen.
 */
export function useSetPageSettings() {
  const client = useQueryClient();
  const person = usePerson();
  return useMutation({
    mutationFn: (change: PageSettingsChange) => sendKept<PageSettingsView>('PUT', '/me/settings', change),
    onMutate: async (change) => {
      keepUnsent(person, change);
      await client.cancelQueries({ queryKey: keys.pageSettings });
      const before = client.getQueryData<PageSettingsView>(keys.pageSettings);
      client.setQueryData<PageSettingsView>(keys.pageSettings, (now) => ({ ...(now ?? PLAIN), ...change }));
      return before;
    },
    onError: (error, change, before) => {
      // Whoever leaves a page ends its requests; what was only not answered is sent again by the next one.
      if (!(error instanceof OfflineError)) forgetSent(person, change);
      client.setQueryData(keys.pageSettings, before);
    },
    onSuccess: (settings, change) => {
      forgetSent(person, change);
      client.setQueryData(keys.pageSettings, { ...settings, ...unsentSettings(person) });
      tellOtherPages();
    },
  });
}

/** Puts a hint away, or with null shows them all again. */
export function usePutHintAway() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (hint: string | null) =>
      hint === null
        ? send<PageSettingsView>('DELETE', '/me/hints')
        : send<PageSettingsView>('PUT', `/me/hints/${segment(hint)}`),
    onSuccess: (settings) => {
      client.setQueryData(keys.pageSettings, settings);
      tellOtherPages();
    },
  });
}

function tellOtherPages(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(null);
  channel.close();
}
