import { useQuery } from '@tanstack/react-query';
import type { PlaceView } from '../../../api/index.ts';
import { everyPage } from '../queries.ts';
import { useMay } from '../sign-in/session-queries.ts';

const NONE: ReadonlyMap<string, string> = new Map();
const namesOf = (places: readonly PlaceView[]): ReadonlyMap<string, string> =>
  new Map(places.map(({ id, name }) => [id, name]));

/** Names of the places that who is signed in sees, by id; empty until they are there. */
export function usePlaceNames(): ReadonlyMap<string, string> {
  const { data } = useQuery({
    queryKey: ['places'],
    queryFn: ({ signal }) => everyPage<PlaceView>('/places', signal),
    select: namesOf,
    enabled: useMay('records.read'),
    staleTime: 300_000,
    retry: 1,
  });
  return data ?? NONE;
}
