import type { PartnerFormat } from '../../../../domain/index.ts';
import type { TextKey } from '../text/say.ts';

/** What each format of files is called on the page. */
export const FORMAT_TEXT: Readonly<Record<PartnerFormat, TextKey>> = {
  'epcis-2.0-json': 'partner.format.json-2',
  'epcis-2.0-xml': 'partner.format.xml-2',
  'epcis-1.2-xml': 'partner.format.xml-1',
  csv: 'partner.format.csv',
};
