import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  errorCodesOf,
  flagsByItself,
  goodReadings,
  isImplausible,
  judgedValue,
  keyQuality,
  qualified,
  suspectReason,
  withSetAside,
} from './quality.ts';

const TEMPERATURE = 1;
const HUMIDITY = 2;
const MINUTE = 60_000;

/** A reading each minute. */
function readings(...values: number[]) {
  return {
    count: values.length,
    time: Float64Array.from(values, (_, i) => i * MINUTE),
    value: Float64Array.from(values),
  };
}

const reasons = (quality = keyQuality(TEMPERATURE), ...values: number[]) =>
  [...qualified(readings(...values), quality).flags].map(suspectReason);

describe('the quality of a reading', () => {
  // One -127 opened a critical alert, and one 85 lifted the mean kinetic temperature for a day.
  test.each([85, -127, -100, 200, 300, -163.84])('%d from a sensor of no known kind is an error code', (code) => {
    expect(reasons(keyQuality(TEMPERATURE), 5, code, 5.1)).toEqual([null, 'ERROR_CODE', null]);
    // Held for hours it is no measurement either.
    expect(reasons(keyQuality(TEMPERATURE), code, code, code)).toEqual(Array(3).fill('ERROR_CODE'));
  });

  test('a code is met in single precision too', () => {
    expect(reasons(keyQuality(TEMPERATURE), 5, Math.fround(-163.84), 5)[1]).toBe('ERROR_CODE');
  });

  test('which codes there are depends on the kind of sensor, in any spelling', () => {
    expect(errorCodesOf(TEMPERATURE, 'DS18B20')).toEqual([85, -127]);
    expect(errorCodesOf(TEMPERATURE, 'Max-31865')).toEqual([-242.02]);
    expect(errorCodesOf(TEMPERATURE, 'PT100')).toEqual([]);
    // A bus that reads all ones or all zeros, through each data sheet's formula.
    for (const [kind, from, width, bits] of [
      ['SHT40', -45, 175, 65_535],
      ['SHTC3', -45, 175, 65_536],
      ['HTU21D', -46.85, 175.72, 65_536],
      ['AHT20', -50, 200, 2 ** 20],
      ['HDC1080', -40, 165, 65_536],
      ['HDC2080', -40.5, 165, 65_536],
    ] as const) {
      const ends = [0, bits === 2 ** 20 ? bits - 1 : 65_535].map(
        (x) => Math.round((from + (width * x) / bits) * 100) / 100,
      );
      expect(errorCodesOf(TEMPERATURE, kind), kind).toEqual(ends);
    }
    expect(errorCodesOf(TEMPERATURE, 'constructor')).toEqual(errorCodesOf(TEMPERATURE, undefined));
    expect(errorCodesOf(HUMIDITY, undefined)).toEqual([]);
  });

  test('a value that no neighbour can have been reached from is an implausible step', () => {
    expect(reasons(keyQuality(TEMPERATURE), 5, 5, 30, 5, 5)).toEqual([null, null, 'IMPLAUSIBLE_STEP', null, null]);
  });

  test('a step of exactly the limit is plausible, for a reading alone too', () => {
    expect(reasons(keyQuality(TEMPERATURE), 5, 10, 15)).toEqual([null, null, null]);
    expect(reasons(keyQuality(TEMPERATURE), 40)).toEqual([null]);
    expect(reasons(keyQuality(TEMPERATURE), 5, 5, 15.1)).toEqual([null, null, 'IMPLAUSIBLE_STEP']);
    // From two minutes before it: 10 °C.
    expect(reasons(keyQuality(TEMPERATURE), 5, 5, 15)).toEqual([null, null, null]);
  });

  test('readings less than a minute apart are not judged by their noise', () => {
    const quick = { count: 3, time: Float64Array.of(0, 1_000, 2_000), value: Float64Array.of(5, 9.9, 5) };
    expect([...qualified(quick, keyQuality(TEMPERATURE)).flags]).toEqual([0, 0, 0]);
  });

  test('a step that stays is a change: the logger was carried elsewhere', () => {
    expect(reasons(keyQuality(TEMPERATURE), 5, 5, 25, 25, 25)).toEqual([null, null, null, null, null]);
  });

  test('two readings that contradict each other are both suspect until a third decides', () => {
    expect(reasons(keyQuality(TEMPERATURE), 5, 40)).toEqual(['IMPLAUSIBLE_STEP', 'IMPLAUSIBLE_STEP']);
    expect(reasons(keyQuality(TEMPERATURE), 5, 40, 40)).toEqual(['IMPLAUSIBLE_STEP', null, null]);
    expect(reasons(keyQuality(TEMPERATURE), 5, 40, 5)).toEqual([null, 'IMPLAUSIBLE_STEP', null]);
  });

  test('an error code is no neighbour, but takes the place of one', () => {
    expect(reasons(keyQuality(TEMPERATURE), 30, 85, 85, 5, 5, 5)).toEqual([
      null,
      'ERROR_CODE',
      'ERROR_CODE',
      null,
      null,
      null,
    ]);
  });

  test('only temperature has a pace, and a device may have its own', () => {
    expect(reasons(keyQuality(HUMIDITY), 20, 90, 20)).toEqual([null, null, null]);
    expect(reasons(keyQuality(TEMPERATURE, { stepPerMinute: 30 }), 5, 30, 5)).toEqual([null, null, null]);
  });

  test('humidity above saturation is judged as saturation', () => {
    const { values, flags } = qualified(readings(99.5, 100.4, 105), keyQuality(HUMIDITY));
    expect([[...values], [...flags]]).toEqual([
      [99.5, 100, 100],
      [0, 0, 0],
    ]);
  });

  test('a correction comes first, but a code is what the sensor sent', () => {
    const quality = keyQuality(TEMPERATURE, { corrections: { temperature: -0.5, humidity: 3 } });
    const { values, flags } = qualified(readings(5, 85, 85.5, 84.9), quality);
    expect([...values]).toEqual([4.5, 84.5, 85, 84.4]);
    expect([...flags].map(suspectReason)[1]).toBe('ERROR_CODE');
    expect([...flags].map(suspectReason)[2]).toBeNull();
    expect(reasons(keyQuality(TEMPERATURE, { corrections: { temperature: 10 } }), 295)).toEqual(['OUT_OF_RANGE']);
  });

  test('what is set aside is not judged, and is a neighbour all the same', () => {
    const setAside = withSetAside([], { from: MINUTE, to: 3 * MINUTE, isSetAside: true });
    const quality = keyQuality(TEMPERATURE, {}, setAside);
    expect(reasons(quality, 5, 24, 24, 24)).toEqual(['IMPLAUSIBLE_STEP', 'SET_ASIDE', 'SET_ASIDE', null]);
    expect([...goodReadings(readings(5, 5, 5, 5), quality).time]).toEqual([0, 3 * MINUTE]);
  });
});

