import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EdiParty, type Element, readEdifact, readX12, writeEdifact, writeX12 } from './index.ts';
import { trimmed } from './segment.ts';

const AT = Date.UTC(2026, 10, 29, 12);
const tag = fc.stringMatching(/^[B-HJ-Z][A-Z0-9]{2}$/).filter((one) => !/^(?:UN|IEA|SE|ST|GE|GS)/.test(one));
const party = fc.record<EdiParty>({
  id: fc.stringMatching(/^[A-Z0-9]{1,15}$/),
  qualifier: fc.stringMatching(/^[A-Z0-9]{2}$/),
});

/** Elements of such texts, of up to `repetitions` repetitions. */
function segmentsOf(text: fc.Arbitrary<string>, repetitions: number) {
  const element = fc.array(fc.array(text, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: repetitions });
  return fc.array(fc.record({ tag, elements: fc.array(element, { maxLength: 4 }) }), { maxLength: 5 });
}

/** What is written of elements comes back so: empty ones at the end are not told. */
function told(elements: readonly Element[]): readonly Element[] {
  return trimmed(elements).map((element) => (element.length === 0 ? [[]] : element));
}
const shapes = (segments: readonly { tag: string; elements: readonly Element[] }[]) =>
  segments.map((segment) => ({ tag: segment.tag, elements: told(segment.elements) }));

describe('what is written is read again', () => {
  test('EDIFACT, whatever its texts hold', () => {
    const text = fc
      .oneof(fc.string({ maxLength: 8 }), fc.stringMatching(/^[:+.?'*,~A ]{0,8}$/))
      .map((one) => one.replace(/[\r\n]/g, ''));
    fc.assert(
      fc.property(segmentsOf(text, 1), party, party, fc.boolean(), (segments, sender, receiver, isTest) => {
        const messages = [{ type: 'DESADV', version: ['D', '96A', 'UN'], segments }];
        const written = writeEdifact({ sender, receiver, control: '1', isTest, at: AT, messages });
        const [interchange, ...more] = readEdifact(written);
        expect(more).toEqual([]);
        expect(interchange).toMatchObject({ sender, receiver, control: '1', isTest });
        expect(shapes(interchange?.groups[0]?.messages[0]?.segments ?? [])).toEqual(shapes(segments));
      }),
    );
  });

  test('X12, of texts that hold no sign that parts', () => {
    const text = fc.stringMatching(/^[A-Za-z0-9 .:+'?äß-]{0,8}$/);
    fc.assert(
      fc.property(segmentsOf(text, 2), party, party, fc.boolean(), (segments, sender, receiver, isTest) => {
        const group = { code: 'SH', version: '005010', messages: [{ type: '856', segments }] };
        const written = writeX12({ sender, receiver, control: 12, isTest, at: AT, group });
        const [interchange] = readX12(written);
        expect(interchange).toMatchObject({ sender, receiver, control: '000000012', isTest });
        expect(shapes(interchange?.groups[0]?.messages[0]?.segments ?? [])).toEqual(shapes(segments));
      }),
    );
  });

  test('X12 refuses to say what it cannot', () => {
    const group = {
      code: 'SH',
      version: '004010',
      messages: [{ type: '856', segments: [{ tag: 'REF', elements: [[['a~b']]] }] }],
    };
    const one = { id: 'A', qualifier: 'ZZ' };
    expect(() => writeX12({ sender: one, receiver: one, control: 1, isTest: false, at: AT, group })).toThrow(
      '"a~b" holds "~"',
    );
  });
});

describe('bytes of anybody', () => {
  test('are read or refused in a line, never anything else', () => {
    const pieces = fc.constantFrom(
      'ISA',
      '*',
      '~',
      '\n',
      'UNB',
      'UNA',
      "'",
      '+',
      ':',
      '?',
      'GS',
      'ST',
      'SE*2*1',
      'UNH',
      '00401',
      ' '.repeat(15),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        for (const read of [readX12, readEdifact]) {
          try {
            read(parts.join(''));
          } catch (error) {
            expect(error).toMatchObject({ code: 'EDI_INVALID' });
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
