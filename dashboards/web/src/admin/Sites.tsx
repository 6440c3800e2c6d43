import { Button, Checkbox, Switch } from '@mantine/core';
import { useState } from 'react';
import type { Sites } from '../../../../domain/index.ts';
import type { UserView } from '../../../api/index.ts';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import css from './admin.module.css';
import { useChangeUser } from './admin-queries.ts';
import { usePlaces } from './setup-queries.ts';

/**
 * Whose goods are to be seen: every site's, said by a switch of its own, or those chosen. None chosen is nothing that can
 * be kept: whoever takes the last site away has not meant every other.
 */
export function SitesSelect({
  value,
  onChange,
  label = say('sites.label'),
}: {
  value: Sites;
  onChange: (sites: Sites) => void;
  readonly label?: string;
}) {
  const { data } = usePlaces();
  const chosen = value === 'all' ? [] : [...value];
  const known = (data?.items ?? []).filter(({ kind }) => kind === 'site');
  const unknown = chosen.filter((id) => !known.some((site) => site.id === id));
  return (
    <div className={css.sites}>
      <Switch
        label={say('sites.every')}
        checked={value === 'all'}
        onChange={(event) => onChange(event.currentTarget.checked ? 'all' : [])}
      />
      {value === 'all' ? null : (
        <Checkbox.Group mt="sm" label={label} description={say('sites.hint')} value={chosen} onChange={onChange}>
          <div className={css.permissions}>
            {known.map(({ id, name }) => (
              <Checkbox key={id} value={id} label={name} description={id} />
            ))}
            {unknown.map((id) => (
              <Checkbox key={id} value={id} label={id} />
            ))}
          </div>
        </Checkbox.Group>
      )}
    </div>
  );
}

/** The sites of somebody in words. */
export function SitesText({ sites }: { sites: Sites }) {
  const { data } = usePlaces();
  if (sites === 'all') return <span className="muted">{say('sites.all')}</span>;
  const nameOf = (id: string) => data?.items.find((place) => place.id === id)?.name ?? id;
  return <>{sites.map(nameOf).join(', ')}</>;
}

/** The sites of a user, and another choice of them: what the user has open ends with it. */
export function UserSites({ user: { name, sites } }: { user: Pick<UserView, 'name' | 'sites'> }) {
  const change = useChangeUser();
  const [wanted, setWanted] = useState<Sites | null>(null);
  if (wanted === null) {
    return (
      <span className="buttons">
        <SitesText sites={sites} />
        <Button
          variant="subtle"
          size="compact-xs"
          aria-label={say('sites.change.of', { name })}
          onClick={() => setWanted(sites)}
        >
          {say('sites.change')}
        </Button>
      </span>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ name, change: { sites: wanted } }, { onSuccess: () => setWanted(null) });
      }}
    >
      <SitesSelect label={say('sites.of', { name })} value={wanted} onChange={setWanted} />
      <span className={`buttons ${css.under}`}>
        <Button type="submit" size="xs" loading={change.isPending} disabled={wanted.length === 0}>
          {say('sites.save')}
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={() => setWanted(null)}>
          {say('admin.cancel')}
        </Button>
      </span>
      <Trouble error={change.error} />
    </form>
  );
}
