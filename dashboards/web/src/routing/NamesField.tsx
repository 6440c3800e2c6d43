import { Checkbox } from '@mantine/core';
import { say } from '../text/say.ts';
import css from './routing.module.css';

interface NamesFieldProps {
  readonly label: string;
  readonly among: readonly string[];
  readonly value: readonly string[];
  readonly onChange: (value: string[]) => void;
}

/** Some of a few names; those that were chosen before keep their order. */
export function NamesField({ label, among, value, onChange }: NamesFieldProps) {
  const all = [...new Set([...among, ...value])];
  return (
    <Checkbox.Group label={label} value={[...value]} onChange={onChange}>
      <span className={css.boxes}>
        {all.length === 0 ? <span className="muted">{say('routing.names.none')}</span> : null}
        {all.map((name) => (
          <Checkbox key={name} value={name} label={name} />
        ))}
      </span>
    </Checkbox.Group>
  );
}
