import { InputError } from '../../domain/index.ts';
import {
  checkDelimiters,
  type EdiGroup,
  type EdiInterchange,
  type EdiMessage,
  ediFault,
  MOST_SEGMENTS,
  requireCount,
  requireOnce,
  requireSame,
  type Segment,
  trimmed,
  value,
} from './segment.ts';

export interface X12Delimiters {
  readonly element: string;
  readonly component: string;
  /** From 00402 on; null before. */
  readonly repetition: string | null;
  readonly segment: string;
}

/** Widths of ISA01 to ISA16 (ANSI X12.5): the only segment of fixed width, for what parts the others is read from it. */
const ISA_WIDTHS = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1];

/** ISA to IEA (ANSI X12.5), with what parts its segments. */
export interface X12Interchange extends EdiInterchange {
  readonly standard: 'x12';
  readonly delimiters: X12Delimiters;
}

/**
 * Reads X12: every interchange of a file, its counts and control numbers checked. What parts elements, components and
 * segments is drawn from each ISA.
 * @throws {InputError} EDI_INVALID with line and segment
 */
export function readX12(text: string): readonly X12Interchange[] {
  const cursor = { at: text.startsWith('\uFEFF') ? 1 : 0, line: 1, number: 0 };
  const interchanges: X12Interchange[] = [];
  for (skipBlanks(text, cursor); cursor.at < text.length; skipBlanks(text, cursor)) {
    const delimiters = delimitersAt(text, cursor);
    interchanges.push(interchangeOf(segmentsUntil(text, cursor, delimiters), delimiters));
  }
  if (interchanges.length === 0) throw new InputError('EDI_INVALID', 'line 1: nothing given; allowed: ISA');
  return interchanges;
}

interface Cursor {
  at: number;
  line: number;
  number: number;
}

function skipBlanks(text: string, cursor: Cursor): void {
  while (cursor.at < text.length && /\s/.test(text.charAt(cursor.at))) {
    if (text.charAt(cursor.at) === '\n') cursor.line++;
    cursor.at++;
  }
}

/** Files are wrapped at 80 columns on their way: line ends within ISA are none of it. */
function delimitersAt(text: string, { at, line, number }: Cursor): X12Delimiters {
  const where = { tag: 'ISA', number: number + 1, line };
  if (!text.startsWith('ISA', at)) throw ediFault(where, text.slice(at, at + 20), 'ISA, which begins an interchange');
  let head = '';
  let end = at;
  for (; head.length < 105 && end < text.length; end++) if (!/[\r\n]/.test(text.charAt(end))) head += text.charAt(end);
  const element = head.charAt(3);
  let from = 3;
  for (const [index, width] of ISA_WIDTHS.entries()) {
    const given = head.slice(from + 1, from + 1 + width);
    if (head.charAt(from) !== element || given.length < width || (index < 15 && given.includes(element))) {
      const name = `ISA${String(index + 1).padStart(2, '0')}`;
      throw ediFault(
        where,
        head.slice(from, from + 1 + width),
        `${name} of ${width} characters, filled up with blanks`,
      );
    }
    from += width + 1;
  }
  const eleventh = head.charAt(82);
  // ISA11 parts repetitions from 00402 on; before it names a standard.
  const hasRepetition = head.slice(84, 89) >= '00402' && !/[A-Za-z0-9 ]/.test(eleventh);
  const component = head.charAt(104);
  const segment = text.charAt(end);
  const repetition = hasRepetition ? eleventh : null;
  // A line end is a sign that parts segments, and many use it.
  checkDelimiters([element, component, repetition, segment], `line ${line}, ISA`);
  return { element, component, repetition, segment };
}

/** Segments from ISA to IEA. */
function segmentsUntil(text: string, cursor: Cursor, delimiters: X12Delimiters): readonly Segment[] {
  const segments: Segment[] = [];
  for (;;) {
    skipBlanks(text, cursor);
    const { at, line } = cursor;
    const number = ++cursor.number;
    if (number > MOST_SEGMENTS) throw ediFault({ tag: '', number, line }, '', `at most ${MOST_SEGMENTS} segments`);
    const end = text.indexOf(delimiters.segment, at);
    if (end < 0) {
      const allowed = `${segments.length === 0 ? 'segments' : 'IEA'}, ended by ${JSON.stringify(delimiters.segment)}: it seems cut off`;
      throw ediFault({ tag: text.slice(at, at + 3), number, line }, text.slice(at, at + 20), allowed);
    }
    const raw = text.slice(at, end);
    const segment = segmentOf(raw.replace(/[\r\n]+/g, ''), { number, line }, delimiters);
    segments.push(segment);
    cursor.line += newlinesIn(raw) + (delimiters.segment === '\n' ? 1 : 0);
    cursor.at = end + 1;
    if (segment.tag === 'IEA') return segments;
    if (segment.tag === 'ISA' && segments.length > 1) throw ediFault(segment, 'ISA', 'IEA before the next interchange');
  }
}

