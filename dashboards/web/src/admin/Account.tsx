import { Button, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import type { OwnSessionView } from '../../../api/index.ts';
import { Failed, Loading, Trouble } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { When } from '../parts/When.tsx';
import { say } from '../text/say.ts';
import { AuthenticatorApp } from './AuthenticatorApp.tsx';
import css from './admin.module.css';
import { useChangePassword, useEndSession, useOwnSessions } from './admin-queries.ts';
import { browserText } from './browser-name.ts';
import { useFactors } from './factor-queries.ts';
import { OwnNotices } from './OwnNotices.tsx';
import { PageChoices } from './PageChoices.tsx';
import { Passkeys } from './Passkeys.tsx';
import { ThisDevice } from './ThisDevice.tsx';

/** How the page is shown to one, one's own password, where one is told of alerts, and where one is signed in. */
export function Account() {
  useTitle(say('account.title'));
  return (
    <>
      <h1>{say('account.title')}</h1>
      <PageChoices />
      <Password />
      <Factors />
      <Passkeys />
      <OwnNotices />
      <ThisDevice />
      <Sessions />
    </>
  );
}

function Factors() {
  const { data, error, isPending, refetch } = useFactors();
  if (isPending) return <Loading rows={1} height={80} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('factor.app')} onRetry={() => void refetch()} />;
  return <AuthenticatorApp factors={data} />;
}

function Password() {
  const change = useChangePassword();
  const [old, setOld] = useState('');
  const [fresh, setFresh] = useState('');
  return (
    <form
      className={`panel section ${css.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate(
          { old, new: fresh },
          {
            onSuccess: () => {
              setOld('');
              setFresh('');
            },
          },
        );
      }}
    >
      <h2>{say('account.password')}</h2>
      <PasswordInput
        label={say('account.password.old')}
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={old}
        onChange={(event) => setOld(event.currentTarget.value)}
      />
      <PasswordInput
        label={say('account.password.new')}
        description={say('account.password.hint')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={fresh}
        onChange={(event) => setFresh(event.currentTarget.value)}
      />
      <Button type="submit" loading={change.isPending}>
        {say('account.password.save')}
      </Button>
      <Trouble error={change.error} />
      {change.isSuccess ? <p role="status">{say('account.password.done')}</p> : null}
    </form>
  );
}

function Sessions() {
  const { data, error, isPending, refetch } = useOwnSessions();
  if (isPending) return <Loading rows={3} height={48} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('account.sessions')} onRetry={() => void refetch()} />;
  return (
    <section className="section-open">
      <h2>{say('account.sessions')}</h2>
      <div className="panel scroll">
        <table className="table cards">
          <thead>
            <tr>
              <th scope="col">{say('account.sessions.device')}</th>
              <th scope="col">{say('account.sessions.since')}</th>
              <th scope="col">{say('account.sessions.used')}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {data.items.map((session) => (
              <SessionRow key={session.id} session={session} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function SessionRow({ session }: { session: OwnSessionView }) {
  const end = useEndSession();
  return (
    <tr>
      <td>
        {session.address ?? say('account.sessions.unknown')}{' '}
        <span className="muted" title={session.agent ?? undefined}>
          {session.isThis ? say('account.sessions.this') : (browserText(session.agent ?? '') ?? session.agent)}
        </span>
      </td>
      <td data-label={say('account.sessions.since')} className="muted">
        <When at={session.createdAt} />
      </td>
      <td data-label={say('account.sessions.used')} className="muted">
        <When at={session.lastUsedAt} />
      </td>
      <td>
        {session.isThis ? null : (
          <Button variant="default" size="xs" loading={end.isPending} onClick={() => end.mutate(session.id)}>
            {say('account.sessions.end')}
          </Button>
        )}
        <Trouble error={end.error} />
      </td>
    </tr>
  );
}
