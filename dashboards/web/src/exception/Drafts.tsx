import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useRequestKey } from '../parts/request-key.ts';
import { Failed, Loading, Nothing, Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import css from './exception.module.css';
import {
  type DraftOf,
  type ExceptionDraft,
  openAndTell,
  openException,
  useDrafts,
  useExceptionAction,
  usePartnerNames,
} from './exception-queries.ts';

/** What is wrong with goods or a file, as it would be told to a partner: nothing is told before it is opened. */
export function Drafts({ of }: { of: DraftOf }) {
  const { data, error, isPending, refetch } = useDrafts(of);
  const { data: partners } = usePartnerNames();
  const [partner, setPartner] = useState('');
  if (isPending) return <Loading rows={2} height={80} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('drafts.title')} onRetry={() => void refetch()} />;
  if (data.items.length === 0)
    return <Nothing title={say('drafts.empty', { of: nameOf(of) })}>{say('drafts.empty.hint')}</Nothing>;
  const known = data.items.find((draft) => draft.partner !== null)?.partner ?? null;
  const chosen = partner === '' ? (known ?? partners?.items[0]?.id ?? '') : partner;
  return (
    <section className="section-open">
      <h2>{say('drafts.of', { of: nameOf(of) })}</h2>
      {partners?.items.length === 0 ? (
        <p>{say('drafts.noPartner')}</p>
      ) : (
        <NativeSelect
          label={say('drafts.partner')}
          value={chosen}
          data={(partners?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(event) => setPartner(event.currentTarget.value)}
        />
      )}
      <ul className={css.links}>
        {data.items.map((draft) => (
          <Draft key={`${draft.finding} ${draft.kind}`} draft={draft} partner={chosen} />
        ))}
      </ul>
    </section>
  );
}

function Draft({ draft, partner }: { draft: ExceptionDraft; partner: string }) {
  const go = useNavigate();
  const keyOf = useRequestKey();
  const open = useExceptionAction(openException);
  const tell = useExceptionAction(openAndTell);
  const given = () => ({ ...draft, partner, key: keyOf({ ...draft, partner }) });
  const shown = { onSuccess: ({ id }: { id: string }) => void go(`/admin/exceptions/${id}`) };
  return (
    <li className="panel section">
      <b>{draft.title}</b>
      <p className={css.draft}>{draft.text}</p>
      <div className="filters">
        <Button
          size="xs"
          loading={tell.isPending}
          disabled={partner === '' || open.isPending}
          aria-label={say('drafts.tell.of', { title: draft.title })}
          onClick={() => tell.mutate(given(), shown)}
        >
          {say('drafts.tell')}
        </Button>
        <Button
          size="xs"
          variant="default"
          loading={open.isPending}
          disabled={partner === '' || tell.isPending}
          aria-label={say('drafts.open.of', { title: draft.title })}
          onClick={() => open.mutate(given(), shown)}
        >
          {say('drafts.open')}
        </Button>
      </div>
      <Trouble error={open.error ?? tell.error} />
    </li>
  );
}

function nameOf({ kind, id }: DraftOf): string {
  return say(`drafts.of.${kind}`, { id });
}
