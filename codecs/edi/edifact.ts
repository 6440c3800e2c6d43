import { InputError } from '../../domain/index.ts';
import {
  checkDelimiters,
  type EdiGroup,
  type EdiInterchange,
  type EdiMessage,
  type EdiParty,
  ediFault,
  MOST_SEGMENTS,
  requireCount,
  requireOnce,
  requireSame,
  type Segment,
  trimmed,
  value,
} from './segment.ts';

export interface EdifactSigns {
  readonly component: string;
  readonly element: string;
  readonly decimal: '.' | ',';
  /** null: nothing is released. */
  readonly release: string | null;
  /** Syntax 4 only. */
  readonly repetition: string | null;
  readonly terminator: string;
}

/** Without UNA (ISO 9735-1, 8.2). */
export const USUAL_SIGNS: EdifactSigns = {
  ...{ component: ':', element: '+', decimal: '.', release: '?', repetition: null, terminator: "'" },
};

/** UNB to UNZ (ISO 9735), with its signs. */
export interface EdifactInterchange extends EdiInterchange {
  readonly standard: 'edifact';
  readonly signs: EdifactSigns;
}

/**
 * Reads EDIFACT: every interchange of a file, its signs drawn from UNA, its counts and references checked.
 * @throws {InputError} EDI_INVALID with line and segment
 */
export function readEdifact(text: string): readonly EdifactInterchange[] {
  const reader = new Reader(text);
  const interchanges: EdifactInterchange[] = [];
  while (!reader.isAtEnd()) interchanges.push(interchangeOf(reader));
  if (interchanges.length === 0) throw new InputError('EDI_INVALID', 'line 1: nothing given; allowed: UNA or UNB');
  return interchanges;
}

/** Walks over a text, a segment a time. */
class Reader {
  readonly #text: string;
  #at: number;
  #line = 1;
  #number = 0;
  signs: EdifactSigns = USUAL_SIGNS;

  constructor(text: string) {
    this.#text = text;
    this.#at = text.startsWith('\uFEFF') ? 1 : 0;
  }

