import { InputError } from '../../domain/index.ts';

/** An element of a segment: its repetitions, each with its components. */
export type Element = readonly (readonly string[])[];

/** A segment of X12 or EDIFACT. Empty elements at its end are left out. */
export interface Segment {
  /** `BSN`, `CPS`. */
  readonly tag: string;
  readonly elements: readonly Element[];
  /** In its file, from 1. */
  readonly number: number;
  readonly line: number;
}

export interface EdiParty {
  readonly id: string;
  /** What kind of id it is, `14` for a GLN; '' where nothing is said. */
  readonly qualifier: string;
}

/** One message of X12 (a transaction set) or EDIFACT, without its envelope. */
export interface EdiMessage {
  /** `856`, `DESADV`. */
  readonly type: string;
  /** `004010`, `D:96A:UN:EAN005`. */
  readonly version: string;
  /** ST02, or 0062 of UNH. */
  readonly control: string;
  readonly segments: readonly Segment[];
  /** With its envelope. */
  readonly segmentCount: number;
}

/** Messages of one kind, or all of an interchange that has no groups: then `control` is ''. */
export interface EdiGroup {
  /** GS01, `SH`; 0038 of UNG. */
  readonly code: string;
  readonly control: string;
  readonly messages: readonly EdiMessage[];
}

export interface EdiInterchange {
  readonly standard: 'x12' | 'edifact';
  readonly sender: EdiParty;
  readonly receiver: EdiParty;
  /** ISA13, or 0020 of UNB. */
  readonly control: string;
  readonly isTest: boolean;
  /** What its decimals are written with. */
  readonly decimal: '.' | ',';
  readonly groups: readonly EdiGroup[];
}

/** More than files of the size that is taken hold in earnest. */
export const MOST_SEGMENTS = 500_000;

/** The first component of an element, from 1; '' where it says nothing. */
export function value({ elements }: Pick<Segment, 'elements'>, element: number, component = 1): string {
  return elements[element - 1]?.[0]?.[component - 1] ?? '';
}

/** @returns EDI_INVALID: where, what was given, what is allowed */
export function ediFault(where: Pick<Segment, 'number' | 'line' | 'tag'>, given: string, allowed: string): InputError {
  const { number, line, tag } = where;
  const message = `line ${line}, segment ${number} (${tag}): ${JSON.stringify(given.slice(0, 60))} given; allowed: ${allowed}`;
  return new InputError('EDI_INVALID', message, { line, segment: number });
}

/** What parts one thing from another is neither a letter nor a digit, and each is another. */
export function checkDelimiters(delimiters: readonly (string | null)[], where: string): void {
  const set = delimiters.filter((one) => one !== null);
  const odd = set.find((one) => one.length !== 1 || /[\p{L}\p{N} ]/u.test(one));
  if (odd !== undefined || new Set(set).size < set.length) {
    const allowed = 'signs that are neither letters, digits nor blanks, each another one';
    throw new InputError(
      'EDI_INVALID',
      `${where}: ${JSON.stringify(set.join(''))} given as separators; allowed: ${allowed}`,
    );
  }
}

/** Without the empty elements at the end, and of each those of its components. */
export function trimmed(elements: readonly Element[]): readonly Element[] {
  const kept = elements.map((element) => {
    const repetitions = element.map((components) =>
      components.slice(
        0,
        lengthOf(components, (one) => one === ''),
      ),
    );
    return repetitions.every(({ length }) => length === 0) ? [] : repetitions;
  });
  return kept.slice(
    0,
    lengthOf(kept, ({ length }) => length === 0),
  );
}

function lengthOf<T>(list: readonly T[], isEmpty: (one: T) => boolean): number {
  return list.findLastIndex((one) => !isEmpty(one)) + 1;
}

/** A number of an envelope; what is none is -1, which nothing counts. */
function count(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : -1;
}

/** @throws {InputError} EDI_INVALID one control number stands twice */
export function requireOnce(messages: readonly EdiMessage[], where: Segment, name: string): void {
  const seen = new Set<string>();
  for (const { control } of messages) {
    if (seen.has(control)) throw ediFault(where, control, `each ${name} once in a group: it stands twice`);
    seen.add(control);
  }
}

/** @throws {InputError} EDI_INVALID a trailer counts something else */
export function requireCount(segment: Segment, element: number, counted: number, what: string): void {
  const given = value(segment, element);
  if (count(given) !== counted) throw ediFault(segment, given, `${counted}, which ${what} come to`);
}

/** @throws {InputError} EDI_INVALID a trailer names another number than its header */
export function requireSame(segment: Segment, element: number, wanted: string, name: string): void {
  const given = value(segment, element);
  if (given !== wanted) throw ediFault(segment, given, `${JSON.stringify(wanted)} as in ${name}`);
}
