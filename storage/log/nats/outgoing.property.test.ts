import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeReadings, encodeReadings, type NewRecord, ReadingBuilder, slotOf } from '../../../domain/index.ts';
import { record, textOf } from '../conformance.ts';
import { MessageCounts } from './counts.ts';
import { decodeFrame, encodeFrame } from './frame.ts';
import { outgoingOf, weightOf } from './outgoing.ts';
import { endOf, nextSequence, PLACES, positionOf, sequenceOf } from './positions.ts';
import { maxBytesOf, StreamUpkeep } from './upkeep.ts';

const anyRecord: fc.Arbitrary<NewRecord> = fc
  .record({
    family: fc.constantFrom('readings' as const, 'originals' as const),
    kind: fc.constantFrom('quarantine' as const, 'refusals' as const),
    version: fc.integer({ min: 0, max: 32_767 }),
    source: fc.string({ maxLength: 12 }),
    sequence: fc.option(fc.maxSafeNat(), { freq: 2 }),
    arrival: fc.maxSafeNat(),
    text: fc.string({ maxLength: 60 }),
  })
  .map(({ text, ...fields }) => record(text, fields));

const indexed = (records: readonly NewRecord[]) => records.map((record, index) => ({ record, index }));

describe('a message of a stream', () => {
  it('gives its records as they went in, and is none of ours with any one byte changed, or in another stream', () => {
    fc.assert(
      fc.property(
        fc.array(anyRecord, { maxLength: 6 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (all, at, bits) => {
          const frame = encodeFrame('s-0', all);
          const got = decodeFrame('s-0', frame);
          expect(got?.map(({ payload, ...rest }) => ({ ...rest, text: textOf(payload) }))).toEqual(
            all.map(({ payload, ...rest }) => ({ ...rest, text: textOf(payload) })),
          );
          expect(decodeFrame('s-1', frame)).toBeNull();
          const changed = Uint8Array.from(frame);
          const index = at % changed.length;
          changed[index] = (changed[index] ?? 0) ^ bits;
          expect(decodeFrame('s-0', changed)).toBeNull();
          expect(decodeFrame('s-0', frame.subarray(0, index))).toBeNull();
        },
      ),
    );
  });

  it('holds every record once, in the order of its partition and family, within its bytes; its own id for an identity', () => {
    const plan = fc.record({ all: fc.array(anyRecord, { maxLength: 40 }), partitions: fc.integer({ min: 1, max: 5 }) });
    fc.assert(
      fc.property(plan, fc.integer({ min: 400, max: 1_500 }), ({ all, partitions }, maxBytes) => {
        let ids = 0;
        const messages = outgoingOf(indexed(all), { partitions, maxBytes, newId: () => `${ids++}` });
        const sent = messages.flatMap(({ families }) => families.flatMap(({ records }) => records));
        expect(sent.map(({ index }) => index).sort((a, b) => a - b)).toEqual(all.map((_, index) => index));
        for (const { families, isIdentity } of messages) {
          const records = families.flatMap((family) => family.records.map((one) => one.record));
          expect(records.reduce((sum, one) => sum + weightOf(one), 0)).toBeLessThanOrEqual(maxBytes);
          expect(records.length).toBeGreaterThan(0);
          if (isIdentity) expect(records).toHaveLength(1);
          else expect(records.every(({ sequence }) => sequence === null)).toBe(true);
        }
        for (let partition = 0; partition < partitions; partition++) {
          for (const family of ['readings', 'originals']) {
            const own = messages.filter((one) => one.partition === partition).flatMap(({ families }) => families);
            const order = own.filter((one) => one.family === family).flatMap(({ records }) => records);
            expect(order.map(({ index }) => index)).toEqual(order.map(({ index }) => index).sort((a, b) => a - b));
          }
        }
        // The id of an identity is the same in any company.
        const again = outgoingOf(indexed(all.toReversed()), { partitions, maxBytes, newId: () => `${ids++}` });
        const idsOf = (list: typeof messages) => list.filter(({ isIdentity }) => isIdentity).map(({ id }) => id);
        expect(idsOf(again).sort()).toEqual(idsOf(messages).sort());
      }),
    );
  });

  it('parts readings by the slots of their devices, each once', () => {
    const reading = fc.record({ device: fc.stringMatching(/^[a-z]{1,3}$/), value: fc.integer() });
    fc.assert(
      fc.property(
        fc.array(reading, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 6 }),
        (all, partitions) => {
          const builder = new ReadingBuilder();
          for (const [time, { device, value }] of all.entries()) builder.add(device, 1, time, value);
          const given = { ...record(''), payload: encodeReadings(builder.view()) };
          const messages = outgoingOf(indexed([given]), { partitions, maxBytes: 100_000, newId: () => 'x' });
          const got = messages.flatMap(({ partition, families }) =>
            families.flatMap(({ records }) =>
              records.flatMap((one) => {
                const { count, devices, device, time, value } = decodeReadings(one.record.payload);
                return Array.from({ length: count }, (_, row) => {
                  const name = devices[device[row] ?? 0] ?? '';
                  expect(slotOf(name) % partitions).toBe(partition);
                  return { time: time[row], device: name, value: value[row] };
                });
              }),
            ),
          );
          expect(got.sort((a, b) => (a.time ?? 0) - (b.time ?? 0))).toEqual(all.map((one, time) => ({ ...one, time })));
        },
      ),
    );
  });

  // Seen with the program: a Buffer of the socket, read at an odd place, could not be decoded, and readings went to `log_dead`.
  it('gives readings that can be decoded wherever the socket has put it', () => {
    const builder = new ReadingBuilder();
    builder.add('logger-1', 1, 5, 7.5);
    const frame = encodeFrame('s-0', [{ ...record(''), payload: encodeReadings(builder.view()) }]);
    for (let offset = 0; offset < 8; offset++) {
      const socket = Buffer.alloc(frame.length + 16);
      socket.set(frame, offset);
      const [got] = decodeFrame('s-0', socket.subarray(offset, offset + frame.length)) ?? [];
      const columns = decodeReadings(got?.payload ?? new Uint8Array());
      expect([columns.devices, columns.time[0], columns.value[0]]).toEqual([['logger-1'], 5, 7.5]);
      const odd = Buffer.alloc(200);
      odd.set(encodeReadings(builder.view()), offset);
      const length = encodeReadings(builder.view()).length;
      expect(decodeReadings(odd.subarray(offset, offset + length)).count).toBe(1);
    }
  });

  it('has positions that grow over records and messages, and end where the next message begins', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: PLACES }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 2 ** 40 }), (counts, first) => {
        let before = endOf(first - 1);
        for (const [message, count] of counts.entries()) {
          const sequence = first + message;
          for (const index of [0, Math.floor(count / 2), count - 1]) {
            const position = positionOf(sequence, index, count);
            expect(sequenceOf(position)).toBe(sequence);
            expect(nextSequence(position)).toBe(index === count - 1 ? sequence + 1 : sequence);
            expect(Number.isSafeInteger(position)).toBe(true);
            if (index > 0) continue;
            expect(position).toBeGreaterThan(before);
          }
          before = positionOf(sequence, count - 1, count);
          expect(before).toBe(endOf(sequence));
        }
      }),
    );
  });

  it('is counted as it is, where this process has seen it', () => {
    const families = fc.array(fc.constantFrom('readings' as const, 'originals' as const), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(fc.array(families, { minLength: 1, maxLength: 20 }), fc.nat(200), (messages, pick) => {
        const counts = new MessageCounts();
        const positions: number[] = [];
        for (const [index, all] of messages.entries()) {
          counts.learn(
            0,
            index + 1,
            all.map((family) => ({ family })),
          );
          const own = all.filter((family) => family === 'readings').length;
          for (let at = 0; at < own; at++) positions.push(positionOf(index + 1, at, own));
        }
        const position = [0, ...positions][pick % (positions.length + 1)] ?? 0;
        const behind = positions.filter((one) => one > position).length;
        expect(counts.after(0, 'readings', position, messages.length)).toBe(behind);
      }),
    );
  });
});

