import { Button, PasswordInput, TextInput } from '@mantine/core';
import {
  IconBell,
  IconChevronRight,
  IconDoor,
  IconFingerprint,
  IconMicroscope,
  IconSettings,
  IconTruckDelivery,
} from '@tabler/icons-react';
import { type FormEvent, useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { Role } from '../../../../domain/index.ts';
import { AnswerError, OfflineError } from '../ask.ts';
import { useTitle } from '../parts/useTitle.ts';
import { say } from '../text/say.ts';
import { browserLanguage, useSpoken } from '../text/spoken.ts';
import { FirstAdmin } from './FirstAdmin.tsx';
import css from './SignIn.module.css';
import { usePasskeySignIn, useSignIn, useSignInOptions } from './session-queries.ts';

/** Asked for when it is drawn: the language is the browser's, and comes a moment later. */
const roleWords = (): Readonly<Record<Role, { name: string; what: string; Icon: typeof IconBell }>> => ({
  logistics: { name: say('sign-in.logistics'), what: say('sign-in.watchShipmentsOnTheirWay'), Icon: IconTruckDelivery },
  quality: { name: say('sign-in.quality'), what: say('sign-in.decideAfterAnExcursion'), Icon: IconMicroscope },
  dock: { name: say('sign-in.dock'), what: say('sign-in.seeEachPalletAtThe'), Icon: IconDoor },
  operations: { name: say('sign-in.operations'), what: say('sign-in.beToldWhenSomethingIs'), Icon: IconBell },
  admin: { name: say('sign-in.administration'), what: say('sign-in.everything'), Icon: IconSettings },
});

/** Who is not signed in: signs in, or sets a fresh installation up. */
export function SignIn() {
  const { data: options, isPending } = useSignInOptions();
  // Nobody is known yet: what the browser asks for is the best guess.
  const spoken = useSpoken(browserLanguage());
  useEffect(() => {
    if (spoken !== null) document.documentElement.lang = spoken;
  }, [spoken]);
  if (isPending || spoken === null) return null;
  return options?.needsFirstAdmin === true ? <FirstAdmin /> : <SignInForm />;
}

function SignInForm() {
  useTitle(say('sign-in.signIn'));
  const { data: options } = useSignInOptions();
  const signIn = useSignIn();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [isCodeAsked, setCodeAsked] = useState(false);
  const refused = useSearchParams()[0].get('refused');
  if (!isCodeAsked && codeOf(signIn.error) === 'SECOND_FACTOR_NEEDED') setCodeAsked(true);

  function submit(event: FormEvent) {
    event.preventDefault();
    signIn.mutate({ username, password, ...(isCodeAsked && { code }) });
  }

  const accounts = options?.accounts ?? [];
  return (
    <main className={css.signIn}>
      <div className={css.signInBox}>
        <div className={css.signInBrand}>
          <img src="/icon.svg" alt="" width={44} height={44} />
          <div>
            <h1>{say('sign-in.isotherm')}</h1>
            <p className="muted">{say('sign-in.everySerialEveryDegreeEvery')}</p>
          </div>
        </div>
        {accounts.length === 0 ? null : (
          <section aria-label={say('sign-in.demonstrationAccounts')} className={`panel ${css.signInAccounts}`}>
            <h2>{say('sign-in.demonstrationSignInAs')}</h2>
            {accounts.map(({ name, role, password: known }) => {
              const { name: roleName, what, Icon } = roleWords()[role];
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
            label={say('sign-in.name')}
            autoComplete="username"
            autoCapitalize="none"
            required
            size="md"
            withAsterisk={false}
            value={username}
            onChange={(event) => {
              setUsername(event.currentTarget.value);
              setCodeAsked(false);
              signIn.reset();
            }}
          />
          <PasswordInput
            label={say('sign-in.password')}
            autoComplete="current-password"
            required
            size="md"
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {isCodeAsked ? (
            <TextInput
              label={say('sign-in.code')}
              description={say('sign-in.code.hint')}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              autoComplete="one-time-code"
              required
              autoFocus
              size="md"
              withAsterisk={false}
              maxLength={40}
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
            />
          ) : null}
          {signIn.error === null || codeOf(signIn.error) === 'SECOND_FACTOR_NEEDED' ? null : (
            <p role="alert" className="trouble">
              {troubleText(signIn.error)}
            </p>
          )}
          <Button type="submit" size="md" fullWidth loading={signIn.isPending}>
            {say('sign-in.signIn')}
          </Button>
          {options?.passkeys === true ? <PasskeySignIn /> : null}
          {options?.provider === undefined ? null : (
            <Button component="a" href="/api/v1/sign-in/oidc" variant="default" size="md" fullWidth>
              {say('sign-in.provider', { label: options.provider.label })}
            </Button>
          )}
          {refused === null ? null : (
            <p role="alert" className="trouble">
              {refusalText(refused)}
            </p>
          )}
        </form>
      </div>
    </main>
  );
}

function PasskeySignIn() {
  const signIn = usePasskeySignIn();
  return (
    <>
      <Button
        variant="default"
        size="md"
        fullWidth
        leftSection={<IconFingerprint size={20} stroke={1.6} />}
        loading={signIn.isPending}
        onClick={() => signIn.mutate()}
      >
        {say('sign-in.passkey')}
      </Button>
      {signIn.error === null ? null : (
        <p role="alert" className="trouble">
          {signIn.error instanceof OfflineError
            ? say('sign-in.isothermCannotBeReachedTry')
            : say('sign-in.passkeyRefused')}
        </p>
      )}
    </>
  );
}

/** Why a provider's word was not taken; the code comes from the address, the words from here. */
function refusalText(code: string): string {
  switch (code) {
    case 'OIDC_ROLE_UNMAPPED':
      return say('sign-in.refused.role');
    case 'OIDC_SITES_MISSING':
      return say('sign-in.refused.sites');
    case 'USER_STAYS_OUT':
      return say('sign-in.refused.out');
    case 'USER_EXISTS':
      return say('sign-in.refused.name');
    case 'OIDC_UNAVAILABLE':
      return say('sign-in.refused.away');
    default:
      return say('sign-in.refused');
  }
}

function codeOf(error: Error | null): string | undefined {
  return error instanceof AnswerError ? error.problem?.code : undefined;
}

function troubleText(error: Error): string {
  if (!(error instanceof AnswerError)) return say('sign-in.isothermCannotBeReachedTry');
  if (codeOf(error) === 'SECOND_FACTOR_WRONG') return say('sign-in.codeIsNotRight');
  if (codeOf(error) === 'SECOND_FACTOR_LOCKED') return error.message;
  if (error.status === 401) return say('sign-in.nameOrPasswordIsNot');
  if (error.status === 429) return say('sign-in.tooManyAttemptsWaitA');
  return error.message;
}
