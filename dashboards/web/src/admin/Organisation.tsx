import { Button } from '@mantine/core';
import { useState } from 'react';
import type { OrganisationView } from '../../../api/index.ts';
import { Field } from '../parts/Field.tsx';
import { faultAt, faultElsewhere } from '../parts/faults.ts';
import { Failed, Loading, Trouble } from '../parts/States.tsx';
import { ZoneField } from '../parts/ZoneField.tsx';
import { say } from '../text/say.ts';
import { ownZone } from '../words/when.ts';
import { AdminPage } from './AdminPage.tsx';
import css from './admin.module.css';
import { useOrganisation, useSetOrganisation } from './setup-queries.ts';

/** Whose installation this is. */
export function Organisation() {
  const { data, error, isPending, refetch } = useOrganisation();
  return (
    <AdminPage text="organisation.title" permission="installation.manage">
      {isPending ? (
        <Loading rows={3} height={64} />
      ) : data === undefined ? (
        <Failed error={error ?? new Error('')} what={say('organisation.title')} onRetry={() => void refetch()} />
      ) : (
        <Form organisation={data} />
      )}
    </AdminPage>
  );
}

function Form({ organisation }: { organisation: OrganisationView }) {
  const set = useSetOrganisation();
  const [name, setName] = useState(organisation.name ?? '');
  const [gln, setGln] = useState(organisation.gln ?? '');
  const [address, setAddress] = useState(organisation.address ?? '');
  const [zone, setZone] = useState(organisation.zone ?? ownZone());
  return (
    <form
      className={`panel section ${css.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        const orNull = (given: string) => (given.trim() === '' ? null : given.trim());
        set.mutate({ name, gln: orNull(gln), address: orNull(address), zone: zone.trim() });
      }}
    >
      <p className="muted">{say('organisation.hint')}</p>
      <Field
        label={say('organisation.name')}
        fault={faultAt(set.error, 'name')}
        required
        maxLength={200}
        value={name}
        onChange={setName}
      />
      <Field
        label={say('organisation.gln')}
        hint={say('organisation.gln.hint')}
        fault={faultAt(set.error, 'gln')}
        inputMode="numeric"
        value={gln}
        onChange={setGln}
      />
      <Field
        label={say('organisation.address')}
        hint={say('organisation.address.hint')}
        fault={faultAt(set.error, 'address')}
        maxLength={400}
        value={address}
        onChange={setAddress}
      />
      <ZoneField
        label={say('organisation.zone')}
        hint={say('organisation.zone.hint')}
        fault={faultAt(set.error, 'zone')}
        isRequired
        value={zone}
        onChange={setZone}
      />
      <Button type="submit" loading={set.isPending}>
        {say('admin.save')}
      </Button>
      <Trouble error={faultElsewhere(set.error, ['name', 'gln', 'address', 'zone'])} />
      {set.isSuccess ? <p role="status">{say('admin.saved')}</p> : null}
    </form>
  );
}
