import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** A process of its own: the log goes to the file descriptor of stderr. */
function logged(statement: string): Record<string, unknown>[] {
  const program = `
    import { createLogger } from '${join(import.meta.dirname, 'logging.ts')}';
    import { DefectError, UnavailableError } from '${join(import.meta.dirname, '../domain/index.ts')}';
    const logger = createLogger('info').child({ room: 'log' });
    ${statement}`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    encoding: 'utf8',
  });
  return stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

// The lines of a database that went away said {"code":"DATABASE_UNAVAILABLE","details":{}} and not what had happened.
test('an error that is logged says what went wrong; where, only if nobody expected it', () => {
  const [away, defect, ...more] = logged(`
    logger.warn({ error: new UnavailableError('DATABASE_UNAVAILABLE', 'the database is away', {}, new Error('ECONNREFUSED')) }, 'one');
    logger.error({ err: new DefectError('METRIC_REDECLARED', 'two kinds') }, 'two');
  `);
  expect(away).toEqual({
    ...{ level: 40, time: expect.any(String), room: 'log', msg: 'one' },
    error: { code: 'DATABASE_UNAVAILABLE', message: 'the database is away', cause: 'ECONNREFUSED' },
  });
  expect(defect).toMatchObject({ err: { message: 'two kinds', stack: expect.stringContaining('at ') } });
  expect(more).toEqual([]);
});
