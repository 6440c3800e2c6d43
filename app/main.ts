import { ConflictError, InputError, UnavailableError } from '../domain/index.ts';
import { commands } from './commands/index.ts';
import { collectYoungBuffers } from './young-buffers.ts';

/** Commands that run until they are told to stop, whatever becomes of their output. */
const SERVERS = new Set(['serve', 'demo', 'gateway', 'practice']);

/** Exit codes of every command (docs/commands.md). */
const DONE = 0;
const FAILED = 1;
const BAD_INPUT = 2;

/**
 * Runs one command. Results go to stdout, progress and logs to stderr; an expected failure is one line on stderr.
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<number> {
  collectYoungBuffers();
  // Set when app/isotherm.js handed over from an older Node: end when it does.
  if (process.channel !== undefined) process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
  // Nobody reads any more, or nothing more can be written; a server goes on without (app/output.ts).
  const isServer = SERVERS.has(argv[0] ?? '');
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isServer) return;
    if (error.code === 'EPIPE') process.exit(DONE);
    process.exit(fail(`stdout cannot be written (${error.code})`, FAILED));
  });
  process.stderr.on('error', () => {});
  try {
    return await dispatch(argv);
  } catch (error) {
    return report(error);
  }
}

async function dispatch(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(usage());
    return name === undefined ? BAD_INPUT : DONE;
  }
  if (name === '--version' || name === 'version') {
    const { default: manifest } = await import('../package.json', { with: { type: 'json' } });
    process.stdout.write(`${manifest.version}\n`);
    return DONE;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    throw new InputError('COMMAND_UNKNOWN', `unknown command "${name}"; "isotherm help" lists them`);
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(`isotherm ${command.usage}\n  ${command.about}\n`);
    return DONE;
  }
  const { run } = await command.load();
  return run(rest);
}

function usage(): string {
  const width = Math.max(...commands.map((command) => command.usage.length));
  const rows = commands.map((command) => `  isotherm ${command.usage.padEnd(width)}  ${command.about}`);
  return `Isotherm: cold chain and RFID, every alert explained down to the serial\n\n${rows.join('\n')}\n`;
}

function report(error: unknown): number {
  if (error instanceof InputError) return fail(error.message, BAD_INPUT);
  if (error instanceof UnavailableError || error instanceof ConflictError) return fail(error.message, FAILED);
  if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')) {
    // parseArgs goes on with advice that would not help here.
    return fail(error.message.split('. ')[0] ?? error.message, BAD_INPUT);
  }
  // Ours: an invariant broke. The stack is what the report needs.
  process.stderr.write(
    `isotherm: a defect, please report it\n${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return FAILED;
}

function fail(message: string, code: number): number {
  process.stderr.write(`isotherm: ${message.split('\n')[0]}\n`);
  return code;
}
