import { csvLine, type MetricDefinition } from '../../../domain/index.ts';
import type { DeviceRecord, ShipmentSerialRecord } from '../../../trace/index.ts';
import { formatTime } from '../../api/index.ts';
import type { Formats } from './formats.ts';
import type { ReportFile } from './report.ts';

/** Beyond this a report would be more data than pages: it says so, and where the readings are had. */
export const MOST_READINGS = 200_000;

/** What the pages say, for machines. */
export function dataFile(data: object, formats: Formats): ReportFile {
  return {
    ...{ name: 'report.json', mediaType: 'application/json', relationship: 'Data' },
    ...{ about: formats.say('report.file.data'), content: `${JSON.stringify(data, null, 1)}\n` },
  };
}

/** RFC 4180; times RFC 3339 UTC; values in the unit of the metric, as they came and as they are judged. */
export function readingsFile(
  recorded: readonly { readonly metric: MetricDefinition; readonly records: readonly DeviceRecord[] }[],
  formats: Formats,
): { readonly files: readonly ReportFile[]; readonly note: string | null } {
  const count = recorded.reduce(
    (sum, { records }) => sum + records.reduce((all, { readings }) => all + readings.length, 0),
    0,
  );
  if (count === 0) return { files: [], note: null };
  if (count > MOST_READINGS) {
    return { files: [], note: formats.say('report.file.tooMany', { count, most: MOST_READINGS }) };
  }
  return { files: [file('readings.csv', formats.say('report.file.readings'), readingsCsv(recorded))], note: null };
}

export function readingsCsv(
  recorded: readonly { readonly metric: MetricDefinition; readonly records: readonly DeviceRecord[] }[],
): string {
  const lines = [csvLine(['device', 'metric', 'unit', 'time', 'value', 'judged', 'suspect'])];
  for (const { metric, records } of recorded) {
    for (const { device, readings } of records) {
      for (const { time, value, judged, suspect } of readings) {
        const figures = [String(value), String(judged), suspect ?? ''];
        lines.push(csvLine([device, metric.name, metric.unit, formatTime(time), ...figures]));
      }
    }
  }
  return lines.join('');
}

export function serialsFile(serials: readonly ShipmentSerialRecord[], formats: Formats): ReportFile {
  const lines = serials.map((one) => csvLine([one.epc, one.gtin, one.serial, one.lot, one.expiry, one.unit]));
  const head = csvLine(['epc', 'gtin', 'serial', 'lot', 'expiry', 'unit']);
  return file('serials.csv', formats.say('report.file.serials'), [head, ...lines].join(''));
}

function file(name: string, about: string, content: string): ReportFile {
  return { name, about, content, mediaType: 'text/csv', relationship: 'Source' };
}
