import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DOCUMENT_DEPTH_MOST, documentFault, requireText, storableText, textFault } from './text.ts';

const LINE = { max: 20 };

describe('a text from outside', () => {
  test.each([
    ['a NUL', 'z\u0000', 'a control character (U+0000) at 1; allowed: text on one line, without control characters'],
    ['a line break in a name', 'a\nb', /U\+000A/],
    ['a C1 control in a name', 'a\u0085b', /U\+0085/],
    ['half a surrogate pair', 'a\ud800', /half a surrogate pair/],
    ['a low surrogate first', '\udc00\ud800', /half a surrogate pair/],
    ['too long', 'a'.repeat(21), '21 characters; allowed: at most 20'],
  ])('%s is refused', (_, text, reason) => {
    const fault = textFault(text, LINE);
    if (typeof reason === 'string') expect(fault).toBe(reason);
    else expect(fault).toMatch(reason);
  });

  test.each(['', 'Kühlhaus Süd', '温度計', '👩‍⚕️', 'a\u202eb', 'ﷺ', '0'])('%j is taken', (text) => {
    expect(textFault(text, LINE)).toBe(null);
  });

  test('a comment has lines, a scan has separators, neither has a NUL', () => {
    expect(textFault('one\r\n\ttwo', { form: 'prose', max: 20 })).toBe(null);
    expect(textFault('010\u001d21A', { form: 'prose', max: 20 })).toMatch(/U\+001D/);
    expect(textFault('[)>\u001e06\u001d9N1\u001e\u0004\r\n', { form: 'scan', max: 20 })).toBe(null);
    for (const form of ['line', 'prose', 'scan'] as const) {
      expect(textFault('a\u0000', { form, max: 20 })).toMatch(/U\+0000/);
    }
  });

  test('the field is named', () => {
    expect(() => requireText('z\u0000', 'name', LINE)).toThrow(/^name: a control character \(U\+0000\)/);
  });
});

describe('a document from outside', () => {
  const rule = { form: 'prose', max: 100 } as const;

  test('is refused by the path of the text, wherever it stands', () => {
    expect(documentFault({ units: [{ children: ['a', 'b\u0000'] }] }, rule)?.path).toBe('units.0.children.1');
    expect(documentFault({ labels: { 'a\u0000': 'x' } }, rule)).toEqual({
      path: 'labels',
      reason:
        "a member's name: a control character (U+0000) at 1; allowed: text on one line, without control characters",
    });
    expect(documentFault('\ud800', rule)?.path).toBe('');
    expect(documentFault({ a: [1, null, true, { b: 'ok' }] }, rule)).toBe(null);
  });

  test('the first fault is named, not the last', () => {
    expect(documentFault({ a: 'x\u0000', b: 'y\u0000' }, rule)?.path).toBe('a');
  });

  // JSON.parse takes it; every walk that recurses ends with "Maximum call stack size exceeded".
  test('nested a hundred thousand deep is refused, not an error of ours', () => {
    const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    expect(documentFault(deep, rule)?.reason).toBe(`nested deeper than ${DOCUMENT_DEPTH_MOST} levels`);
  });

  test('a document without a fault holds no text that PostgreSQL cannot keep', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (json) => {
        const document: unknown = JSON.parse(json);
        if (documentFault(document, rule) !== null) return;
        const written = JSON.stringify(document);
        expect(written).not.toMatch(/\\u0000|\\ud[89a-f]/i);
      }),
    );
  });
});

test('what is shown of a refused text can be kept', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(50), (text, max) => {
      const kept = storableText(text, max);
      expect(kept.isWellFormed() && !kept.includes('\0')).toBe(true);
      expect(kept.length).toBeLessThanOrEqual(max);
    }),
  );
  expect(storableText('a\u0000b\ud800')).toBe('a\ufffdb\ufffd');
  expect(storableText('plain')).toBe('plain');
});
