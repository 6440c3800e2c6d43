import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { AppSecretView, OwnFactorsView } from '../../../api/index.ts';
import { QrCode } from '../parts/QrCode.tsx';
import { Trouble } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import css from './admin.module.css';
import { useBeginApp, useConfirmApp, useRemoveApp, useRenewCodes, useSessionAnew } from './factor-queries.ts';
import { RecoveryCodes } from './RecoveryCodes.tsx';

/** The codes of an app as a second factor: set up, renewed, removed. */
export function AuthenticatorApp({ factors }: { factors: OwnFactorsView }) {
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const anew = useSessionAnew();
  return (
    <section className={`panel section ${css.form}`}>
      <h2>{say('factor.app')}</h2>
      {codes !== null ? (
        <RecoveryCodes
          codes={codes}
          onDone={() => {
            setCodes(null);
            anew();
          }}
        />
      ) : factors.app === null ? (
        <SetUp onCodes={setCodes} />
      ) : (
        <Kept factors={factors} since={factors.app.since} onCodes={setCodes} />
      )}
    </section>
  );
}

function SetUp({ onCodes }: { onCodes: (codes: readonly string[]) => void }) {
  const begin = useBeginApp();
  const [password, setPassword] = useState('');
  if (begin.data !== undefined) return <Confirmation app={begin.data} onCodes={onCodes} />;
  return (
    <form
      className={`${css.form} ${css.whole}`}
      onSubmit={(event) => {
        event.preventDefault();
        begin.mutate(password, { onSuccess: () => setPassword('') });
      }}
    >
      <p className="muted">{say('factor.app.hint')}</p>
      <PasswordInput
        label={say('account.password.old')}
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <Button type="submit" loading={begin.isPending}>
        {say('factor.app.begin')}
      </Button>
      <Trouble error={begin.error} />
    </form>
  );
}

function Confirmation({ app, onCodes }: { app: AppSecretView; onCodes: (codes: readonly string[]) => void }) {
  const confirm = useConfirmApp();
  return (
    <div className={`${css.whole} ${css.qr}`}>
      <QrCode text={app.uri} label={say('factor.app.qr')} />
      <div className={css.decide}>
        <p>{say('factor.app.scan')}</p>
        <p>
          <code className={css.key}>{app.secret.match(/.{1,4}/g)?.join(' ')}</code>
        </p>
        <CodeForm
          action={say('factor.app.confirm')}
          error={confirm.error}
          isPending={confirm.isPending}
          onCode={(code) => confirm.mutate(code, { onSuccess: ({ recoveryCodes }) => onCodes(recoveryCodes) })}
        />
      </div>
    </div>
  );
}

interface KeptProps {
  readonly factors: OwnFactorsView;
  readonly since: string;
  readonly onCodes: (codes: readonly string[]) => void;
}

function Kept({ factors, since, onCodes }: KeptProps) {
  const renew = useRenewCodes();
  const remove = useRemoveApp();
  const [wanted, setWanted] = useState<'renew' | 'remove' | null>(null);
  const isFew = factors.recoveryCodes < 3;
  return (
    <div className={css.whole}>
      <p>
        <Say text="factor.app.since" values={{ time: <When at={since} /> }} />{' '}
        <span className={isFew ? 'trouble' : 'muted'}>
          {say('factor.codes.left', { count: factors.recoveryCodes })}
        </span>
      </p>
      {wanted === null ? (
        <span className="buttons">
          <Button variant="default" size="xs" onClick={() => setWanted('renew')}>
            {say('factor.codes.renew')}
          </Button>
          {factors.required ? (
            <span className="muted">{say('factor.required.stays')}</span>
          ) : (
            <Button variant="default" size="xs" onClick={() => setWanted('remove')}>
              {say('factor.app.remove')}
            </Button>
          )}
        </span>
      ) : (
        <CodeForm
          action={wanted === 'renew' ? say('factor.codes.renew.do') : say('factor.app.remove.do')}
          error={renew.error ?? remove.error}
          isPending={renew.isPending || remove.isPending}
          onCancel={() => setWanted(null)}
          onCode={(code) => {
            const done = () => setWanted(null);
            if (wanted === 'remove') remove.mutate(code, { onSuccess: done });
            else
              renew.mutate(code, {
                onSuccess: ({ recoveryCodes }) => {
                  done();
                  onCodes(recoveryCodes);
                },
              });
          }}
        />
      )}
    </div>
  );
}

interface CodeFormProps {
  readonly action: string;
  readonly error: Error | null;
  readonly isPending: boolean;
  readonly onCode: (code: string) => void;
  readonly onCancel?: () => void;
}

function CodeForm({ action, error, isPending, onCode, onCancel }: CodeFormProps) {
  const [code, setCode] = useState('');
  return (
    <form
      className={css.decide}
      onSubmit={(event) => {
        event.preventDefault();
        onCode(code);
      }}
    >
      <TextInput
        label={say('factor.code')}
        autoComplete="one-time-code"
        required
        withAsterisk={false}
        maxLength={40}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      <span className="buttons">
        <Button type="submit" loading={isPending}>
          {action}
        </Button>
        {onCancel === undefined ? null : (
          <Button variant="subtle" color="gray" onClick={onCancel}>
            {say('admin.cancel')}
          </Button>
        )}
      </span>
      <Trouble error={error} />
    </form>
  );
}
