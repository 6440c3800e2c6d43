import { expect, test } from 'vitest';
import { at, engineWith, minutes, temperatures, threshold } from '../testing/arrange.ts';
import type { lineOf } from './backtest.ts';
import { compared } from './comparison.ts';

/** What a rule finds in these readings by 12:00. */
function found(given: Parameters<typeof threshold>[0], ...readings: (readonly [string, number])[]) {
  const engine = engineWith([threshold({ maxGapMs: minutes(30), ...given })]);
  engine.apply(temperatures(...readings));
  engine.setNow(at('12:00'));
  engine.flush(0);
  return engine.present();
}

const TWO_PEAKS = [
  ...[
    ['10:00', 5],
    ['10:10', 9],
    ['10:20', 7.8],
    ['10:30', 9],
    ['10:40', 5],
    ['11:00', 7.7],
    ['11:10', 5],
  ],
] as [string, number][];
const froms = (findings: readonly Parameters<typeof lineOf>[0][]) =>
  findings.map(({ from }) => new Date(from).toISOString().slice(11, 16));

test('what only one of the two finds is opened or closed', () => {
  const before = found({ above: 8 }, ...TWO_PEAKS);
  const wider = compared(before, found({ above: 7.6 }, ...TWO_PEAKS));
  expect([froms(wider.opened), froms(wider.closed)]).toEqual([['11:00'], []]);
  const back = compared(found({ above: 7.6 }, ...TWO_PEAKS), before);
  expect([froms(back.opened), froms(back.closed)]).toEqual([[], ['11:00']]);
});

test('two that become one are one change, told whole', () => {
  const { changed, kept } = compared(found({ above: 8 }, ...TWO_PEAKS), found({ above: 7.75 }, ...TWO_PEAKS));
  expect(changed.map(({ before, after }) => [froms(before), froms(after)])).toEqual([[['10:10', '10:30'], ['10:10']]]);
  expect(kept).toEqual([]);
});

test('what comes out the same is kept, whatever else the rule says', () => {
  const { kept, opened, closed, changed } = compared(
    found({ above: 8 }, ...TWO_PEAKS),
    found({ above: 8, clearAbove: 8, summary: 'otherwise' }, ...TWO_PEAKS),
  );
  expect([froms(kept), opened, closed, changed]).toEqual([['10:10', '10:30'], [], [], []]);
});

test('another device, or another rule, is never the same finding', () => {
  const [finding] = found({ above: 8 }, ...TWO_PEAKS);
  if (finding === undefined) throw new Error('nothing found');
  const { opened, closed } = compared(
    [{ ...finding, key: 'other/temperature' }],
    [finding, { ...finding, rule: 'other' }],
  );
  expect([opened.length, closed.length]).toEqual([2, 1]);
});
