import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { AnswerError } from '../ask.ts';
import { Trouble } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { say } from '../text/say.ts';
import css from './SignIn.module.css';
import { useFirstAdmin, useSignInOptions } from './session-queries.ts';

/** A fresh installation: whoever has the code of its terminal becomes the first admin. */
export function FirstAdmin() {
  useTitle(say('first-admin.title'));
  const { refetch } = useSignInOptions();
  const navigate = useNavigate();
  const first = useFirstAdmin(() => navigate('/admin/setup'));
  const [code, setCode] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const isDone = first.error instanceof AnswerError && first.error.problem?.code === 'SETUP_DONE';

  function submit(event: FormEvent) {
    event.preventDefault();
    first.mutate({ code, name: name.trim(), password });
  }

  return (
    <main className={css.signIn}>
      <div className={css.signInBox}>
        <div className={css.signInBrand}>
          <img src="/icon.svg" alt="" width={44} height={44} />
          <div>
            <h1>{say('first-admin.title')}</h1>
            <p className="muted">{say('first-admin.lead')}</p>
          </div>
        </div>
        <form className={`panel ${css.signInForm}`} onSubmit={submit}>
          <TextInput
            label={say('first-admin.code')}
            description={say('first-admin.code.hint')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            required
            size="md"
            withAsterisk={false}
            maxLength={100}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
          <TextInput
            label={say('first-admin.name')}
            description={say('first-admin.name.hint')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            autoComplete="username"
            autoCapitalize="none"
            required
            size="md"
            withAsterisk={false}
            maxLength={64}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <PasswordInput
            label={say('first-admin.password')}
            description={say('account.password.hint')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            autoComplete="new-password"
            required
            size="md"
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Trouble error={first.error} />
          {isDone ? (
            <Button variant="default" size="md" fullWidth onClick={() => void refetch()}>
              {say('first-admin.signIn')}
            </Button>
          ) : (
            <Button type="submit" size="md" px="xs" fullWidth loading={first.isPending}>
              {say('first-admin.create')}
            </Button>
          )}
        </form>
      </div>
    </main>
  );
}
