import { Button, Checkbox, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { OwnNoticesView } from '../../../api/index.ts';
import { faultAt, faultElsewhere } from '../parts/faults.ts';
import { Failed, Loading, Trouble } from '../parts/States.tsx';
import { ZoneField } from '../parts/ZoneField.tsx';
import { languageName } from '../routing/language-name.ts';
import { type WindowGiven, WindowsField } from '../routing/WindowsField.tsx';
import { say } from '../text/say.ts';
import css from './admin.module.css';
import { OwnAddress } from './OwnAddress.tsx';
import { useOwnNotices, useSetOwnNotices } from './own-notice-queries.ts';

const LANGUAGES = ['en', 'de', 'fr', 'es', 'pl'] as const;

/** How one is told of alerts: what operations set, and what one sets oneself. */
export function OwnNotices() {
  const { data, error, isPending, refetch } = useOwnNotices();
  if (isPending) return <Loading rows={2} height={80} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('own.title')} onRetry={() => void refetch()} />;
  return (
    <section className="section-open" aria-labelledby="own-notices">
      <h2 id="own-notices">{say('own.title')}</h2>
      <p className="muted">{data.isKnown ? say('own.lead') : say('own.unknown', { name: data.name })}</p>
      <Words key={JSON.stringify([data.language, data.zone, data.quiet])} own={data} />
      {data.channels.map((channel) => (
        <OwnAddress key={`${channel.id} ${channel.address} ${channel.wanted}`} channel={channel} />
      ))}
    </section>
  );
}

function Words({ own }: { own: OwnNoticesView }) {
  const set = useSetOwnNotices();
  const { routing } = own;
  const [language, setLanguage] = useState<string>(own.language ?? '');
  const [zone, setZone] = useState(own.zone ?? '');
  const [quiet, setQuiet] = useState<readonly WindowGiven[] | null>(own.quiet);
  const theirs = routing.quiet.map(({ from, to }) => `${from}–${to}`).join(', ') || say('own.quiet.none');
  return (
    <form
      className={`panel section ${css.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        set.mutate({ language: language || null, zone: zone.trim() || null, quiet });
      }}
    >
      <NativeSelect
        label={say('own.language')}
        value={language}
        data={[
          { value: '', label: say('own.asRouting', { value: languageName(routing.language) }) },
          ...LANGUAGES.map((value) => ({ value, label: languageName(value) })),
        ]}
        onChange={(event) => setLanguage(event.currentTarget.value)}
      />
      <ZoneField
        label={say('own.zone')}
        hint={say('own.zone.hint')}
        placeholder={say('own.asRouting', { value: routing.zone })}
        fault={faultAt(set.error, 'zone')}
        value={zone}
        onChange={setZone}
      />
      <div className={css.whole}>
        <Checkbox
          label={say('own.quiet.theirs', { value: theirs })}
          checked={quiet === null}
          onChange={(event) => setQuiet(event.currentTarget.checked ? null : routing.quiet)}
        />
      </div>
      {quiet === null ? null : (
        <div className={css.whole}>
          <WindowsField
            label={say('routing.people.quiet')}
            hint={say('routing.people.quiet.hint')}
            value={quiet}
            onChange={setQuiet}
          />
        </div>
      )}
      <Button type="submit" loading={set.isPending}>
        {say('own.save')}
      </Button>
      <Trouble error={faultElsewhere(set.error, ['zone'])} />
      {set.isSuccess ? <p role="status">{say('own.saved')}</p> : null}
    </form>
  );
}
