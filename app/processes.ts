import { type Family, InputError } from '../domain/index.ts';
import { sharesOf } from '../rules/index.ts';
import { ARCHIVE_CONSUMER, type ExpectedConsumer } from '../storage/index.ts';

/**
 * What `serve --only` can put into processes of their own on one database, by the room that does it. Web and API are in
 * every process: they keep nothing of their own, and `web` alone is a process that has nothing else.
 */
export const PARTS = ['broker', 'ingest', 'trace', 'rules', 'alerts', 'storage', 'web'] as const;
export type Part = (typeof PARTS)[number];

/** Everything in one process, as `serve` does without `--only`. */
export const ALL_PARTS: ReadonlySet<Part> = new Set(PARTS);

/** @param given `broker,ingest` @throws {InputError} PART_UNKNOWN */
export function partsOf(given: string): ReadonlySet<Part> {
  const parts = new Set<Part>();
  for (const name of given.split(',')) {
    const part = PARTS.find((candidate) => candidate === name);
    if (part === undefined) {
      throw new InputError('PART_UNKNOWN', `--only: given "${name}", allowed: ${PARTS.join(', ')}, joined by commas`);
    }
    parts.add(part);
  }
  return parts;
}

/**
 * The consumers that must have a record before it may go, in whichever process they run, and if it is not yet up.
 * @param shares in how many the evaluator's work is divided
 */
export function mandatoryConsumers(shares: number): readonly ExpectedConsumer[] {
  return [
    mandatory('writer', ['readings']),
    mandatory('tracer', ['trace']),
    ...sharesOf(shares).map(({ name }) => evaluatorConsumer(name)),
    mandatory(ARCHIVE_CONSUMER, ['originals']),
  ];
}

/** The evaluator, or a share of it. */
export function evaluatorConsumer(name: string): ExpectedConsumer {
  return mandatory(name, ['readings', 'trace']);
}

function mandatory(name: string, families: readonly Family[]): ExpectedConsumer {
  return { name, families, isMandatory: true };
}
