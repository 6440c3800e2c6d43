import { mappingFrom } from '../codecs/logger-files/index.ts';
import {
  type AuditTrail,
  ConflictError,
  type DeviceFacts,
  encodeJson,
  FACT_VERSION,
  type Fact,
  type KeyQuality,
  keyQuality,
  type Log,
  type LoggerFileAnswer,
  type LoggerFiles,
  type LoggerFileUpload,
  metricByName,
  type NewRecord,
  NO_CORRECTION,
  type OriginalSubject,
  type Origination,
  Span,
  type TimeSource,
} from '../domain/index.ts';
import { type Database, effectsOf, type KeptLoggerFile, type LoggerFileStore } from '../storage/index.ts';
import { Group } from './group.ts';
import { doorOf, LOGGER_FILE, type LoggerFileReading, twiceFrom } from './logger-file-door.ts';
import { type LoggerFileReader, readerHere } from './logger-file-reader.ts';
import { type AdmittedFile, admitFile, answerOf, type DeviceReading, type QualityOf } from './logger-file-records.ts';
import { Refusals } from './refusals.ts';

export interface LoggerFileIntakeOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly devices: DeviceFacts;
  readonly files: LoggerFileStore;
  readonly log: Pick<Log, 'append' | 'heads'>;
  /** Default: one in this thread. */
  readonly reader?: LoggerFileReader;
  readonly time: TimeSource;
  /** Waits until rules know the facts up to this position of `trace`, for a while. */
  readonly known?: (position: number) => Promise<void>;
  /** Waits until the writer has stored these, for a while: then the answer's readings can be asked for. */
  readonly written?: (positions: Readonly<Record<string, number>>) => Promise<void>;
}

/** Which quality a file's values have where nothing is known of its device. */
const unknownQuality: QualityOf = (_device, metric) => keyQuality(metric);

/** What would be taken of a file, without an installation. @throws {InputError} LOGGER_FILE_* */
export async function lookAtLoggerFile(upload: LoggerFileUpload, now: number): Promise<LoggerFileAnswer> {
  return answerOf(await admitFile(upload.bytes, readingFor(upload, null), now), upload.name, unknownQuality);
}

/**
 * Takes in files that loggers were read out into: their readings go through the log as any late backlog does, the bytes
 * beside them to the archive. What was taken is written down last: where that does not come about, taking the file again
 * adds nothing but that.
 */
export class LoggerFileIntake implements LoggerFiles {
  readonly #options: LoggerFileIntakeOptions;

  constructor(options: LoggerFileIntakeOptions) {
    this.#options = options;
  }

