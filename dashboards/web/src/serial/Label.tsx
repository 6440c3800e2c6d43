import { Button } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import { Link, useParams } from 'react-router';
import { segment } from '../ask.ts';
import { PrintedLabel } from '../parts/PrintedLabel.tsx';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { useSerial } from '../queries.ts';
import { say } from '../text/say.ts';
import { shortEpc } from '../words/figures.ts';
import css from './Label.module.css';

/**
 * A label to print: a QR code with the GS1 Digital Link of a pack or a logistic unit on this installation, so that a phone
 * that scans it lands on its page, and the same in figures (GS1 General Specifications, 4.14).
 */
export function LabelPage() {
  const { epc = '' } = useParams();
  const { data: serial, error, isPending, refetch } = useSerial(epc);
  useTitle(say('serial.labelOf', { name: shortEpc(epc) }));
  if (isPending) return <Loading rows={2} height={90} />;
  if (serial === undefined)
    return (
      <Failed error={error ?? new Error('')} isScreen what={say('serial.thisSerial')} onRetry={() => void refetch()} />
    );
  if (serial.identity === null) return <Nothing level="h1" title={say('serial.noLabel')} />;
  const { digitalLink, elementString } = serial.identity;
  const { pathname, search } = new URL(digitalLink);
  const link = `${location.origin}${pathname}${search}`;
  const name = serial.serial ?? serial.sscc ?? shortEpc(serial.epc);
  return (
    <>
      <p className={`crumbs ${css.screen}`}>
        <Link to={`/serials/${segment(serial.epc)}`}>{say('serial.backTo', { name })}</Link>
        <span className="spring" />
        <Button size="compact-sm" leftSection={<IconPrinter size={16} />} onClick={() => window.print()}>
          {say('serial.printLabel')}
        </Button>
      </p>
      <h1 className={css.screen}>{say('serial.labelOf', { name })}</h1>
      <PrintedLabel link={link} name={serial.product} lines={elementString.split(/(?=\(\d{2,4}\))/)} />
      <p className={`muted ${css.screen} ${css.link}`}>{say('serial.labelLeads', { link })}</p>
    </>
  );
}