describe('readings that are good as received', () => {
  const numbers = fc.oneof(
    { weight: 30, arbitrary: fc.integer({ min: 40, max: 60 }).map((n) => n / 10) },
    fc.constantFrom(85, -127, 99.9, 100.1, -0, 200, 1_000, Number.NaN, 14.95, 15),
  );
  const qualities = fc.constantFrom(
    keyQuality(TEMPERATURE),
    keyQuality(TEMPERATURE, { sensor: 'pt100' }),
    keyQuality(TEMPERATURE, { stepPerMinute: 1 }),
    keyQuality(TEMPERATURE, { corrections: { temperature: 0.5 } }),
    keyQuality(TEMPERATURE, {}, [{ from: 0, to: 5 * MINUTE }]),
    keyQuality(HUMIDITY),
    keyQuality(250),
  );
  const steps = fc.array(fc.constantFrom(1, 1_000, MINUTE, MINUTE + 1, 10 * MINUTE), { minLength: 12, maxLength: 12 });

  // All of a stretch are told good in one pass; reading by reading is what it means.
  test('have the quality that they have one by one', () => {
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 12 }), steps, qualities, (values, between, quality) => {
        let at = 0;
        const time = Float64Array.from(between, (step) => {
          at += step;
          return at;
        });
        const given = { count: values.length, time, value: Float64Array.from([...values, 7, 7]) };
        const times = time.slice(0, given.count);
        const judged = Float64Array.from(values, (value, i) => judgedValue(quality, time[i] ?? 0, value));
        const flags = Uint8Array.from(values, (value, i) =>
          flagsByItself(quality, time[i] ?? 0, value, judged[i] ?? 0),
        );
        const alone = { times, values: judged, flags };
        const steps = flags.map((_, i) => (isImplausible(alone, 0, given.count, i, quality) ? 1 : 0));
        const { values: found, flags: foundFlags } = qualified(given, quality);
        expect([...found]).toEqual([...judged]);
        expect([...foundFlags].map((flag) => flag !== 0)).toEqual(
          [...flags].map((flag, i) => flag !== 0 || steps[i] === 1),
        );
        const good = values.flatMap((_, i) => (flags[i] === 0 && steps[i] === 0 ? [i] : []));
        const kept = goodReadings(given, quality);
        expect([kept.count, [...kept.time], [...kept.value]]).toEqual([
          good.length,
          good.map((i) => time[i]),
          good.map((i) => judged[i]),
        ]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what people set aside', () => {
  const facts = fc.array(
    fc.record({
      from: fc.integer({ min: 0, max: 20 }),
      to: fc.option(fc.integer({ min: 0, max: 25 })),
      isSetAside: fc.boolean(),
    }),
    { maxLength: 8 },
  );

  test('of facts that overlap the later wins, instant by instant', () => {
    fc.assert(
      fc.property(facts, (said) => {
        const spans = said.reduce<{ from: number; to: number }[]>(withSetAside, []);
        for (let at = 0; at < 30; at++) {
          const last = said.findLast(({ from, to }) => from <= at && (to === null || at < to));
          expect(spans.some(({ from, to }) => from <= at && at < to)).toBe(last?.isSetAside ?? false);
        }
        for (const [i, span] of spans.entries()) {
          expect(span.from).toBeLessThan(span.to);
          if (i > 0) expect(span.from).toBeGreaterThan(spans[i - 1]?.to ?? 0);
        }
      }),
    );
  });
});
