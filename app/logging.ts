import { channel } from 'node:diagnostics_channel';
import { pino } from 'pino';
import { DefectError, IsothermError, type Logger } from '../domain/index.ts';
import type { Output } from './output.ts';

/**
 * Lines of JSON on stderr: stdout is for results. Lines are few (chatter is counted, not logged), so each is written at
 * once and none is lost at the end. One that cannot be written is counted and does not end the process.
 */
export function createLogger(level: 'debug' | 'info' | 'warn' | 'error', output: Output): Logger {
  return wrap(pino({ level, timestamp: pino.stdTimeFunctions.isoTime, base: null, serializers }, output));
}

/** pino by itself writes of an Error under any key but `err` its own fields alone: neither message nor stack. */
const serializers = { error: errorFields, err: errorFields };

/** What was expected to go wrong now and then says what; what was not says where as well. */
function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const isExpected = error instanceof IsothermError && !(error instanceof DefectError);
  const code = 'code' in error ? { code: error.code } : {};
  const cause =
    error.cause instanceof Error && !error.message.includes(error.cause.message) ? error.cause.message : null;
  return {
    ...code,
    message: error.message,
    ...(cause === null ? {} : { cause }),
    ...(isExpected ? {} : { stack: error.stack }),
  };
}

/**
 * Where a program that runs Isotherm in its own process hears every line of the log: `{level, message, fields}`, published
 * whatever level is written.
 */
const LINES = channel('isotherm.log');

/** pino's methods under the domain's interface: fields first, then the message. */
function wrap(logger: ReturnType<typeof pino>): Logger {
  const write = (level: 'debug' | 'info' | 'warn' | 'error', fields: object, message: string) => {
    logger[level](fields, message);
    if (LINES.hasSubscribers) LINES.publish({ level, message, fields: { ...logger.bindings(), ...fields } });
  };
  return {
    debug: (fields, message) => write('debug', fields, message),
    info: (fields, message) => write('info', fields, message),
    warn: (fields, message) => write('warn', fields, message),
    error: (fields, message) => write('error', fields, message),
    child: (fields) => wrap(logger.child(fields)),
  };
}
