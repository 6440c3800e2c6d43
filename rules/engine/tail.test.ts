import { expect, test } from 'vitest';
import { ReadingBuilder } from '../../domain/index.ts';
import { at, engineWith, minutes, said, TEMPERATURE } from '../testing/arrange.ts';
import type { KeyRule } from './program.ts';
import { BOUNDED_TAIL, type TailSize, WHOLE_TAIL } from './series.ts';

const base = { severity: 'warning', metric: 'temperature' } as const;
const soon: KeyRule = {
  ...{ id: 'soon', kind: 'forecast', ...base, above: 8 },
  ...{ windowMs: minutes(60), withinMs: minutes(60), confidence: 0.95 },
};
const rise: KeyRule = { id: 'rise', kind: 'rate', ...base, windowMs: minutes(90), limit: 1.5 };

/** A store that warms slowly, in noise, a reading a minute. */
function judged(rule: KeyRule, tail: TailSize) {
  const engine = engineWith([rule], {}, tail);
  for (let minute = 0; minute < 400; minute++) {
    const readings = new ReadingBuilder();
    const celsius = 4 + Math.max(0, minute - 150) * 0.025 + 0.3 * Math.sin(minute * 1.7);
    readings.add('logger-7', TEMPERATURE, at('00:00') + minutes(minute), celsius);
    engine.apply(readings.view());
    engine.flush(0);
  }
  return engine.present().map(said);
}

// Windows were cut off where the tail began: 24 to 32 readings, half an hour of these.
test.each([soon, rise])('a $kind whose window holds more readings than a tail keeps sees all of them', (rule) => {
  const found = judged(rule, BOUNDED_TAIL);
  expect(found).not.toEqual([]);
  expect(found).toEqual(judged(rule, WHOLE_TAIL));
});
