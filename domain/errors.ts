/**
 * The error tree, split by whose fault it is. Every error carries a stable `code` that the documentation lists;
 * boundaries turn the class into an HTTP status or an exit code, never the text.
 */
export abstract class IsothermError extends Error {
  /** Stable, upper snake case: `RULE_LIMITS_CONTRADICT`. */
  readonly code: string;
  /** Ids and values an operator would search for. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, details: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.details = details;
  }
}

/** Theirs: what is wrong, where, and what is allowed, in one line. Becomes 4xx or exit 2. */
export class InputError extends IsothermError {}

/** A part is away; the same request may succeed later. Becomes 503 or exit 1. */
export class UnavailableError extends IsothermError {}

/** Someone was first; `details` carries the current state. Becomes 409 or exit 1. */
export class ConflictError extends IsothermError {}

/** Ours: an invariant broke. Crash loudly; the log keeps what matters. */
export class DefectError extends IsothermError {}
