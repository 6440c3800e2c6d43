import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react';
import { io, type Socket } from 'socket.io-client';
import type { LiveEvents } from '../../../api/index.ts';
import { keys } from '../queries.ts';
import { applyAlert, applyPass, applyReadings } from './apply.ts';

export type Connection = 'connecting' | 'connected' | 'lost';

interface LiveContext {
  readonly connection: Connection;
  /** The server was upgraded since this page was loaded. */
  readonly isOutdated: boolean;
  readonly enter: (room: string) => () => void;
  /** The newest alert that arrived, for the announcement. */
  readonly newest: LiveEvents['alert'] | null;
}

const Live = createContext<LiveContext>({
  connection: 'connecting',
  isOutdated: false,
  enter: () => () => {},
  newest: null,
});

/** The one socket of the page. What it hears goes into the query cache; screens only say which rooms they watch. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>('connecting');
  const [isOutdated, setRenewed] = useState(false);
  const [newest, setNewest] = useState<LiveEvents['alert'] | null>(null);
  const socket = useRef<Socket | null>(null);
  const rooms = useRef(new Map<string, number>());

  useEffect(() => {
    const opened = io('/live', {
      path: '/socket.io',
      transports: ['websocket', 'polling'],
      reconnectionDelayMax: 5_000,
    });
    socket.current = opened;
    const lists = new ListsOfShipments(() => {
      void client.invalidateQueries({ queryKey: keys.shipments });
      void client.invalidateQueries({ queryKey: keys.board });
    });
    let hasBeenConnected = false;
    opened.on('connect', () => {
      setConnection('connected');
      const asked = new Set(rooms.current.keys());
      const isFirst = !hasBeenConnected;
      for (const room of rooms.current.keys()) {
        opened.emit('subscribe', { room }, () => {
          asked.delete(room);
          // What happened after the screen asked and before it was counted in is in no answer and no event.
          if (isFirst && asked.size === 0) askAgain(client);
        });
      }
      // A socket that could not be resumed has missed something: what is on screen is asked for again. One that
      // was resumed has missed readings at most.
      if (hasBeenConnected) {
        void client.invalidateQueries(opened.recovered ? { queryKey: ['readings'] } : {});
        void isRenewed().then(setRenewed);
      }
      // What failed while the server was away is asked for again in any case.
      void client.invalidateQueries({ predicate: ({ state }) => state.status === 'error' });
      hasBeenConnected = true;
    });
    opened.on('disconnect', (reason) => {
      setConnection('lost');
      if (reason === 'io server disconnect') void client.invalidateQueries({ queryKey: keys.session });
    });
    opened.on('connect_error', (error) => {
      setConnection('lost');
      if (error.message === 'SIGNED_OUT') void client.invalidateQueries({ queryKey: keys.session });
    });
    opened.on('alert', (event: LiveEvents['alert']) => {
      applyAlert(client, event);
      if (event.isNew) setNewest(event);
    });
    opened.on('readings', ({ readings }: LiveEvents['readings']) => applyReadings(client, readings, Date.now()));
    opened.on('pass', (event: LiveEvents['pass']) => applyPass(client, event));
    opened.on('shipment', ({ id }: LiveEvents['shipment']) => {
      void client.invalidateQueries({ queryKey: ['reconciliation'] });
      lists.changed();
      void client.invalidateQueries({ queryKey: keys.shipment(id) });
      void client.invalidateQueries({ queryKey: keys.journey(id) });
    });
    opened.on('device', ({ id }: LiveEvents['device']) => {
      void client.invalidateQueries({ queryKey: keys.devices });
      void client.invalidateQueries({ queryKey: keys.device(id) });
    });
    opened.on('reload', () => void client.invalidateQueries());
    return () => {
      socket.current = null;
      lists.stop();
      opened.close();
    };
  }, [client]);

  const enter = useRef((room: string) => {
    const watching = rooms.current.get(room) ?? 0;
    rooms.current.set(room, watching + 1);
    if (watching === 0 && socket.current?.connected) socket.current.emit('subscribe', { room });
    return () => {
      const left = (rooms.current.get(room) ?? 1) - 1;
      if (left > 0) {
        rooms.current.set(room, left);
        return;
      }
      rooms.current.delete(room);
      if (socket.current?.connected) socket.current.emit('unsubscribe', { room });
    };
  });

  return <Live value={{ connection, isOutdated, newest, enter: enter.current }}>{children}</Live>;
}

/** What events change: asked again where it was answered before there were any. */
const CHANGED_BY_EVENTS: ReadonlySet<unknown> = new Set([
  ...['alerts', 'alerts-open', 'alert', 'devices', 'device', 'shipments', 'shipment', 'portals', 'passes', 'pass'],
]);

function askAgain(client: QueryClient): void {
  void client.invalidateQueries({ predicate: ({ queryKey: [subject] }) => CHANGED_BY_EVENTS.has(subject) });
}

/** Of thousands under way some shipment changes all the time: lists are asked for again this often at most, ms. */
const LISTS_EVERY_MS = 3_000;

/** At once where it was quiet, and once more for what came meanwhile. */
class ListsOfShipments {
  readonly #ask: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isWaiting = false;

  constructor(ask: () => void) {
    this.#ask = ask;
  }

  changed(): void {
    if (this.#timer !== null) {
      this.#isWaiting = true;
      return;
    }
    this.#ask();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#isWaiting) {
        this.#isWaiting = false;
        this.changed();
      }
    }, LISTS_EVERY_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}

/** Watches a room for as long as the screen is there. */
export function useLive(room: string | null): void {
  const { enter } = useContext(Live);
  useEffect(() => (room === null ? undefined : enter(room)), [enter, room]);
}

export function useConnection(): Connection {
  return useContext(Live).connection;
}

export function useIsOutdated(): boolean {
  return useContext(Live).isOutdated;
}

/** Whether the server now serves another build than the one that runs here: its entry file has another name. */
async function isRenewed(): Promise<boolean> {
  const entry = document.querySelector<HTMLScriptElement>('script[type=module][src]')?.getAttribute('src');
  if (entry == null) return false;
  try {
    const answer = await fetch('/', { cache: 'no-store', headers: { accept: 'text/html' } });
    return answer.ok && !(await answer.text()).includes(entry);
  } catch {
    // Gone again: the next connection asks anew.
    return false;
  }
}

export function useNewestAlert(): LiveEvents['alert'] | null {
  return useContext(Live).newest;
}
