import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeviceContext } from '../domain/index.ts';
import { compileAppliesTo } from './applies-to.ts';

const device: DeviceContext = {
  profile: '2-8C',
  product: '80614141123458',
  lane: 'site:berlin>site:lyon',
  labels: { room: 'cold matches store', shelf: 'a1' },
};
const applies = (expression: string, context = device) => compileAppliesTo(expression)(context);

/** Far above what linear time takes, far below what any of these took. */
const SOON_MS = 2_000;

function inTime<T>(work: () => T): T {
  const began = performance.now();
  const done = work();
  expect(performance.now() - began).toBeLessThan(SOON_MS);
  return done;
}

describe('a rule cannot stop the platform', () => {
  // A dry run took 23 s, twice as long with each character, and no reading was acknowledged meanwhile.
  test.each(['^(a|a)*$', '(x+x+)+y', '^(([a-z])+.)+[A-Z]([a-z])+$', '(a*)*b', '^(a?){50}a{50}$'])(
    'the pattern %s takes linear time',
    (pattern) => {
      const text = `${'a'.repeat(5_000)}!`;
      expect(inTime(() => applies(`site.matches("${pattern}")`, { ...device, site: text }))).toBe(false);
    },
  );

  test('a comment does not hide a matches from being made linear', () => {
    expect(() => compileAppliesTo('site // matches\n.matches("^(a|a)*$")')).toThrow(/a comment beside matches/);
  });

  test('a pattern that comes from the device takes linear time too', () => {
    const labels = { pattern: '^(a|a)*$', text: `${'a'.repeat(5_000)}!` };
    expect(inTime(() => applies('labels["text"].matches(labels["pattern"])', { labels }))).toBe(false);
  });

  test.each([
    ['lists within lists', '[0,1,2,3,4,5,6,7,8,9].all(a, LOOP)', 9],
    ['labels within labels', 'labels.all(a, LOOP)', 6],
  ])('%s multiply, and are refused before they run', (_, level, depth) => {
    let expression = 'true';
    for (let i = 0; i < depth; i++) expression = level.replace('LOOP', expression).replace('(a,', `(a${i},`);
    expect(() => inTime(() => compileAppliesTo(expression))).toThrow(
      /takes up to .* steps on a device, allowed: 1000000/,
    );
  });

  test('a text that doubles with each step is refused', () => {
    let expression = 'x0 == "a"';
    for (let i = 0; i < 20; i++)
      expression = `cel.bind(x${i}, ${i === 19 ? 'profile' : `x${i + 1} + x${i + 1}`}, ${expression})`;
    expect(() => inTime(() => compileAppliesTo(expression))).toThrow(/steps on a device/);
  });

  test('any expression is refused or answers in time', () => {
    const leaf = fc.constantFrom('profile', 'lane', '"aaaaaaaaaaaaaaaaaaaaaaaa!"', 'labels["room"]');
    const bool = fc.letrec<{ bool: string }>((tie) => ({
      bool: fc.oneof(
        { depthSize: 'medium' },
        fc.tuple(leaf, fc.constantFrom('^(a|a)*$', '(.*)*b', 'x')).map(([text, p]) => `${text}.matches("${p}")`),
        fc.tuple(tie('bool'), tie('bool'), fc.constantFrom('&&', '||')).map(([a, b, op]) => `(${a} ${op} ${b})`),
        tie('bool').map((body) => `labels.all(k, ${body})`),
        tie('bool').map((body) => `[1, 2, 3, 4, 5, 6, 7, 8].exists(n, ${body})`),
      ),
    })).bool;
    const labels = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`label-${i}`, 'a'.repeat(200)]));
    fc.assert(
      fc.property(bool, (expression) => {
        inTime(() => {
          try {
            applies(expression, { ...device, labels: { ...labels, room: 'aaaa' } });
          } catch (error) {
            expect(String(error)).toMatch(/steps on a device|depth|nodes/i);
          }
        });
      }),
      { numRuns: 200 },
    );
  });
});

describe('matches', () => {
  test('finds its pattern anywhere in the text, as CEL says', () => {
    expect(applies('lane.matches("berlin")')).toBe(true);
    expect(applies('lane.matches("^berlin")')).toBe(false);
    expect(applies('profile.matches("^[0-9]-[0-9]C$") && !product.matches("[a-z]")')).toBe(true);
  });

  test('is itself, not a word in a text', () => {
    expect(applies('labels["room"].matches("matches") && labels["room"] == "cold matches store"')).toBe(true);
    expect(applies('"matches".matches("m.tch") && ("a.matches(b)").matches("\\\\(b\\\\)")')).toBe(true);
  });

  test.each(['(a)\\\\1', '(?=a)', '(?<!b)a', '((a{100}){100})', 'a['])('%s is no RE2 pattern', (pattern) => {
    expect(() => compileAppliesTo(`site.matches("${pattern}")`)).toThrow(/matches: .*, allowed: RE2/);
  });

  test('a pattern from a device that is none does not apply', () => {
    expect(applies('lane.matches(labels["shelf"] + "[")')).toBe(false);
  });
});

test.each(['profile == "2-8C"', 'profile in ["2-8C", "frozen"]', 'labels.exists(k, k == "room")', '"room" in labels'])(
  'what people write passes: %s',
  (expression) => {
    expect(applies(expression)).toBe(true);
  },
);
