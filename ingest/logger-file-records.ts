import { createHash } from 'node:crypto';
import type { FileReading, LoggerFile, StatedFigure } from '../codecs/logger-files/index.ts';
import {
  DEVICE_ID,
  type FileDevice,
  type FileFigures,
  type FileRow,
  type FileSummary,
  GOOD,
  InputError,
  type KeyQuality,
  type LoggerFileAnswer,
  METRIC_NAMES,
  type Metric,
  meanKineticTemperature,
  metricByName,
  qualified,
  type SummaryDifference,
} from '../domain/index.ts';
import { refusalOfTime } from './admission.ts';
import type { LoggerFileReading } from './logger-file-door.ts';
import { type LoggerFileReader, readerHere } from './logger-file-reader.ts';

/** Rows that are listed in an answer. */
const MOST_ROWS = 1_000;

/** A reading of a device that a file brings. */
export interface DeviceReading extends FileReading {
  readonly device: string;
}

/** A reading that is not taken for its time, and kept for a person. */
export interface KeptBack extends DeviceReading {
  readonly reason: 'TIME_TOO_OLD' | 'TIME_AHEAD';
}

/** A file as it would be taken in now. */
export interface AdmittedFile {
  readonly sha256: string;
  /** The device it is of; its probes are this with a point and a number. */
  readonly device: string;
  readonly file: LoggerFile;
  readonly taken: readonly DeviceReading[];
  readonly keptBack: readonly KeptBack[];
}

/**
 * Reads a file and admits its readings as every door does (docs/mqtt.md, Quarantine).
 * @param now epoch ms UTC
 * @throws {InputError} LOGGER_FILE_*
 */
export async function admitFile(
  bytes: Uint8Array,
  reading: LoggerFileReading,
  now: number,
  reader: LoggerFileReader = readerHere,
): Promise<AdmittedFile> {
  const { zone, mapping, twice } = reading;
  const file = await reader.read({ bytes, zone, mapping, twice });
  const device = deviceOf(file, reading.device);
  const taken: DeviceReading[] = [];
  const keptBack: KeptBack[] = [];
  for (const one of file.readings) {
    const of = { ...one, device: probeOf(device, one.probe) };
    const reason = refusalOfTime(one.time, now);
    if (reason === null) taken.push(of);
    else keptBack.push({ ...of, reason });
  }
  return { sha256: createHash('sha256').update(bytes).digest('hex'), device, file, taken, keptBack };
}

/** @throws {InputError} LOGGER_FILE_DEVICE_MISSING, LOGGER_FILE_DEVICE_BAD */
function deviceOf({ serial }: LoggerFile, given: string | null): string {
  const device = given ?? serial;
  const allowed = '1 to 120 of A-Z a-z 0-9 . _ : -';
  if (device === null) {
    throw new InputError(
      'LOGGER_FILE_DEVICE_MISSING',
      'device: the file names no serial number; say which device it is of',
    );
  }
  // What stands behind the point of a probe has its place too.
  if (DEVICE_ID.test(device) && device.length <= 120) return device;
  const from = given === null ? 'the serial number in the file is' : 'given';
  throw new InputError(
    'LOGGER_FILE_DEVICE_BAD',
    `device: ${from} "${device.slice(0, 60)}", allowed: ${allowed}; say which device it is of`,
  );
}

function probeOf(device: string, probe: number | null): string {
  return probe === null ? device : `${device}.${probe}`;
}

/** How a key's values are held to be measurements or not; the correction left out, a file has values as measured. */
export type QualityOf = (device: string, metric: number) => KeyQuality;

/** The answer to who brought a file. */
export function answerOf(admitted: AdmittedFile, name: string, qualityOf: QualityOf): LoggerFileAnswer {
  const { sha256, device, file, taken, keptBack } = admitted;
  const probes = new Map<string, number | null>();
  for (const { probe } of [...file.readings, ...file.open]) probes.set(probeOf(device, probe), probe);
  // A file without a log still says of whom it is.
  if (probes.size === 0) probes.set(device, null);
  const ahead = keptBack.filter(({ reason }) => reason === 'TIME_AHEAD');
  const waits = [
    ...keptBack.filter(({ reason }) => reason === 'TIME_TOO_OLD'),
    ...file.open.map((one) => ({ ...one, reason: 'TIME_TWICE' as const })),
  ].toSorted((a, b) => a.row - b.row);
  const refused = [...file.refused, ...ahead.map(rowOf)].toSorted((a, b) => a.row - b.row);
  return {
    file: { sha256, zone: file.zone, name, layout: file.layout },
    repeated: false,
    devices: [...probes].map(([id, probe]) => deviceAnswer({ id, probe, file, taken, probes: probes.size, qualityOf })),
    refused: refused.slice(0, MOST_ROWS),
    refusedCount: file.refusedCount + ahead.length,
    waiting: waits.length,
    waits: waits.slice(0, MOST_ROWS).map(rowOf),
    marks: file.marks,
    notes: file.notes,
  };
}

