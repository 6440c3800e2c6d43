import { say } from '../text/say.ts';
import { ReportButton } from './ReportButton.tsx';
import { ReportForms } from './ReportForms.tsx';
import { reportAddress } from './report-address.ts';
import { useZone } from './Zone.tsx';

interface ReportLinkProps {
  readonly of: 'shipments' | 'devices' | 'serials';
  readonly id: string;
  /** That it lists. */
  readonly serials?: number;
}

/** Leads to the report on what the screen shows, as PDF, its times in the zone that the screen shows, in the browser's language. */
export function ReportLink({ of, id, serials = 0 }: ReportLinkProps) {
  const zone = useZone();
  return (
    <>
      <ReportButton
        name={say('parts.report')}
        address={reportAddress(of, id, zone)}
        file={`${id}.pdf`}
        serials={serials}
      />
      <ReportForms of={of} id={id} />
    </>
  );
}
