import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { AdminPage } from '../admin/AdminPage.tsx';
import css from '../admin/admin.module.css';
import { segment } from '../ask.ts';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { Directory } from './Directory.tsx';
import { PartnerForm } from './PartnerForm.tsx';
import { usePartners } from './partner-queries.ts';

/** The companies beside us; what is agreed with one is on its own page. */
export function Partners() {
  const [isAdding, setAdding] = useState(false);
  const mayChange = useMay('partner.change');
  const navigate = useNavigate();
  return (
    <AdminPage text="partners.title" permission="partner.read">
      <p className={css.lead}>{say('partners.lead')}</p>
      {isAdding ? (
        <PartnerForm
          partner={null}
          onDone={(id) => (id === '' ? setAdding(false) : navigate(`/admin/partners/${segment(id)}`))}
        />
      ) : null}
      {mayChange && !isAdding ? (
        <Button variant="default" onClick={() => setAdding(true)}>
          {say('partners.add')}
        </Button>
      ) : null}
      <List />
      <Directory />
    </AdminPage>
  );
}

function List() {
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
            </tr>
          </thead>
          <tbody>
            {data.items.map(({ id, name, glns, roles, agreed }) => (
              <tr key={id}>
                <td>
                  <Link to={`/admin/partners/${segment(id)}`}>
                    <b>{name}</b>
                  </Link>{' '}
                  <span className="muted">{id}</span>
                </td>
                <td data-label={say('partners.glns')}>{glns.join(', ') || '–'}</td>
                <td data-label={say('partners.roles')}>
                  {roles.map((role) => say(`partner.role.${role}`)).join(', ') || '–'}
                </td>
                <td data-label={say('partners.agreed')}>
                  {agreed ? say('partners.agreed.yes') : <b className="trouble">{say('partners.agreed.no')}</b>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
