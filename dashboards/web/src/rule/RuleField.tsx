import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { RuleFieldView } from '../../../api/index.ts';
import { say } from '../text/say.ts';
import css from './rule.module.css';
import { DURATION_UNITS, type DurationUnit, durationParts } from './rule-fields.ts';

interface RuleFieldProps {
  readonly field: RuleFieldView;
  readonly label: string;
  readonly hint?: string | undefined;
  /** As it is written; undefined: it is not. */
  readonly value: unknown;
  readonly error: string | undefined;
  /** @param value null: it is left out */
  readonly onChange: (value: unknown) => void;
}

/** One field of a rule, in the way in which its kind of value is said. */
export function RuleField(props: RuleFieldProps) {
  switch (props.field.type) {
    case 'number':
    case 'whole':
      return <Figure {...props} />;
    case 'duration':
      return <Duration {...props} />;
    case 'choice':
      return <Choice {...props} />;
    case 'choices':
      return <Choices {...props} />;
    case 'yesNo':
      return <YesNo {...props} />;
    default:
      return <Words {...props} />;
  }
}

/** What is typed; what is written by other means comes in while nobody types here. */
function useTyped(written: string) {
  const [typed, setTyped] = useState(written);
  const isTyping = useRef(false);
  useEffect(() => {
    if (!isTyping.current) setTyped(written);
  }, [written]);
  const watched = {
    onFocus: () => {
      isTyping.current = true;
    },
    onBlur: () => {
      isTyping.current = false;
    },
  };
  return [typed, setTyped, watched] as const;
}

function usualOf({ default: usual }: RuleFieldView): string | undefined {
  if (usual === undefined) return undefined;
  const value = typeof usual === 'boolean' ? say(usual ? 'rule.form.yes' : 'rule.form.no') : String(usual);
  return say('rule.form.usual', { value });
}

function Figure({ field, label, hint, value, error, onChange }: RuleFieldProps) {
  const [typed, setTyped, watched] = useTyped(value === undefined || value === null ? '' : String(value));
  const form = field.type === 'whole' ? /^-?\d+$/ : /^-?\d+([.,]\d+)?$/;
  const isHalf = typed.trim() !== '' && !form.test(typed.trim());
  return (
    <TextInput
      label={label}
      description={hint}
      error={isHalf ? say('rule.form.figure') : error}
      required={field.isRequired}
      withAsterisk={false}
      inputMode="decimal"
      placeholder={usualOf(field)}
      value={typed}
      {...watched}
      onChange={({ currentTarget: { value: given } }) => {
        setTyped(given);
        const figure = given.trim();
        if (figure === '') onChange(null);
        else if (form.test(figure)) onChange(Number(figure.replace(',', '.')));
      }}
    />
  );
}

function Duration({ field, label, hint, value, error, onChange }: RuleFieldProps) {
  const parts = durationParts(value ?? '');
  const [figure, setFigure, watched] = useTyped(parts?.figure ?? '');
  const [unit, setUnit] = useState<DurationUnit>(parts?.unit ?? 'm');
  const writtenUnit = parts?.unit;
  useEffect(() => {
    if (writtenUnit !== undefined) setUnit(writtenUnit);
  }, [writtenUnit]);
  // Such as 1500ms: said in the text alone.
  if (value !== undefined && parts === null) {
    return <Words {...{ field, label, hint, value, error, onChange }} />;
  }
  const tell = (some: string, of: DurationUnit) => onChange(some === '' ? null : `${some}${of}`);
  return (
    <div className={css.duration}>
      <TextInput
        label={label}
        description={hint}
        error={/^\d*$/.test(figure) ? error : say('rule.form.whole')}
        required={field.isRequired}
        withAsterisk={false}
        inputMode="numeric"
        placeholder={usualOf(field)}
        value={figure}
        {...watched}
        onChange={({ currentTarget: { value: given } }) => {
          setFigure(given);
          if (/^\d*$/.test(given)) tell(given, unit);
        }}
      />
      <NativeSelect
        aria-label={say('rule.form.unit', { label })}
        value={unit}
        data={DURATION_UNITS.map((one) => ({ value: one, label: say(`rule.form.${one}`) }))}
        onChange={({ currentTarget: { value: chosen } }) => {
          const next = DURATION_UNITS.find((one) => one === chosen) ?? 'm';
          setUnit(next);
          if (figure !== '') tell(figure, next);
        }}
      />
    </div>
  );
}

function Choice({ field, label, hint, value, error, onChange }: RuleFieldProps) {
  const options = field.options ?? [];
  const unset = { value: '', label: usualOf(field) ?? say('rule.form.unset') };
  return (
    <NativeSelect
      label={label}
      description={hint}
      error={error}
      value={String(value ?? '')}
      data={[
        ...(field.isRequired && value !== undefined ? [] : [unset]),
        ...options.map((option) => ({ value: String(option), label: String(option) })),
      ]}
      onChange={({ currentTarget: { value: chosen } }) =>
        onChange(options.find((option) => String(option) === chosen) ?? null)
      }
    />
  );
}

function Choices({ field, label, hint, value, error, onChange }: RuleFieldProps) {
  const chosen = Array.isArray(value) ? value.map(String) : [];
  return (
    <Checkbox.Group
      label={label}
      description={hint}
      error={error}
      value={chosen}
      onChange={(next) => onChange(next.length === 0 ? null : next)}
    >
      <div className={css.choices}>
        {(field.options ?? []).map((option) => (
          <Checkbox key={option} value={String(option)} label={String(option)} />
        ))}
      </div>
    </Checkbox.Group>
  );
}

function YesNo({ field, label, hint, value, error, onChange }: RuleFieldProps) {
  const isUsual = field.default === true;
  return (
    <Checkbox
      className={css.yesNo ?? ''}
      label={label}
      description={hint}
      error={error}
      checked={typeof value === 'boolean' ? value : isUsual}
      onChange={({ currentTarget: { checked } }) => onChange(checked === isUsual ? null : checked)}
    />
  );
}

/** A text, or names with commas between them; told once it is left, for half a word is no value. */
function Words({ field, label, hint, value, error, onChange }: RuleFieldProps) {
  const isNames = field.type === 'names';
  const [typed, setTyped, watched] = useTyped(isNames && Array.isArray(value) ? value.join(', ') : String(value ?? ''));
  const tell = () => {
    const names = typed.split(',').map((one) => one.trim());
    const given = isNames ? names.filter((one) => one !== '') : typed.trim();
    if (given.length === 0 ? value !== undefined : typed !== String(value ?? ''))
      onChange(given.length === 0 ? null : given);
  };
  return (
    <TextInput
      label={label}
      description={isNames ? say('rule.form.names') : hint}
      error={error}
      required={field.isRequired}
      withAsterisk={false}
      spellCheck={false}
      value={typed}
      onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      onFocus={watched.onFocus}
      onBlur={() => {
        watched.onBlur();
        tell();
      }}
    />
  );
}
