import { expect, test } from 'vitest';
import { pallet, vial } from '../testing/yard.ts';
import { passGoods } from './pass-goods.ts';

const of = (n: number, lot: string | null = 'A17') => ({
  ...{ epc: vial(n), unit: pallet(1), lot, product: 'Examplumab 40 mg' },
});

test('a pass counts expected against seen by product, lot and unit, and what nobody expects last', () => {
  const read = (n: number, lot?: string) => ({ ...of(n, lot), status: 'expected' as const });
  const stranger = { epc: vial(99), unit: null, lot: null, product: null };
  const goods = passGoods(
    [
      ...[read(1), read(2), read(3, 'B2')],
      { ...of(0), epc: pallet(1), unit: null, status: 'expected' },
      { ...stranger, status: 'unexpected' },
      { ...stranger, epc: vial(98), status: 'unexpected' },
      { ...of(7), status: 'stray' },
    ],
    [of(4), of(5, 'B2')],
  );
  const line = { gtin: '80614141123458', product: 'Examplumab 40 mg', unit: pallet(1), unexpected: 0 };
  expect(goods).toEqual([
    { ...line, lot: 'A17', expected: 3, seen: 2 },
    { ...line, lot: 'B2', expected: 2, seen: 1 },
    { ...line, product: null, lot: null, unit: null, expected: 0, seen: 0, unexpected: 2 },
  ]);
});
