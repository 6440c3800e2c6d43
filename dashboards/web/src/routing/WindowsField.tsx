import { Button, Checkbox } from '@mantine/core';
import { Field } from '../parts/Field.tsx';
import { say } from '../text/say.ts';
import css from './routing.module.css';

export interface WindowGiven {
  readonly from: string;
  readonly to: string;
  /** Absent: every day. */
  readonly days?: readonly string[] | undefined;
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
/** As the field of a form takes it; the server says more. */
const TIME = '([01][0-9]|2[0-4]):[0-5][0-9]';

interface WindowsFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly value: readonly WindowGiven[];
  readonly onChange: (value: readonly WindowGiven[]) => void;
}

/** Times of a week: from, to, and on which days they begin. */
export function WindowsField({ label, hint, value, onChange }: WindowsFieldProps) {
  const put = (at: number, one: WindowGiven) => onChange(value.map((other, i) => (i === at ? one : other)));
  return (
    <fieldset className={css.group}>
      <legend>{label}</legend>
      <p className="muted">{hint}</p>
      {value.map((window, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a window has no name but its place
        <div key={i} className={css.window}>
          <Field
            label={say('routing.window.from')}
            required
            pattern={TIME}
            placeholder="22:00"
            value={window.from}
            onChange={(from) => put(i, { ...window, from })}
          />
          <Field
            label={say('routing.window.to')}
            required
            pattern={TIME}
            placeholder="06:00"
            value={window.to}
            onChange={(to) => put(i, { ...window, to })}
          />
          <Checkbox.Group
            label={say('routing.window.days')}
            value={[...(window.days ?? DAYS)]}
            onChange={(days) => {
              const { days: _, ...times } = window;
              put(
                i,
                days.length === DAYS.length ? times : { ...times, days: DAYS.filter((day) => days.includes(day)) },
              );
            }}
          >
            <span className={css.boxes}>
              {DAYS.map((day) => (
                <Checkbox key={day} value={day} label={say(`routing.day.${day}`)} />
              ))}
            </span>
          </Checkbox.Group>
          <Button variant="default" size="xs" onClick={() => onChange(value.filter((_, at) => at !== i))}>
            {say('routing.takeOut')}
          </Button>
        </div>
      ))}
      <Button variant="default" size="xs" onClick={() => onChange([...value, { from: '22:00', to: '06:00' }])}>
        {say('routing.window.add')}
      </Button>
    </fieldset>
  );
}
