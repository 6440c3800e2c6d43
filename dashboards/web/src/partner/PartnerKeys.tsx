import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { PartnerView } from '../../../api/index.ts';
import { Confirm } from '../parts/Confirm.tsx';
import { DayField } from '../parts/DayField.tsx';
import { Field } from '../parts/Field.tsx';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import css from './partner.module.css';
import { type PartnerGiven, partnerGiven, usePutPartner } from './partner-queries.ts';

type Key = PartnerGiven['publicKeys'][number];

/** What a partner's signatures are checked with: added, ended on a day, revoked. None is taken off the record. */
export function PartnerKeys({ partner, mayChange }: { partner: PartnerView; mayChange: boolean }) {
  const put = usePutPartner();
  const [isAdding, setAdding] = useState(false);
  const given = partnerGiven(partner);
  const today = new Date().toISOString().slice(0, 10);

  function change(id: string, days: Partial<Key>) {
    const publicKeys = given.publicKeys.map((key) => (key.id === id ? { ...key, ...days } : key));
    put.mutate({ ...given, publicKeys });
  }

  return (
    <section className={`panel section ${css.part}`} aria-labelledby="keys">
      <h2 id="keys">{say('partner.keys')}</h2>
      <p className="muted">{say('partner.keys.hint')}</p>
      {partner.publicKeys.length === 0 ? <p>{say('partner.keys.none')}</p> : null}
      <ul className={css.rows}>
        {partner.publicKeys.map(({ id, state, print, from, to, revoked }) => (
          <li key={id}>
            <div>
              <b>{id}</b> <span className={state === 'good' ? 'muted' : 'trouble'}>{say(`partner.key.${state}`)}</span>{' '}
              <span className="muted">
                {revoked === null
                  ? say('partner.days', { from: from ?? '…', to: to ?? '…' })
                  : say('partner.key.since', { day: revoked })}
              </span>
              <code className={css.print}>{print}</code>
            </div>
            {mayChange && state !== 'revoked' ? (
              <span className="buttons">
                {state === 'good' && to === null ? (
                  <Button
                    variant="default"
                    size="xs"
                    loading={put.isPending}
                    aria-label={say('partner.key.end.of', { id })}
                    onClick={() => change(id, { to: today })}
                  >
                    {say('partner.key.end')}
                  </Button>
                ) : null}
                <Confirm
                  name={say('partner.key.revoke')}
                  question={say('partner.key.revoke.sure', { id })}
                  action={say('partner.key.revoke.do')}
                  isPending={put.isPending}
                  onConfirm={() => change(id, { revoked: today })}
                />
              </span>
            ) : null}
          </li>
        ))}
      </ul>
      {isAdding ? <NewKey partner={partner} onDone={() => setAdding(false)} /> : null}
      {mayChange && !isAdding ? (
        <div className="buttons">
          <Button variant="default" onClick={() => setAdding(true)}>
            {say('partner.key.add')}
          </Button>
        </div>
      ) : null}
      <Trouble error={put.error} />
    </section>
  );
}

function NewKey({ partner, onDone }: { partner: PartnerView; onDone: () => void }) {
  const put = usePutPartner();
  const [id, setId] = useState('');
  const [pem, setPem] = useState('');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const dayOf = (text: string) => (text === '' ? null : text);
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        const given = partnerGiven(partner);
        const key = { id: id.trim(), pem: pem.trim(), from: dayOf(from), to: dayOf(to), revoked: null };
        put.mutate({ ...given, publicKeys: [...given.publicKeys, key] }, { onSuccess: onDone });
      }}
    >
      <Field label={say('partner.key.name')} required maxLength={200} value={id} onChange={setId} />
      <DayField label={say('partner.from')} value={from} onChange={setFrom} />
      <DayField label={say('partner.to')} value={to} onChange={setTo} />
      <Textarea
        className={css.whole ?? ''}
        label={say('partner.key.pem')}
        placeholder={say('partner.key.pem.begin')}
        required
        withAsterisk={false}
        autosize
        minRows={3}
        maxRows={10}
        maxLength={8_000}
        spellCheck={false}
        value={pem}
        onChange={(event) => setPem(event.currentTarget.value)}
      />
      <Trouble error={put.error} />
      <div className="buttons">
        <Button type="submit" loading={put.isPending}>
          {say('partner.key.save')}
        </Button>
        <Button variant="subtle" color="gray" onClick={onDone}>
          {say('partners.cancel')}
        </Button>
      </div>
    </form>
  );
}
