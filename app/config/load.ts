import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { isMap, LineCounter, type ParsedNode, parse, parseDocument } from 'yaml';
import type { z } from 'zod';
import { InputError } from '../../domain/index.ts';
import { type Config, configSchema } from './schema.ts';
import { type Setting, settings } from './settings.ts';

const DEFAULT_FILE = 'isotherm.yaml';
/** Behind the variable of a secret: the file that holds it. */
const FILE_SUFFIX = '_FILE';

export interface ConfigSources {
  /** `--config FILE`; without it `isotherm.yaml` in the working directory where there is one. */
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/**
 * The effective configuration: defaults, then the file, then the environment.
 * @throws {InputError} CONFIG_INVALID one line: the key, what was given and where, what is allowed
 */
export function loadConfig(sources: ConfigSources): Config {
  const file = configFile(sources);
  const tree = file === null ? {} : file.tree;
  const origins = new Map<string, string>();
  for (const setting of settings) {
    const given = inEnvironment(setting, sources);
    if (given === null) continue;
    place(tree, setting.path, fromEnvironment(setting, given.text));
    origins.set(setting.key, given.origin);
  }
  const parsed = configSchema.safeParse(tree);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    if (issue !== undefined) throw refusal(issue, tree, origins, file);
  }
  return configSchema.parse(tree);
}

/** Where data is kept when `data.dir` does not say. */
export function dataDir(config: Config, cwd: string, isRoot: boolean): string {
  return resolve(cwd, config.data.dir ?? (isRoot ? '/var/lib/isotherm' : 'data')).replace(/^~(?=\/)/, homedir());
}

interface ConfigFile {
  readonly name: string;
  readonly tree: Record<string, unknown>;
  lineOf(path: readonly PropertyKey[]): number | null;
}

function configFile(sources: ConfigSources): ConfigFile | null {
  const path = resolve(sources.cwd, sources.file ?? DEFAULT_FILE);
  if (!existsSync(path)) {
    if (sources.file === undefined) return null;
    throw new InputError('CONFIG_INVALID', `${sources.file}: no such file`);
  }
  const name = sources.file ?? DEFAULT_FILE;
  const lines = new LineCounter();
  const document = parseDocument(readText(path, name), { lineCounter: lines });
  const broken = document.errors[0];
  if (broken !== undefined) {
    const line = lines.linePos(broken.pos[0]).line;
    throw new InputError('CONFIG_INVALID', `${name}:${line}: ${broken.message.split('\n')[0]}`);
  }
  if (document.contents !== null && !isMap(document.contents)) {
    throw new InputError('CONFIG_INVALID', `${name}:1: given a ${typeof document.toJS()}, allowed: keys and values`);
  }
  return {
    name,
    tree: (document.toJS() as Record<string, unknown> | null) ?? {},
    lineOf(path) {
      for (let depth = path.length; depth > 0; depth--) {
        const node = document.getIn(path.slice(0, depth), true) as ParsedNode | undefined;
        if (node?.range) return lines.linePos(node.range[0]).line;
      }
      return null;
    },
  };
}

function readText(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new InputError('CONFIG_INVALID', `${name}: cannot be read (${code})`, {}, cause);
  }
}

/**
 * What the environment gives: the value itself, or for a secret the file that holds it (`DATABASE_URL_FILE`), so that it
 * stands in no list of processes, no `docker inspect` and nothing that a child is handed.
 * @throws {InputError} CONFIG_INVALID both are given, or the file cannot be read or is empty
 */
function inEnvironment(
  { key, env, isSecret }: Setting,
  sources: ConfigSources,
): { text: string; origin: string } | null {
  const text = sources.env[env] || null;
  const name = `${env}${FILE_SUFFIX}`;
  const file = isSecret ? sources.env[name] || null : null;
  if (file === null) return text === null ? null : { text, origin: env };
  if (text !== null) {
    throw new InputError('CONFIG_INVALID', `${key}: given ${env} and ${name}, allowed: one of them`);
  }
  // As editors, `echo` and `openssl rand` leave it: one line end is not of the secret.
  const held = readText(resolve(sources.cwd, file), name).replace(/\r?\n$/, '');
  if (held === '')
    throw new InputError('CONFIG_INVALID', `${name}: ${key}: given an empty file, allowed: a file that holds it`);
  return { text: held, origin: name };
}

function fromEnvironment(setting: Setting, given: string): unknown {
  if (setting.form === 'text') return given;
  try {
    return parse(given);
  } catch (cause) {
    throw new InputError(
      'CONFIG_INVALID',
      `${setting.key}: given ${setting.env} that is not YAML or JSON, allowed: ${setting.allowed}`,
      {},
      cause,
    );
  }
}

function place(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let node = tree;
  for (const part of path.slice(0, -1)) {
    const next = node[part];
    if (typeof next === 'object' && next !== null && !Array.isArray(next)) node = next as Record<string, unknown>;
    else {
      const made: Record<string, unknown> = {};
      node[part] = made;
      node = made;
    }
  }
  const last = path.at(-1);
  if (last !== undefined) node[last] = value;
}

function refusal(
  issue: z.core.$ZodIssue,
  tree: Record<string, unknown>,
  origins: ReadonlyMap<string, string>,
  file: ConfigFile | null,
): InputError {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  const key = path.join('.');
  const setting = settings.find((candidate) => key === candidate.key || key.startsWith(`${candidate.key}.`));
  const line = file?.lineOf(path) ?? null;
  const where = origins.get(setting?.key ?? '') ?? (file === null || line === null ? null : `${file.name}:${line}`);
  const given = setting?.isSecret ? 'a value (not shown)' : describe(valueAt(tree, path));
  const allowed =
    issue.code === 'unrecognized_keys' && setting === undefined
      ? `unknown key, allowed: ${nearby(issue.path)}`
      : `given ${given}, allowed: ${setting?.allowed ?? nearby(path)}`;
  return new InputError('CONFIG_INVALID', `${where === null ? '' : `${where}: `}${key}: ${allowed}`);
}

/** The keys one level below a path, for a message about a key that is none of them. */
function nearby(path: readonly PropertyKey[]): string {
  const prefix = path.length === 0 ? '' : `${path.join('.')}.`;
  const inside = settings.filter((setting) => setting.key.startsWith(prefix));
  const names = new Set(inside.map((setting) => setting.key.slice(prefix.length).split('.')[0]));
  return names.size > 0 ? [...names].join(', ') : 'keys and values';
}

function valueAt(tree: unknown, path: readonly PropertyKey[]): unknown {
  let node = tree;
  for (const part of path) {
    if (typeof node !== 'object' || node === null) return undefined;
    node = (node as Record<PropertyKey, unknown>)[part];
  }
  return node;
}

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
