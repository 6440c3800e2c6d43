import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchIn, isSigned, isSignedBy, signBatch, signingKey } from './signature.ts';

const key = signingKey('a password of the gateway');

test('a signed batch is the batch, by this gateway and this key alone, and by no byte other', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), (bytes, at) => {
      const batch = Uint8Array.of(1, ...bytes);
      const payload = signBatch(batch, 'gw-1', key);
      expect(Buffer.from(batchIn(payload))).toEqual(Buffer.from(batch));
      expect(isSignedBy(payload, 'gw-1', key)).toBe(true);
      expect(isSignedBy(payload, 'gw-2', key)).toBe(false);
      expect(isSignedBy(payload, 'gw-1', signingKey('another'))).toBe(false);
      const spoiled = Uint8Array.from(payload);
      const place = at % spoiled.length;
      spoiled[place] = (spoiled[place] ?? 0) ^ 1;
      expect(isSignedBy(spoiled, 'gw-1', key)).toBe(false);
    }),
  );
});

test('a batch without a signature is itself, and signed by nobody', () => {
  const batch = Uint8Array.of(1, 0, 4);
  expect(batchIn(batch)).toBe(batch);
  expect([isSigned(batch), isSignedBy(batch, 'gw-1', key), isSignedBy(Uint8Array.of(0x81, 2), 'gw-1', key)]).toEqual([
    false,
    false,
    false,
  ]);
});
