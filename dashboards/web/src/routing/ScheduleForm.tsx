import { Button, Checkbox, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { Field } from '../parts/Field.tsx';
import { ZoneField } from '../parts/ZoneField.tsx';
import { say } from '../text/say.ts';
import { ownZone, toText } from '../words/when.ts';
import type { ScheduleView } from './calendar.ts';
import { EntryForm } from './EntryForm.tsx';
import css from './routing.module.css';
import type { RoutingDraft } from './routing-draft.ts';
import { type WindowGiven, WindowsField } from './WindowsField.tsx';

interface ScheduleFormProps {
  readonly schedule: ScheduleView | null;
  readonly draft: RoutingDraft;
  readonly onDone: () => void;
}

const OFFICE: readonly WindowGiven[] = [{ from: '08:00', to: '18:00', days: ['mon', 'tue', 'wed', 'thu', 'fri'] }];

/** People one after the other: whose turn it is, how long, and when one hands over. Single days are for the calendar. */
export function ScheduleForm({ schedule, draft, onDone }: ScheduleFormProps) {
  const [id, setId] = useState(schedule?.id ?? '');
  const [zone, setZone] = useState(schedule?.zone ?? ownZone());
  const [people, setPeople] = useState<readonly string[]>(schedule?.people ?? []);
  const [start, setStart] = useState(schedule?.start ?? toText(Date.now(), ownZone()).slice(0, 10));
  const [days, setDays] = useState(String(schedule?.days ?? 7));
  const [handOver, setHandOver] = useState(schedule?.handOver ?? '08:00');
  const [hours, setHours] = useState<readonly WindowGiven[] | null>(schedule?.hours ?? null);
  const others = (draft.parts?.people ?? []).map((person) => person.id).filter((person) => !people.includes(person));
  return (
    <EntryForm
      section="schedules"
      title={schedule === null ? say('routing.schedules.add') : say('routing.schedules.change', { id })}
      {...{ draft, id, onDone }}
      {...(schedule === null && { onId: setId })}
      before={schedule === null ? null : writtenOf(schedule)}
      after={writtenOf({ zone, people, start, days: Number(days), handOver, hours })}
    >
      <ZoneField label={say('routing.entry.zone')} isRequired value={zone} onChange={setZone} />
      <fieldset className={css.group}>
        <legend>{say('routing.schedules.turns')}</legend>
        <ol className={css.turns}>
          {people.map((person, i) => (
            <li key={person}>
              <span>{person}</span>
              <span className="buttons">
                <Button
                  variant="default"
                  size="xs"
                  disabled={i === 0}
                  aria-label={say('routing.schedules.earlier.of', { person })}
                  onClick={() => setPeople(swapped(people, i))}
                >
                  {say('routing.schedules.earlier')}
                </Button>
                <Button
                  variant="default"
                  size="xs"
                  aria-label={say('routing.takeOut.of', { name: person })}
                  onClick={() => setPeople(people.filter((one) => one !== person))}
                >
                  {say('routing.takeOut')}
                </Button>
              </span>
            </li>
          ))}
        </ol>
        <NativeSelect
          label={say('routing.schedules.next')}
          value=""
          data={['', ...others]}
          onChange={(event) => setPeople([...people, event.currentTarget.value].filter((one) => one !== ''))}
        />
      </fieldset>
      <Field
        label={say('routing.schedules.start')}
        required
        pattern="\d{4}-\d\d-\d\d"
        placeholder="2026-11-30"
        value={start}
        onChange={setStart}
      />
      <Field
        label={say('routing.schedules.days')}
        required
        pattern="[1-9]\d{0,2}"
        inputMode="numeric"
        value={days}
        onChange={setDays}
      />
      <Field
        label={say('routing.schedules.handOver')}
        hint={say('routing.schedules.handOver.hint')}
        required
        pattern="([01]\d|2[0-3]):[0-5]\d"
        value={handOver}
        onChange={setHandOver}
      />
      <Checkbox
        label={say('routing.schedules.always')}
        checked={hours === null}
        onChange={(event) => setHours(event.currentTarget.checked ? null : OFFICE)}
      />
      {hours === null ? null : (
        <WindowsField
          label={say('routing.schedules.hours')}
          hint={say('routing.schedules.hours.hint')}
          value={hours}
          onChange={setHours}
        />
      )}
    </EntryForm>
  );
}

type ScheduleGiven = Pick<ScheduleView, 'zone' | 'start' | 'days' | 'handOver'> & {
  readonly people: readonly string[];
  readonly hours: readonly WindowGiven[] | null;
};

function writtenOf({ zone, people, start, days, handOver, hours }: ScheduleGiven) {
  return { zone, people, start, days, handOver, hours };
}

function swapped(people: readonly string[], at: number): readonly string[] {
  const [one, other] = [people[at - 1], people[at]];
  return people.map((person, i) => (i === at - 1 ? (other ?? person) : i === at ? (one ?? person) : person));
}
