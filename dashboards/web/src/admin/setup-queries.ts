import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  ChannelKind,
  ChannelTest,
  ChannelView,
  HealthView,
  OrganisationView,
  PlaceView,
  PortalView,
  ProductImport,
  ProductView,
  ReaderTest,
  SetUpStep,
  SetUpView,
  StorageProfileView,
} from '../../../api/index.ts';
import { AnswerError, ask, segment, send, sendText } from '../ask.ts';
import { keys } from '../queries.ts';
import { say } from '../text/say.ts';

interface All<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** As a list shows one. */
export type ProductRow = Omit<ProductView, 'lots'>;

/** More than an installation has of places and doors. */
const ALL = { limit: 1_000 };

/** Changes what an installation is; what is said of it elsewhere is asked for anew. */
function useSetting<Given, Answer>(
  change: (given: Given) => Promise<Answer>,
  ...alsoStale: readonly (readonly string[])[]
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: async () => {
      const stale = [['admin'], ...alsoStale];
      await Promise.all(stale.map((queryKey) => client.invalidateQueries({ queryKey })));
    },
  });
}

export function useSetUp() {
  return useQuery({ queryKey: ['admin', 'setup'], queryFn: ({ signal }) => ask<SetUpView>('/setup', {}, signal) });
}

export const useSkipStep = () =>
  useSetting(({ step, skipped }: { step: SetUpStep; skipped: boolean }) =>
    send<SetUpView>('PUT', `/setup/${step}`, { skipped }),
  );

/** The menu goes by it as well. */
export const useChoosePurpose = () =>
  useSetting((purpose: SetUpView['for']) => send<SetUpView>('PUT', '/setup-purpose', { for: purpose }), keys.session);

export function useOrganisation() {
  return useQuery({
    queryKey: ['admin', 'organisation'],
    queryFn: ({ signal }) => ask<OrganisationView>('/organisation', {}, signal),
  });
}

export const useSetOrganisation = () =>
  useSetting((given: { name: string; gln: string | null; address: string | null; zone: string }) =>
    send<OrganisationView>('PUT', '/organisation', given),
  );

export function usePlaces() {
  return useQuery({
    queryKey: ['admin', 'places'],
    queryFn: ({ signal }) => ask<All<PlaceView>>('/places', ALL, signal),
  });
}

export interface PlaceGiven {
  readonly id: string;
  readonly body: {
    readonly name: string;
    readonly parent: string | null;
    readonly zone?: string;
    readonly gln?: string;
  };
}

export const usePutPlace = () =>
  useSetting(({ id, body }: PlaceGiven) => send<PlaceView>('PUT', `/places/${segment(id)}`, body), keys.portals);

export function useDoors() {
  return useQuery({
    queryKey: ['admin', 'doors'],
    queryFn: ({ signal }) => ask<All<PortalView>>('/portals', ALL, signal),
  });
}

export interface DoorGiven {
  readonly id: string;
  readonly body: {
    readonly name: string;
    readonly inside: string;
    readonly outside: string;
    readonly antennas: PortalView['antennas'];
    readonly triggers: readonly string[];
    readonly quiet?: string;
    readonly cap?: string;
  };
}

export const usePutDoor = () =>
  useSetting(({ id, body }: DoorGiven) => send<PortalView>('PUT', `/portals/${segment(id)}`, body), keys.portals);

export function useProfiles() {
  return useQuery({
    queryKey: ['admin', 'profiles'],
    queryFn: ({ signal }) => ask<All<StorageProfileView>>('/profiles', ALL, signal),
  });
}

export interface ProductGiven {
  readonly gtin: string;
  readonly body: {
    readonly name: string;
    readonly profile: string | null;
    readonly stability: { readonly budget?: string; readonly mktWindow?: string };
    readonly valueClass: number | null;
    readonly thermalMass: string | null;
  };
  /** Refused where there is one already. */
  readonly isNew: boolean;
}

/** What was to be new is there already; in words for people. */
export class TakenError extends Error {
  override readonly name = 'TakenError';
}

/** The list of products comes a page at a time, so the server is asked. @throws {TakenError} */
export const usePutProduct = () =>
  useSetting(async ({ gtin, body, isNew }: ProductGiven) => {
    const path = `/products/${segment(gtin)}`;
    if (isNew && (await isThere(path))) throw new TakenError(say('products.gtinTaken'));
    return send<ProductView>('PUT', path, body);
  });

async function isThere(path: string): Promise<boolean> {
  try {
    await ask(path);
    return true;
  } catch (error) {
    if (error instanceof AnswerError && error.status === 404) return false;
    throw error;
  }
}

/** What a file would change, and then: changes it. */
export const useImportProducts = () =>
  useSetting(({ text, isDry }: { text: string; isDry: boolean }) =>
    sendText<ProductImport | undefined>('POST', `/products${isDry ? '?dryRun=true' : ''}`, text, 'text/csv'),
  );

export function useChannels() {
  return useQuery({
    queryKey: ['admin', 'channels'],
    queryFn: ({ signal }) => ask<All<ChannelView>>('/channels', ALL, signal),
  });
}

export interface ChannelGiven {
  readonly id: string;
  readonly told: boolean;
  readonly kind?: ChannelKind;
  readonly url?: string;
  readonly secret?: string;
  readonly settings?: ChannelView['settings'];
}

export const usePutChannel = () =>
  useSetting(({ id, ...given }: ChannelGiven) =>
    send<ChannelView & { secret: string | null }>('PUT', `/channels/${segment(id)}`, given),
  );

export const useRemoveChannel = () => useSetting((id: string) => send<void>('DELETE', `/channels/${segment(id)}`));

export const useTestChannel = () =>
  useSetting((id: string) => send<ChannelTest>('POST', `/channels/${segment(id)}/test`));

/** Looked at again by itself: who mends something sees it mended. */
export function useHealth() {
  return useQuery({
    queryKey: ['admin', 'health'],
    queryFn: ({ signal }) => ask<HealthView>('/health', {}, signal),
    refetchInterval: 10_000,
  });
}

/** What is done about something that waits: `POST` to its path. */
export const useSettle = () =>
  useSetting(({ path, reason }: { path: string; reason?: string }) =>
    send<void>('POST', path, reason === undefined ? undefined : { reason }),
  );

/** Takes five seconds. */
export const useTestReader = () =>
  useSetting((reader: string) => send<ReaderTest>('POST', `/readers/${segment(reader)}/test`));
