import { expect, test } from 'vitest';
import { systemTime } from '../../domain/index.ts';
import type { DifferenceRecord, TraceQueries } from '../../trace/index.ts';
import { DifferenceCounts } from './difference-counts.ts';

/** Open and settled differences by shipment, and which were looked up. */
function counted(open: Map<string, number>) {
  const looked: string[] = [];
  const reconciliation = async (id: string) => {
    looked.push(id);
    const settled = { settlement: { how: 'accepted' } };
    return [...Array.from({ length: open.get(id) ?? 0 }, () => ({ settlement: null })), settled] as DifferenceRecord[];
  };
  const trace = { reconciliation } as unknown as TraceQueries;
  return { counts: new DifferenceCounts({ trace, time: systemTime }), looked };
}

test('differences are counted once, and again when the shipment changed', async () => {
  const open = new Map([['SHP-1', 2]]);
  const { counts, looked } = counted(open);
  const both = async () => [...(await counts.of(['SHP-1', 'SHP-2']))];
  expect(await both()).toEqual([
    ['SHP-1', 2],
    ['SHP-2', 0],
  ]);
  open.set('SHP-1', 0).set('SHP-2', 1);
  expect(await both()).toEqual([
    ['SHP-1', 2],
    ['SHP-2', 0],
  ]);
  counts.changed('SHP-1');
  expect(await both()).toEqual([
    ['SHP-1', 0],
    ['SHP-2', 0],
  ]);
  expect(looked).toEqual(['SHP-1', 'SHP-2', 'SHP-1']);
});
