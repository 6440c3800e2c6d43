import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../domain/index.ts';
import { runDispositionTests } from './disposition-tests.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/rules.md'), 'utf8');
const DOCUMENTED = /```yaml\n(dispositions:\n[\s\S]*?)```/.exec(page)?.[1] ?? '';

const run = (text: string) => runDispositionTests(text, 'goods.test.yaml');

describe('tests of dispositions', () => {
  test('as they are documented, pass', () => {
    const { lines, tests, failed } = run(DOCUMENTED);
    expect(tests).toBe(7);
    expect({ failed, lines: lines.filter((line) => !line.startsWith('ok ')) }).toEqual({ failed: 0, lines: [] });
  });

  test('that fail say what is proposed instead, whether it is certain, and every sentence of it', () => {
    const { lines, failed } = run(`dispositions:
  - name: too warm
    product: { profile: 2-8C, budget: 30m }
    exposures: [{ min: 5, max: 9.1, above: 40m }]
    proposal: release
    certain: false
    reasons:
      - It had to stay between 2 and 8 °C.
      - It was never out of range.
`);
    expect(failed).toBe(1);
    expect(lines).toEqual([
      'FAILED too warm',
      '  ~ proposal is reject, expected release',
      '  ~ certain is true, expected false',
      '  - expected, not said: It was never out of range.',
      '    said: It had to stay between 2 and 8 °C.',
      '  + said: It was between 5 and 9.1 °C; its mean kinetic temperature is 9.1 °C.',
      '  + said: It was 40 min above and 0 min below the limits.',
      '  + said: Of 30 min that the product stands over its whole life, 40 min are used: 10 min too many.',
    ]);
  });

  test('that leave a sentence out fail: where sentences are given they are all of them', () => {
    const { failed, lines } = run(`dispositions:
  - name: in range
    product: { profile: 2-8C }
    exposures: [{ min: 4, max: 6 }]
    mkt: 5
    proposal: release
    reasons: [It was never out of range.]
`);
    expect(failed).toBe(1);
    expect(lines).toContain('  + said: It had to stay between 2 and 8 °C.');
  });

  test.each([
    ['profile: 2-9C', 'dispositions[0].product.profile: "2-9C", allowed: one of 2-8C, 15-25C'],
    ['profile: 2-8C, budget: 12', 'dispositions[0].product.budget: 12, allowed: '],
    ['profile: 2-8C, budgets: 12h', 'dispositions[0].product.budgets: unknown key'],
  ])('a product with %s is refused with file, line and what is allowed', (product, message) => {
    const text = `dispositions:\n  - name: x\n    product: { ${product} }\n    exposures: [{}]\n    proposal: release\n`;
    expect(() => run(text)).toThrow(InputError);
    expect(() => run(text)).toThrow(`goods.test.yaml:3: ${message}`);
  });

  test.each([
    ['{ min: 5 }', 'min and max, or neither'],
    ['{ min: 9, max: 5 }', 'min not above max'],
    ['{ min: 5, max: 9, above: 10m, excused: 20m }', 'excused not longer'],
  ])('an exposure %s is refused', (exposure, allowed) => {
    const text = `dispositions:\n  - name: x\n    product: { profile: 2-8C }\n    exposures: [${exposure}]\n    proposal: release\n`;
    expect(() => run(text)).toThrow(allowed);
  });

  test('come out the same in whatever order stretches are given', () => {
    const minutes = fc.integer({ min: 0, max: 200 });
    const stretch = fc.record({
      min: fc.integer({ min: -5, max: 5 }),
      max: fc.integer({ min: 5, max: 12 }),
      above: minutes,
      unknown: minutes,
    });
    fc.assert(
      fc.property(fc.array(stretch, { minLength: 1, maxLength: 5 }), minutes, (stretches, budget) => {
        const said = (given: typeof stretches) => {
          const exposures = given
            .map(
              ({ min, max, above, unknown }) => `{ min: ${min}, max: ${max}, above: ${above}m, unknown: ${unknown}m }`,
            )
            .join(', ');
          return run(`dispositions:
  - name: x
    product: { profile: 2-8C, budget: ${budget}m }
    exposures: [${exposures}]
    proposal: release
    reasons: []
`).lines;
        };
        expect(said([...stretches].reverse())).toEqual(said(stretches));
      }),
    );
  });
});
