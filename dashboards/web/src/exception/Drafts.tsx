import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { Failed, Loading, Nothing, Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import css from './exception.module.css';
import {
  type ExceptionDraft,
  openException,
  useDrafts,
  useExceptionAction,
  usePartnerNames,
} from './exception-queries.ts';

/** What is wrong with a shipment, as it would be told to a partner: nothing is told before it is opened. */
export function Drafts({ shipment }: { shipment: string }) {
  const { data, error, isPending, refetch } = useDrafts(shipment);
  const { data: partners } = usePartnerNames();
  const [partner, setPartner] = useState('');
  if (isPending) return <Loading rows={2} height={80} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('drafts.title')} onRetry={() => void refetch()} />;
  if (data.items.length === 0)
    return <Nothing title={say('drafts.empty', { shipment })}>{say('drafts.empty.hint')}</Nothing>;
  const chosen = partner === '' ? (partners?.items[0]?.id ?? '') : partner;
  return (
    <section className="section-open">
      <h2>{say('drafts.of', { shipment })}</h2>
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
  const open = useExceptionAction(openException);
  return (
    <li className="panel section">
      <b>{draft.title}</b>
      <p className={css.draft}>{draft.text}</p>
      <Button
        size="xs"
        loading={open.isPending}
        disabled={partner === ''}
        aria-label={say('drafts.open.of', { title: draft.title })}
        onClick={() =>
          open.mutate({ ...draft, partner }, { onSuccess: ({ id }) => void go(`/admin/exceptions/${id}`) })
        }
      >
        {say('drafts.open')}
      </Button>
      <Trouble error={open.error} />
    </li>
  );
}
