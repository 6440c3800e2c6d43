import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { InputError } from './errors.ts';

export type YamlPath = readonly (string | number)[];

/** Larger files are refused unread. */
export const YAML_LIMIT_BYTES = 1_048_576;
/** Nodes that aliases may expand to; the `yaml` package stops there. */
const MOST_ALIASES = 100;
/** More than any rule, test or context needs. */
const MOST_LEVELS = 100;

/**
 * A YAML file as a plain value that can say on which line each part of it stands, and that collects what is wrong with
 * it: `file:line: key: given, allowed`.
 */
export class YamlFile {
  readonly #file: string;
  readonly #code: string;
  readonly #lines = new LineCounter();
  readonly #document: Document;
  readonly #problems: { readonly line: number; readonly text: string }[] = [];
  readonly value: unknown;

  /**
   * @param code of the error that a bad file becomes
   * @throws {InputError} with that code on more than 1 MiB, broken YAML, repeated keys, unknown tags and aliases that
   * expand beyond reason or never end
   */
  constructor(text: string, file: string, code: string) {
    this.#file = file;
    this.#code = code;
    const bytes = Buffer.byteLength(text);
    if (bytes > YAML_LIMIT_BYTES) this.#refuse(1, `${bytes} bytes given, allowed: at most ${YAML_LIMIT_BYTES}`);
    this.#document = this.#parse(text);
    for (const { pos, message } of [...this.#document.errors, ...this.#document.warnings]) {
      // The parser calls itself for each level, and reports as an error in the text that this has an end.
      if (message.includes('call stack')) this.#refuseDepth();
      this.#refuse(this.#lineAt(pos[0]), `not YAML: ${message}`);
    }
    this.value = this.#plain();
    if (isDeeperThan(this.value, MOST_LEVELS)) this.#refuseDepth();
    if (isWithinItself(this.value)) this.#refuse(1, 'YAML aliases: one stands within what it names, allowed: a tree');
  }

  /** Notes that what stands at `path` is wrong: what was given, then what is allowed. */
  report(path: YamlPath, allowed: string): void {
    const name = nameOf(path);
    const given = show(valueAt(this.value, path));
    this.#problems.push({
      line: this.lineOf(path),
      text: `${name}${name === '' ? '' : ': '}${given}, allowed: ${allowed}`,
    });
  }

  reportUnknownKey(path: YamlPath, allowed: string): void {
    this.#problems.push({ line: this.lineOf(path), text: `${nameOf(path)}: unknown key, allowed: ${allowed}` });
  }

  /** Notes what a schema found at `base`; its messages say what is allowed. */
  reportIssues(issues: readonly z.core.$ZodIssue[], base: YamlPath, keysAllowed: string): void {
    for (const issue of issues) {
      const path = [...base, ...issue.path.filter((step) => typeof step !== 'symbol')];
      if (issue.code === 'unrecognized_keys') {
        for (const key of issue.keys) this.reportUnknownKey([...path, key], keysAllowed);
      } else this.report(path, issue.message);
    }
  }

  /** @throws {InputError} if anything was noted: the first in the file as message, all in `details.problems` */
  throwIfBad(): void {
    if (this.#problems.length === 0) return;
    const inOrder = this.#problems.toSorted((a, b) => a.line - b.line);
    const problems = inOrder.map(({ line, text }) => this.#located(line, text));
    throw new InputError(this.#code, problems[0] ?? this.#file, { file: this.#file, problems });
  }

  /** 1-based line of the key at `path`, of the value where it has no key, or of the nearest thing around it. */
  lineOf(path: YamlPath): number {
    for (let length = path.length; length > 0; length--) {
      const offset = this.#offsetAt(path.slice(0, length));
      if (offset !== null) return this.#lineAt(offset);
    }
    return 1;
  }

  #parse(text: string): Document {
    try {
      return parseDocument(text, { lineCounter: this.#lines, uniqueKeys: true, prettyErrors: false });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return this.#refuseDepth();
    }
  }

  #refuseDepth(): never {
    return this.#refuse(1, `YAML nested too deep, allowed: at most ${MOST_LEVELS} levels`);
  }

  #plain(): unknown {
    try {
      return this.#document.toJS({ maxAliasCount: MOST_ALIASES });
    } catch (error) {
      if (error instanceof RangeError) return this.#refuseDepth();
      if (!(error instanceof ReferenceError)) throw error;
      return this.#refuse(1, `YAML aliases: ${error.message}, allowed: at most ${MOST_ALIASES} nodes`);
    }
  }

  #offsetAt(path: YamlPath): number | null {
    const parent = path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true);
    if (isMap(parent)) {
      for (const { key } of parent.items) {
        if (isNode(key) && String(key) === String(path.at(-1)) && key.range) return key.range[0];
      }
    }
    const node = this.#document.getIn(path, true);
    return isNode(node) && node.range ? node.range[0] : null;
  }

  #lineAt(offset: number): number {
    return this.#lines.linePos(offset).line || 1;
  }

  #located(line: number, text: string): string {
    return `${this.#file}:${line}: ${text}`;
  }

  #refuse(line: number, text: string): never {
    const problem = this.#located(line, text);
    throw new InputError(this.#code, problem, { file: this.#file, problems: [problem] });
  }
}

/** A YAML map. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value has more levels than that, found level by level: a deep one would end the call stack. */
function isDeeperThan(value: unknown, most: number): boolean {
  let level: unknown[] = [value];
  const seen = new Set<unknown>();
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > most) return true;
    level = level.flatMap((each) => {
      // What an alias repeats is as deep the first time; what stands within itself is told of by itself.
      if (typeof each !== 'object' || each === null || seen.has(each)) return [];
      seen.add(each);
      return Object.values(each);
    });
  }
  return false;
}

function isWithinItself(value: unknown, around: ReadonlySet<unknown> = new Set()): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (around.has(value)) return true;
  const inside = new Set(around).add(value);
  return Object.values(value).some((each) => isWithinItself(each, inside));
}

/** `rules[2].for`. */
function nameOf(path: YamlPath): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('');
}

function valueAt(value: unknown, path: YamlPath): unknown {
  let at = value;
  for (const step of path) at = isMapping(at) || Array.isArray(at) ? Reflect.get(at, step) : undefined;
  return at;
}

/** What was given, short enough for one line. */
function show(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
