import { PasswordInput, SegmentedControl } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import type { CaseView } from '../../../api/case.ts';
import { AnswerError } from '../ask.ts';
import { Field } from '../parts/Field.tsx';
import { useSignInOptions } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import css from './case.module.css';
import type { Signing } from './case-queries.ts';
import { SigningWindow } from './signing-window.ts';

interface Typed {
  readonly method: Signing['method'];
  readonly user: string;
  readonly password: string;
  readonly code: string;
}

export interface SignState {
  readonly typed: Typed;
  readonly set: (change: Partial<Typed>) => void;
  readonly needs: { readonly user: boolean; readonly code: boolean };
  /** null while something is missing. */
  readonly signing: Signing | null;
  /** What was refused as a whole is typed anew; what was short of one field asks for it. */
  readonly refused: (error: Error) => void;
}

/** What somebody signs with, typed each time: nothing of it is kept. */
export function useSignState(how: CaseView['signing']): SignState {
  const offered = how.methods[0] ?? 'password';
  const [typed, setTyped] = useState<Typed>({ method: offered, user: '', password: '', code: '' });
  const [asked, setAsked] = useState({ user: false, code: false });
  const needs = { user: how.needsUser || asked.user, code: how.needsCode || asked.code };
  const [signingWindow] = useState(() => new SigningWindow());
  useEffect(() => () => signingWindow.close(), [signingWindow]);
  const { method, user, password, code } = typed;
  const isWhole = password !== '' && (!needs.user || user.trim() !== '') && (!needs.code || code.trim() !== '');
  const signing: Signing | null =
    method === 'passkey'
      ? { method }
      : method === 'oidc'
        ? { method, window: signingWindow }
        : isWhole
          ? { method, password, ...(needs.user && { user: user.trim() }), ...(needs.code && { code: code.trim() }) }
          : null;
  return {
    ...{ typed, needs, signing },
    set: (change) => setTyped((before) => ({ ...before, ...change })),
    refused: (error) => {
      const told = error instanceof AnswerError ? (error.problem?.code ?? '') : '';
      if (told === 'SIGNATURE_USER_NEEDED') setAsked((before) => ({ ...before, user: true }));
      else if (told.startsWith('SECOND_FACTOR')) setAsked((before) => ({ ...before, code: true }));
      else if (told === 'CREDENTIALS_WRONG') setTyped((before) => ({ ...before, password: '' }));
    },
  };
}

/** The fields of a signature below what it means; the meaning follows from the decision, nobody types it. */
export function SignFields({
  state,
  how,
  meanings,
}: {
  state: SignState;
  how: CaseView['signing'];
  meanings: readonly string[];
}) {
  const { typed, set, needs } = state;
  const { data: options } = useSignInOptions();
  const isNarrow = useMediaQuery('(max-width: 480px)', false);
  if (how.methods.length === 0) return <p className="trouble">{say('case.sign.none')}</p>;
  const { methods } = how;
  return (
    <div className={css.sign}>
      {meanings.length === 0 ? null : (
        <p>
          <span className="muted">{say('case.sign.meaning')}</span> <b>{meanings.join('; ')}</b>
        </p>
      )}
      {methods.length < 2 ? null : (
        <SegmentedControl
          className={css.whole ?? ''}
          // Three of them beside each other do not fit on a phone.
          orientation={isNarrow ? 'vertical' : 'horizontal'}
          fullWidth={isNarrow}
          aria-label={say('case.sign.method')}
          data={methods.map((method) => ({ value: method, label: say(`case.sign.method.${method}`) }))}
          value={typed.method}
          onChange={(chosen) => set({ method: methods.find((method) => method === chosen) ?? 'password' })}
        />
      )}
      {typed.method === 'passkey' ? (
        <p className="muted">{say('case.sign.passkey')}</p>
      ) : typed.method === 'oidc' ? (
        <p className="muted">
          {say('case.sign.oidc', { label: options?.provider?.label ?? say('case.sign.oidc.provider') })}
        </p>
      ) : (
        <>
          {needs.user ? (
            <Field
              label={say('case.sign.user')}
              required
              name="username"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              value={typed.user}
              onChange={(user) => set({ user })}
            />
          ) : null}
          <PasswordInput
            label={say('case.sign.password')}
            required
            withAsterisk={false}
            name="password"
            autoComplete="current-password"
            value={typed.password}
            onChange={(event) => set({ password: event.currentTarget.value })}
          />
          {needs.code ? (
            <Field
              label={say('case.sign.code')}
              hint={say('case.sign.code.hint')}
              required
              name="one-time-code"
              autoComplete="one-time-code"
              inputMode="numeric"
              value={typed.code}
              onChange={(code) => set({ code })}
            />
          ) : null}
        </>
      )}
    </div>
  );
}
