import { Link } from 'react-router';
import type { SerialView } from '../../../api/index.ts';
import { segment } from '../ask.ts';
import { reportAddress } from '../parts/report-address.ts';
import { useZone } from '../parts/Zone.tsx';
import { say } from '../text/say.ts';

/** Papers about a serial: its own, those of its shipments, and those of the cases in which it was decided on. */
export function SerialDocuments({ serial }: { serial: SerialView }) {
  const zone = useZone();
  const { epc, shipments, dispositions, cases: within, identity } = serial;
  const cases = [...new Set([...dispositions.map((one) => one.case), ...within.map(({ id }) => id)])];
  const papers = [
    { text: say('serial.documents.own'), href: reportAddress('serials', epc, zone) },
    ...shipments.map((id) => ({
      text: say('serial.documents.shipment', { id }),
      href: reportAddress('shipments', id, zone),
    })),
    ...cases.map((id) => ({ text: say('serial.documents.case', { id }), href: reportAddress('cases', id, zone) })),
    ...within
      .filter(({ kind }) => kind === 'suspect product')
      .map(({ id }) => ({
        text: say('serial.documents.form3911', { id }),
        href: `/api/v1/cases/${segment(id)}/form-3911.pdf?zone=${encodeURIComponent(zone)}`,
      })),
  ];
  return (
    <section className="panel section" aria-labelledby="documents">
      <h2 id="documents">{say('serial.documents')}</h2>
      <ul className="stack-small">
        {papers.map(({ text, href }) => (
          <li key={href}>
            <a href={href}>{text}</a>
          </li>
        ))}
        {identity === null ? null : (
          <li>
            <Link to={`/serials/${segment(epc)}/label`}>{say('serial.documents.label')}</Link>
          </li>
        )}
      </ul>
    </section>
  );
}
