import { reviewReportAddress } from '../parts/report-address.ts';
import { useZone } from '../parts/Zone.tsx';
import { say } from '../text/say.ts';

/** A review as PDF, to be kept and to be shown to an inspector. */
export function ReviewReportLink({ number }: { number: number }) {
  const zone = useZone();
  return (
    <a href={reviewReportAddress(number, zone)} target="_blank" rel="noreferrer">
      {say('review.report')}
    </a>
  );
}
