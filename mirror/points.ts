import { Point } from '@influxdata/influxdb-client';
import { metricByCode, ReadingBuilder, type ReadingColumns } from '../domain/index.ts';

/**
 * Readings as InfluxDB points in line protocol, times in ms: `readings,device=logger-7,metric=temperature value=5.1 T`.
 *
 * The tags are what identifies a reading and nothing else, so that a point sent again overwrites itself, and so that
 * there are as many series as keys: a tag for the place or the shipment would make a new series of each, and a second
 * point of a reading whose place became known late.
 *
 * @param values one per row of `columns`; a row with NaN becomes no point
 */
export function pointLines(columns: ReadingColumns, values: Float64Array): string[] {
  const lines: string[] = [];
  for (let row = 0; row < columns.count; row++) {
    const value = values[row] as number;
    if (Number.isNaN(value)) continue;
    const code = columns.metric[row] as number;
    const line = new Point('readings')
      .tag('device', columns.devices[columns.device[row] as number] as string)
      .tag('metric', metricByCode(code)?.name ?? String(code))
      .floatField('value', value)
      .timestamp(columns.time[row] as number)
      .toLineProtocol({ convertTime: String });
    if (line !== undefined) lines.push(line);
  }
  return lines;
}

/** The rows of many records, in order, `most` at a time. Each yielded view is good until the next. */
export function* gathered(parts: readonly ReadingColumns[], most: number): Generator<ReadingColumns> {
  const rows = new ReadingBuilder();
  for (const { count, devices, device, metric, time, value } of parts) {
    for (let row = 0; row < count; row++) {
      const name = devices[device[row] as number] as string;
      rows.add(name, metric[row] as number, time[row] as number, value[row] as number);
      if (rows.count < most) continue;
      yield rows.view();
      rows.reset();
    }
  }
  if (rows.count > 0) yield rows.view();
}
