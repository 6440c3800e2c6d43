import { Button, NativeSelect, SegmentedControl, Switch } from '@mantine/core';
import { useId, useState } from 'react';
import {
  CLOCKS,
  DENSITIES,
  PAGE_LANGUAGES,
  START_SCREENS,
  type StartScreen,
  TEMPERATURE_SCALES,
} from '../../../../domain/index.ts';
import { alertTone } from '../frame/alert-tone.ts';
import { faultAt, faultElsewhere } from '../parts/faults.ts';
import { usePageSettings, usePutHintAway, useSetPageSettings } from '../parts/PageSettings.tsx';
import { Trouble } from '../parts/States.tsx';
import type { PageSettingsChange } from '../parts/unsent-settings.ts';
import { ZoneField } from '../parts/ZoneField.tsx';
import { say, type TextKey } from '../text/say.ts';
import { ownZone, zoneName } from '../words/when.ts';
import css from './admin.module.css';
import choices from './PageChoices.module.css';

const START_NAMES = {
  '/shipments': 'frame.shipments',
  '/alerts': 'frame.alerts',
  '/cases': 'frame.cases',
  '/portals': 'frame.portals',
  '/devices': 'frame.loggers',
  '/rules': 'frame.rules',
  '/verify': 'frame.verify',
  '/recall': 'settings.start.recall',
  '/lanes': 'settings.start.lanes',
} as const satisfies Readonly<Record<StartScreen, TextKey>>;

/** How the page shows what it shows, for who is signed in: each choice holds at once, and on the next computer. */
export function PageChoices() {
  const settings = usePageSettings();
  const set = useSetPageSettings();
  const hints = usePutHintAway();
  const choose = (change: PageSettingsChange) => set.mutate(change);
  return (
    <section className={`panel section ${css.form}`} aria-labelledby="page-choices">
      <h2 id="page-choices">{say('settings.title')}</h2>
      <p className="muted">{say('settings.about')}</p>
      <Choice
        label={say('settings.temperature')}
        hint={say('settings.temperature.hint')}
        value={settings.temperature}
        options={TEMPERATURE_SCALES.map((value) => ({ value, label: say(`settings.temperature.${value}`) }))}
        onChange={(temperature) => choose({ temperature })}
      />
      <Choice
        label={say('settings.clock')}
        hint={say('settings.clock.hint')}
        value={settings.clock}
        options={CLOCKS.map((value) => ({ value, label: say(`settings.clock.${value}`) }))}
        onChange={(clock) => choose({ clock })}
      />
      <OwnZone zone={settings.zone} fault={faultAt(set.error, 'zone')} onChoose={(zone) => choose({ zone })} />
      <NativeSelect
        label={say('settings.language')}
        description={say('settings.language.hint')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        data={PAGE_LANGUAGES.map((value) => ({ value, label: say(`settings.language.${value}`) }))}
        value={settings.language}
        onChange={({ currentTarget: { value } }) => {
          const language = PAGE_LANGUAGES.find((one) => one === value);
          if (language !== undefined) choose({ language });
        }}
      />
      <NativeSelect
        label={say('settings.start')}
        data={[
          { value: '', label: say('settings.start.role') },
          ...START_SCREENS.map((value) => ({ value, label: say(START_NAMES[value]) })),
        ]}
        value={settings.start ?? ''}
        onChange={({ currentTarget: { value } }) =>
          choose({ start: START_SCREENS.find((one) => one === value) ?? null })
        }
      />
      <Choice
        label={say('settings.density')}
        value={settings.density}
        options={DENSITIES.map((value) => ({ value, label: say(`settings.density.${value}`) }))}
        onChange={(density) => choose({ density })}
      />
      <Switch
        label={say('settings.sound')}
        description={say('settings.sound.hint')}
        checked={settings.hasSound}
        onChange={({ currentTarget: { checked } }) => {
          if (checked) alertTone.play('warning');
          choose({ hasSound: checked });
        }}
      />
      <p>
        <a href="#own-notices">{say('settings.notices')}</a>
      </p>
      <Button variant="default" loading={hints.isPending} onClick={() => hints.mutate(null)}>
        {say('settings.hints')}
      </Button>
      {hints.isSuccess ? <p role="status">{say('settings.hints.done')}</p> : null}
      <Trouble error={faultElsewhere(set.error, ['zone']) ?? hints.error} />
    </section>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly hint?: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
}

/** One of a few, all of them in sight. */
function Choice<T extends string>({ label, hint, value, options, onChange }: ChoiceProps<T>) {
  const id = useId();
  return (
    <div className={choices.choice}>
      <span id={id} className={choices.label}>
        {label}
      </span>
      <SegmentedControl<T>
        aria-labelledby={id}
        data={[...options]}
        value={value}
        onChange={onChange}
        className={choices.control ?? ''}
      />
      {hint === undefined ? null : <span className={`muted ${choices.hint}`}>{hint}</span>}
    </div>
  );
}

/** Empty: the browser's. Kept once it is left, so that no half of a name is. */
function OwnZone({
  zone,
  fault,
  onChoose,
}: {
  zone: string | null;
  fault?: string | undefined;
  onChoose: (zone: string | null) => void;
}) {
  const [text, setText] = useState(zone ?? '');
  const leave = () => {
    const wanted = text.trim() === '' ? null : text.trim();
    if (wanted !== zone) onChoose(wanted);
  };
  return (
    <ZoneField
      label={say('settings.zone')}
      hint={say('settings.zone.hint', { zone: zoneName(ownZone()) })}
      placeholder={ownZone()}
      fault={fault}
      value={text}
      onChange={setText}
      onLeave={leave}
    />
  );
}
