import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { CREDENTIAL_KINDS } from '../../../../domain/index.ts';
import type { CredentialView } from '../../../api/index.ts';
import { Confirm } from '../parts/Confirm.tsx';
import { Trouble } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { say } from '../text/say.ts';
import { AdminPage } from './AdminPage.tsx';
import css from './admin.module.css';
import {
  type CredentialKind,
  type CredentialSecret,
  useCreateCredential,
  useCredentials,
  useDecideSources,
  useMqttDoor,
  useRevokeCredential,
  useRotateCredential,
} from './admin-queries.ts';
import { Pages } from './Pages.tsx';
import { addressOf, readyLines } from './ready-lines.ts';
import { Secret } from './Secret.tsx';

/** What loggers, gateways and services sign in with over MQTT, and whom each may speak for. */
export function Credentials() {
  const [secret, setSecret] = useState<CredentialSecret | null>(null);
  return (
    <AdminPage text="credentials.title" permission="access.manage">
      <NewCredential onSecret={setSecret} />
      {secret === null ? null : <Shown secret={secret} onDone={() => setSecret(null)} />}
      <List onSecret={setSecret} />
    </AdminPage>
  );
}

/** A secret with everything that it is used in. */
function Shown({ secret, onDone }: { secret: CredentialSecret; onDone: () => void }) {
  const { data: door } = useMqttDoor();
  const place = { host: window.location.hostname, port: door?.port ?? null, tlsPort: door?.tlsPort ?? null };
  return (
    <Secret
      title={say('credentials.secret', { id: secret.id })}
      secret={secret.password}
      {...(door !== undefined && {
        code: { text: addressOf(secret, place), label: say('credentials.code', { id: secret.id }) },
      })}
      // Until the port is known there is no line: one with another port would be pasted, and refused.
      lines={
        door === undefined
          ? []
          : readyLines(secret, place).map((one) => ({ name: say(`credentials.line.${one.for}`), text: one.text }))
      }
      onDone={onDone}
    />
  );
}

function NewCredential({ onSecret }: { onSecret: (secret: CredentialSecret) => void }) {
  const create = useCreateCredential();
  const [id, setId] = useState('');
  const [kind, setKind] = useState<CredentialKind>('device');
  const [speaksFor, setSpeaksFor] = useState('');
  return (
    <form
      className={`panel section ${css.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        const sources = speaksFor.split(/[\s,;]+/).filter((source) => source !== '');
        create.mutate(
          { id: id.trim(), kind, speaksFor: sources },
          {
            onSuccess: (secret) => {
              onSecret(secret);
              setId('');
              setSpeaksFor('');
            },
          },
        );
      }}
    >
      <h2>{say('credentials.add')}</h2>
      <TextInput
        label={say('credentials.id')}
        required
        withAsterisk={false}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={128}
        value={id}
        onChange={(event) => setId(event.currentTarget.value)}
      />
      <NativeSelect
        label={say('credentials.kind')}
        value={kind}
        data={CREDENTIAL_KINDS.map((one) => ({ value: one, label: say(`credentials.kind.${one}`) }))}
        onChange={(event) => {
          const chosen = CREDENTIAL_KINDS.find((one) => one === event.currentTarget.value);
          if (chosen !== undefined) setKind(chosen);
        }}
      />
      {kind === 'device' ? null : (
        <TextInput
          label={say('credentials.speaksFor')}
          description={say('credentials.speaksFor.hint')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          autoComplete="off"
          spellCheck={false}
          value={speaksFor}
          onChange={(event) => setSpeaksFor(event.currentTarget.value)}
        />
      )}
      <Button type="submit" loading={create.isPending}>
        {say('credentials.create')}
      </Button>
      <Trouble error={create.error} />
    </form>
  );
}

function List({ onSecret }: { onSecret: (secret: CredentialSecret) => void }) {
  const query = useCredentials();
  return (
    <section className="section-open">
      <Pages
        query={query}
        name={say('credentials.title')}
        empty={say('credentials.empty')}
        emptyHint={say('credentials.empty.hint')}
      >
        {(credentials: readonly CredentialView[]) => (
          <table className={`table cards ${css.table}`}>
            <thead>
              <tr>
                <th scope="col">{say('credentials.id')}</th>
                <th scope="col">{say('credentials.kind')}</th>
                <th scope="col">{say('credentials.speaksFor')}</th>
                <th scope="col">{say('credentials.seen')}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {credentials.map((credential) => (
                <Row key={credential.id} credential={credential} onSecret={onSecret} />
              ))}
            </tbody>
          </table>
        )}
      </Pages>
    </section>
  );
}

interface RowProps {
  readonly credential: CredentialView;
  readonly onSecret: (secret: CredentialSecret) => void;
}

function Row({ credential, onSecret }: RowProps) {
  const rotate = useRotateCredential();
  const revoke = useRevokeCredential();
  const decide = useDecideSources();
  const { id, kind, speaksFor, waiting, lastSeenAt } = credential;
  return (
    <tr>
      <td className="strong">{id}</td>
      <td data-label={say('credentials.kind')}>
        {kind === null ? say('credentials.kind.open') : say(`credentials.kind.${kind}`)}
      </td>
      <td data-label={say('credentials.speaksFor')}>
        {speaksFor.length === 0 ? (
          <span className="muted">{say('credentials.speaksFor.self')}</span>
        ) : (
          speaksFor.join(', ')
        )}
      </td>
      <td data-label={say('credentials.seen')} className="muted">
        {lastSeenAt === null ? say('admin.never') : <When at={lastSeenAt} />}
      </td>
      <td>
        {waiting.length === 0 ? null : (
          <p className="buttons">
            <span className="ink-warning">
              {say('credentials.waiting', { count: waiting.length, sources: waiting.join(', ') })}
            </span>
            <Button
              size="xs"
              loading={decide.isPending}
              onClick={() => decide.mutate({ id, decision: 'confirm', sources: waiting })}
            >
              {say('credentials.confirm')}
            </Button>
            <Button
              size="xs"
              variant="default"
              disabled={decide.isPending}
              onClick={() => decide.mutate({ id, decision: 'refuse', sources: waiting })}
            >
              {say('credentials.refuse')}
            </Button>
          </p>
        )}
        <span className="buttons">
          <Confirm
            name={say('credentials.rotate')}
            question={say('credentials.rotate.sure', { id })}
            action={say('credentials.rotate.do')}
            isPending={rotate.isPending}
            onConfirm={() => rotate.mutate(id, { onSuccess: onSecret })}
          />
          <Confirm
            name={say('credentials.revoke')}
            question={say('credentials.revoke.sure', { id })}
            action={say('credentials.revoke.do')}
            isPending={revoke.isPending}
            onConfirm={() => revoke.mutate(id)}
          />
        </span>
        <Trouble error={rotate.error ?? revoke.error ?? decide.error} />
      </td>
    </tr>
  );
}
