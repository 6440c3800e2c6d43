import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeOriginals, OriginalsBuilder, Span, spansOfOriginals } from './original.ts';

const subject = fc.record({
  id: fc.constantFrom('logger-7', 'logger-8', 'reader-1'),
  from: fc.integer({ min: 0, max: 50 }),
  to: fc.integer({ min: 50, max: 99 }),
});
const original = fc.record({
  arrival: fc.integer({ min: 0, max: 1_000 }),
  source: fc.constantFrom('logger-7', 'erp'),
  door: fc.constantFrom('isotherm/v1/devices/logger-7/readings', 'POST /api/v1/shipments'),
  subjects: fc.array(subject, { maxLength: 4 }),
  payload: fc.uint8Array({ maxLength: 20 }),
});

function built(originals: readonly Parameters<OriginalsBuilder['add']>[0][]): Uint8Array {
  const builder = new OriginalsBuilder();
  for (const one of originals) builder.add(one);
  return builder.take();
}

it('what is collected after something was taken is itself again, however many names there are', () => {
  const builder = new OriginalsBuilder();
  for (const senders of [3, 2_000, 1]) {
    const originals = Array.from({ length: senders }, (_, n) => ({
      ...{ arrival: n, source: `logger-${senders}-${n}`, door: 'isotherm/v1', payload: Uint8Array.of(n % 256, 7) },
      subjects: [{ id: `logger-${senders}-${n}`, from: n, to: n + 1 }],
    }));
    for (const one of originals) builder.add(one);
    expect(decodeOriginals(builder.take())).toEqual(originals);
    expect(builder.isEmpty).toBe(true);
  }
});

it('what originals speak of is the same, told from their bytes or from each of them', () => {
  fc.assert(
    fc.property(fc.array(original, { maxLength: 12 }), (originals) => {
      const bytes = built(originals);
      const arrivals = new Span();
      const subjects = new Map<string, Span>();
      for (const one of decodeOriginals(bytes)) {
        arrivals.add(one.arrival);
        for (const { id, from, to } of one.subjects) {
          const span = subjects.get(id) ?? new Span();
          span.add(from, to);
          subjects.set(id, span);
        }
      }
      expect(spansOfOriginals(bytes)).toEqual({ messages: originals.length, arrivals, subjects });
    }),
  );
});

it('originals that are cut anywhere are refused', () => {
  const bytes = built([
    {
      ...{ arrival: 1, source: 'logger-7', door: 'topic', payload: Buffer.from('{}') },
      subjects: [{ id: 'logger-7', from: 1, to: 1 }],
    },
  ]);
  for (let length = 0; length < bytes.length; length++) {
    expect(() => spansOfOriginals(bytes.subarray(0, length)), String(length)).toThrow('originals of');
    expect(() => decodeOriginals(bytes.subarray(0, length)), String(length)).toThrow('originals of');
  }
});
