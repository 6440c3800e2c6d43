import { NativeSelect } from '@mantine/core';
import { ROLES, type Role } from '../../../../domain/index.ts';
import { say } from '../text/say.ts';

interface RoleSelectProps {
  readonly value: Role;
  readonly onChange: (role: Role) => void;
  /** Shown above it; absent = said to those who listen only. */
  readonly label?: string;
  readonly spoken?: string;
  readonly isDisabled?: boolean;
}

export function RoleSelect({ value, onChange, label, spoken, isDisabled = false }: RoleSelectProps) {
  return (
    <NativeSelect
      label={label}
      aria-label={spoken}
      value={value}
      disabled={isDisabled}
      data={ROLES.map((role) => ({ value: role, label: say(`admin.role.${role}`) }))}
      onChange={(event) => {
        const role = ROLES.find((one) => one === event.currentTarget.value);
        if (role !== undefined) onChange(role);
      }}
    />
  );
}
