import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useSearchParams } from 'react-router';
import { OwnAddresses } from '../parts/own-addresses.ts';
import { type Extent, textOfTime, timeOfText, type View, viewOf, WHOLE } from './view.ts';
import { type ViewState, ViewStore } from './view-store.ts';

/** A wheel is turned many times a second, an address is written once it rests. */
const REST_MS = 250;

/** What is shown, as the address says it (`?from=&to=`), and the address as it is moved. */
export function useViewStore(bounds: Extent): ViewStore {
  const [search, setSearch] = useSearchParams();
  const [from, to] = [search.get('from'), search.get('to')];
  const [store] = useState(() => new ViewStore(viewOfAddress(from, to, bounds), bounds));
  useEffect(() => store.setBounds(bounds), [store, bounds]);

  const [own] = useState(() => new OwnAddresses([from, to].join()));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address alone moves what is shown, not a moving `bounds`
  useEffect(() => {
    if (own.takes([from, to].join())) return;
    const { view } = store.state();
    const asked = viewOfAddress(from, to, store.state().bounds);
    if (textsOf(view).join() !== textsOf(asked).join()) store.setView(asked);
  }, [from, to]);

  // A new one with each address: what waits to be written must not wait anew for that.
  const write = useRef(setSearch);
  useEffect(() => {
    write.current = setSearch;
  });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let moved = store.state().view;
    const off = store.subscribe(() => {
      const { view } = store.state();
      if (view === moved) return;
      moved = view;
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (!own.writes(textsOf(view).join())) return;
        write.current((before) => addressed(before, view), { replace: true, preventScrollReset: true });
      }, REST_MS);
    });
    return () => {
      off();
      clearTimeout(timer);
    };
  }, [store, own]);
  return store;
}

export function useViewState(store: ViewStore): ViewState {
  return useSyncExternalStore(store.subscribe, store.state);
}

function viewOfAddress(from: string | null, to: string | null, bounds: Extent): View {
  const [begin, end] = [timeOfText(from), timeOfText(to)];
  if (begin === null && end === null) return WHOLE;
  const asked = { from: begin ?? bounds.from, to: end ?? bounds.to };
  // What lies outside the journey or runs backwards shows all of it.
  if (asked.from >= asked.to || asked.to <= bounds.from || asked.from >= bounds.to) return WHOLE;
  return viewOf({ from: Math.max(asked.from, bounds.from), to: Math.min(asked.to, bounds.to) }, bounds);
}

function textsOf({ from, to }: View): [string | null, string | null] {
  return [from === null ? null : textOfTime(from), to === null ? null : textOfTime(to)];
}

function addressed(before: URLSearchParams, view: View): URLSearchParams {
  const after = new URLSearchParams(before);
  const [from, to] = textsOf(view);
  for (const [name, text] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (text === null) after.delete(name);
    else after.set(name, text);
  }
  after.delete('last');
  return after;
}
