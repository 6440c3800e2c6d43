import { useId } from 'react';
import { Field } from './Field.tsx';

interface ZoneFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly placeholder?: string;
  readonly fault?: string | undefined;
  readonly value: string;
  readonly isRequired?: boolean;
  readonly onChange: (zone: string) => void;
}

/** A time zone by its IANA name, offered from what the browser knows. */
export function ZoneField({ label, hint, placeholder, fault, value, isRequired = false, onChange }: ZoneFieldProps) {
  const list = useId();
  return (
    <>
      <Field
        label={label}
        hint={hint}
        {...(placeholder !== undefined && { placeholder })}
        fault={fault}
        value={value}
        onChange={onChange}
        required={isRequired}
        list={list}
        spellCheck={false}
        autoCapitalize="none"
      />
      <datalist id={list}>
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </>
  );
}
