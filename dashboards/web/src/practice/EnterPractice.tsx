import { Loader } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useNavigate } from 'react-router';
import { Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { say } from '../text/say.ts';
import { useTicket } from './practice-queries.ts';

/** Where the real site sends somebody who comes to practise: signs in with the ticket, once, and shows the jobs. */
export function EnterPractice() {
  useTitle(say('practice.title'));
  const navigate = useNavigate();
  const { mutate, error } = useTicket();
  const isShown = useRef(false);
  useEffect(() => {
    if (isShown.current) return;
    isShown.current = true;
    const ticket = window.location.hash.slice(1);
    // It opens once: who comes back here by the browser's history has gone in already.
    mutate(ticket, { onSuccess: () => void navigate('/practice', { replace: true }) });
  }, [mutate, navigate]);
  return (
    <main>
      {error === null ? (
        <Loader aria-label={say('practice.entering')} />
      ) : (
        <Nothing level="h1" title={say('practice.entry.bad')}>
          {say('practice.entry.bad.next')}
        </Nothing>
      )}
    </main>
  );
}
