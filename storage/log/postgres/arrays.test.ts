import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testDatabase } from '../../testing/database.ts';
import { byteaArray, int2Array, int8Array, textArray } from './arrays.ts';

const database = await testDatabase();

describe('binary arrays', () => {
  it('arrive in Postgres as they were: whole numbers to 2^53, nulls, any text, any bytes', async () => {
    const row = fc.record({
      small: fc.integer({ min: -32_768, max: 32_767 }),
      large: fc.option(fc.maxSafeInteger()),
      text: fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
      bytes: fc.uint8Array({ maxLength: 50 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
        const answer = await database.query(
          `SELECT small, large, text, bytes
             FROM unnest($1::int2[], $2::int8[], $3::text[], $4::bytea[]) u (small, large, text, bytes)`,
          [
            int2Array(rows.map(({ small }) => small)),
            int8Array(rows.map(({ large }) => large)),
            textArray(rows.map(({ text }) => text)),
            byteaArray(rows.map(({ bytes }) => bytes)),
          ],
        );
        expect(answer.rows.map((one) => ({ ...one, bytes: Uint8Array.from(one.bytes) }))).toEqual(
          rows.map((one) => ({ ...one, bytes: Uint8Array.from(one.bytes) })),
        );
      }),
      { numRuns: 50 },
    );
  });
});
