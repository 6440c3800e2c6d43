import { Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { PERMISSIONS, type Permission, type Sites } from '../../../../domain/index.ts';
import type { TokenView } from '../../../api/index.ts';
import { Confirm } from '../parts/Confirm.tsx';
import { Trouble } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { say } from '../text/say.ts';
import { AdminPage } from './AdminPage.tsx';
import css from './admin.module.css';
import { useCreateToken, useRevokeToken, useTokens } from './admin-queries.ts';
import { Pages } from './Pages.tsx';
import { PermissionChoice, sentence } from './PermissionChoice.tsx';
import { RoleSelect, roleWords } from './RoleSelect.tsx';
import { useRoles } from './role-queries.ts';
import { Secret } from './Secret.tsx';
import { SitesSelect, SitesText } from './Sites.tsx';

/** What programs show instead of a password: created, shown once, revoked. */
export function Tokens() {
  return (
    <AdminPage text="tokens.title" permission="access.manage">
      <NewToken />
      <List />
    </AdminPage>
  );
}

/** Days until a token ends; 0 = never. */
const ENDS = [30, 90, 365, 0];

function NewToken() {
  const create = useCreateToken();
  const [name, setName] = useState('');
  const [role, setRole] = useState('logistics');
  const [sites, setSites] = useState<Sites>('all');
  const [days, setDays] = useState(90);
  const [isNarrowed, setNarrowed] = useState(false);
  const [scope, setScope] = useState<readonly Permission[]>([]);
  const { data: roles } = useRoles();
  const ofRole = roles?.items.find((one) => one.name === role)?.permissions ?? [];
  const offered = PERMISSIONS.filter((permission) => ofRole.includes(permission));
  const chosen = offered.filter((permission) => scope.includes(permission));
  return (
    <>
      <form
        className={`panel section ${css.form}`}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate(
            {
              ...{ name: name.trim(), role, sites },
              ...(isNarrowed && { scope: chosen }),
              ...(days > 0 && { expires: `${days}d` }),
            },
            { onSuccess: () => setName('') },
          );
        }}
      >
        <h2>{say('tokens.add')}</h2>
        <TextInput
          label={say('tokens.name')}
          required
          withAsterisk={false}
          autoComplete="off"
          maxLength={64}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <RoleSelect label={say('admin.role')} value={role} onChange={setRole} />
        <SitesSelect value={sites} onChange={setSites} />
        <NativeSelect
          label={say('tokens.expires')}
          value={String(days)}
          data={ENDS.map((end) => ({
            value: String(end),
            label: end === 0 ? say('tokens.expires.never') : say('tokens.expires.days', { days: end }),
          }))}
          onChange={(event) => setDays(Number(event.currentTarget.value))}
        />
        <Switch
          className={css.whole ?? ''}
          label={say('tokens.narrow')}
          checked={isNarrowed}
          onChange={(event) => setNarrowed(event.currentTarget.checked)}
        />
        {isNarrowed ? (
          <PermissionChoice label={say('tokens.scope')} offered={offered} value={chosen} onChange={setScope} />
        ) : null}
        <Button
          type="submit"
          loading={create.isPending}
          disabled={sites.length === 0 || (isNarrowed && chosen.length === 0)}
        >
          {say('tokens.create')}
        </Button>
        <Trouble error={create.error} />
      </form>
      {create.data === undefined ? null : (
        <Secret
          title={say('tokens.secret', { name: create.data.name })}
          secret={create.data.token}
          onDone={() => create.reset()}
        />
      )}
    </>
  );
}

function List() {
  const query = useTokens();
  return (
    <section className="section-open">
      <Pages query={query} name={say('tokens.title')} empty={say('tokens.empty')} emptyHint={say('tokens.empty.hint')}>
        {(tokens: readonly TokenView[]) => (
          <table className={`table cards ${css.table}`}>
            <thead>
              <tr>
                <th scope="col">{say('tokens.name')}</th>
                <th scope="col">{say('admin.role')}</th>
                <th scope="col">{say('sites.label')}</th>
                <th scope="col">{say('tokens.created')}</th>
                <th scope="col">{say('tokens.expires')}</th>
                <th scope="col">{say('tokens.used')}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {tokens.map((token) => (
                <Row key={token.name} token={token} />
              ))}
            </tbody>
          </table>
        )}
      </Pages>
    </section>
  );
}

function Row({ token }: { token: TokenView }) {
  const revoke = useRevokeToken();
  const { name, role, scope, door, createdAt, createdBy, expiresAt, lastUsedAt } = token;
  return (
    <tr>
      <td className="strong">{name}</td>
      <td data-label={say('admin.role')}>
        {roleWords(role)}
        {door === null ? null : <span className="muted"> {say('tokens.screen', { door })}</span>}
        {scope === null ? null : (
          <details>
            <summary>{say('tokens.narrowed', { count: scope.length })}</summary>
            <ul className={css.list}>
              {PERMISSIONS.filter((one) => scope.includes(one)).map((permission) => (
                <li key={permission}>{sentence(permission)}</li>
              ))}
            </ul>
          </details>
        )}
      </td>
      <td data-label={say('sites.label')}>
        <SitesText sites={token.sites} />
      </td>
      <td data-label={say('tokens.created')} className="muted">
        <span>
          <When at={createdAt} /> {createdBy === null ? null : say('tokens.createdBy', { name: createdBy })}
        </span>
      </td>
      <td data-label={say('tokens.expires')} className="muted">
        {expiresAt === null ? say('tokens.expires.never') : <When at={expiresAt} />}
      </td>
      <td data-label={say('tokens.used')} className="muted">
        {lastUsedAt === null ? say('admin.never') : <When at={lastUsedAt} />}
      </td>
      <td>
        <Confirm
          name={say('tokens.revoke')}
          question={say('tokens.revoke.sure', { name })}
          action={say('tokens.revoke.do')}
          isPending={revoke.isPending}
          onConfirm={() => revoke.mutate(name)}
        />
        <Trouble error={revoke.error} />
      </td>
    </tr>
  );
}
