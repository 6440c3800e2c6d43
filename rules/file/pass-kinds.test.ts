import { expect, test } from 'vitest';
import { PASS_KINDS } from '../../domain/index.ts';
import { writeRule } from '../one-rule.ts';
import { KINDS_OVER_PASSES } from './pass-kinds.ts';
import { parseRules } from './rule-file.ts';

function ruleOf(line: string) {
  return parseRules(`rules:\n  - { id: a, ${line} }\n`, 'rules.yaml').rules[0]?.rule;
}

function problemOf(line: string): string {
  try {
    ruleOf(line);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return '';
}

test('every kind over passes can be written in a file', () => {
  expect(Object.keys(KINDS_OVER_PASSES).toSorted()).toEqual([...PASS_KINDS].toSorted());
});

test.each([
  ['kind: shortage', { when: 'both', waitMs: 3_600_000 }],
  [
    'kind: shortage, when: receipt, wait: 20m, atLeast: 3, portals: [dock-1]',
    { when: 'receipt', waitMs: 1_200_000, atLeast: 3, portals: ['dock-1'] },
  ],
  ['kind: noData', { needs: ['notice'] }],
  ['kind: noData, needs: [lot, expiry]', { needs: ['lot', 'expiry'] }],
  ['kind: wrongDirection', { atLeast: 1 }],
  ['kind: wrongDirection, way: out, portals: [dock-1]', { way: 'out', portals: ['dock-1'] }],
  ['kind: wrongPortal, through: [dock-1, dock-2]', { through: ['dock-1', 'dock-2'] }],
  ['kind: expired, remaining: 180d, way: out', { remainingMs: 180 * 86_400_000, way: 'out' }],
  ['kind: clone, between: { "site:a>site:b": 8h }', { travelMs: 900_000, betweenMs: { 'site:a>site:b': 28_800_000 } }],
  ['kind: dwell, longerThan: 30m, places: ["room:lyon/dock"]', { longerThanMs: 1_800_000, places: ['room:lyon/dock'] }],
  ['kind: crossRead', { atLeast: 1 }],
  ['kind: diversion, sites: ["site:lyon"]', { sites: ['site:lyon'] }],
  ['kind: badData', { checks: ['gtin', 'gln', 'duplicate', 'shipTo', 'order'] }],
  ['kind: badData, checks: [duplicate]', { checks: ['duplicate'] }],
  ['kind: surge', { times: 2, learnt: 7 }],
  ['kind: weakReads, below: 60, passes: 3, learnt: 10', { below: 60, passes: 3, learnt: 10 }],
])('%s', (line, settings) => {
  const rule = ruleOf(line);
  expect(rule).toMatchObject({ id: 'a', severity: 'warning', ...settings });
  // As the page shows it, it is read again as the same rule.
  const written = rule === undefined ? '' : writeRule(rule);
  expect(parseRules(`rules:\n${indented(written)}`, 'page').rules[0]?.rule).toEqual(rule);
});

test.each([
  ['kind: wrongDirection, way: out', 'portals'],
  ['kind: dwell', 'longerThan'],
  ['kind: shortage, when: later', 'departure, receipt or both'],
  ['kind: noData, needs: []', 'at least one'],
  ['kind: clone, between: { "site:a": 8h }', 'durations by pair of sites, site:a>site:b'],
  ['kind: surge, times: 1', 'more than 1'],
  ['kind: weakReads, learnt: 500', 'from 3 to 100'],
  ['kind: diversion, sites: [lyon]', 'the id of a site'],
  ['kind: expired, remaining: 6 months', 'remaining'],
])('%s is refused, naming %s', (line, named) => {
  expect(problemOf(line)).toContain(named);
});

function indented(rule: string): string {
  return rule
    .trimEnd()
    .split('\n')
    .map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`)
    .join('\n');
}
