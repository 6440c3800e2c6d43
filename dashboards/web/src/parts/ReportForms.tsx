import { Button, Menu } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { segment } from '../ask.ts';
import { say } from '../text/say.ts';
import { type Reported, reportAddress } from './report-address.ts';
import { useZone } from './Zone.tsx';

/** The other forms of a report: its temperatures in °F, and for programs its serials as CSV and its events as EPCIS. */
export function ReportForms({ of, id }: { of: Reported; id: string }) {
  const zone = useZone();
  const hasTables = of === 'cases' || of === 'shipments';
  const table = (form: string) => `/api/v1/${of}/${segment(id)}/report.${form}`;
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Button variant="default" size="compact-sm" rightSection={<IconChevronDown size={14} />}>
          {say('parts.reportForms')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={reportAddress(of, id, zone, 'F')} target="_blank">
          {say('parts.reportInF')}
        </Menu.Item>
        {hasTables ? (
          <>
            <Menu.Item component="a" href={table('csv')} download>
              {say('parts.reportAsCsv')}
            </Menu.Item>
            <Menu.Item component="a" href={table('epcis.json')} download>
              {say('parts.reportAsEpcis')}
            </Menu.Item>
          </>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  );
}
