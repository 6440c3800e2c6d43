import { InputError } from '../../domain/index.ts';
import type { EdiMessage, EdiParty, Segment } from './segment.ts';
import type { X12Delimiters, X12Interchange } from './x12.ts';

const USUAL: X12Delimiters = { element: '*', component: '>', repetition: '^', segment: '~' };

/** A segment that is to be written. */
export type NewSegment = Pick<Segment, 'tag' | 'elements'>;

/** A segment of plain elements. */
export function plain(tag: string, ...elements: readonly string[]): NewSegment {
  return { tag, elements: elements.map((one) => [[one]]) };
}

export interface NewX12 {
  readonly sender: EdiParty;
  readonly receiver: EdiParty;
  /** Up to 9 digits, another with each interchange to this receiver. */
  readonly control: number;
  readonly isTest: boolean;
  /** Epoch ms UTC. */
  readonly at: number;
  readonly group: {
    /** GS01. */
    readonly code: string;
    /** GS08, such as `004010`. */
    readonly version: string;
    readonly messages: readonly (Pick<EdiMessage, 'type'> & { readonly segments: readonly NewSegment[] })[];
  };
}

/**
 * Writes one interchange of X12 (ANSI X12.5, X12.6), a segment a line.
 * @throws {InputError} EDI_CANNOT_SAY where a text holds a sign that parts: X12 has no way to release it
 */
export function writeX12(given: NewX12, delimiters: X12Delimiters = USUAL): string {
  const { sender, receiver, control, isTest, at, group } = given;
  const [date, time] = clockOf(at);
  const number = String(control % 1_000_000_000).padStart(9, '0');
  const hasRepetition = group.version >= '004020';
  const used = hasRepetition ? delimiters : { ...delimiters, repetition: null };
  const isa = [
    ...['ISA', '00', ' '.repeat(10), '00', ' '.repeat(10), padded(sender.qualifier, 2), padded(sender.id, 15)],
    ...[padded(receiver.qualifier, 2), padded(receiver.id, 15), date.slice(2), time],
    ...[used.repetition ?? 'U', group.version.slice(0, 5).padStart(5, '0'), number, '0', isTest ? 'T' : 'P'],
  ];
  const lines = [`${isa.join(used.element)}${used.element}${used.component}`];
  const add = (segment: NewSegment) => lines.push(textOf(segment, used));
  add(plain('GS', group.code, sender.id, receiver.id, date, time, String(control), 'X', group.version));
  for (const [index, { type, segments }] of group.messages.entries()) {
    const set = String(index + 1).padStart(4, '0');
    add(plain('ST', type, set));
    for (const segment of segments) add(segment);
    add(plain('SE', String(segments.length + 2), set));
  }
  add(plain('GE', String(group.messages.length), String(control)));
  add(plain('IEA', '1', number));
  return lines.map((line) => `${line}${used.segment}\n`).join('');
}

function textOf({ tag, elements }: NewSegment, delimiters: X12Delimiters): string {
  const texts = elements.map((repetitions) =>
    repetitions
      .map((components) =>
        components
          .map((one) => sayable(one, tag, delimiters))
          .join(delimiters.component)
          .replace(trailing(delimiters.component), ''),
      )
      .join(delimiters.repetition ?? ''),
  );
  return [tag, ...texts].join(delimiters.element).replace(trailing(delimiters.element), '');
}

function trailing(sign: string): RegExp {
  return new RegExp(`[${sign.replace(/[\\\]^-]/g, '\\$&')}]+$`);
}

function sayable(text: string, tag: string, delimiters: X12Delimiters): string {
  const sign = Object.values(delimiters).find((one) => one !== null && text.includes(one));
  if (sign === undefined) return text;
  const message = `${tag}: ${JSON.stringify(text.slice(0, 60))} holds ${JSON.stringify(sign)}, which X12 cannot say here`;
  throw new InputError('EDI_CANNOT_SAY', message);
}

function padded(text: string, width: number): string {
  if (text.length > width) {
    throw new InputError('EDI_CANNOT_SAY', `ISA: ${JSON.stringify(text)} has more than ${width} characters`);
  }
  return text.padEnd(width, ' ');
}

function clockOf(at: number): readonly [string, string] {
  const text = new Date(at).toISOString();
  return [text.slice(0, 10).replaceAll('-', ''), text.slice(11, 16).replace(':', '')];
}

/**
 * The functional acknowledgement of an interchange (X12 997): what was taken, what was refused. It goes back whence the
 * interchange came.
 * @param isRefused null: all of it was taken; else it was refused as a whole
 */
export function acknowledgeX12(
  { sender, receiver, groups, isTest }: X12Interchange,
  { control, at, isRefused }: { readonly control: number; readonly at: number; readonly isRefused: boolean },
): string {
  const messages = groups.map(({ code, control: group, messages: sets }) => ({
    type: '997',
    segments: [
      plain('AK1', code, group),
      // 715: A accepted, R rejected; 718: 5, one or more segments in error.
      ...sets.flatMap((set) => [
        plain('AK2', set.type, set.control),
        isRefused ? plain('AK5', 'R', '5') : plain('AK5', 'A'),
      ]),
      plain(
        'AK9',
        isRefused ? 'R' : 'A',
        String(sets.length),
        String(sets.length),
        isRefused ? '0' : String(sets.length),
      ),
    ],
  }));
  const group = { code: 'FA', version: '004010', messages };
  return writeX12({ sender: receiver, receiver: sender, control, isTest, at, group });
}
