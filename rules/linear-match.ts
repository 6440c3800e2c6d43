import { RE2JS, RE2JSException } from '@bufbuild/re2';
import { InputError } from '../domain/index.ts';

/** Patterns of one expression that are kept: those written in it are few, those made of what a device says need not be. */
const MOST_KEPT = 100;

/**
 * CEL's `matches`: whether some part of a text matches, in time that grows with the length of the text times that of the
 * pattern, whatever the pattern is. CEL's specification names RE2; JavaScript's own expressions take exponential time for
 * `^(a|a)*$`.
 */
export class LinearMatches {
  readonly #patterns = new Map<string, RE2JS>();

  /** @throws {InputError} RULE_CEL_BAD for what is no RE2 pattern (look-around and back references are none) */
  matches(text: string, pattern: string): boolean {
    return this.pattern(pattern).test(text);
  }

  /** @throws {InputError} RULE_CEL_BAD */
  pattern(pattern: string): RE2JS {
    const known = this.#patterns.get(pattern);
    if (known !== undefined) return known;
    try {
      const compiled = RE2JS.compile(pattern);
      if (this.#patterns.size >= MOST_KEPT) this.#patterns.clear();
      this.#patterns.set(pattern, compiled);
      return compiled;
    } catch (error) {
      if (!(error instanceof RE2JSException)) throw error;
      throw new InputError('RULE_CEL_BAD', `matches: ${error.message}, allowed: RE2`, { pattern }, error);
    }
  }
}
