import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { randomId } from '../parts/random-id.ts';
import { type KeptAction, KeptActions } from './kept-actions.ts';
import { sendAction } from './send-actions.ts';

const AGAIN_EVERY_MS = 5_000;

export interface Actions {
  /** Not sent yet, oldest first. */
  readonly waiting: readonly KeptAction[];
  /** What does not fit any more. */
  readonly questions: readonly KeptAction[];
  readonly act: (action: Pick<KeptAction, 'pass' | 'path' | 'body' | 'photos' | 'what' | 'who'>) => void;
  /** The person has seen what became of it. */
  readonly answered: (id: string) => void;
}

/** What people did at this door's screen: kept, sent one after another, asked back where it does not fit any more. */
export function useActions(door: string): Actions {
  const client = useQueryClient();
  const kept = useMemo(() => new KeptActions(), []);
  const [actions, setActions] = useState<readonly KeptAction[]>([]);
  const isSending = useRef(false);

  const refresh = useCallback(async () => setActions(await kept.of(door)), [kept, door]);
  const sendAll = useCallback(async () => {
    if (isSending.current) return;
    isSending.current = true;
    try {
      for (const action of (await kept.of(door)).filter(({ refusal }) => refusal === null)) {
        const sent = await sendAction(action, (one) => kept.put(one));
        if (sent.became === 'waiting') break;
        if (sent.became === 'done') await kept.remove(action.id);
        else await kept.put({ ...action, refusal: sent.refusal });
        void client.invalidateQueries({ queryKey: ['reconciliation'] });
      }
    } finally {
      isSending.current = false;
      await refresh();
    }
  }, [client, door, kept, refresh]);

  useEffect(() => {
    const now = () => void sendAll();
    now();
    const timer = setInterval(now, AGAIN_EVERY_MS);
    window.addEventListener('online', now);
    return () => {
      clearInterval(timer);
      window.removeEventListener('online', now);
    };
  }, [sendAll]);

  const act = useCallback<Actions['act']>(
    (action) => {
      const made = { ...action, id: randomId(), door, doneAt: Date.now(), decidedAt: null, refusal: null };
      void kept.put(made).then(refresh).then(sendAll);
    },
    [door, kept, refresh, sendAll],
  );
  const answered = useCallback((id: string) => void kept.remove(id).then(refresh), [kept, refresh]);
  return {
    waiting: actions.filter(({ refusal }) => refusal === null),
    questions: actions.filter(({ refusal }) => refusal !== null),
    ...{ act, answered },
  };
}
