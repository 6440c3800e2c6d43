import type { Problem } from '../../api/index.ts';

/** An answer that was an error: the server's own words about it. */
export class AnswerError extends Error {
  readonly status: number;
  readonly problem: Problem | null;

  constructor(status: number, problem: Problem | null) {
    super(problem?.detail ?? problem?.title ?? `The server answered ${status}`);
    this.name = 'AnswerError';
    this.status = status;
    this.problem = problem;
  }
}

/** The server could not be reached at all. */
export class OfflineError extends Error {
  constructor(cause: unknown) {
    super('The server cannot be reached', { cause });
    this.name = 'OfflineError';
  }
}

/** Whether nothing is there: it ended, was withdrawn, or never was. It is not asked for again. */
export function isNowhere(error: Error | null): boolean {
  return error instanceof AnswerError && error.status === 404;
}

export type Query = Readonly<Record<string, string | number | null | undefined>>;

/** GET under /api/v1; empty query values are left out. */
export function ask<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  const parts = Object.entries(query).flatMap(([name, value]) =>
    value === null || value === undefined || value === '' ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  const search = parts.length === 0 ? '' : `?${parts.join('&')}`;
  return answerOf<T>(`/api/v1${path}${search}`, { ...(signal === undefined ? {} : { signal }) });
}

export function send<T>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  return answerOf<T>(`/api/v1${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Sends JSON that arrives although the page is left at once: a choice that was shown as made. */
export function sendKept<T>(method: 'POST' | 'PUT', path: string, body: unknown): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  return answerOf<T>(`/api/v1${path}`, { method, headers, body: JSON.stringify(body), keepalive: true });
}

/** Sends text as it stands: a rule as somebody wrote it, a table. */
export function sendText<T>(
  method: 'POST' | 'PUT',
  path: string,
  text: string,
  type: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  return answerOf<T>(`/api/v1${path}`, { method, body: text, headers: { ...headers, 'content-type': type } });
}

/** Sends a file as it is, under its own media type. */
export function sendFile<T>(path: string, file: Blob): Promise<T> {
  return answerOf<T>(`/api/v1${path}`, { method: 'POST', body: file, headers: { 'content-type': file.type } });
}

/** Sends a form with a file in it. */
export function sendForm<T>(path: string, form: FormData): Promise<T> {
  return answerOf<T>(`/api/v1${path}`, { method: 'POST', body: form });
}

/** Captures an EPCIS document, JSON-LD or XML, which has an address of its own. */
export function capture<T>(document: string): Promise<T> {
  const type = document.trimStart().startsWith('<') ? 'application/xml' : 'application/ld+json';
  return answerOf<T>('/epcis/v2/capture', { method: 'POST', body: document, headers: { 'content-type': type } });
}

/** Sends JSON and hands on each line of the answer as it comes; ends when `signal` aborts. */
export async function sendForLines<T>(
  path: string,
  body: unknown,
  onLine: (line: T) => void,
  signal: AbortSignal,
): Promise<void> {
  const headers = { 'content-type': 'application/json', accept: 'application/x-ndjson' };
  const response = await answered(`/api/v1${path}`, { method: 'POST', body: JSON.stringify(body), headers, signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const chunk = await reader?.read();
    if (chunk === undefined || chunk.done) return;
    const lines = (rest + chunk.value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(JSON.parse(line) as T);
  }
}

/** GET of a file by its whole address. @returns an object URL, to be revoked by who asked */
export async function askForFile(address: string, signal: AbortSignal): Promise<string> {
  return URL.createObjectURL(await (await answered(address, { signal })).blob());
}

/** An id as one path segment. */
export function segment(id: string): string {
  return encodeURIComponent(id);
}

async function answerOf<T>(url: string, init: RequestInit): Promise<T> {
  const response = await answered(url, init);
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

async function answered(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { credentials: 'same-origin', ...init }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new OfflineError(error);
  });
  if (!response.ok) throw new AnswerError(response.status, await problemOf(response));
  return response;
}

async function problemOf(response: Response): Promise<Problem | null> {
  if (!(response.headers.get('content-type') ?? '').includes('json')) return null;
  return (await response.json()) as Problem;
}
