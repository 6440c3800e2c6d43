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
  /** Somebody is done with it. */
  readonly onLeave?: () => void;
}

/** A time zone by its IANA name, offered from what the browser knows. */
export function ZoneField(props: ZoneFieldProps) {
  const { label, hint, placeholder, fault, value, isRequired = false, onChange, onLeave } = props;
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
        {...(onLeave !== undefined && { onBlur: onLeave })}
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
