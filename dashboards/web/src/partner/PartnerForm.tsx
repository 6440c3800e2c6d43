import { Button, MultiSelect } from '@mantine/core';
import { useState } from 'react';
import {
  ENDPOINT_KINDS,
  type EndpointKind,
  PARTNER_ROLES,
  PARTNER_SECRETS,
  PARTNER_SEES,
  PARTNER_SENDS,
} from '../../../../domain/index.ts';
import type { PartnerView } from '../../../api/index.ts';
import css from '../admin/admin.module.css';
import { Field } from '../parts/Field.tsx';
import { faultAt, faultElsewhere } from '../parts/faults.ts';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import { usePutPartner } from './partner-queries.ts';

/** Registers a partner, or changes it: what is not asked for here stays as it is. */
export function PartnerForm({ partner, onDone }: { partner: PartnerView | null; onDone: () => void }) {
  const put = usePutPartner();
  const [id, setId] = useState(partner?.id ?? '');
  const [name, setName] = useState(partner?.name ?? '');
  const [address, setAddress] = useState(partner?.address ?? '');
  const [glns, setGlns] = useState(partner?.glns.join(', ') ?? '');
  const [roles, setRoles] = useState<readonly string[]>(partner?.roles ?? []);
  const [sees, setSees] = useState<readonly string[]>(partner?.sees ?? []);
  const [sends, setSends] = useState<readonly string[]>(partner?.sends ?? []);
  const [endpoints, setEndpoints] = useState<Readonly<Partial<Record<EndpointKind, string>>>>(partner?.endpoints ?? {});
  const [secrets, setSecrets] = useState({ webhook: '', authorization: '' });

  function save() {
    const reached = ENDPOINT_KINDS.flatMap((kind) => {
      const url = endpoints[kind]?.trim() ?? '';
      return url === '' ? [] : [[kind, url] as const];
    });
    put.mutate(
      {
        ...{ id: id.trim(), name: name.trim(), address: address.trim() === '' ? null : address.trim() },
        glns: glns.split(/[,;\s]+/).filter((gln) => gln !== ''),
        roles: PARTNER_ROLES.filter((one) => roles.includes(one)),
        sees: PARTNER_SEES.filter((one) => sees.includes(one)),
        sends: PARTNER_SENDS.filter((one) => sends.includes(one)),
        endpoints: Object.fromEntries(reached),
        publicKeys: (partner?.publicKeys ?? []).map(({ state: _state, print: _print, ...key }) => key),
        ...{ formats: partner?.formats ?? [], quota: partner?.quota },
        ...{ from: partner?.from ?? null, to: partner?.to ?? null },
        secrets: {
          ...(secrets.webhook !== '' && { webhook: secrets.webhook }),
          ...(secrets.authorization !== '' && { authorization: secrets.authorization }),
        },
      },
      { onSuccess: onDone },
    );
  }

  return (
    <form
      className={`panel section ${css.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <h2>{partner === null ? say('partners.add') : say('partners.edit', { id: partner.id })}</h2>
      {partner === null ? (
        <Field
          label={say('partners.id')}
          hint={say('partners.id.hint')}
          fault={faultAt(put.error, 'id')}
          required
          maxLength={64}
          autoCapitalize="none"
          spellCheck={false}
          value={id}
          onChange={setId}
        />
      ) : null}
      <Field
        label={say('partners.name')}
        fault={faultAt(put.error, 'name')}
        required
        maxLength={200}
        value={name}
        onChange={setName}
      />
      <Field
        label={say('partners.address')}
        hint={say('partners.address.hint')}
        fault={faultAt(put.error, 'address')}
        maxLength={400}
        value={address}
        onChange={setAddress}
      />
      <Field
        label={say('partners.glns')}
        hint={say('partners.glns.hint')}
        fault={faultAt(put.error, 'glns') ?? faultAt(put.error, 'glns.0')}
        inputMode="numeric"
        value={glns}
        onChange={setGlns}
      />
      <MultiSelect label={say('partners.roles')} data={[...PARTNER_ROLES]} value={[...roles]} onChange={setRoles} />
      <MultiSelect label={say('partners.sees')} data={[...PARTNER_SEES]} value={[...sees]} onChange={setSees} />
      <MultiSelect label={say('partners.sends')} data={[...PARTNER_SENDS]} value={[...sends]} onChange={setSends} />
      {ENDPOINT_KINDS.map((kind) => (
        <Field
          key={kind}
          label={say(`partners.endpoint.${kind}`)}
          fault={faultAt(put.error, `endpoints.${kind}`)}
          maxLength={2_000}
          autoCapitalize="none"
          spellCheck={false}
          value={endpoints[kind] ?? ''}
          onChange={(value) => setEndpoints({ ...endpoints, [kind]: value })}
        />
      ))}
      {PARTNER_SECRETS.map((secret) => (
        <Field
          key={secret}
          label={say(`partners.secret.${secret}`)}
          hint={say('partners.secret.hint')}
          fault={faultAt(put.error, `secrets.${secret}`)}
          type="password"
          autoComplete="new-password"
          maxLength={4_000}
          value={secrets[secret]}
          onChange={(value) => setSecrets({ ...secrets, [secret]: value })}
        />
      ))}
      <Trouble
        error={faultElsewhere(put.error, [
          ...['id', 'name', 'address', 'glns', 'glns.0'],
          ...ENDPOINT_KINDS.map((kind) => `endpoints.${kind}`),
          ...PARTNER_SECRETS.map((secret) => `secrets.${secret}`),
        ])}
      />
      <div className="buttons">
        <Button type="submit" loading={put.isPending}>
          {say('partners.save')}
        </Button>
        <Button variant="subtle" color="gray" onClick={onDone}>
          {say('partners.cancel')}
        </Button>
      </div>
    </form>
  );
}
