import { Button } from '@mantine/core';
import { IconFileTypePdf } from '@tabler/icons-react';
import { say } from '../text/say.ts';
import { ReportForms } from './ReportForms.tsx';
import { reportAddress } from './report-address.ts';
import { useZone } from './Zone.tsx';

/** Leads to the report on what the screen shows, as PDF, its times in the zone that the screen shows, in the browser's language. */
export function ReportLink({ of, id }: { of: 'shipments' | 'devices' | 'serials'; id: string }) {
  const zone = useZone();
  return (
    <>
      <Button
        component="a"
        variant="default"
        size="compact-sm"
        leftSection={<IconFileTypePdf size={16} />}
        href={reportAddress(of, id, zone)}
        target="_blank"
      >
        {say('parts.report')}
      </Button>
      <ReportForms of={of} id={id} />
    </>
  );
}
