import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** A process of its own: the log goes to the file descriptor of stderr. */
function logged(statement: string): Record<string, unknown>[] {
  const program = `
    import { createLogger } from '${join(import.meta.dirname, 'logging.ts')}';
    import { Output } from '${join(import.meta.dirname, 'output.ts')}';
    import { DefectError, UnavailableError } from '${join(import.meta.dirname, '../domain/index.ts')}';
    const logger = createLogger('info', new Output()).child({ room: 'log' });
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

/*
 * `serve 2>/dev/full` ended with exit code 1, and so did a server whose disk ran full with its log on it.
 */
test.each([
  ['a full disk', '/dev/full'],
  ['nothing in its way', '/dev/null'],
])('a process goes on, and counts the lines that could not be written: %s', (_what, stderr) => {
  const program = `
    import { createLogger } from '${join(import.meta.dirname, 'logging.ts')}';
    import { Output } from '${join(import.meta.dirname, 'output.ts')}';
    const output = new Output();
    output.guard();
    const logger = createLogger('info', output);
    for (let i = 0; i < 3; i++) logger.info({}, 'line');
    process.stderr.write('a line of progress');
    let lost = 0;
    output.countInto({ add: (amount = 1) => { lost += amount; } });
    setTimeout(() => process.stdout.write(String(lost)), 100);`;
  const file = openSync(stderr, 'w');
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    stdio: ['ignore', 'pipe', file],
    encoding: 'utf8',
  });
  closeSync(file);
  expect([status, stdout]).toEqual([0, stderr === '/dev/full' ? '4' : '0']);
});

test('a pipe that nobody reads holds a process up for a moment only, and lines are counted once it is full', () => {
  const program = `
    import { spawn } from 'node:child_process';
    const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', \`
      import { createLogger } from '${join(import.meta.dirname, 'logging.ts')}';
      import { Output } from '${join(import.meta.dirname, 'output.ts')}';
      const output = new Output();
      output.guard();
      process.stderr.writableLength;
      const logger = createLogger('info', output);
      for (let i = 0; i < 5000; i++) logger.info({ i }, 'a line of some eighty characters that fills a pipe of 64 KiB soon');
      let lost = 0;
      output.countInto({ add: (amount = 1) => { lost += amount; } });
      process.stdout.write(String(lost));
    \`], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stderr.pause();
    let text = '';
    child.stdout.on('data', (data) => { text += data; });
    child.on('exit', (code) => { process.stdout.write(JSON.stringify({ code, lost: Number(text) > 0 })); process.exit(); });`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(JSON.parse(stdout)).toEqual({ code: 0, lost: true });
});

test('whoever listens on isotherm.log in the process hears each line, with the fields around it', () => {
  const [line, heard] = logged(`
    const { subscribe } = await import('node:diagnostics_channel');
    subscribe('isotherm.log', ({ level, message, fields }) => {
      if (level === 'warn') logger.info({ level, message, fields }, 'heard');
    });
    logger.warn({ reader: 'dock-1' }, 'reader is away; trying again');
  `);
  expect(line).toMatchObject({ level: 40, reader: 'dock-1', msg: 'reader is away; trying again' });
  expect(heard).toMatchObject({
    ...{ level: 'warn', message: 'reader is away; trying again' },
    fields: { room: 'log', reader: 'dock-1' },
  });
});
