import { Button, Popover } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { useState } from 'react';
import type { AlertView } from '../../../api/index.ts';
import { AlertNotices } from '../alert/AlertNotices.tsx';
import { useAlert } from '../alert/alert-queries.ts';
import { Failed } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import css from './Inbox.module.css';

/** Who was told of an alert, and who is next, without leaving the list. */
export function Told({ alert, name }: { alert: AlertView; name: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" withArrow trapFocus width={360} shadow="md">
      <Popover.Target>
        <Button
          variant="subtle"
          size="compact-sm"
          className={css.told ?? ''}
          leftSection={<IconBell size={16} stroke={1.6} />}
          aria-label={say('inbox.told', { headline: name })}
          onClick={() => setOpen(!isOpen)}
        >
          {say('inbox.told.short')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={css.toldCard ?? ''}>{isOpen ? <Notices id={alert.id} /> : null}</Popover.Dropdown>
    </Popover>
  );
}

function Notices({ id }: { id: string }) {
  const { data, error, refetch } = useAlert(id);
  if (data !== undefined) return <AlertNotices alert={data} isBare />;
  if (error === null) return <p role="status">{say('alert.lookingForIt')}</p>;
  return <Failed error={error} what={say('alert.thisAlert')} onRetry={() => void refetch()} />;
}
