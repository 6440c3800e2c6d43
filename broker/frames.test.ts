import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import mqttPacket from 'mqtt-packet';
import { expect, test } from 'vitest';
import { Frames, limitPackets } from './frames.ts';

const LIMIT = 1_000;

const small = fc.nat({ max: 900 }).map((length) => publish(length));

function publish(length: number): Buffer {
  return mqttPacket.generate({
    cmd: 'publish',
    topic: 't',
    payload: Buffer.alloc(length, 0xff),
    qos: 1,
    messageId: 1,
    dup: false,
    retain: false,
  });
}

function cut(bytes: Buffer, sizes: number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = (sizes[i % Math.max(1, sizes.length)] ?? 1) + 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

test('packets within the limit pass, however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(small, { maxLength: 10 }), fc.array(fc.nat({ max: 300 })), (packets, sizes) => {
      const frames = new Frames(LIMIT);
      for (const chunk of cut(Buffer.concat(packets), sizes)) expect(frames.pass(chunk)).toBe(true);
    }),
  );
});

test('a packet beyond the limit is seen by its header, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(small, { maxLength: 5 }),
      fc.integer({ min: LIMIT + 1, max: 300_000 }),
      fc.array(fc.nat({ max: 300 })),
      (packets, length, sizes) => {
        const frames = new Frames(LIMIT);
        const header = publish(length).subarray(0, 5);
        const passed = cut(Buffer.concat([...packets, header]), sizes).map((chunk) => frames.pass(chunk));
        expect(passed).toContain(false);
        expect(frames.announced).toBeGreaterThan(length);
      },
    ),
  );
});

test('what is left of a stream after too large a packet is not read', async () => {
  const stream = new PassThrough();
  const announced: [string, number][] = [];
  limitPackets(stream, LIMIT, (problem, length) => announced.push([problem, length]));
  const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()));
  stream.write(publish(5_000));
  expect(stream.read()).toBeNull();
  expect(announced).toEqual([['size', 5_005]]);
  await closed;
});
