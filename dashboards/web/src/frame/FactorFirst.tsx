import { Button } from '@mantine/core';
import { AuthenticatorApp } from '../admin/AuthenticatorApp.tsx';
import { useFactors } from '../admin/factor-queries.ts';
import { Failed, Loading } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { useSignOut } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import css from './Frame.module.css';

/** All there is for somebody whose role asks for a second factor that was not set up yet. */
export function FactorFirst() {
  useTitle(say('factor.first'));
  const { data, error, isPending, refetch } = useFactors();
  const signOut = useSignOut();
  return (
    <main className={`${css.main} ${css.alone}`}>
      <h1>{say('factor.first')}</h1>
      <p>{say('factor.first.hint')}</p>
      {isPending ? (
        <Loading rows={2} height={80} />
      ) : data === undefined ? (
        <Failed error={error ?? new Error('')} what={say('account.title')} onRetry={() => void refetch()} />
      ) : (
        <AuthenticatorApp factors={data} />
      )}
      <Button variant="subtle" color="gray" onClick={() => signOut.mutate()}>
        {say('frame.signOut')}
      </Button>
    </main>
  );
}
