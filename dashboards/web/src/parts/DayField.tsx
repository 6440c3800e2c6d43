import type { ComponentProps } from 'react';
import { say } from '../text/say.ts';
import { Field } from './Field.tsx';

/** A day as text, on one calendar whatever the browser's language: a date field follows the browser, not the page. */
export function DayField({ fault, value, ...props }: ComponentProps<typeof Field>) {
  const isBad = value !== '' && !isDay(value);
  return (
    <Field
      {...props}
      value={value}
      fault={isBad ? say('parts.day.bad') : fault}
      placeholder="2026-11-22"
      inputMode="numeric"
      pattern="\d{4}-\d{2}-\d{2}"
      maxLength={10}
    />
  );
}

/** Whether a text is a day of the calendar, as ISO 8601 writes it. */
export function isDay(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(text);
}
