import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { PasskeyView } from '../../../api/index.ts';
import { Confirm } from '../parts/Confirm.tsx';
import { Failed, Loading, Trouble } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { useSignInOptions } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import css from './admin.module.css';
import { usePasskeys, useRegisterPasskey, useRemovePasskey, useRenamePasskey } from './passkey-queries.ts';

/** One's own passkeys: made, named, removed. */
export function Passkeys() {
  const { data, error, isPending, refetch } = usePasskeys();
  const { data: options } = useSignInOptions();
  if (isPending) return <Loading rows={1} height={80} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('passkeys.title')} onRetry={() => void refetch()} />;
  return (
    <section className={`panel section ${css.form}`}>
      <h2>{say('passkeys.title')}</h2>
      <p className="muted">{options?.passkeys === true ? say('passkeys.hint') : say('passkeys.unavailable')}</p>
      {data.items.length === 0 ? null : (
        <ul className={`${css.whole} ${css.passkeys}`}>
          {data.items.map((passkey) => (
            <Row key={passkey.id} passkey={passkey} />
          ))}
        </ul>
      )}
      {options?.passkeys === true ? <NewPasskey /> : null}
    </section>
  );
}

function NewPasskey() {
  const register = useRegisterPasskey();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  return (
    <form
      className={`${css.form} ${css.whole}`}
      onSubmit={(event) => {
        event.preventDefault();
        register.mutate(
          { name: name.trim(), password },
          {
            onSuccess: () => {
              setName('');
              setPassword('');
            },
          },
        );
      }}
    >
      <TextInput
        label={say('passkeys.name')}
        placeholder={say('passkeys.name.hint')}
        autoComplete="off"
        required
        withAsterisk={false}
        maxLength={64}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <PasswordInput
        label={say('account.password.old')}
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <Button type="submit" loading={register.isPending}>
        {say('passkeys.add')}
      </Button>
      <Trouble error={register.error} />
    </form>
  );
}

function Row({ passkey }: { passkey: PasskeyView }) {
  const rename = useRenamePasskey();
  const remove = useRemovePasskey();
  const [name, setName] = useState<string | null>(null);
  const { id, createdAt, lastUsedAt } = passkey;
  return (
    <li>
      {name === null ? (
        <span>
          <b>{passkey.name}</b>{' '}
          <span className="muted">
            <Say text="passkeys.since" values={{ time: <When at={createdAt} /> }} />{' '}
            {lastUsedAt === null ? (
              say('passkeys.unused')
            ) : (
              <Say text="passkeys.used" values={{ time: <When at={lastUsedAt} /> }} />
            )}
          </span>
        </span>
      ) : (
        <form
          className="buttons"
          onSubmit={(event) => {
            event.preventDefault();
            rename.mutate({ id, name: name.trim() }, { onSuccess: () => setName(null) });
          }}
        >
          <TextInput
            aria-label={say('passkeys.name')}
            required
            autoFocus
            maxLength={64}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" size="xs" loading={rename.isPending}>
            {say('passkeys.rename.do')}
          </Button>
          <Button size="xs" variant="subtle" color="gray" onClick={() => setName(null)}>
            {say('admin.cancel')}
          </Button>
        </form>
      )}
      {name === null ? (
        <span className="buttons">
          <Button variant="default" size="xs" onClick={() => setName(passkey.name)}>
            {say('passkeys.rename')}
          </Button>
          <Confirm
            name={say('passkeys.remove')}
            question={say('passkeys.remove.sure', { name: passkey.name })}
            action={say('passkeys.remove.do')}
            isPending={remove.isPending}
            onConfirm={() => remove.mutate(id)}
          />
        </span>
      ) : null}
      <Trouble error={rename.error ?? remove.error} />
    </li>
  );
}