const DETAILS = {
  TIME_AHEAD:
    'is more than 10 minutes ahead: the clock of the logger was wrong, or its zone is another; it can be adopted once that time is past',
  TIME_TOO_OLD: 'is more than 400 days ago; it waits to be adopted',
  TIME_TWICE:
    'is an hour that occurs twice, and the order of the rows does not tell which it is: upload the file again and say twice=first or twice=second',
} as const;

function rowOf(one: {
  readonly row: number;
  readonly reason: keyof typeof DETAILS;
  readonly time?: number;
  readonly earlier?: number;
}): FileRow {
  const at = new Date(one.time ?? one.earlier ?? 0).toISOString();
  return { row: one.row, reason: one.reason, detail: `${at} ${DETAILS[one.reason]}` };
}

interface DeviceQuestion {
  readonly id: string;
  readonly probe: number | null;
  readonly file: LoggerFile;
  readonly taken: readonly DeviceReading[];
  /** How many the file has. */
  readonly probes: number;
  readonly qualityOf: QualityOf;
}

function deviceAnswer({ id, probe, file, taken, probes, qualityOf }: DeviceQuestion): FileDevice {
  const readings = taken.filter(({ device }) => device === id);
  const times = readings.map(({ time }) => time);
  const [from, to] = times.length === 0 ? [null, null] : [least(times), greatest(times)];
  // What a file says once is of its one probe, or of nobody in particular.
  const stated = file.figures.filter((one) => one.probe === probe || (one.probe === null && probes === 1));
  const ours = new Map<Metric, { readonly figures: FileFigures; readonly suspect: number }>();
  for (const metric of METRIC_NAMES) {
    const own = readings.filter((one) => one.metric === metric);
    if (own.length > 0) ours.set(metric, figuresOf(own, qualityOf(id, metricByName(metric)?.code ?? 0)));
  }
  const first = [...ours.keys()].find((metric) => metric === 'temperature') ?? [...ours.keys()][0] ?? 'temperature';
  const suspect = [...ours.values()].reduce((sum, one) => sum + one.suspect, 0);
  const figures = new Map([...ours].map(([metric, one]) => [metric, one.figures]));
  const theirs = summaryOf(first, statedBy(stated));
  const alarms = probes === 1 ? file.alarms : [];
  return {
    device: id,
    taken: readings.length,
    ...{ from: iso(from), to: iso(to) },
    theirs: theirs === null && alarms.length === 0 ? null : { ...theirs, ...(alarms.length === 0 ? {} : { alarms }) },
    ours: ours.size === 0 ? null : { ...summaryOf(first, figures), ...(suspect === 0 ? {} : { suspect }) },
    differences: stated.flatMap((one) => differenceOf(one, figures.get(one.metric))),
  };
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function greatest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}

/** Of what is judged as fact; what is suspect is counted beside it. */
function figuresOf(
  readings: readonly FileReading[],
  quality: KeyQuality,
): { readonly figures: FileFigures; readonly suspect: number } {
  const sorted = readings.toSorted((a, b) => a.time - b.time);
  const time = Float64Array.from(sorted, (one) => one.time);
  const value = Float64Array.from(sorted, (one) => one.value);
  const { flags } = qualified({ count: sorted.length, time, value }, quality);
  const good = [...value].filter((_, i) => flags[i] === GOOD);
  const suspect = sorted.length - good.length;
  if (good.length === 0) return { figures: { count: sorted.length }, suspect };
  const mean = good.reduce((sum, one) => sum + one, 0) / good.length;
  const mkt =
    sorted[0]?.metric === 'temperature'
      ? meanKineticTemperature(
          good,
          good.map(() => 1),
        )
      : null;
  const figures = {
    ...{ count: sorted.length, min: least(good), max: greatest(good), mean: rounded(mean) },
    ...(mkt === null ? {} : { mkt: rounded(mkt) }),
  };
  return { figures, suspect };
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function statedBy(stated: readonly StatedFigure[]): Map<Metric, FileFigures> {
  const by = new Map<Metric, FileFigures>();
  for (const { metric, figure, value } of stated) by.set(metric, { ...by.get(metric), [figure]: value });
  return by;
}

/** The figures of one metric, with those of others beside them. */
function summaryOf(first: Metric, by: ReadonlyMap<Metric, FileFigures>): FileSummary | null {
  if (by.size === 0) return null;
  const others = Object.fromEntries([...by].filter(([metric]) => metric !== first));
  return { ...by.get(first), ...others };
}

/** Means are rounded by each maker in its own way: a whole last digit is no difference. */
function differenceOf(
  { figure, metric, value: theirs, precision }: StatedFigure,
  figures: FileFigures | undefined,
): SummaryDifference[] {
  const ours = figures?.[figure];
  if (ours === undefined) return [];
  const isMean = figure === 'mean' || figure === 'mkt';
  const allowed = (isMean ? 2 * precision : precision) + 1e-9;
  return Math.abs(theirs - ours) <= allowed ? [] : [{ metric, figure, theirs, ours }];
}
