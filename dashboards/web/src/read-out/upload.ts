import type { LoggerFileAnswerView, Problem } from '../../../api/index.ts';
import { AnswerError, OfflineError } from '../ask.ts';

/** Parts of the form beside the file; empty ones are left out. */
export type Parts = Readonly<Record<string, string>>;

/** The first rows of a file as they stand. */
export interface LooseRows {
  readonly rows: readonly { readonly row: number; readonly cells: readonly string[] }[];
}

/**
 * Sends a file with what it does not say itself. By XMLHttpRequest: `fetch` does not tell how far it has come.
 * @param onProgress percent that has been sent
 */
export function uploadFile<T = LoggerFileAnswerView>(
  path: string,
  file: File,
  parts: Parts,
  onProgress: (percent: number) => void,
): Promise<T> {
  const form = new FormData();
  for (const [name, value] of Object.entries(parts)) if (value.trim() !== '') form.append(name, value);
  // Last: who reads the form knows by then how to read it.
  form.append('file', file, file.name);
  return new Promise<T>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1${path}`);
    request.upload.addEventListener('progress', ({ loaded, total, lengthComputable }) => {
      if (lengthComputable && total > 0) onProgress(Math.round((100 * loaded) / total));
    });
    request.addEventListener('error', () => reject(new OfflineError(new Error('upload'))));
    request.addEventListener('load', () => {
      const isJson = (request.getResponseHeader('content-type') ?? '').includes('json');
      const body: unknown = isJson ? JSON.parse(request.responseText) : null;
      if (request.status >= 200 && request.status < 300) resolve(body as T);
      else reject(new AnswerError(request.status, body as Problem | null));
    });
    request.send(form);
  });
}
