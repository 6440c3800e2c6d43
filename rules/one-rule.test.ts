import { expect, test } from 'vitest';
import { BUILTIN_RULES } from './builtin.ts';
import { parseRules } from './file/rule-file.ts';
import { parseRule, writeRule } from './one-rule.ts';

const OTHERS = `rules:
  - { id: a, kind: mkt, metric: temperature, window: 720h, above: 8, maxGap: 90s }
  - { id: b, kind: rate, metric: temperature, window: 10m, limit: -1.5 }
  - { id: c, kind: shock, limit: 9, keepFiringFor: 500ms }
  - { id: d, kind: interval, metric: temperature, journey: 7d, labels: { team: "yes" } }
  - { id: e, kind: freezeThaw, count: 2, window: 36h, thawedAbove: 2, summary: 'he said "no": stop' }
  - { id: f, kind: budget, limits: [{ above: 25, budget: 12h }, { atOrBelow: 0, budget: 10m }], share: 80, unknown: counted }
  - { id: g, kind: cumulative, atOrAbove: 30, for: 10h, unless: { metric: door, above: 0 }, goods: { timeConstant: 45m } }
  - { id: of-product, kind: budget, goods: { timeConstant: product, otherwise: 45m } }
  - { id: short, kind: goodsFreezeThaw, count: 1, thermalMass: product }
  - { id: h, kind: goodsMkt, window: 24h, above: 8 }
  - { id: i, kind: goodsFreezeThaw, count: 2, thawedAbove: 2 }
  - { id: tampered, kind: tamper, shock: 30, opened: false }
  - { id: j, kind: budgetForecast, window: 6h }
`;

test.each([...parseRules(BUILTIN_RULES, 'f').rules, ...parseRules(OTHERS, 'f').rules].map(({ rule }) => rule))(
  'rule $id is written so that reading it gives the same rule',
  (rule) => {
    expect(parseRule(writeRule(rule)).rule).toEqual(rule);
  },
);

test('two rules, a list and nothing are not one rule', () => {
  for (const text of ['', '- id: a', 'id: a\n---\nid: b']) expect(() => parseRule(text)).toThrow();
});
