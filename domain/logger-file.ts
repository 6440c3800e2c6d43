import type { Origination } from './audit.ts';
import type { Metric } from './metric.ts';

/** What a file says of its own measurements of one metric, or what they come to. In our unit; absent = not said. */
export interface FileFigures {
  readonly count?: number;
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
  readonly mkt?: number;
}

/** The figures of the temperature, or else of the first metric, with those of others beside them. */
export type FileSummary = FileFigures & { readonly [Other in Metric]?: FileFigures };

export interface SummaryDifference {
  readonly metric: Metric;
  readonly figure: keyof FileFigures;
  readonly theirs: number;
  readonly ours: number;
}

/** What became of a device's, or a probe's, part of a file. */
export interface FileDevice {
  readonly device: string;
  /** Readings taken, of all metrics. */
  readonly taken: number;
  /** Event times of the first and the last of them, RFC 3339; null where there is none. */
  readonly from: string | null;
  readonly to: string | null;
  /** null: the file says nothing of it. */
  readonly theirs: (FileSummary & { readonly alarms?: readonly string[] }) | null;
  /** Of the readings that were taken and are no error codes or impossible steps; null: of none. */
  readonly ours: (FileSummary & { readonly suspect?: number }) | null;
  readonly differences: readonly SummaryDifference[];
}

/** A row of which something was not taken. */
export interface FileRow {
  /** As a person counts it: the line, or the row of the sheet. */
  readonly row: number;
  /** Stable code. */
  readonly reason: string;
  readonly detail: string;
}

/** What was taken of a logger's file, what not and why, and its own summary beside ours. */
export interface LoggerFileAnswer {
  readonly file: {
    readonly sha256: string;
    readonly zone: string;
    readonly name: string;
    /** How it was read: `table`, `Berlinger`, `mapping NAME`. */
    readonly layout: string;
  };
  /** The file had been taken before: nothing was added. */
  readonly repeated: boolean;
  readonly devices: readonly FileDevice[];
  /** The first thousand. */
  readonly refused: readonly FileRow[];
  readonly refusedCount: number;
  /** Readings that wait for a person: too old, or of an hour that occurs twice. */
  readonly waiting: number;
  /** Why, row by row; the first thousand. */
  readonly waits: readonly FileRow[];
  /** Rows that mark a moment and measure nothing. */
  readonly marks: number;
  readonly notes: readonly string[];
}

/** A file as it is handed in. */
export interface LoggerFileUpload {
  readonly bytes: Uint8Array;
  readonly name: string;
  /** IANA zone, UTC or an offset; null is refused with that said. */
  readonly zone: string | null;
  /** null: the serial number in the file. */
  readonly device: string | null;
  readonly shipment: string | null;
  /** As it was given; checked where it is read. */
  readonly mapping: unknown;
  readonly twice: 'first' | 'second' | null;
  readonly who: Origination;
}

/** Where files of loggers are taken in. Implemented by ingest, asked by doors. */
export interface LoggerFiles {
  /** What would be taken; nothing is stored. @throws {InputError} LOGGER_FILE_* */
  look(upload: LoggerFileUpload): Promise<LoggerFileAnswer>;
  /**
   * Durable when it resolves.
   * @throws {InputError} LOGGER_FILE_*
   * @throws {ConflictError} LOGGER_FILE_TAKEN it was taken for the same device in another zone
   * @throws {UnavailableError} LOG_FULL, LOG_UNAVAILABLE
   */
  take(upload: LoggerFileUpload): Promise<LoggerFileAnswer>;
  /** The first rows as they stand, for a person who points at columns. @throws {InputError} LOGGER_FILE_* */
  rows(
    bytes: Uint8Array,
    most: number,
  ): Promise<readonly { readonly row: number; readonly cells: readonly string[] }[]>;
}