  async look(upload: LoggerFileUpload): Promise<LoggerFileAnswer> {
    const admitted = await this.#admit(upload);
    return answerOf(admitted, upload.name, await this.#qualities(admitted));
  }

  async take(upload: LoggerFileUpload): Promise<LoggerFileAnswer> {
    const { audit, database, files, log, time, written } = this.#options;
    const reading = readingFor(upload, await this.#named(upload.mapping));
    const admitted = await admitFile(upload.bytes, reading, time.now(), this.#options.reader);
    const { sha256, device, file } = admitted;
    const before = await this.#takenBefore(admitted, reading);
    if (before !== null) return { ...before.answer, repeated: true };
    const answer = answerOf(admitted, upload.name, await this.#qualities(admitted));
    const at = time.now();
    const group = groupOf(admitted, { ...upload, reading, at });
    const unknown = await files.unknownAmong(answer.devices.map((one) => one.device));
    const registered = unknown.map((id) => registrationOf(id, upload.who, at));
    // Known before its readings are judged: else the end of the file would be a silence for a moment.
    if (registered.length > 0) {
      const positions = (await log.append(registered)).map(({ position }) => position);
      await this.#options.known?.(positions.reduce((last, position) => Math.max(last, position)));
    }
    await log.append(group.records());
    const kept: KeptLoggerFile = {
      ...{ sha256, device, zone: file.zone, twice: reading.twice, name: upload.name },
      ...{ shipment: upload.shipment, at, by: upload.who.actor.name, answer },
    };
    await database.transaction(async (client) => {
      const effects = effectsOf(client);
      await files.keep(effects, kept);
      await audit.add(effects, {
        ...{ ...upload.who, at, action: 'logger-file.take', subject: `device:${device}` },
        new: {
          ...{ name: upload.name, sha256, zone: file.zone, shipment: upload.shipment },
          taken: admitted.taken.length,
          refused: answer.refusedCount,
          waiting: answer.waiting,
        },
      });
    });
    await written?.(await log.heads());
    return answer;
  }

  async rows(bytes: Uint8Array, most: number) {
    const rows = await (this.#options.reader ?? readerHere).rows(bytes, most);
    return rows.map(({ row, cells }) => ({
      row,
      cells: cells.map((cell) => (cell instanceof Date ? cell.toISOString() : String(cell ?? '')).slice(0, 200)),
    }));
  }

  async #admit(upload: LoggerFileUpload): Promise<AdmittedFile> {
    const reading = readingFor(upload, await this.#named(upload.mapping));
    return admitFile(upload.bytes, reading, this.#options.time.now(), this.#options.reader);
  }

  /** A mapping that is kept under the name that was given in the place of one. */
  async #named(mapping: unknown): Promise<unknown> {
    return typeof mapping === 'string' ? this.#options.files.mapping(mapping) : null;
  }

  /**
   * @returns the same file, taken before in the same way
   * @throws {ConflictError} LOGGER_FILE_TAKEN in another zone: its readings stand at other times
   */
  async #takenBefore({ sha256, device, file }: AdmittedFile, { twice }: LoggerFileReading) {
    const before = await this.#options.files.of(sha256, device);
    const other = before.find(({ zone }) => zone !== file.zone);
    if (other !== undefined) {
      throw new ConflictError(
        'LOGGER_FILE_TAKEN',
        `the file was taken for ${device} in zone ${other.zone} by ${other.by}: it cannot be of ${file.zone} too; set those readings aside, and take it for a device of another name`,
        { device, zone: other.zone },
      );
    }
    return before.find((one) => one.twice === twice || (twice === null && one.twice !== null)) ?? null;
  }

  async #qualities({ taken }: AdmittedFile): Promise<QualityOf> {
    const known = new Map<string, KeyQuality>();
    for (const { device, metric } of taken) {
      const code = metricByName(metric)?.code ?? 0;
      const key = `${device}/${code}`;
      if (known.has(key)) continue;
      const { quality } = await this.#options.devices.of(device, code);
      known.set(key, asMeasured(quality));
    }
    return (device, metric) => known.get(`${device}/${metric}`) ?? keyQuality(metric);
  }
}

/** The same without corrections: a file has values as they were measured. */
function asMeasured(quality: KeyQuality): KeyQuality {
  const [first, ...later] = quality.measures.map((measure) => ({ ...measure, correction: NO_CORRECTION }));
  return first === undefined ? quality : { ...quality, measures: [first, ...later] };
}

/** How a file is to be read. @param named the mapping under the name that was given */
function readingFor({ zone, device, mapping, twice }: LoggerFileUpload, named: unknown): LoggerFileReading {
  const given = typeof mapping === 'string' ? named : mapping;
  return {
    ...{ zone, device: device === '' ? null : device, twice: twiceFrom(twice) },
    mapping: given === null || given === undefined ? null : mappingFrom(given),
  };
}

/** A device that is met in a file first is read out by cable: its silence is no alarm. */
function registrationOf(id: string, who: Origination, arrival: number): NewRecord {
  const by = who.actor.name;
  const fact: Fact = {
    type: 'device',
    device: { id, kind: 'logger', context: { readOut: true } },
    by,
    origination: who,
  };
  const record = { family: 'trace', kind: 'fact', version: FACT_VERSION, source: LOGGER_FILE } as const;
  return { ...record, sequence: null, arrival, payload: encodeJson(fact) };
}

interface Grouping extends Pick<LoggerFileUpload, 'bytes' | 'who'> {
  readonly reading: LoggerFileReading;
  readonly at: number;
}

/** Everything of a file that will be durable together. */
function groupOf(admitted: AdmittedFile, { bytes, who, reading, at }: Grouping): Group {
  const { sha256, device, taken, keptBack, file } = admitted;
  const group = new Group(LOGGER_FILE);
  group.arrival = at;
  const spans = new Map<string, Span>();
  for (const one of taken) {
    group.builder.add(one.device, metricByName(one.metric)?.code ?? 0, one.time, one.value);
    const span = spans.get(one.device) ?? new Span();
    span.add(one.time);
    spans.set(one.device, span);
  }
  for (const [source, waiting] of Map.groupBy(keptBack, (one) => one.device)) {
    const refusals = refusalsOf(waiting);
    const message = { arrival: at, source, topic: LOGGER_FILE, payload: null };
    group.addQuarantined(refusals.toQuarantined(message));
    group.addRefusalCounts(refusals.tally(message));
  }
  const measured = [...spans].map(([id, { from, to }]): OriginalSubject => ({ id, from, to }));
  // A file of which nothing could be taken is found by its device.
  const subjects = measured.length > 0 ? measured : [{ id: device, from: at, to: at }];
  const door = doorOf({ ...reading, zone: file.zone, device });
  group.addOriginal({
    ...{ arrival: at, source: who.actor.name, door, payload: bytes },
    subjects: [...subjects, { id: `file:${sha256}`, from: at, to: at }],
  });
  return group;
}

function refusalsOf(
  waiting: readonly (DeviceReading & { readonly reason: 'TIME_TOO_OLD' | 'TIME_AHEAD' })[],
): Refusals {
  const refusals = new Refusals();
  for (const { reason, row, metric, time, value } of waiting) {
    const at = new Date(time).toISOString();
    const detail = () =>
      `${metric} of ${at}, row ${row} of a file: ${reason === 'TIME_AHEAD' ? 'ahead of now' : 'more than 400 days ago'}`;
    refusals.add(reason, detail, { time, [metric]: value });
  }
  return refusals;
}
