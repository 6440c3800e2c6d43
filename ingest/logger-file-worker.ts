import { parentPort, workerData } from 'node:worker_threads';
import { looseRows, readLoggerFile } from '../codecs/logger-files/index.ts';
import { InputError } from '../domain/index.ts';
import type { WorkerAnswer, WorkerTask } from './logger-file-reader.ts';

/** The thread of {@link LoggerFileThread}: reads one file, answers, and ends. */
async function answer(task: WorkerTask): Promise<WorkerAnswer> {
  try {
    return { read: await (task.kind === 'read' ? readLoggerFile(task.question) : looseRows(task.bytes, task.most)) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { refused: { code: error.code, message: error.message } };
  }
}

parentPort?.postMessage(await answer(workerData as WorkerTask));
