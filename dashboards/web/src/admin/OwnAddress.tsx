import { Button } from '@mantine/core';
import { useState } from 'react';
import type { OwnNoticesView } from '../../../api/index.ts';
import { Field } from '../parts/Field.tsx';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import { SEVERITY_WORDS } from '../words/alert.ts';
import css from './admin.module.css';
import { useAskAddress, useEnterCode, useRemoveAddress, useTestOwn } from './own-notice-queries.ts';

type Channel = OwnNoticesView['channels'][number];

/** A channel by which one is told: where, and another address, which counts when its code was entered. */
export function OwnAddress({ channel }: { channel: Channel }) {
  const { id, severities, takesAddress, address, routing } = channel;
  const test = useTestOwn();
  const remove = useRemoveAddress();
  const of = severities.map((severity) => wordOf(severity)).join(', ');
  return (
    <div className={`panel section ${css.own}`}>
      <div className={css['own-head']}>
        <span>
          <b>{id}</b> <span className="muted">{say('own.channel.of', { severities: of })}</span>
          <br />
          {address !== null
            ? say('own.address.yours', { address })
            : routing !== null
              ? say('own.address.theirs', { address: routing })
              : takesAddress
                ? say('own.address.shared')
                : say('own.address.none')}
          {address !== null && routing !== null ? (
            <span className="muted"> {say('own.address.instead', { address: routing })}</span>
          ) : null}
        </span>
        <span className="buttons">
          <Button variant="default" size="xs" loading={test.isPending} onClick={() => test.mutate(id)}>
            {say('own.test')}
          </Button>
          {address === null ? null : (
            <Button variant="default" size="xs" loading={remove.isPending} onClick={() => remove.mutate(id)}>
              {say('own.address.remove')}
            </Button>
          )}
        </span>
      </div>
      {test.data === undefined ? null : (
        <p role="status" className={test.data.delivered ? undefined : 'trouble'}>
          {test.data.delivered
            ? say('routing.people.test.ok', { channel: id })
            : say('routing.people.test.failed', { channel: id, failure: test.data.failure ?? '' })}
        </p>
      )}
      <Trouble error={test.error ?? remove.error} />
      {takesAddress ? channel.wanted === null ? <NewAddress channel={channel} /> : <Code channel={channel} /> : null}
    </div>
  );
}

function NewAddress({ channel: { id, allowed } }: { channel: Channel }) {
  const ask = useAskAddress();
  const [address, setAddress] = useState('');
  return (
    <form
      className={css['own-form']}
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate({ channel: id, address: address.trim() });
      }}
    >
      <Field
        label={say('own.address.new')}
        hint={allowed ?? ''}
        aria-label={say('own.address.new.of', { channel: id })}
        fault={ask.error?.message}
        spellCheck={false}
        required
        value={address}
        onChange={setAddress}
      />
      <Button type="submit" variant="default" loading={ask.isPending}>
        {say('own.address.ask')}
      </Button>
    </form>
  );
}

function Code({ channel: { id, wanted } }: { channel: Channel }) {
  const enter = useEnterCode();
  const remove = useRemoveAddress();
  const [code, setCode] = useState('');
  return (
    <form
      className={css['own-form']}
      onSubmit={(event) => {
        event.preventDefault();
        enter.mutate({ channel: id, code: code.trim() });
      }}
    >
      <Field
        label={say('own.code', { address: wanted ?? '' })}
        hint={say('own.code.hint')}
        fault={enter.error?.message}
        inputMode="numeric"
        autoComplete="one-time-code"
        required
        value={code}
        onChange={setCode}
      />
      <Button type="submit" loading={enter.isPending}>
        {say('own.code.enter')}
      </Button>
      <Button variant="default" loading={remove.isPending} onClick={() => remove.mutate(id)}>
        {say('admin.cancel')}
      </Button>
    </form>
  );
}

function wordOf(severity: string): string {
  const words: Readonly<Record<string, string>> = SEVERITY_WORDS;
  return (words[severity] ?? severity).toLowerCase();
}
