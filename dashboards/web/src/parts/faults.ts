import { AnswerError } from '../ask.ts';

/** What the server said of one field, for beside it; undefined where that is nothing. */
export function faultAt(error: Error | null, path: string): string | undefined {
  const faults = error instanceof AnswerError ? (error.problem?.errors ?? []) : [];
  return faults.find((fault) => fault.path === path || fault.path.startsWith(`${path}.`))?.message;
}

/** The error, unless all of it is said beside one of these fields. */
export function faultElsewhere(error: Error | null, paths: readonly string[]): Error | null {
  const faults = error instanceof AnswerError ? (error.problem?.errors ?? []) : [];
  const isSaid = faults.length > 0 && faults.every(({ path }) => paths.some((one) => isAt(path, one)));
  return isSaid ? null : error;
}

function isAt(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`);
}
