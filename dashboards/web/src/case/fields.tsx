import { Textarea } from '@mantine/core';
import { say } from '../text/say.ts';

interface TextProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Why something is decided, said or opened; it stands in what is signed and in the audit trail. */
export function ReasonArea({ value, onChange }: TextProps) {
  return (
    <Textarea
      label={say('case.decide.reason')}
      autosize
      minRows={2}
      required
      withAsterisk={false}
      maxLength={4_000}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** Serials, a line each. @param count how many the lines name */
export function SerialLines({ value, count, onChange }: TextProps & { readonly count: number }) {
  return (
    <Textarea
      label={say('case.decide.serials')}
      description={`${say('case.decide.serials.hint')} ${say('case.decide.serials.count', { count })}`}
      autosize
      minRows={3}
      maxRows={12}
      spellCheck={false}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
