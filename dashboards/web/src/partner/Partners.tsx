import { Button } from '@mantine/core';
import { useState } from 'react';
import type { PartnerTestView, PartnerView } from '../../../api/index.ts';
import { AdminPage } from '../admin/AdminPage.tsx';
import css from '../admin/admin.module.css';
import { Confirm } from '../parts/Confirm.tsx';
import { Failed, Loading, Nothing, Trouble } from '../parts/States.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { PartnerForm } from './PartnerForm.tsx';
import { usePartners, useRemovePartner, useTestPartner } from './partner-queries.ts';

/** The companies beside us: what is agreed with each, and whether they are reached. */
export function Partners() {
  const [changed, setChanged] = useState<PartnerView | 'new' | null>(null);
  const mayChange = useMay('partner.change');
  return (
    <AdminPage text="partners.title" permission="partner.read">
      <p className={css.lead}>{say('partners.lead')}</p>
      {changed === null ? (
        mayChange ? (
          <Button variant="default" onClick={() => setChanged('new')}>
            {say('partners.add')}
          </Button>
        ) : null
      ) : (
        <PartnerForm
          key={changed === 'new' ? '' : changed.id}
          partner={changed === 'new' ? null : changed}
          onDone={() => setChanged(null)}
        />
      )}
      <List mayChange={mayChange} onChange={setChanged} />
    </AdminPage>
  );
}

function List({ mayChange, onChange }: { mayChange: boolean; onChange: (partner: PartnerView) => void }) {
  const { data, error, isPending, refetch } = usePartners();
  if (isPending) return <Loading rows={3} height={52} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('partners.title')} onRetry={() => void refetch()} />;
  if (data.items.length === 0) return <Nothing title={say('partners.empty')}>{say('partners.empty.hint')}</Nothing>;
  return (
    <section className="section-open">
      <div className="panel scroll">
        <table className={`table cards ${css.table}`}>
          <thead>
            <tr>
              <th scope="col">{say('partners.name')}</th>
              <th scope="col">{say('partners.glns')}</th>
              <th scope="col">{say('partners.roles')}</th>
              <th scope="col">{say('partners.agreed')}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {data.items.map((partner) => (
              <Row key={partner.id} partner={partner} mayChange={mayChange} onChange={onChange} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({
  partner,
  mayChange,
  onChange,
}: {
  partner: PartnerView;
  mayChange: boolean;
  onChange: (partner: PartnerView) => void;
}) {
  const { id, name, glns, roles, agreed, endpoints } = partner;
  const remove = useRemovePartner();
  const test = useTestPartner();
  return (
    <tr>
      <td>
        <b>{name}</b> <span className="muted">{id}</span>
      </td>
      <td data-label={say('partners.glns')}>{glns.join(', ') || '–'}</td>
      <td data-label={say('partners.roles')}>{roles.join(', ') || '–'}</td>
      <td data-label={say('partners.agreed')}>{agreed ? say('partners.agreed.yes') : say('partners.agreed.no')}</td>
      <td>
        {mayChange ? (
          <span className="buttons">
            <Button
              variant="default"
              size="xs"
              loading={test.isPending}
              disabled={Object.keys(endpoints).length === 0}
              aria-label={say('partners.test.of', { id })}
              onClick={() => test.mutate(id)}
            >
              {say('partners.test')}
            </Button>
            <Button variant="default" size="xs" onClick={() => onChange(partner)}>
              {say('partners.change')}
            </Button>
            <Confirm
              name={say('partners.remove')}
              question={say('partners.remove.sure', { id })}
              action={say('partners.remove.do')}
              isPending={remove.isPending}
              onConfirm={() => remove.mutate(id)}
            />
          </span>
        ) : null}
        {test.data === undefined ? null : <Tested test={test.data} />}
        <Trouble error={test.error ?? remove.error} />
      </td>
    </tr>
  );
}

/** Of each endpoint the step that fails, or the last that was passed; with their answer as it came. */
function Tested({ test }: { test: PartnerTestView }) {
  return (
    <ul role="status">
      {test.endpoints.map(({ endpoint, ok, steps }) => {
        const step = steps.find((one) => !one.ok) ?? steps.at(-1);
        if (step === undefined) return null;
        const { said, received } = step;
        return (
          <li key={endpoint} className={ok ? undefined : 'trouble'}>
            <b>{say(`partners.endpoint.${endpoint}`)}</b>{' '}
            {say(ok ? 'partners.test.step.ok' : 'partners.test.step.failed', { step: step.step, said })}
            {received === null ? null : <div className="muted">{say('partners.test.received', { received })}</div>}
          </li>
        );
      })}
    </ul>
  );
}
