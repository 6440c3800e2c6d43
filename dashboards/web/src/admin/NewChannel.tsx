import { Button, NativeSelect, Textarea } from '@mantine/core';
import { useState } from 'react';
import { type ChannelKind, channelKind } from '../../../api/index.ts';
import { Field } from '../parts/Field.tsx';
import { faultAt, faultElsewhere } from '../parts/faults.ts';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import css from './admin.module.css';
import { Secret } from './Secret.tsx';
import { type ChannelGiven, usePutChannel } from './setup-queries.ts';

/** What each kind is asked for. `url?`: the kind has a place of its own, which may be another one. */
const FIELDS: Readonly<Record<ChannelKind, readonly FieldName[]>> = {
  webhook: ['url'],
  email: ['url', 'secret', 'from', 'to'],
  slack: ['url'],
  teams: ['url'],
  pagerduty: ['secret'],
  ntfy: ['url', 'secret'],
  telegram: ['secret', 'chat'],
  http: ['url', 'to', 'secret', 'headers', 'body'],
  push: ['contact'],
};
type FieldName = 'url' | 'secret' | 'from' | 'to' | 'chat' | 'contact' | 'headers' | 'body';
/** Those that may stay empty. */
const OPTIONAL: ReadonlySet<string> = new Set([
  'email.secret',
  'ntfy.secret',
  'http.to',
  'http.secret',
  'http.headers',
]);
const NOTHING = { url: '', secret: '', from: '', to: '', chat: '', contact: '', headers: '', body: '' };

/** Adds a channel of any kind; each kind asks for what it needs. */
export function NewChannel() {
  const put = usePutChannel();
  const [id, setId] = useState('');
  const [kind, setKind] = useState<ChannelKind>('webhook');
  const [values, setValues] = useState<Readonly<Record<FieldName, string>>>(NOTHING);
  const fields = FIELDS[kind];
  const made = put.data;
  return (
    <>
      <form
        className={`panel section ${css.form}`}
        onSubmit={(event) => {
          event.preventDefault();
          put.mutate(givenOf(id.trim(), kind, values), {
            onSuccess: () => {
              setId('');
              setValues(NOTHING);
            },
          });
        }}
      >
        <h2>{say('channels.add')}</h2>
        <NativeSelect
          label={say('channels.kind')}
          value={kind}
          data={channelKind.options.map((value) => ({ value, label: say(`channels.kind.${value}`) }))}
          onChange={(event) => {
            setKind(channelKind.parse(event.currentTarget.value));
            put.reset();
          }}
        />
        <Field
          label={say('channels.id')}
          hint={say('channels.id.hint')}
          fault={faultAt(put.error, 'id')}
          required
          maxLength={64}
          autoCapitalize="none"
          spellCheck={false}
          value={id}
          onChange={setId}
        />
        {fields.map((name) =>
          name === 'body' || name === 'headers' ? (
            <Textarea
              key={name}
              label={say(`channels.${name}`)}
              description={say(`channels.${name}.hint`)}
              error={faultAt(put.error, name)}
              required={!OPTIONAL.has(`${kind}.${name}`)}
              withAsterisk={false}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              autosize
              minRows={name === 'body' ? 4 : 2}
              spellCheck={false}
              value={values[name]}
              onChange={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
            />
          ) : (
            <Field
              key={name}
              label={name === 'secret' ? say(`channels.secret.${secretOf(kind)}`) : say(`channels.${name}`)}
              hint={name === 'url' ? say(`channels.url.hint.${kind}`) : hintOf(name)}
              fault={faultAt(put.error, name)}
              {...(name === 'secret' && { type: 'password', autoComplete: 'new-password' })}
              required={!OPTIONAL.has(`${kind}.${name}`)}
              maxLength={name === 'url' ? 2_000 : 500}
              autoCapitalize="none"
              spellCheck={false}
              value={values[name]}
              onChange={(value) => setValues({ ...values, [name]: value })}
            />
          ),
        )}
        <Button type="submit" loading={put.isPending}>
          {say('channels.create')}
        </Button>
        <Trouble error={faultElsewhere(put.error, ['id', ...fields])} />
      </form>
      {made?.secret == null ? null : (
        <Secret title={say('channels.secret', { id: made.id })} secret={made.secret} onDone={() => put.reset()} />
      )}
    </>
  );
}

function givenOf(id: string, kind: ChannelKind, values: Readonly<Record<FieldName, string>>): ChannelGiven {
  const asked = (name: FieldName) => FIELDS[kind].includes(name) && values[name].trim() !== '';
  const list = values.to.split(/[,;\s]+/).filter((one) => one !== '');
  return {
    ...{ id, kind, told: true },
    ...(asked('url') && { url: values.url.trim() }),
    // A password may begin or end with a space.
    ...(asked('secret') && { secret: values.secret }),
    settings: {
      ...(asked('from') && { from: values.from.trim() }),
      ...(asked('to') && { to: list }),
      ...(asked('contact') && { contact: values.contact.trim() }),
      ...(asked('chat') && { chat: values.chat.trim() }),
      ...(asked('headers') && { headers: headersOf(values.headers) }),
      ...(asked('body') && { body: values.body }),
    },
  };
}

/** A line each, `name: value`. A line without a colon is sent as it is, for the server to refuse. */
function headersOf(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return colon < 0 ? [line, ''] : [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

function secretOf(kind: ChannelKind) {
  return kind === 'email' ? 'password' : kind === 'pagerduty' ? 'key' : kind === 'http' ? 'other' : 'token';
}

function hintOf(name: FieldName): string | undefined {
  return name === 'to' || name === 'chat' || name === 'contact' ? say(`channels.${name}.hint`) : undefined;
}
