import { Button, NativeSelect, SegmentedControl, Textarea } from '@mantine/core';
import { useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { EXCEPTION_KINDS, type ExceptionKind } from '../../../../domain/index.ts';
import { AdminPage } from '../admin/AdminPage.tsx';
import { Field } from '../parts/Field.tsx';
import { faultAt, faultElsewhere } from '../parts/faults.ts';
import { useRequestKey } from '../parts/request-key.ts';
import { Failed, Loading, Nothing, Trouble } from '../parts/States.tsx';
import { WhenExact } from '../parts/When.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { Drafts } from './Drafts.tsx';
import css from './exception.module.css';
import {
  type DraftOf,
  openException,
  useExceptionAction,
  useExceptions,
  usePartnerNames,
} from './exception-queries.ts';

/** What is wrong between us and partners, what is late first seen. */
export function Exceptions() {
  const [state, setState] = useState<'open' | 'all'>('open');
  const [isOpening, setOpening] = useState(false);
  const mayHandle = useMay('exception.handle');
  const draft = draftIn(useSearchParams()[0]);
  return (
    <AdminPage text="exceptions.title" permission="partner.read">
      <p className="muted">{say('exceptions.lead')}</p>
      <div className="filters">
        <SegmentedControl
          aria-label={say('exceptions.state')}
          data={[
            { value: 'open', label: say('exceptions.open') },
            { value: 'all', label: say('exceptions.all') },
          ]}
          value={state}
          onChange={(value) => setState(value === 'all' ? 'all' : 'open')}
        />
        {mayHandle && !isOpening ? (
          <Button variant="default" onClick={() => setOpening(true)}>
            {say('exceptions.add')}
          </Button>
        ) : null}
      </div>
      {isOpening ? <NewException onDone={() => setOpening(false)} /> : null}
      {mayHandle && draft !== null ? <Drafts of={draft} /> : null}
      <List state={state} />
    </AdminPage>
  );
}

/** `draft=SHIPMENT`, `pass=PASS`, `file=NUMBER&partner=PARTNER` */
function draftIn(query: URLSearchParams): DraftOf | null {
  const [draft, pass, file, partner] = ['draft', 'pass', 'file', 'partner'].map((name) => query.get(name));
  if (draft != null) return { kind: 'shipment', id: draft, partner: null };
  if (pass != null) return { kind: 'pass', id: pass, partner: null };
  return file != null && partner != null ? { kind: 'file', id: file, partner } : null;
}

function List({ state }: { state: 'open' | 'all' }) {
  const { data, error, isPending, refetch } = useExceptions(state);
  if (isPending) return <Loading rows={4} height={52} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('exceptions.title')} onRetry={() => void refetch()} />;
  if (data.items.length === 0) return <Nothing title={say('exceptions.empty')}>{say('exceptions.empty.hint')}</Nothing>;
  return (
    <div className="panel scroll">
      <table className="table cards">
        <thead>
          <tr>
            <th scope="col">{say('exceptions.what')}</th>
            <th scope="col">{say('exceptions.kind')}</th>
            <th scope="col">{say('exceptions.partner')}</th>
            <th scope="col">{say('exceptions.now')}</th>
            <th scope="col">{say('exceptions.due')}</th>
          </tr>
        </thead>
        <tbody>
          {data.items.map((one) => (
            <tr key={one.id}>
              <td>
                <Link to={`/admin/exceptions/${one.id}`}>
                  <b>{one.id}</b> {one.title}
                </Link>
              </td>
              <td data-label={say('exceptions.kind')}>{say(`exception.kind.${one.kind}`)}</td>
              <td data-label={say('exceptions.partner')}>{one.partnerName}</td>
              <td data-label={say('exceptions.now')}>{say(`exception.state.${one.state}`)}</td>
              <td data-label={say('exceptions.due')}>
                <WhenExact at={one.due} /> {one.overdue ? <b className="trouble">{say('exceptions.late')}</b> : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const FIELDS = ['kind', 'partner', 'title', 'text', 'shipment'] as const;

function NewException({ onDone }: { onDone: () => void }) {
  const go = useNavigate();
  const { data: partners } = usePartnerNames();
  const open = useExceptionAction(openException);
  const keyOf = useRequestKey();
  const [kind, setKind] = useState<ExceptionKind>('shortage');
  const [partner, setPartner] = useState('');
  const [title, setTitle] = useState('');
  const [text, setText] = useState('');
  const [shipment, setShipment] = useState('');
  const chosen = partner === '' ? (partners?.items[0]?.id ?? '') : partner;
  return (
    <form
      className={`panel section ${css.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        const where = shipment.trim() === '' ? null : shipment.trim();
        const given = { kind, partner: chosen, title: title.trim(), text: text.trim(), shipment: where };
        open.mutate({ ...given, key: keyOf(given) }, { onSuccess: ({ id }) => void go(`/admin/exceptions/${id}`) });
      }}
    >
      <h2>{say('exceptions.add')}</h2>
      <NativeSelect
        label={say('exceptions.partner')}
        value={chosen}
        data={(partners?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(event) => setPartner(event.currentTarget.value)}
      />
      <NativeSelect
        label={say('exceptions.kind')}
        value={kind}
        data={EXCEPTION_KINDS.map((value) => ({ value, label: say(`exception.kind.${value}`) }))}
        onChange={(event) => setKind(EXCEPTION_KINDS.find((one) => one === event.currentTarget.value) ?? 'shortage')}
      />
      <Field
        label={say('exceptions.what')}
        required
        maxLength={200}
        fault={faultAt(open.error, 'title')}
        value={title}
        onChange={setTitle}
      />
      <Textarea
        label={say('exceptions.text')}
        required
        withAsterisk={false}
        autosize
        minRows={3}
        maxLength={4_000}
        error={faultAt(open.error, 'text')}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Field
        label={say('exceptions.shipment')}
        maxLength={200}
        fault={faultAt(open.error, 'shipment')}
        value={shipment}
        onChange={setShipment}
      />
      <Trouble error={faultElsewhere(open.error, FIELDS)} />
      <div className="buttons">
        <Button type="submit" loading={open.isPending} disabled={chosen === ''}>
          {say('exceptions.save')}
        </Button>
        <Button variant="subtle" color="gray" onClick={onDone}>
          {say('partners.cancel')}
        </Button>
      </div>
    </form>
  );
}
