import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeySlots } from './key-slots.ts';

it('gives the numbers that a map of as many keys would, also of keys beyond 32 bits and many at once', () => {
  const key = fc.oneof(fc.nat(50), fc.nat({ max: 2 ** 31 - 1 }), fc.maxSafeNat());
  const step = fc.oneof({ weight: 20, arbitrary: key }, { weight: 1, arbitrary: fc.constant(null) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.nat(6_000), (steps, many) => {
      const slots = new KeySlots();
      const known = new Map<number, number>();
      const add = (key: number) => {
        expect(slots.get(key)).toBe(known.get(key));
        const slot = known.get(key) ?? known.size;
        known.set(key, slot);
        expect(slots.add(key)).toBe(slot);
        expect(slots.get(key)).toBe(slot);
      };
      for (let i = 0; i < many; i++) slots.add(i * 256 + 1);
      for (let i = 0; i < many; i++) known.set(i * 256 + 1, i);
      for (const step of steps) {
        if (step !== null) add(step);
        else {
          slots.clear();
          known.clear();
        }
      }
      expect(slots.size).toBe(known.size);
    }),
    { numRuns: 200 },
  );
});
