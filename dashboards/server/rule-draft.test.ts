// biome-ignore-all lint/style/noRestrictedImports: holds the words of the page to the schema of rule files
import { expect, test } from 'vitest';
import { BUILTIN_RULES, parseRules, ruleKindFields, writeRule } from '../../rules/index.ts';
import { en } from '../web/src/text/en/index.ts';
import { draftRule } from './rule-draft.ts';

const TEXT = `# agreed with quality on 2 March
id: too-warm-here   # the cold room
kind: threshold
metric: temperature
above: 8
# below that the fan needs a moment
clearAbove: 7.5
for: 10m
labels: { room: a }
`;

test('a form changes the lines it is about: comments and all that it cannot show stay to the letter', () => {
  const { text, values, said, errors, lost } = draftRule(TEXT, { above: 9, for: '1h', keepFiringFor: '15m' });
  expect(text).toBe(`${TEXT.replace('above: 8', 'above: 9').replace('for: 10m', 'for: "1h"')}keepFiringFor: "15m"\n`);
  expect(values).toMatchObject({ id: 'too-warm-here', above: 9, labels: { room: 'a' } });
  expect([errors, lost]).toEqual([[], []]);
  expect(said).toBe('Temperature above 9 °C for 1 hour or longer, until it is 7.5 °C or less.');
  expect(draftRule(TEXT, { clearAbove: null }).lost).toEqual(['# below that the fan needs a moment']);
});

test('what another kind does not know goes with the change of kind, and the rest stays', () => {
  expect(draftRule(TEXT, { kind: 'silence' }).text).toBe(
    '# agreed with quality on 2 March\nid: too-warm-here   # the cold room\nkind: silence\nmetric: temperature\nlabels: { room: a }\n',
  );
});

test('what a door does is said as people say it', () => {
  expect(draftRule('id: d\nkind: threshold\nmetric: door\nabove: 0\nfor: 5m\n').said).toMatch(/^Door open for/);
});

test('a text that is no rule yet says where and why, and its keys are there as far as they can be read', () => {
  const wrong = draftRule(TEXT.replace('for: 10m', 'for: ten minutes'));
  expect([wrong.said, wrong.values.for, wrong.errors[0]?.path]).toEqual([null, 'ten minutes', 'for']);
  expect(draftRule('id: [').values).toEqual({});
  expect(() => draftRule('id: [', { above: 1 })).toThrow(/no YAML/);
  expect(() => draftRule('id: a\nx: &x 1\nabove: *x\n', { x: null })).toThrow(/cannot change/);
});

test('every key of every kind is in the form with words of its own, and every built-in rule is shown whole but for what is said', () => {
  const kinds = new Map(ruleKindFields().map(({ kind, fields }) => [kind, fields]));
  const words: Readonly<Record<string, string>> = en;
  const wordless = [...kinds].flatMap(([kind, fields]) =>
    fields.flatMap(({ key }) =>
      words[`rule.field.${kind}.${key}`] === undefined && words[`rule.field.${key}`] === undefined
        ? [`${kind}.${key}`]
        : [],
    ),
  );
  expect(wordless).toEqual([]);
  expect([...kinds.keys()].filter((kind) => words[`rule.kind.${kind}`] === undefined)).toEqual([]);
  for (const { rule } of parseRules(BUILTIN_RULES, 'builtin').rules) {
    const source = writeRule(rule);
    const { values, errors } = draftRule(source);
    const unknown = Object.keys(values).filter((key) => !kinds.get(rule.kind)?.some((field) => field.key === key));
    expect([rule.id, errors, unknown]).toEqual([rule.id, [], ['kind']]);
  }
  expect(kinds.get('threshold')?.find(({ key }) => key === 'for')).toEqual({
    ...{ key: 'for', type: 'duration', isRequired: false },
  });
  expect(kinds.get('forecast')?.find(({ key }) => key === 'confidence')).toMatchObject({
    ...{ type: 'choice', options: [0.9, 0.95, 0.99, 0.999], default: 0.95 },
  });
});
