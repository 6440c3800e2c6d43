import type { z } from 'zod';
import type { Operation } from '../api/index.ts';

/** What a handler gives back: one of the answers its operation declares. */
export type Answer<O extends Operation> =
  | { [Status in keyof O['answers'] & number]: AnswerWith<Status, O['answers'][Status]> }[keyof O['answers'] & number]
  | typeof SENT;

interface AnswerWith<Status extends number, Schema> {
  readonly status: Status;
  readonly body: Schema extends z.ZodType ? Sendable<z.output<Schema>> : null;
  /** Where what was made, or will be, is found. */
  readonly location?: string;
}

/** What is only sent may be readonly. */
type Sendable<T> = T extends readonly (infer Item)[]
  ? readonly Sendable<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Sendable<T[Key]> }
    : T;

/** The handler has written the answer itself: a file, or lines as they come. */
export const SENT = Symbol('sent');

export function ok<Body>(body: Body) {
  return { status: 200, body } as const;
}

/** Created, and applied. */
export function created<Body>(body: Body, location?: string) {
  return { status: 201, body, ...(location === undefined ? {} : { location }) } as const;
}

/** Durable, not yet applied. */
export function accepted(location: string) {
  return acceptedWith(null, location);
}

export function acceptedWith<Body>(body: Body, location?: string) {
  return { status: 202, body, ...(location === undefined ? {} : { location }) } as const;
}

/** Done, and there is nothing to show. */
export const DONE = { status: 204, body: null } as const;
