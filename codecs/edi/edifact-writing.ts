import { InputError } from '../../domain/index.ts';
import { type EdifactInterchange, type EdifactSigns, USUAL_SIGNS } from './edifact.ts';
import type { EdiMessage, EdiParty } from './segment.ts';
import { type NewSegment, plain } from './x12-writing.ts';

export interface NewEdifact {
  readonly sender: EdiParty;
  readonly receiver: EdiParty;
  /** Up to 14 characters, another with each interchange to this receiver. */
  readonly control: string;
  readonly isTest: boolean;
  /** Epoch ms UTC. */
  readonly at: number;
  readonly messages: readonly (Pick<EdiMessage, 'type'> & {
    /** `D`, `01B`, `UN`, `EAN007`. */
    readonly version: readonly string[];
    readonly segments: readonly NewSegment[];
  })[];
}

/**
 * Writes one interchange of EDIFACT, syntax 3, in UTF-8 (UNOY), a segment a line.
 * @throws {InputError} EDI_CANNOT_SAY
 */
export function writeEdifact(given: NewEdifact, signs: EdifactSigns = USUAL_SIGNS): string {
  const { sender, receiver, control, isTest, at, messages } = given;
  const clock = new Date(at).toISOString();
  const unb: NewSegment = {
    tag: 'UNB',
    elements: [
      [['UNOY', signs.repetition === null ? '3' : '4']],
      ...[partyOf(sender), partyOf(receiver)],
      [[clock.slice(2, 10).replaceAll('-', ''), clock.slice(11, 16).replace(':', '')]],
      [[control]],
      ...[[], [], [], [], []],
      isTest ? [['1']] : [],
    ],
  };
  const una = `UNA${signs.component}${signs.element}${signs.decimal}${signs.release ?? ' '}${signs.repetition ?? ' '}${signs.terminator}`;
  const segments = messages.flatMap((message, index): NewSegment[] => {
    const reference = String(index + 1);
    return [
      { tag: 'UNH', elements: [[[reference]], [[message.type, ...message.version]]] },
      ...message.segments,
      plain('UNT', String(message.segments.length + 2), reference),
    ];
  });
  const all = [unb, ...segments, plain('UNZ', String(messages.length), control)];
  return [una, ...all.map((segment) => textOf(segment, signs))].map((line) => `${line}\n`).join('');
}

function partyOf({ id, qualifier }: EdiParty): readonly (readonly string[])[] {
  return [qualifier === '' ? [id] : [id, qualifier]];
}

function textOf({ tag, elements }: NewSegment, signs: EdifactSigns): string {
  const texts = elements.map((repetitions) =>
    repetitions
      .map((components) => {
        const kept = components.slice(0, components.findLastIndex((one) => one !== '') + 1);
        return kept.map((one) => released(one, signs)).join(signs.component);
      })
      .join(signs.repetition ?? ''),
  );
  const kept = texts.slice(0, texts.findLastIndex((one) => one !== '') + 1);
  return [tag, ...kept].join(signs.element) + signs.terminator;
}

/** Line ends are none of EDIFACT: a blank stands for them. @throws {InputError} EDI_CANNOT_SAY */
function released(text: string, { component, element, release, repetition, terminator }: EdifactSigns): string {
  const parting = [component, element, release, repetition, terminator];
  const signs = Array.from(text.replace(/[\r\n]+/g, ' '));
  if (release === null && signs.some((sign) => parting.includes(sign))) {
    const message = `${JSON.stringify(text.slice(0, 60))} holds a sign that parts, and nothing releases it`;
    throw new InputError('EDI_CANNOT_SAY', message);
  }
  return signs.map((sign) => (parting.includes(sign) ? `${release}${sign}` : sign)).join('');
}

/**
 * The acknowledgement of an interchange (EDIFACT CONTRL, syntax 3): received and taken, or refused as a whole.
 * 0083 of UCI: 7 acknowledged, 4 rejected with the levels below.
 */
export function acknowledgeEdifact(
  { sender, receiver, control: theirs, groups, isTest }: EdifactInterchange,
  { control, at, isRefused }: { readonly control: string; readonly at: number; readonly isRefused: boolean },
): string {
  const action = isRefused ? '4' : '7';
  const uci: NewSegment = { tag: 'UCI', elements: [[[theirs]], partyOf(sender), partyOf(receiver), [[action]]] };
  const ucm = groups.flatMap(({ messages }) =>
    messages.map(
      (message): NewSegment => ({
        tag: 'UCM',
        elements: [[[message.control]], [[message.type, ...message.version.split(':')]], [[action]]],
      }),
    ),
  );
  const messages = [{ type: 'CONTRL', version: ['D', '3', 'UN'], segments: [uci, ...ucm] }];
  return writeEdifact({ sender: receiver, receiver: sender, control, isTest, at, messages });
}