function newlinesIn(raw: string): number {
  let lines = 0;
  for (let at = raw.indexOf('\n'); at >= 0; at = raw.indexOf('\n', at + 1)) lines++;
  return lines;
}

function segmentOf(raw: string, where: { number: number; line: number }, delimiters: X12Delimiters): Segment {
  const [tag = '', ...given] = raw.split(delimiters.element);
  if (!/^[A-Z][A-Z0-9]{1,2}$/.test(tag)) throw ediFault({ ...where, tag: '' }, tag, 'a segment, such as BSN');
  // ISA16 and ISA11 hold the signs themselves.
  if (tag === 'ISA') return { ...where, tag, elements: given.map((one) => [[one.trim()]]) };
  const elements = given.map((one) => {
    const repetitions = delimiters.repetition === null ? [one] : one.split(delimiters.repetition);
    return repetitions.map((each) => each.split(delimiters.component));
  });
  return { ...where, tag, elements: trimmed(elements) };
}

function interchangeOf(segments: readonly Segment[], delimiters: X12Delimiters): X12Interchange {
  const [isa, ...rest] = segments as [Segment, ...Segment[]];
  const groups: EdiGroup[] = [];
  let group: { head: Segment; messages: EdiMessage[] } | null = null;
  let message: { head: Segment; segments: Segment[] } | null = null;
  for (const segment of rest) {
    const { tag } = segment;
    if (message !== null) {
      if (['ISA', 'GS', 'ST', 'GE', 'IEA'].includes(tag)) throw ediFault(segment, tag, 'SE before it');
      if (tag !== 'SE') message.segments.push(segment);
      else {
        group?.messages.push(ended(message, segment));
        message = null;
      }
    } else if (tag === 'ST' && group !== null) message = { head: segment, segments: [] };
    else if (tag === 'GS' && group === null) group = { head: segment, messages: [] };
    else if (tag === 'GE' && group !== null) {
      groups.push(endedGroup(group, segment, groups));
      group = null;
    } else if (tag === 'IEA' && group === null) {
      requireCount(segment, 1, groups.length, 'the groups from GS to GE');
      requireSame(segment, 2, value(isa, 13), 'ISA13');
    } else throw ediFault(segment, tag, group === null ? 'GS or IEA' : 'ST or GE');
  }
  return {
    ...{ standard: 'x12', delimiters, groups, decimal: '.' },
    sender: { qualifier: value(isa, 5), id: value(isa, 6) },
    receiver: { qualifier: value(isa, 7), id: value(isa, 8) },
    control: value(isa, 13),
    isTest: value(isa, 15) === 'T',
  };
}

function ended({ head, segments }: { head: Segment; segments: readonly Segment[] }, se: Segment): EdiMessage {
  requireCount(se, 1, segments.length + 2, 'the segments from ST to SE');
  requireSame(se, 2, value(head, 2), 'ST02');
  const version = value(head, 3);
  return { type: value(head, 1), version, control: value(head, 2), segments, segmentCount: segments.length + 2 };
}

function endedGroup(
  { head, messages }: { head: Segment; messages: readonly EdiMessage[] },
  ge: Segment,
  before: readonly EdiGroup[],
): EdiGroup {
  requireCount(ge, 1, messages.length, 'the sets from ST to SE');
  requireSame(ge, 2, value(head, 6), 'GS06');
  const control = value(head, 6);
  requireOnce(messages, ge, 'ST02');
  if (before.some((one) => one.control === control)) throw ediFault(ge, control, 'each GS06 once in an interchange');
  const version = value(head, 8);
  const told = messages.map((message) => (message.version === '' ? { ...message, version } : message));
  return { code: value(head, 1), control, messages: told };
}