describe('what may be dropped of a stream', () => {
  it('is nothing that a mandatory consumer needs, nor one that is not detached, and never the last message', async () => {
    const holder = fc.record({
      family: fc.constantFrom('readings' as const, 'originals' as const),
      sequence: fc.integer({ min: 0, max: 60 }),
      isMandatory: fc.boolean(),
    });
    const plan = fc.record({
      first: fc.integer({ min: 1, max: 30 }),
      length: fc.nat(30),
      holders: fc.array(holder, { maxLength: 5 }),
      capBytes: fc.integer({ min: 1, max: 4_000 }),
      age: fc.nat(2_000),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ first, length, holders: drawn, capBytes, age }) => {
        const last = first + length - 1;
        const state = {
          first,
          last,
          bytes: length * 100,
          maxBytes: maxBytesOf(capBytes, 1),
          oldest: length === 0 ? null : 10_000 - age,
          ...{ isSealed: false, away: [] },
        };
        const stream = { name: 's', partition: 0, timeOf: async (at: number) => 10_000 - age + (at - first) * 10 };
        const limits = { keepMs: 0, capMs: 1_000 };
        const upkeep = new StreamUpkeep({ limits: limits as never });
        const holders = drawn.map(({ sequence, ...rest }, index) => ({
          ...{ ...rest, consumer: `${index}`, partition: rest.family === 'readings' ? 0 : 1 },
          position: sequence === 0 ? 0 : endOf(sequence),
        }));
        const { dropThrough, detach, full } = await upkeep.plan(stream, state, holders, 10_000);
        if (length > 0) expect(dropThrough).toBeLessThan(last);
        const detached = new Set(detach.flatMap(({ consumers }) => consumers));
        for (const { consumer, isMandatory, position } of holders) {
          if (isMandatory || !detached.has(consumer)) {
            if (dropThrough >= first) expect(dropThrough).toBeLessThan(nextSequence(position));
          }
          expect(isMandatory && detached.has(consumer)).toBe(false);
        }
        if (full !== null)
          expect(holders.some(({ isMandatory, position }) => isMandatory && sequenceOf(position) < last)).toBe(true);
      }),
    );
  });

  // A message that was missing was taken for past the cap, and everything younger before it with it: the log was called full.
  it('is past the cap by age where the next message is, and a place where none is takes nothing younger along', async () => {
    const plan = fc.record({
      first: fc.integer({ min: 1, max: 20 }),
      ages: fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 40 }),
      gone: fc.array(fc.nat(40), { maxLength: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ first, ages, gone }) => {
        const now = 10_000;
        const times = ages.map((age) => now - 950 - age).sort((a, b) => a - b);
        const last = first + times.length - 1;
        // The first is there, by what a stream's first is.
        const isGone = (at: number) => at !== first && at !== last && gone.includes(at - first);
        const timeOf = async (at: number) => (isGone(at) ? null : (times[at - first] ?? null));
        const state = { ...{ first, last, bytes: 1, maxBytes: maxBytesOf(1_000, 1) }, oldest: times[0] ?? null };
        const upkeep = new StreamUpkeep({ limits: { keepMs: 0, capMs: 1_000 } as never });
        const one = {
          consumer: 'optional',
          family: 'readings',
          partition: 0,
          isMandatory: false,
          position: 0,
        } as const;
        const { dropThrough } = await upkeep.plan(
          { name: 's', partition: 0, timeOf },
          { ...state, isSealed: false, away: [] },
          [one],
          now,
        );
        // Slowly: the last message that is there and past the cap, never the stream's last.
        const old = times.flatMap((time, index) =>
          !isGone(first + index) && now - time > 1_000 ? [first + index] : [],
        );
        const expected = Math.min(old.at(-1) ?? first - 1, last - 1);
        expect(Math.max(dropThrough, first - 1)).toBe(Math.max(expected, first - 1));
      }),
    );
  });
});
