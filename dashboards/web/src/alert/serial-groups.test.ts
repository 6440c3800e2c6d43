import { expect, test } from 'vitest';
import type { AffectedSerialView } from '../../../api/index.ts';
import { groupsOf } from './serial-groups.ts';

function serial(number: string, changes: Partial<AffectedSerialView> = {}): AffectedSerialView {
  return {
    epc: `urn:epc:id:sgtin:0614141.812345.${number}`,
    gtin: '80614141123458',
    serial: number,
    lot: 'A17',
    expiry: '2027-06-30',
    unit: 'urn:epc:id:sscc:0614141.1234567890',
    from: '2026-11-22T10:00:00.000Z',
    to: '2026-11-22T10:19:00.000Z',
    minutesOutOfRange: 19,
    min: 4.9,
    max: 12.5,
    mkt: null,
    ...changes,
  };
}

test('equal rows are one line, with the serials of it in order', () => {
  const [group, ...others] = groupsOf([serial('1010'), serial('9'), serial('100')], () => null);
  expect(others).toEqual([]);
  expect(group?.serials.map((one) => one.serial)).toEqual(['9', '100', '1010']);
  expect(group?.minutes).toEqual({ least: 19, most: 19 });
});

test('serials of one lot that were out for different times keep both ends, and one still there keeps it open', () => {
  const [group] = groupsOf(
    [serial('1', { minutesOutOfRange: 12, to: null }), serial('2', { from: '2026-11-22T09:55:00.000Z', max: 13 })],
    () => null,
  );
  expect([group?.minutes, group?.from, group?.to, group?.max]).toEqual([
    { least: 12, most: 19 },
    '2026-11-22T09:55:00.000Z',
    null,
    13,
  ]);
});

test('another lot, another unit or another reason is another line, the worst first', () => {
  const groups = groupsOf(
    [serial('1'), serial('2', { lot: 'B2', minutesOutOfRange: 40 }), serial('3', { unit: null }), serial('4')],
    (epc) => (epc.endsWith('.4') ? 'recalled' : null),
  );
  expect(groups.map(({ lot, serials }) => [lot, serials.length])).toEqual([
    ['B2', 1],
    ['A17', 1],
    ['A17', 1],
    ['A17', 1],
  ]);
});
