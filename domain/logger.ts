import type { LogLine } from './log-lines.ts';

/** The part of pino's interface the rooms use; `app/` hands in the real one. What it can say stands in LOG_LINES. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: LogLine<'info'>): void;
  warn(fields: object, message: LogLine<'warn'>): void;
  error(fields: object, message: LogLine<'error'>): void;
  child(fields: object): Logger;
}

export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};
