import { expect, test } from 'vitest';
import { PROFILES } from '../domain/index.ts';
import { compileAppliesTo } from './applies-to.ts';
import { BUILTIN_RULES } from './builtin.ts';
import { parseRules } from './file/rule-file.ts';

const { rules, warnings } = parseRules(BUILTIN_RULES, 'built-in rules');

test('the built-in rules pass their own parser without a warning and judge all event times', () => {
  expect(warnings).toEqual([]);
  expect(rules.map(({ effectiveFrom }) => effectiveFrom)).toEqual(rules.map(() => null));
});

test.each(PROFILES)('profile $id is watched beyond each of its limits, and for silence', ({ id, min, max }) => {
  const own = rules.filter(
    ({ rule }) => rule.appliesTo !== undefined && compileAppliesTo(rule.appliesTo)({ profile: id }),
  );
  const thresholds = own.flatMap(({ rule }) => (rule.kind === 'threshold' ? rule : []));
  expect(thresholds.flatMap(({ above }) => above ?? [])).toEqual(max === null ? [] : [max]);
  expect(thresholds.flatMap(({ below }) => below ?? []).slice(0, 1)).toEqual(min === null ? [] : [min]);
  expect(own.map(({ rule }) => rule.kind)).toContain('silence');
});

test('a device without a profile is judged by none of them', () => {
  const applying = rules.filter(({ rule }) => rule.appliesTo !== undefined && compileAppliesTo(rule.appliesTo)({}));
  expect(applying).toEqual([]);
});
