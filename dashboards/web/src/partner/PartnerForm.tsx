import { Button, Checkbox, NumberInput, Switch } from '@mantine/core';
import { useState } from 'react';
import {
  ENDPOINT_KINDS,
  PARTNER_FORMATS,
  PARTNER_ROLES,
  PARTNER_SECRETS,
  PARTNER_SEES,
  PARTNER_SENDS,
  type PartnerSecret,
  USUAL_QUOTA,
} from '../../../../domain/index.ts';
import type { PartnerView } from '../../../api/index.ts';
import { DayField } from '../parts/DayField.tsx';
import { Field } from '../parts/Field.tsx';
import { faultAt, faultElsewhere } from '../parts/faults.ts';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import { FORMAT_TEXT } from './format-text.ts';
import css from './partner.module.css';
import { usePutPartner } from './partner-queries.ts';
import { bytesOf, mebibytes } from './quota.ts';

/** What a person does about a secret: leaves it, enters another, or takes it away. */
interface SecretChoice {
  readonly text: string;
  readonly isGone: boolean;
}

/** Registers a partner, or changes what is agreed with it; its keys have a place of their own. */
export function PartnerForm({ partner, onDone }: { partner: PartnerView | null; onDone: (id: string) => void }) {
  const put = usePutPartner();
  const [id, setId] = useState(partner?.id ?? '');
  const [glns, setGlns] = useState(partner?.glns.join(', ') ?? '');
  const [agreed, setAgreed] = useState({
    ...{ name: partner?.name ?? '', address: partner?.address ?? '' },
    ...{ from: partner?.from ?? '', to: partner?.to ?? '' },
  });
  const [roles, setRoles] = useState(partner?.roles ?? []);
  const [sees, setSees] = useState(partner?.sees ?? []);
  const [sends, setSends] = useState(partner?.sends ?? []);
  const [formats, setFormats] = useState(partner?.formats ?? []);
  const [endpoints, setEndpoints] = useState(partner?.endpoints ?? {});
  const [quota, setQuota] = useState(partner?.quota ?? USUAL_QUOTA);
  const nothing: SecretChoice = { text: '', isGone: false };
  const [secrets, setSecrets] = useState<Readonly<Record<PartnerSecret, SecretChoice>>>({
    webhook: nothing,
    authorization: nothing,
  });

  function save() {
    const reached = ENDPOINT_KINDS.flatMap((kind) => {
      const url = endpoints[kind]?.trim() ?? '';
      return url === '' ? [] : [[kind, url] as const];
    });
    const said = PARTNER_SECRETS.filter((which) => secrets[which].isGone || secrets[which].text !== '');
    const given = said.map((which) => [which, secrets[which].isGone ? null : secrets[which].text] as const);
    const orNull = (text: string) => (text.trim() === '' ? null : text.trim());
    put.mutate(
      {
        ...{ id: id.trim(), name: agreed.name.trim(), address: orNull(agreed.address) },
        glns: glns.split(/[,;\s]+/).filter((gln) => gln !== ''),
        ...{ roles, sees, sends, formats, quota },
        endpoints: Object.fromEntries(reached),
        publicKeys: (partner?.publicKeys ?? []).map(({ state: _state, print: _print, ...key }) => key),
        ...{ from: orNull(agreed.from), to: orNull(agreed.to) },
        secrets: Object.fromEntries(given),
      },
      { onSuccess: (kept) => onDone(kept.id) },
    );
  }

  const ofAgreed = (name: keyof typeof agreed) => ({
    fault: faultAt(put.error, name),
    value: agreed[name],
    onChange: (value: string) => setAgreed({ ...agreed, [name]: value }),
  });
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
      <Field label={say('partners.name')} required maxLength={200} {...ofAgreed('name')} />
      <Field
        label={say('partners.address')}
        hint={say('partners.address.hint')}
        maxLength={400}
        {...ofAgreed('address')}
      />
      <Field
        label={say('partners.glns')}
        hint={say('partners.glns.hint')}
        fault={faultAt(put.error, 'glns')}
        inputMode="numeric"
        value={glns}
        onChange={setGlns}
      />
      <DayField label={say('partner.from')} {...ofAgreed('from')} />
      <DayField label={say('partner.to')} {...ofAgreed('to')} />
      <fieldset className={css.group}>
        <legend>{say('partner.exchanged')}</legend>
        <Choices
          label={say('partners.roles')}
          values={PARTNER_ROLES}
          name={(role) => say(`partner.role.${role}`)}
          chosen={roles}
          onChange={setRoles}
        />
        <Choices
          label={say('partners.sees')}
          values={PARTNER_SEES}
          name={(one) => say(`partner.sees.${one}`)}
          chosen={sees}
          onChange={setSees}
        />
        <Choices
          label={say('partners.sends')}
          values={PARTNER_SENDS}
          name={(one) => say(`partner.sends.${one}`)}
          chosen={sends}
          onChange={setSends}
        />
        <Choices
          label={say('partners.formats')}
          hint={say('partners.formats.hint')}
          values={PARTNER_FORMATS}
          name={(one) => say(FORMAT_TEXT[one])}
          chosen={formats}
          onChange={setFormats}
        />
      </fieldset>
      <fieldset className={css.group}>
        <legend>{say('partner.quota')}</legend>
        <NumberInput
          label={say('partner.quota.requests')}
          min={1}
          max={100_000}
          allowDecimal={false}
          value={quota.requestsPerMinute}
          onChange={(value) => setQuota({ ...quota, requestsPerMinute: Number(value) })}
        />
        <NumberInput
          label={say('partner.quota.files')}
          min={1}
          max={1_000_000}
          allowDecimal={false}
          value={quota.filesPerDay}
          onChange={(value) => setQuota({ ...quota, filesPerDay: Number(value) })}
        />
        <NumberInput
          label={say('partner.quota.bytes')}
          min={1}
          max={1_048_576}
          allowDecimal={false}
          value={mebibytes(quota.bytesPerDay)}
          onChange={(value) => setQuota({ ...quota, bytesPerDay: bytesOf(Number(value)) })}
        />
      </fieldset>
      <fieldset className={css.group}>
        <legend>{say('partner.connections')}</legend>
        {ENDPOINT_KINDS.map((kind) => (
          <Field
            key={kind}
            label={say(`partners.endpoint.${kind}`)}
            fault={faultAt(put.error, `endpoints.${kind}`)}
            maxLength={2_000}
            autoCapitalize="none"
            spellCheck={false}
            placeholder={say(kind === 'sftp' ? 'partner.address.sftp' : 'partner.address.web')}
            value={endpoints[kind] ?? ''}
            onChange={(value) => setEndpoints({ ...endpoints, [kind]: value })}
          />
        ))}
        <p className={`muted ${css.whole}`}>{say('partner.secrets.hint')}</p>
        {PARTNER_SECRETS.map((which) => {
          const print = partner?.secrets[which] ?? null;
          const choice = secrets[which];
          return (
            <div key={which}>
              <Field
                label={say(`partners.secret.${which}`)}
                hint={print === null ? say('partner.secret.none') : say('partner.secret.kept', { print })}
                fault={faultAt(put.error, `secrets.${which}`)}
                type="password"
                autoComplete="new-password"
                maxLength={4_000}
                disabled={choice.isGone}
                value={choice.text}
                onChange={(text) => setSecrets({ ...secrets, [which]: { ...choice, text } })}
              />
              {print === null ? null : (
                <Switch
                  mt={8}
                  label={say('partner.secret.remove')}
                  checked={choice.isGone}
                  onChange={(event) =>
                    setSecrets({ ...secrets, [which]: { text: '', isGone: event.currentTarget.checked } })
                  }
                />
              )}
            </div>
          );
        })}
      </fieldset>
      <Trouble
        error={faultElsewhere(put.error, [
          ...['id', 'name', 'address', 'glns', 'from', 'to'],
          ...ENDPOINT_KINDS.map((kind) => `endpoints.${kind}`),
          ...PARTNER_SECRETS.map((secret) => `secrets.${secret}`),
        ])}
      />
      <div className="buttons">
        <Button type="submit" loading={put.isPending}>
          {say('partners.save')}
        </Button>
        <Button variant="subtle" color="gray" onClick={() => onDone('')}>
          {say('partners.cancel')}
        </Button>
      </div>
    </form>
  );
}

interface ChoicesProps<T extends string> {
  readonly label: string;
  readonly hint?: string;
  readonly values: readonly T[];
  readonly name: (value: T) => string;
  readonly chosen: readonly T[];
  readonly onChange: (chosen: T[]) => void;
}

/** Several of a few: each can be seen and pressed. Those that were there stay in their order, the first one first. */
function Choices<T extends string>({ label, hint, values, name, chosen, onChange }: ChoicesProps<T>) {
  return (
    <Checkbox.Group
      label={label}
      {...(hint !== undefined && { description: hint })}
      value={[...chosen]}
      onChange={(now) =>
        onChange([...chosen, ...values].filter((one, at, all) => now.includes(one) && all.indexOf(one) === at))
      }
    >
      {values.map((value) => (
        <Checkbox key={value} mt={8} value={value} label={name(value)} />
      ))}
    </Checkbox.Group>
  );
}