  isAtEnd(): boolean {
    while (this.#at < this.#text.length && /\s/.test(this.#text.charAt(this.#at))) this.#step();
    return this.#at >= this.#text.length;
  }

  /** Signs of the interchange that begins here. */
  begin(): void {
    const una = this.#text.slice(this.#at, this.#at + 9);
    const given = una.startsWith('UNA') ? una.slice(3) : ":+.? '";
    const [component = '', element = '', decimal = '', release = '', repetition = '', terminator = ''] = given;
    // Which decimal mark a message was written with is told by its numbers too: either is read (ISO 9735-1, 8.2).
    this.signs = {
      ...{ component, element, terminator, decimal: decimal === ',' ? ',' : '.' },
      release: release === ' ' ? null : release,
      repetition: repetition === ' ' || repetition === '' ? null : repetition,
    };
    const { decimal: _, ...parting } = this.signs;
    checkDelimiters(Object.values(parting), `line ${this.#line}, UNA`);
    if (una.startsWith('UNA')) this.#at += 9;
    this.isAtEnd();
    const unb = this.#text.slice(this.#at + 3, this.#at + 20).split(/[^A-Z0-9]/);
    const isFourth = unb.includes('4');
    if (isFourth && this.signs.repetition === null && !una.startsWith('UNA')) {
      this.signs = { ...this.signs, repetition: '*' };
    } else if (!isFourth) this.signs = { ...this.signs, repetition: null };
  }

  /** @throws {InputError} EDI_INVALID where the text ends within it */
  next(): Segment {
    this.isAtEnd();
    const line = this.#line;
    const number = ++this.#number;
    const start = this.#at;
    if (number > MOST_SEGMENTS) throw ediFault({ tag: '', number, line }, '', `at most ${MOST_SEGMENTS} segments`);
    const elements: string[][][] = [[['']]];
    for (;;) {
      if (this.#at >= this.#text.length) {
        const given = this.#text.slice(start, start + 20);
        const allowed = `a segment ended by ${JSON.stringify(this.signs.terminator)}, and UNZ at last: it seems cut off`;
        throw ediFault({ tag: given.slice(0, 3), number, line }, given, allowed);
      }
      const sign = this.#step();
      const { component, element, release, repetition, terminator } = this.signs;
      if (sign === terminator) break;
      if (sign === element) elements.push([['']]);
      else if (sign === component) elements.at(-1)?.at(-1)?.push('');
      else if (sign === repetition) elements.at(-1)?.push(['']);
      else if (sign === release) append(elements, this.#at < this.#text.length ? this.#step() : '');
      // Files are wrapped at 80 columns on their way (ISO 9735-1 has no line ends within data).
      else if (sign !== '\n' && sign !== '\r') append(elements, sign);
    }
    const [[[tag = ''] = []] = [], ...given] = elements;
    if (!/^[A-Z][A-Z0-9]{2}$/.test(tag)) throw ediFault({ tag: '', number, line }, tag, 'a segment, such as BGM');
    return { tag, elements: trimmed(given), number, line };
  }

  #step(): string {
    const sign = this.#text.charAt(this.#at++);
    if (sign === '\n') this.#line++;
    return sign;
  }
}

function append(elements: string[][][], sign: string): void {
  const components = elements.at(-1)?.at(-1);
  if (components !== undefined) components[components.length - 1] += sign;
}

function interchangeOf(reader: Reader): EdifactInterchange {
  reader.begin();
  const unb = reader.next();
  if (unb.tag !== 'UNB') throw ediFault(unb, unb.tag, 'UNB, which begins an interchange');
  const { signs } = reader;
  const groups: EdiGroup[] = [];
  const loose: EdiMessage[] = [];
  let group: { head: Segment; messages: EdiMessage[] } | null = null;
  for (;;) {
    const segment = reader.next();
    const { tag } = segment;
    if (tag === 'UNH') (group?.messages ?? loose).push(messageOf(reader, segment));
    else if (tag === 'UNG' && group === null && loose.length === 0) group = { head: segment, messages: [] };
    else if (tag === 'UNE' && group !== null) {
      groups.push(endedGroup(group, segment));
      group = null;
    } else if (tag === 'UNZ' && group === null) {
      const counted = groups.length > 0 ? groups.length : loose.length;
      requireCount(segment, 1, counted, groups.length > 0 ? 'the groups' : 'the messages from UNH to UNT');
      requireSame(segment, 2, value(unb, 5), '0020 of UNB');
      requireOnce(loose, segment, '0062 of UNH');
      break;
    } else throw ediFault(segment, tag, group === null ? 'UNH, UNG or UNZ' : 'UNH or UNE');
  }
  return {
    ...{ standard: 'edifact', signs, decimal: signs.decimal },
    sender: partyIn(unb, 2),
    receiver: partyIn(unb, 3),
    control: value(unb, 5),
    isTest: value(unb, 11) === '1',
    groups: groups.length > 0 ? groups : [{ code: '', control: '', messages: loose }],
  };
}

function messageOf(reader: Reader, unh: Segment): EdiMessage {
  const segments: Segment[] = [];
  for (;;) {
    const segment = reader.next();
    if (segment.tag !== 'UNT') {
      if (['UNB', 'UNH', 'UNE', 'UNZ', 'UNG'].includes(segment.tag))
        throw ediFault(segment, segment.tag, 'UNT before it');
      segments.push(segment);
      continue;
    }
    requireCount(segment, 1, segments.length + 2, 'the segments from UNH to UNT');
    requireSame(segment, 2, value(unh, 1), '0062 of UNH');
    const [type = '', ...version] = unh.elements[1]?.[0] ?? [];
    const told = version.join(':');
    return { type, version: told, control: value(unh, 1), segments, segmentCount: segments.length + 2 };
  }
}

function endedGroup({ head, messages }: { head: Segment; messages: readonly EdiMessage[] }, une: Segment): EdiGroup {
  requireCount(une, 1, messages.length, 'the messages from UNH to UNT');
  requireSame(une, 2, value(head, 5), '0048 of UNG');
  requireOnce(messages, une, '0062 of UNH');
  return { code: value(head, 1), control: value(head, 5), messages };
}

function partyIn(segment: Segment, element: number): EdiParty {
  return { id: value(segment, element, 1), qualifier: value(segment, element, 2) };
}
