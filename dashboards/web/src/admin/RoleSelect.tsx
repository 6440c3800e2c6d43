import { NativeSelect } from '@mantine/core';
import { ROLES, type Role } from '../../../../domain/index.ts';
import { say } from '../text/say.ts';
import { useRoles } from './role-queries.ts';

interface RoleSelectProps {
  readonly value: string;
  readonly onChange: (role: string) => void;
  /** Shown above it; absent = said to those who listen only. */
  readonly label?: string;
  readonly spoken?: string;
  readonly isDisabled?: boolean;
}

/** One of the roles there are: the built-in ones, which are known at once, and those of the installation. */
export function RoleSelect({ value, onChange, label, spoken, isDisabled = false }: RoleSelectProps) {
  const { data } = useRoles();
  const own = (data?.items ?? []).filter(({ builtIn }) => !builtIn).map(({ name }) => name);
  const names = new Set<string>([...ROLES, ...own, value]);
  return (
    <NativeSelect
      label={label}
      aria-label={spoken}
      value={value}
      disabled={isDisabled}
      data={[...names].map((role) => ({ value: role, label: roleWords(role) }))}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** A built-in role in words; one of the installation as it is called there. */
export function roleWords(role: string): string {
  return isBuiltIn(role) ? say(`admin.role.${role}`) : role;
}

function isBuiltIn(role: string): role is Role {
  return ROLES.some((one) => one === role);
}
