import { csvLine } from '../../../../domain/index.ts';

const COLUMNS = [
  ...['shipment', 'profile', 'origin', 'destination', 'departs', 'arrives', 'epc', 'parent', 'from'],
  ...['devices', 'name', 'lot', 'expiry'],
];

/**
 * A file to fill in: a unit with two serials between two sites of this installation. With the mark that makes
 * spreadsheets read it as UTF-8.
 *
 * @param now epoch ms
 */
export function csvTemplate(sites: readonly string[], now: number): string {
  const [origin = 'site:berlin', destination = 'site:lyon'] = sites;
  const hour = Math.ceil(now / 3_600_000) * 3_600_000;
  const at = (hours: number) => new Date(hour + hours * 3_600_000).toISOString().replace('.000', '');
  const unit = '(00)106141412345678908';
  const first = ['SHP-1', '2-8C', origin, destination, at(1), at(25), unit, '', at(0), 'logger-1', '', '', ''];
  const serial = (number: number) => [
    ...['', '', '', '', '', '', `urn:epc:id:sgtin:0614141.812345.${number}`, unit, '', ''],
    ...['Examplumab 40 mg', 'A17', '2027-06-30'],
  ];
  return `\uFEFF${[COLUMNS, first, serial(1001), serial(1002)].map(csvLine).join('')}`;
}
