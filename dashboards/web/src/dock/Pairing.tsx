import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { send } from '../ask.ts';
import { SignIn } from '../sign-in/SignIn.tsx';
import { LanguageChoice } from './DockHead.tsx';
import css from './dock.module.css';
import { useWords } from './language.tsx';

/** A browser that nobody is signed in at becomes the screen of a door by a code. */
export function Pairing() {
  const { say } = useWords();
  const client = useQueryClient();
  const [code, setCode] = useState('');
  const [isPerson, setPerson] = useState(false);
  const connect = useMutation({
    mutationFn: () => send<{ door: string }>('POST', '/screens', { code }),
    onSuccess: () => client.invalidateQueries(),
  });
  if (isPerson) return <SignIn />;
  return (
    <main className={css.screen}>
      <form
        className={`${css.sheet} ${css.form}`}
        onSubmit={(event) => {
          event.preventDefault();
          connect.mutate();
        }}
      >
        <h1>{say('pair.title')}</h1>
        <p>{say('pair.hint')}</p>
        <label>
          {say('pair.code')}
          <input
            className={css.field}
            value={code}
            required
            maxLength={40}
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
        </label>
        {connect.error === null ? null : (
          <p className="trouble" role="alert">
            {say('pair.bad')}
          </p>
        )}
        <div className={css.actions}>
          <button type="submit" className={`${css.button} ${css.main}`} disabled={code === '' || connect.isPending}>
            {say('pair.go')}
          </button>
          <button type="button" className={css.button} onClick={() => setPerson(true)}>
            {say('pair.person')}
          </button>
          <LanguageChoice />
        </div>
      </form>
    </main>
  );
}
