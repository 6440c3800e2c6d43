import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import {
  type LoggerFile,
  type LoggerFileQuestion,
  looseRows,
  type Row,
  readLoggerFile,
} from '../codecs/logger-files/index.ts';
import { InputError, type TimeSource } from '../domain/index.ts';

/** Reads files of loggers. */
export interface LoggerFileReader {
  /** @throws {InputError} LOGGER_FILE_* */
  read(question: LoggerFileQuestion): Promise<LoggerFile>;
  /** @throws {InputError} LOGGER_FILE_* */
  rows(bytes: Uint8Array, most: number): Promise<readonly Row[]>;
}

/** In this thread: for a command that has nothing else to do, and for tests. */
export const readerHere: LoggerFileReader = { read: readLoggerFile, rows: looseRows };

/** What one file may cost. */
const WITHIN_MS = 60_000;
const HEAP_MIB = 768;

/** What is asked of the worker (logger-file-worker.ts). */
export type WorkerTask =
  | { readonly kind: 'read'; readonly question: LoggerFileQuestion }
  | { readonly kind: 'rows'; readonly bytes: Uint8Array; readonly most: number };

/** And what it answers: what it read, or why it did not. */
export type WorkerAnswer =
  | { readonly read: unknown }
  | { readonly refused: { readonly code: string; readonly message: string } };

const refusal = z.object({ refused: z.object({ code: z.string(), message: z.string() }) });

/**
 * In a thread of its own, with a bound on time and memory: a file of sixteen megabytes takes seconds, in which the server
 * goes on, and one that was made to harm harms only its own thread.
 */
export class LoggerFileThread implements LoggerFileReader {
  readonly #time: TimeSource;

  constructor({ time }: { readonly time: TimeSource }) {
    this.#time = time;
  }

  async read(question: LoggerFileQuestion): Promise<LoggerFile> {
    return (await this.#run({ kind: 'read', question })) as LoggerFile;
  }

  async rows(bytes: Uint8Array, most: number): Promise<readonly Row[]> {
    return (await this.#run({ kind: 'rows', bytes, most })) as readonly Row[];
  }

  #run(task: WorkerTask): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./logger-file-worker.ts', import.meta.url), {
        ...{ workerData: task, resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB } },
      });
      const tooMuch = (what: string) =>
        new InputError('LOGGER_FILE_TOO_LARGE', `the file takes ${what} to read: split it, or export it as CSV`);
      const timer = this.#time.after('logger file', WITHIN_MS, () => {
        reject(tooMuch('more than a minute'));
        void worker.terminate();
      });
      worker.once('message', (answer: WorkerAnswer) => {
        const refused = refusal.safeParse(answer);
        if (refused.success) reject(new InputError(refused.data.refused.code, refused.data.refused.message));
        else resolve('read' in answer ? answer.read : null);
      });
      worker.once('error', (error: Error & { code?: string }) => {
        reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch('too much memory') : error);
      });
      worker.once('exit', () => {
        timer.cancel();
        reject(new Error('the thread that reads files of loggers ended without an answer'));
      });
    });
  }
}
