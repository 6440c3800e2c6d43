import { TextInput, type TextInputProps } from '@mantine/core';

interface FieldProps extends Omit<TextInputProps, 'onChange' | 'value' | 'label' | 'error'> {
  readonly label: string;
  readonly hint?: string | undefined;
  /** What the server said of it. */
  readonly fault?: string | undefined;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A line of text in a form, with what it is, a hint below, and what was wrong with it. */
export function Field({ hint, fault, onChange, ...props }: FieldProps) {
  return (
    <TextInput
      {...props}
      {...(hint !== undefined && { description: hint })}
      {...(fault !== undefined && { error: fault })}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      withAsterisk={false}
      autoComplete={props.autoComplete ?? 'off'}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
