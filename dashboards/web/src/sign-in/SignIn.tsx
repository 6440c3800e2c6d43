import { Button, PasswordInput, TextInput } from '@mantine/core';
import {
  IconBell,
  IconChevronRight,
  IconDoor,
  IconMicroscope,
  IconSettings,
  IconTruckDelivery,
} from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { Role } from '../../../../domain/index.ts';
import { AnswerError } from '../ask.ts';
import { useTitle } from '../parts/useTitle.ts';
import { useSignIn, useSignInOptions } from '../queries.ts';
import css from './SignIn.module.css';

const ROLE_WORDS: Readonly<Record<Role, { name: string; what: string; Icon: typeof IconBell }>> = {
  logistics: { name: 'Logistics', what: 'Watch shipments on their way', Icon: IconTruckDelivery },
  quality: { name: 'Quality', what: 'Decide after an excursion', Icon: IconMicroscope },
  dock: { name: 'Dock', what: 'See each pallet at the door', Icon: IconDoor },
  operations: { name: 'Operations', what: 'Be told when something is wrong', Icon: IconBell },
  admin: { name: 'Administration', what: 'Everything', Icon: IconSettings },
};

export function SignIn() {
  useTitle('Sign in');
  const { data: options } = useSignInOptions();
  const signIn = useSignIn();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');

  function submit(event: FormEvent) {
    event.preventDefault();
    signIn.mutate({ username, password });
  }

  const accounts = options?.accounts ?? [];
  return (
    <main className={css.signIn}>
      <div className={css.signInBox}>
        <div className={css.signInBrand}>
          <img src="/icon.svg" alt="" width={44} height={44} />
          <div>
            <h1>Isotherm</h1>
            <p className="muted">Every serial, every degree, every minute.</p>
          </div>
        </div>
        {accounts.length === 0 ? null : (
          <section aria-label="Demonstration accounts" className={`panel ${css.signInAccounts}`}>
            <h2>Demonstration: sign in as</h2>
            {accounts.map(({ name, role, password: known }) => {
              const { name: roleName, what, Icon } = ROLE_WORDS[role];
              return (
                <button
                  key={name}
                  type="button"
                  className={css.roleButton}
                  disabled={signIn.isPending}
                  onClick={() => signIn.mutate({ username: name, password: known })}
                >
                  <Icon size={22} stroke={1.5} aria-hidden="true" />
                  <span>
                    <b>{roleName}</b>
                    <span className="muted">{what}</span>
                  </span>
                  <IconChevronRight size={18} stroke={1.6} aria-hidden="true" />
                </button>
              );
            })}
          </section>
        )}
        <form className={`panel ${css.signInForm}`} onSubmit={submit}>
          <TextInput
            label="Name"
            autoComplete="username"
            autoCapitalize="none"
            required
            size="md"
            withAsterisk={false}
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            size="md"
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {signIn.error === null ? null : (
            <p role="alert" className="trouble">
              {troubleText(signIn.error)}
            </p>
          )}
          <Button type="submit" size="md" fullWidth loading={signIn.isPending}>
            Sign in
          </Button>
        </form>
      </div>
    </main>
  );
}

function troubleText(error: Error): string {
  if (!(error instanceof AnswerError)) return 'Isotherm cannot be reached. Try again in a moment.';
  if (error.status === 401) return 'Name or password is not right.';
  if (error.status === 429) return 'Too many attempts. Wait a minute, then try again.';
  return error.message;
}
