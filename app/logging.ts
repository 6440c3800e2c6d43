import { pino } from 'pino';
import type { Logger } from '../domain/index.ts';

/** Lines of JSON on stderr: stdout is for results. */
export function createLogger(level: 'debug' | 'info' | 'warn' | 'error'): Logger {
  // Lines are few (chatter is counted, not logged), so each is written at once and none is lost at the end.
  const destination = pino.destination({ fd: 2, sync: true });
  return wrap(pino({ level, timestamp: pino.stdTimeFunctions.isoTime, base: null }, destination));
}

/** pino's methods under the domain's interface: fields first, then the message. */
function wrap(logger: ReturnType<typeof pino>): Logger {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(fields)),
  };
}
