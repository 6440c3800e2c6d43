import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { RoutingView } from '../../../api/index.ts';
import { Field } from '../parts/Field.tsx';
import { ZoneField } from '../parts/ZoneField.tsx';
import { say } from '../text/say.ts';
import { ownZone } from '../words/when.ts';
import { EntryForm } from './EntryForm.tsx';
import { languageName } from './language-name.ts';
import { NamesField } from './NamesField.tsx';
import type { RoutingDraft } from './routing-draft.ts';
import { type WindowGiven, WindowsField } from './WindowsField.tsx';

const LANGUAGES = ['en', 'de', 'fr', 'es', 'pl'] as const;
const SEVERITIES = ['critical', 'warning', 'info'] as const;

interface PersonFormProps {
  readonly person: RoutingView['people'][number] | null;
  readonly channels: readonly string[];
  readonly draft: RoutingDraft;
  readonly onDone: () => void;
}

/** Somebody who can be told: by which channels, when not, in whose words. */
export function PersonForm({ person, channels, draft, onDone }: PersonFormProps) {
  const [id, setId] = useState(person?.id ?? '');
  const [zone, setZone] = useState(person?.zone ?? ownZone());
  const [language, setLanguage] = useState(person?.language ?? 'en');
  const [notify, setNotify] = useState(person?.notify ?? { critical: [], warning: [], info: [] });
  const [quiet, setQuiet] = useState<readonly WindowGiven[]>(person?.quiet ?? []);
  const [addresses, setAddresses] = useState<Readonly<Record<string, string>>>(person?.addresses ?? {});
  const told = [...new Set([...SEVERITIES.flatMap((severity) => notify[severity]), ...Object.keys(addresses)])];
  const before = person === null ? null : writtenOf(person);
  const given = { zone, language, notify, quiet, addresses };
  return (
    <EntryForm
      section="people"
      title={person === null ? say('routing.people.add') : say('routing.people.change', { id })}
      {...{ draft, id, before, onDone }}
      {...(person === null && { onId: setId })}
      after={writtenOf({ ...given, addresses: trimmed(addresses) })}
    >
      <ZoneField label={say('routing.entry.zone')} isRequired value={zone} onChange={setZone} />
      <NativeSelect
        label={say('routing.people.language')}
        value={language}
        data={LANGUAGES.map((value) => ({ value, label: languageName(value) }))}
        onChange={(event) => setLanguage(event.currentTarget.value)}
      />
      {SEVERITIES.map((severity) => (
        <NamesField
          key={severity}
          label={say(`routing.people.notify.${severity}`)}
          among={channels}
          value={notify[severity]}
          onChange={(names) => setNotify({ ...notify, [severity]: names })}
        />
      ))}
      {told.map((channel) => (
        <Field
          key={channel}
          label={say('routing.people.address', { channel })}
          hint={say('routing.people.address.hint')}
          spellCheck={false}
          value={addresses[channel] ?? ''}
          onChange={(address) => setAddresses({ ...addresses, [channel]: address })}
        />
      ))}
      <WindowsField
        label={say('routing.people.quiet')}
        hint={say('routing.people.quiet.hint')}
        value={quiet}
        onChange={setQuiet}
      />
    </EntryForm>
  );
}

type PersonGiven = Omit<RoutingView['people'][number], 'id' | 'channels' | 'own' | 'quiet'> & {
  readonly quiet: readonly WindowGiven[];
};

function writtenOf({ zone, language, notify, quiet, addresses }: PersonGiven) {
  return { zone, language, notify, quiet, addresses };
}

function trimmed(addresses: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(addresses).flatMap(([channel, address]) =>
      address.trim() === '' ? [] : [[channel, address.trim()]],
    ),
  );
}
