import { Checkbox } from '@mantine/core';
import { type Permission, permissionAbout } from '../../../../domain/index.ts';
import css from './admin.module.css';

interface PermissionChoiceProps {
  readonly label: string;
  /** What there is to choose from. */
  readonly offered: readonly Permission[];
  readonly value: readonly Permission[];
  readonly onChange: (value: readonly Permission[]) => void;
}

/** Permissions to tick, each with what it allows. */
export function PermissionChoice({ label, offered, value, onChange }: PermissionChoiceProps) {
  return (
    <Checkbox.Group
      className={css.whole ?? ''}
      label={label}
      value={[...value]}
      onChange={(chosen) => onChange(offered.filter((one) => chosen.includes(one)))}
    >
      <div className={css.permissions}>
        {offered.map((permission) => (
          <Checkbox key={permission} value={permission} label={sentence(permission)} description={permission} />
        ))}
      </div>
    </Checkbox.Group>
  );
}

/** "see who decided what" as it begins a line. */
export function sentence(permission: Permission): string {
  const about = permissionAbout(permission);
  return about.charAt(0).toUpperCase() + about.slice(1);
}
