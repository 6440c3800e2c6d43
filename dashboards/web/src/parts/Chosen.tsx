import { Select, type SelectProps } from '@mantine/core';
import { IconSelector } from '@tabler/icons-react';
import css from './Chosen.module.css';

/** One of many, found by typing: loggers, shipments. Of a handful a `NativeSelect` is enough. */
export function Chosen(props: Omit<SelectProps, 'searchable' | 'classNames' | 'rightSection'>) {
  return (
    <Select
      searchable
      // Beside its field: a dialog lies above everything that stands elsewhere.
      comboboxProps={{ withinPortal: false }}
      rightSection={<IconSelector size={16} stroke={1.6} aria-hidden="true" />}
      rightSectionPointerEvents="none"
      classNames={{ dropdown: css.dropdown ?? '', option: css.option ?? '', empty: css.empty ?? '' }}
      {...props}
    />
  );
}
