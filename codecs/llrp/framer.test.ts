import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame, FRAME_CAP_BYTES, Framer } from './index.ts';
import { anyFrame } from './testing/arbitrary.ts';

test('frames come out whole and in order, however the wire cuts or joins them', () => {
  fc.assert(
    fc.property(fc.array(anyFrame(), { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 90 })), (frames, cuts) => {
      const sent = frames.map(encodeFrame);
      const got: string[] = [];
      const framer = new Framer((frame) => got.push(hex(frame)));
      for (const chunk of cut(Buffer.concat(sent), cuts)) framer.push(chunk);
      expect(got).toEqual(sent.map(hex));
      expect(framer.pending).toBe(0);
    }),
    { numRuns: 200 },
  );
});

test('200 reports sent back to back in one chunk are 200 frames', () => {
  const report = encodeFrame({ version: 1, id: 1, message: { name: 'RO_ACCESS_REPORT' } });
  let count = 0;
  new Framer(() => count++).push(Buffer.concat(Array(200).fill(report)));
  expect(count).toBe(200);
});

test('a bad header closes the stream with its reason, after the good frames before it', () => {
  const got: string[] = [];
  const framer = new Framer((frame) => got.push(hex(frame)));
  const keepalive = encodeFrame({ version: 1, id: 1, message: { name: 'KEEPALIVE' } });
  const bad = ['0C3E0000000A00000001', '043E0000000900000001', '043E0080000100000001', '474554202F2048545450'];
  for (const header of bad) {
    expect(() => new Framer(() => {}).push(Buffer.from(header, 'hex'))).toThrow(/no LLRP message header/);
  }
  expect(() => framer.push(Buffer.concat([keepalive, Buffer.from(bad[0] ?? '', 'hex')]))).toThrow(/version 3/);
  expect(got).toEqual([hex(keepalive)]);
});

test('a frame as long as the cap passes and holds no more than the cap and a chunk', () => {
  const frame = Buffer.alloc(FRAME_CAP_BYTES);
  frame.writeUInt16BE(0x0400 | 1023, 0);
  frame.writeUInt32BE(frame.length, 2);
  let length = 0;
  let held = 0;
  const framer = new Framer((whole) => {
    length = whole.length;
  });
  for (let at = 0; at < frame.length; at += 65536) {
    framer.push(frame.subarray(at, at + 65536));
    held = Math.max(held, framer.capacity);
  }
  expect([length, held]).toEqual([FRAME_CAP_BYTES, FRAME_CAP_BYTES]);
  expect(framer.capacity).toBeLessThan(FRAME_CAP_BYTES);
});

function* cut(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
