import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Sites } from '../../../../domain/index.ts';
import type { UserView } from '../../../api/index.ts';
import { Confirm } from '../parts/Confirm.tsx';
import { Trouble } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { say } from '../text/say.ts';
import { AdminPage } from './AdminPage.tsx';
import css from './admin.module.css';
import { useChangeUser, useCreateUser, useDeleteUser, useResetFactor, useUsers } from './admin-queries.ts';
import { Pages } from './Pages.tsx';
import { RoleSelect } from './RoleSelect.tsx';
import { SitesSelect, UserSites } from './Sites.tsx';

/** Who may sign in, as what; added, changed and stopped here. */
export function Users() {
  return (
    <AdminPage text="users.title" permission="access.manage">
      <NewUser />
      <List />
    </AdminPage>
  );
}

function NewUser() {
  const create = useCreateUser();
  const [name, setName] = useState('');
  const [role, setRole] = useState('dock');
  const [sites, setSites] = useState<Sites>('all');
  const [password, setPassword] = useState('');
  return (
    <form
      className={`panel section ${css.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate(
          { name: name.trim(), role, sites, password },
          {
            onSuccess: () => {
              setName('');
              setPassword('');
            },
          },
        );
      }}
    >
      <h2>{say('users.add')}</h2>
      <TextInput
        label={say('users.name')}
        required
        withAsterisk={false}
        autoComplete="off"
        autoCapitalize="none"
        maxLength={64}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <RoleSelect label={say('admin.role')} value={role} onChange={setRole} />
      <SitesSelect value={sites} onChange={setSites} />
      <PasswordInput
        label={say('users.password')}
        description={say('account.password.hint')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        required
        withAsterisk={false}
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <Button type="submit" loading={create.isPending} disabled={sites.length === 0}>
        {say('users.create')}
      </Button>
      <Trouble error={create.error} />
    </form>
  );
}

function List() {
  const query = useUsers();
  return (
    <section className="section-open">
      <Pages query={query} name={say('users.title')} empty={say('users.empty')}>
        {(users: readonly UserView[]) => (
          <table className={`table cards ${css.table}`}>
            <thead>
              <tr>
                <th scope="col">{say('users.name')}</th>
                <th scope="col">{say('admin.role')}</th>
                <th scope="col">{say('sites.label')}</th>
                <th scope="col">{say('users.state')}</th>
                <th scope="col">{say('users.since')}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {users.map((user) => (
                <Row key={user.name} user={user} />
              ))}
            </tbody>
          </table>
        )}
      </Pages>
    </section>
  );
}

function Row({ user }: { user: UserView }) {
  const change = useChangeUser();
  const remove = useDeleteUser();
  const reset = useResetFactor();
  const { name } = user;
  return (
    <tr>
      <td className="strong">{name}</td>
      <td data-label={say('admin.role')}>
        <RoleSelect
          spoken={say('users.role.of', { name })}
          value={user.role}
          isDisabled={change.isPending}
          onChange={(role) => change.mutate({ name, change: { role } })}
        />
      </td>
      <td data-label={say('sites.label')}>
        <UserSites user={user} />
      </td>
      <td data-label={say('users.state')} className={user.disabled ? 'trouble' : undefined}>
        {user.disabled ? say('users.mayNot') : say('users.may')}
        {user.secondFactor ? <span className="muted"> {say('users.factor')}</span> : null}
      </td>
      <td data-label={say('users.since')} className="muted">
        <When at={user.createdAt} />
      </td>
      <td>
        <span className="buttons">
          <NewPassword name={name} />
          {user.disabled ? (
            <Button
              variant="default"
              size="xs"
              loading={change.isPending}
              onClick={() => change.mutate({ name, change: { disabled: false } })}
            >
              {say('users.enable')}
            </Button>
          ) : (
            <Confirm
              name={say('users.disable')}
              question={say('users.disable.sure', { name })}
              action={say('users.disable')}
              isPending={change.isPending}
              onConfirm={() => change.mutate({ name, change: { disabled: true } })}
            />
          )}
          {user.secondFactor ? (
            <Confirm
              name={say('users.resetFactor')}
              question={say('users.resetFactor.sure', { name })}
              action={say('users.resetFactor.do')}
              isPending={reset.isPending}
              onConfirm={() => reset.mutate(name)}
            />
          ) : null}
          <Confirm
            name={say('users.delete')}
            question={say('users.delete.sure', { name })}
            action={say('users.delete.do')}
            isPending={remove.isPending}
            onConfirm={() => remove.mutate(name)}
          />
        </span>
        <Trouble error={change.error ?? remove.error ?? reset.error} />
      </td>
    </tr>
  );
}

function NewPassword({ name }: { name: string }) {
  const change = useChangeUser();
  const [isAsking, setAsking] = useState(false);
  const [password, setPassword] = useState('');
  if (!isAsking) {
    return (
      <Button variant="default" size="xs" onClick={() => setAsking(true)}>
        {say('users.newPassword')}
      </Button>
    );
  }
  return (
    <form
      className="buttons"
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate(
          { name, change: { password } },
          {
            onSuccess: () => {
              setPassword('');
              setAsking(false);
            },
          },
        );
      }}
    >
      <PasswordInput
        aria-label={say('users.newPassword.of', { name })}
        placeholder={say('users.newPassword.of', { name })}
        autoComplete="new-password"
        required
        autoFocus
        w={220}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <Button type="submit" size="xs" loading={change.isPending}>
        {say('users.newPassword.save')}
      </Button>
      <Button size="xs" variant="subtle" color="gray" onClick={() => setAsking(false)}>
        {say('admin.cancel')}
      </Button>
      <Trouble error={change.error} />
    </form>
  );
}
