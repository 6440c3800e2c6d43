import { TextInput } from '@mantine/core';
import { say } from '../text/say.ts';

interface ReasonFieldProps {
  readonly value: string;
  /** What is often said, for those in gloves. */
  readonly often: readonly string[];
  readonly onChange: (value: string) => void;
}

/** Why something is done: chosen or typed. It stands in the audit trail. */
export function ReasonField({ value, often, onChange }: ReasonFieldProps) {
  return (
    <div className="stack-small">
      <TextInput
        label={say('shipment.reason')}
        required
        withAsterisk={false}
        autoComplete="off"
        minLength={3}
        maxLength={1000}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <span className="chips">
        {often.map((one) => (
          <button
            key={one}
            type="button"
            className="chip"
            aria-pressed={value === one}
            onClick={() => onChange(value === one ? '' : one)}
          >
            {one}
          </button>
        ))}
      </span>
    </div>
  );
}
