import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { InputError } from '../../domain/index.ts';
import { type Config, loadConfig } from '../config/index.ts';

const CONFIG = { config: { type: 'string' } } as const satisfies ParseArgsOptionsConfig;

/** What follows a command's name: its options, `--config FILE` among them, and its positional words. */
export function readOptions<T extends ParseArgsOptionsConfig>(argv: readonly string[], options: T) {
  return parseArgs({ args: [...argv], options: { ...CONFIG, ...options }, allowPositionals: true, strict: true });
}

/** For a command that takes no words: `--config FILE` and nothing else. @throws {InputError} COMMAND_USAGE */
export function readConfigOption(argv: readonly string[], usage: string): string | undefined {
  const { values, positionals } = readOptions(argv, {});
  if (positionals.length > 0) throw usageError(usage);
  return values.config;
}

/** The configuration in force for this command: defaults, file, environment. */
export function configFor(file: string | undefined): Config {
  return loadConfig({ file, env: process.env, cwd: process.cwd() });
}

/** @throws {InputError} COMMAND_USAGE with the form the command has */
export function usageError(usage: string): InputError {
  return new InputError('COMMAND_USAGE', `usage: isotherm ${usage}`);
}
