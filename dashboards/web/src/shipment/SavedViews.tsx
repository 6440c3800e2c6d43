import { Button, Popover } from '@mantine/core';
import { IconBookmark, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { SavedView, SavedViewList } from '../../../api/index.ts';
import { ask, segment, send } from '../ask.ts';
import { Field } from '../parts/Field.tsx';
import { faultAt, faultElsewhere } from '../parts/faults.ts';
import { keys } from '../queries.ts';
import { say } from '../text/say.ts';
import css from './SavedViews.module.css';
import { BOARD_MEMBERS } from './useBoardAddress.ts';

/** What one named of filters, order and view, to come back to; and the way to name what is shown now. */
export function SavedViews() {
  const [isOpen, setOpen] = useState(false);
  const { views, now, shown } = useViews();
  const close = () => setOpen(false);
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" shadow="md" width={320} trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          size="sm"
          className={css.button}
          leftSection={<IconBookmark size={16} stroke={1.6} />}
          onClick={() => setOpen(!isOpen)}
        >
          {shown?.name ?? say('board.views')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={say('board.views')}>
        <ul className={css.views}>
          <li>
            <Link to="/shipments" onClick={close} aria-current={sameAddress(now, {})}>
              {say('board.views.all')}
            </Link>
          </li>
          {views.map((view) => (
            <ViewItem key={view.name} view={view} isShown={view === shown} onChosen={close} />
          ))}
        </ul>
        <SaveView now={now} names={views.map(({ name }) => name)} onSaved={close} />
      </Popover.Dropdown>
    </Popover>
  );
}

function ViewItem({ view, isShown, onChosen }: { view: SavedView; isShown: boolean; onChosen: () => void }) {
  const remove = useChangeViews((name: string) => send('DELETE', `/me/shipment-views/${segment(name)}`));
  const search = new URLSearchParams(view.address).toString();
  return (
    <li>
      <Link to={`/shipments?${search}`} onClick={onChosen} aria-current={isShown}>
        {view.name}
      </Link>
      <Button
        variant="subtle"
        size="sm"
        px={8}
        aria-label={say('board.views.remove', { name: view.name })}
        loading={remove.isPending}
        onClick={() => remove.mutate(view.name)}
      >
        <IconTrash size={16} stroke={1.6} />
      </Button>
      {remove.error === null ? null : <p className="trouble">{remove.error.message}</p>}
    </li>
  );
}

function SaveView({ now, names, onSaved }: { now: Address; names: readonly string[]; onSaved: () => void }) {
  const [name, setName] = useState('');
  const save = useChangeViews((given: string) => send('PUT', `/me/shipment-views/${segment(given)}`, now));
  const wanted = name.trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wanted !== '') save.mutate(wanted, { onSuccess: onSaved });
  };
  const elsewhere = faultElsewhere(save.error, ['name']);
  return (
    <form className={css.save} onSubmit={submit}>
      <Field
        label={say('board.views.name')}
        hint={say('board.views.hint')}
        fault={faultAt(save.error, 'name')}
        maxLength={60}
        value={name}
        onChange={setName}
      />
      {elsewhere === null ? null : <p className="trouble">{elsewhere.message}</p>}
      <Button type="submit" size="sm" disabled={wanted === ''} loading={save.isPending}>
        {names.includes(wanted) ? say('board.views.replace') : say('board.views.save')}
      </Button>
    </form>
  );
}

/** Says what a saved view names that is not there any more; it is shown all the same. */
export function GoneOfView() {
  const { shown } = useViews();
  if (shown === null || shown.gone.length === 0) return null;
  const values = shown.gone.map((member) => goneText(member, shown.address[member] ?? '')).join('; ');
  return (
    <p className={css.gone} role="status">
      {say('board.views.gone', { name: shown.name, values })}
    </p>
  );
}

function goneText(member: string, value: string): string {
  if (member === 'origin' || member === 'destination') return say(`board.views.gone.${member}`, { value });
  return say('board.views.gone.other', { value, member });
}

type Address = Readonly<Record<string, string>>;

/** One's views, the address that is shown now, and the view that it is; none where they cannot be asked for. */
function useViews(): { views: readonly SavedView[]; now: Address; shown: SavedView | null } {
  const [search] = useSearchParams();
  const { data } = useQuery({
    queryKey: keys.savedViews,
    queryFn: ({ signal }) => ask<SavedViewList>('/me/shipment-views', {}, signal),
    staleTime: 30_000,
  });
  const now = Object.fromEntries(
    BOARD_MEMBERS.flatMap((member) => {
      const value = search.get(member);
      return value === null || value === '' ? [] : [[member, value] as const];
    }),
  );
  const views = data?.items ?? [];
  return { views, now, shown: views.find(({ address }) => sameAddress(address, now)) ?? null };
}

function useChangeViews(change: (name: string) => Promise<SavedViewList>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (views) => client.setQueryData(keys.savedViews, views),
  });
}

function sameAddress(one: Address, other: Address): boolean {
  const members = Object.keys(one);
  return members.length === Object.keys(other).length && members.every((member) => one[member] === other[member]);
}
