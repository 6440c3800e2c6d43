import { TextInput } from '@mantine/core';
import { say } from '../text/say.ts';
import { fromText, toText } from '../words/when.ts';

interface TimeFieldProps {
  readonly label: string;
  /** As typed. */
  readonly value: string;
  readonly zone: string;
  /** Whether it may be empty. */
  readonly isOptional?: boolean;
  readonly onChange: (value: string) => void;
}

/** A moment as text, on 24 hours whatever the browser's language: a date field follows the browser, not the page. */
export function TimeField({ label, value, zone, isOptional = false, onChange }: TimeFieldProps) {
  const isBad = fromText(value, zone) === null && !(isOptional && value.trim() === '');
  return (
    <TextInput
      label={label}
      value={value}
      placeholder="2026-11-22 10:05"
      inputMode="numeric"
      autoComplete="off"
      error={isBad ? say('parts.aTimeLike', { time: toText(Date.now(), zone) }) : null}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
