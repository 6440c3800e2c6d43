import { Button, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { PERMISSIONS, type Permission } from '../../../../domain/index.ts';
import type { RoleView } from '../../../api/index.ts';
import { Confirm } from '../parts/Confirm.tsx';
import { Failed, Loading, Trouble } from '../parts/States.tsx';
import { useSession } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { AdminPage } from './AdminPage.tsx';
import css from './admin.module.css';
import { PermissionChoice, sentence } from './PermissionChoice.tsx';
import { roleWords } from './RoleSelect.tsx';
import { useDeleteRole, usePutRole, useRoles } from './role-queries.ts';

/** What people may, by role: the built-in ones, and those that are made here. */
export function Roles() {
  const [edited, setEdited] = useState<RoleView | null>(null);
  return (
    <AdminPage text="roles.title" permission="access.manage">
      <p className="muted">{say('roles.hint')}</p>
      <RoleForm key={edited?.name ?? ''} role={edited} onDone={() => setEdited(null)} />
      <List onEdit={setEdited} />
    </AdminPage>
  );
}

function RoleForm({ role, onDone }: { role: RoleView | null; onDone: () => void }) {
  const put = usePutRole();
  const { data: session } = useSession();
  const mine = new Set(session?.user.permissions ?? []);
  const [name, setName] = useState(role?.name ?? '');
  const [about, setAbout] = useState(role?.about ?? '');
  const [permissions, setPermissions] = useState<readonly Permission[]>(
    PERMISSIONS.filter((one) => role?.permissions.includes(one) ?? one === 'records.read'),
  );
  return (
    <form
      className={`panel section ${css.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        const change = { about: about.trim() === '' ? null : about.trim(), permissions };
        put.mutate(
          { name: name.trim(), change },
          {
            onSuccess: () => {
              setName('');
              setAbout('');
              onDone();
            },
          },
        );
      }}
    >
      <h2>{role === null ? say('roles.add') : say('roles.change', { name: role.name })}</h2>
      <TextInput
        label={say('roles.name')}
        required
        withAsterisk={false}
        autoComplete="off"
        autoCapitalize="none"
        maxLength={64}
        disabled={role !== null}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label={say('roles.about')}
        autoComplete="off"
        maxLength={200}
        value={about}
        onChange={(event) => setAbout(event.currentTarget.value)}
      />
      <PermissionChoice
        label={say('roles.permissions')}
        offered={PERMISSIONS.filter((one) => mine.has(one))}
        value={permissions}
        onChange={setPermissions}
      />
      <span className={`buttons ${css.whole}`}>
        <Button type="submit" loading={put.isPending}>
          {role === null ? say('roles.create') : say('roles.save')}
        </Button>
        {role === null ? null : (
          <Button variant="subtle" color="gray" onClick={onDone}>
            {say('admin.cancel')}
          </Button>
        )}
      </span>
      <Trouble error={put.error} />
    </form>
  );
}

function List({ onEdit }: { onEdit: (role: RoleView) => void }) {
  const { data, error, isPending, refetch } = useRoles();
  if (isPending) return <Loading rows={5} height={52} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('roles.title')} onRetry={() => void refetch()} />;
  return (
    <section className="section-open">
      <div className="panel scroll">
        <table className={`table cards ${css.table}`}>
          <thead>
            <tr>
              <th scope="col">{say('admin.role')}</th>
              <th scope="col">{say('roles.may')}</th>
              <th scope="col">{say('roles.holders')}</th>
              <th scope="col">{say('roles.factor')}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {data.items.map((role) => (
              <Row key={role.name} role={role} onEdit={onEdit} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ role, onEdit }: { role: RoleView; onEdit: (role: RoleView) => void }) {
  const put = usePutRole();
  const remove = useDeleteRole();
  const { name, about, builtIn, users, tokens, requiresSecondFactor } = role;
  const permissions = PERMISSIONS.filter((one) => role.permissions.includes(one));
  return (
    <tr>
      <td>
        <b>{roleWords(name)}</b> <span className="muted">{builtIn ? say('roles.builtIn') : (about ?? '')}</span>
      </td>
      <td data-label={say('roles.may')}>
        <details>
          <summary>{say('roles.count', { count: permissions.length, all: PERMISSIONS.length })}</summary>
          <ul className={css.list}>
            {permissions.map((permission) => (
              <li key={permission}>{sentence(permission)}</li>
            ))}
          </ul>
        </details>
      </td>
      <td data-label={say('roles.holders')} className="muted">
        {say('roles.held', { users, tokens })}
      </td>
      <td data-label={say('roles.factor')}>
        <Switch
          aria-label={say('roles.factor.of', { name: roleWords(name) })}
          label={requiresSecondFactor ? say('roles.factor.required') : say('roles.factor.free')}
          checked={requiresSecondFactor}
          disabled={put.isPending}
          onChange={(event) => put.mutate({ name, change: { requiresSecondFactor: event.currentTarget.checked } })}
        />
      </td>
      <td>
        {builtIn ? null : (
          <span className="buttons">
            <Button
              variant="default"
              size="xs"
              onClick={() => {
                onEdit(role);
                window.scrollTo({ top: 0 });
              }}
            >
              {say('roles.edit')}
            </Button>
            <Confirm
              name={say('roles.delete')}
              question={say('roles.delete.sure', { name })}
              action={say('roles.delete.do')}
              isPending={remove.isPending}
              onConfirm={() => remove.mutate(name)}
            />
          </span>
        )}
        <Trouble error={put.error ?? remove.error} />
      </td>
    </tr>
  );
}
