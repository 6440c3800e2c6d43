import { expect, test } from 'vitest';
import { walPosition, writtenUntil } from './wal-position.ts';

const SEGMENT = 16 * 2 ** 20;

test.each([
  ['16/B374D848', 0x16_b374_d848n],
  ['0/0', 0n],
  ['FFFFFFFF/FFFFFFFF', 0xffff_ffff_ffff_ffffn],
])('%s is a number of bytes', (lsn, bytes) => {
  expect(walPosition(lsn)).toBe(bytes);
});

/** XLogBytePosToRecPtr against XLogBytePosToEndRecPtr (PostgreSQL, access/transam/xlog.c). */
test.each([
  ['within a page', '0/1002148', '0/1002148'],
  ['behind the head of a page that holds nothing yet', '0/1002018', '0/1002000'],
  ['behind eight bytes that a record of the page before needed more', '0/1002020', '0/1002020'],
  ['behind sixteen of them, as far in as the head of a segment', '0/1002028', '0/1002028'],
  ['behind the head of a segment that holds nothing yet', '1/28', '1/0'],
])('what is written ends %s', (_, lsn, end) => {
  expect(writtenUntil({ lsn, segment: SEGMENT })).toBe(walPosition(end));
});
