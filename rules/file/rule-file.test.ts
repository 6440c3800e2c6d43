import { describe, expect, test } from 'vitest';
import { formatDuration, InputError, parseDuration } from '../../domain/index.ts';
import { parseRules } from './rule-file.ts';

function problemsOf(text: string): string[] {
  try {
    parseRules(text, 'rules.yaml');
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.code).toBe('RULE_FILE_BAD');
    const problems = error.details.problems;
    expect(error.message).toBe((problems as string[])[0]);
    return problems as string[];
  }
  throw new Error('no error');
}

/** A rule file of one threshold rule with one more line. */
function withLine(line: string): string {
  return `rules:\n  - id: warm\n    kind: threshold\n    metric: temperature\n    above: 8\n    ${line}\n`;
}

test('a rule file gives rules with every key in the units of the engine', () => {
  const { rules, warnings } = parseRules(
    `rules:
  - id: too-warm
    kind: threshold
    metric: temperature
    above: 8
    clearAbove: 7.5
    for: 10m
    maxGap: 30m
    gap: worst
    keepFiringFor: 0s
    severity: critical
    appliesTo: profile == "2-8C"
    summary: "{{device}} above {{limit}} °C for {{duration}}"
    labels: {team: night}
    effectiveFrom: 2026-11-22T10:00:00Z
  - {id: silent, kind: silence, metric: humidity, after: 1h}
  - {id: strangers, kind: unexpected, atLeast: 2}
  - {id: stopped, kind: blocked, severity: critical}
`,
    'rules.yaml',
  );
  expect(warnings).toEqual([]);
  expect(rules).toEqual([
    {
      line: 2,
      effectiveFrom: Date.parse('2026-11-22T10:00:00Z'),
      rule: {
        id: 'too-warm',
        kind: 'threshold',
        metric: 'temperature',
        above: 8,
        clearAbove: 7.5,
        forMs: 600_000,
        maxGapMs: 1_800_000,
        gap: 'worst',
        keepFiringForMs: 0,
        severity: 'critical',
        appliesTo: 'profile == "2-8C"',
        summary: '{{device}} above {{limit}} °C for {{duration}}',
        labels: { team: 'night' },
      },
    },
    {
      line: 16,
      effectiveFrom: null,
      rule: { id: 'silent', kind: 'silence', metric: 'humidity', afterMs: 3_600_000, severity: 'warning' },
    },
    {
      line: 17,
      effectiveFrom: null,
      rule: { id: 'strangers', kind: 'unexpected', atLeast: 2, severity: 'warning' },
    },
    {
      line: 18,
      effectiveFrom: null,
      rule: { id: 'stopped', kind: 'blocked', atLeast: 1, severity: 'critical' },
    },
  ]);
});

describe('mistakes are named with file, line, key, what was given and what is allowed', () => {
  test.each([
    [
      'an excuse by what the rule itself judges',
      'unless: { metric: temperature, above: 20 }',
      'rules.yaml:6: rules[0].unless: {"metric":"temperature","above":20}, allowed: another metric than the rule itself judges',
    ],
    [
      'an excuse without a limit',
      'unless: { metric: defrost }',
      'rules.yaml:6: rules[0].unless.above: missing, allowed: above or below or both',
    ],
    [
      'a mass that is no time',
      'thermalMass: heavy',
      'rules.yaml:6: rules[0].thermalMass: "heavy", allowed: a whole number and one unit',
    ],
    ['an unknown key', 'colour: red', 'rules.yaml:6: rules[0].colour: unknown key'],
    [
      'an unknown severity',
      'severity: grave',
      'rules.yaml:6: rules[0].severity: "grave", allowed: one of info, warning, critical',
    ],
    ['a wrong type', 'below: "2"', 'rules.yaml:6: rules[0].below: "2", allowed: a finite number'],
    ['an infinite limit', 'below: -.inf', 'rules.yaml:6: rules[0].below: -Infinity, allowed: a finite number'],
    ['a negative duration', 'for: -10m', 'rules.yaml:6: rules[0].for: "-10m", allowed: a whole number and one unit'],
    [
      'a duration of two units',
      'for: 1h30m',
      'rules.yaml:6: rules[0].for: "1h30m", allowed: a whole number and one unit',
    ],
    ['a bare number as duration', 'for: 10', 'rules.yaml:6: rules[0].for: 10, allowed: a whole number and one unit'],
    ['a zero maxGap', 'maxGap: 0s', 'rules.yaml:6: rules[0].maxGap: "0s", allowed: longer than zero'],
    ['clearAbove > above', 'clearAbove: 8.5', 'rules.yaml:6: rules[0].clearAbove: 8.5, allowed: at most above (8)'],
    ['below >= above', 'below: 8', 'rules.yaml:6: rules[0].below: 8, allowed: less than above (8)'],
    ['an unknown gap', 'gap: best', 'rules.yaml:6: rules[0].gap: "best", allowed: unknown or worst'],
    [
      'CEL that does not parse',
      'appliesTo: profile ==',
      'rules.yaml:6: rules[0].appliesTo: "profile ==", allowed: CEL',
    ],
    ['CEL over something unknown', 'appliesTo: colour == "red"', 'Unknown variable: colour'],
    ['CEL that is no yes or no', 'appliesTo: profile', 'gives string, not true or false'],
    [
      'an effectiveFrom that is no time',
      'effectiveFrom: tomorrow',
      'rules.yaml:6: rules[0].effectiveFrom: "tomorrow", allowed: RFC 3339',
    ],
    ['a key that stands twice', 'above: 9', 'rules.yaml:6: not YAML: Map keys must be unique'],
  ])('%s', (_, line, said) => {
    const [problem] = problemsOf(withLine(line));
    expect(problem).toContain(said);
  });

  test.each([
    [
      'clearBelow < below',
      '{id: c, kind: threshold, metric: temperature, below: 2, clearBelow: 1}',
      'clearBelow: 1, allowed: at least below (2)',
    ],
    [
      'neither above nor below',
      '{id: c, kind: threshold, metric: temperature}',
      'above: missing, allowed: above or below or both',
    ],
    [
      'a forecast of both limits',
      '{id: c, kind: forecast, metric: temperature, above: 8, below: 2, window: 1h, within: 1h}',
      'above: 8, allowed: either above or below',
    ],
    ['an unknown kind', '{id: c, kind: treshold}', 'kind: "treshold", allowed: threshold, silence'],
    ['no kind', '{id: c}', 'kind: missing, allowed: threshold, silence'],
    [
      'an unknown metric',
      '{id: c, kind: silence, metric: temp, after: 1h}',
      'metric: "temp", allowed: one of temperature, humidity',
    ],
    [
      'a missing key',
      '{id: c, kind: silence, metric: temperature}',
      'after: missing, allowed: a whole number and one unit',
    ],
    [
      'a zero after',
      '{id: c, kind: silence, metric: temperature, after: 0m}',
      'after: "0m", allowed: longer than zero',
    ],
    [
      'a window that is not whole hours',
      '{id: c, kind: mkt, metric: temperature, window: 90m, above: 8}',
      'window: "90m", allowed: whole hours',
    ],
    ['an id with other characters', '{id: Too Warm, kind: unexpected}', 'id: "Too Warm", allowed: [a-z0-9-]{1,64}'],
    ['an id that is too long', `{id: ${'a'.repeat(65)}, kind: unexpected}`, 'allowed: [a-z0-9-]{1,64}'],
    ['a number as id', '{id: 7, kind: unexpected}', 'id: 7, allowed: text'],
    ['atLeast 0', '{id: c, kind: unexpected, atLeast: 0}', 'atLeast: 0, allowed: at least 1'],
    ['a rule that is no map', 'warm', 'rules[0]: "warm", allowed: a map'],
  ])('%s', (_, rule, said) => {
    const [problem] = problemsOf(`rules:\n  - ${rule}\n`);
    expect(problem).toMatch(/^rules\.yaml:2: rules\[0\]/);
    expect(problem).toContain(said);
  });

  test('a repeated id names the line that has it already', () => {
    const rule = '{id: a, kind: unexpected}';
    expect(problemsOf(`rules:\n  - ${rule}\n  - ${rule}\n`)).toEqual([
      'rules.yaml:3: rules[1].id: "a", allowed: unique ids; line 2 has it already',
    ]);
  });

  test('all mistakes of a file are told, in the order of its lines', () => {
    const problems = problemsOf('rules:\n  - {id: a, kind: silence, metric: temp}\n  - {id: b, kind: nope}\n');
    expect(problems.map((problem) => problem.split(':').slice(1, 3).join(':'))).toEqual([
      '2: rules[0].metric',
      '2: rules[0].after',
      '3: rules[1].kind',
    ]);
  });

  test.each([
    ['an empty file', '', 'rules.yaml:1: null, allowed: a map with the key rules'],
    ['no rules', 'rule: []', 'rules.yaml:1: rule: unknown key, allowed: rules'],
    ['rules that are no list', 'rules: {a: 1}', 'rules.yaml:1: rules: {"a":1}, allowed: a list of rules'],
    ['text that is no YAML', 'rules:\n  - {id: a', 'not YAML'],
    ['a tag that YAML does not know', 'rules: !!js/function []', 'not YAML'],
  ])('%s', (_, text, said) => {
    expect(problemsOf(text)[0]).toContain(said);
  });

  test('a file over 1 MiB is refused', () => {
    expect(problemsOf(`rules: []\n#${' '.repeat(1_048_576)}`)[0]).toContain('allowed: at most 1048576');
  });

  test('aliases that expand beyond reason are refused', () => {
    const layers = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name, i, all) =>
      i === 0
        ? '&a [x,x,x,x,x,x,x,x,x,x]'
        : `&${name} [${Array.from({ length: 10 }, () => `*${all[i - 1]}`).join(',')}]`,
    );
    expect(problemsOf(`rules:\n${layers.map((layer) => `  - ${layer}`).join('\n')}\n`)[0]).toContain('YAML aliases');
  });

  // It came as a defect, with its stack.
  test.each(['&a [*a]', '&a [{ id: *a }]', '[{ labels: &a { b: [*a] } }]'])(
    'an alias within what it names is refused: %s',
    (rules) => {
      expect(problemsOf(`rules: ${rules}\n`)).toEqual([
        'rules.yaml:1: YAML aliases: one stands within what it names, allowed: a tree',
      ]);
    },
  );
});

// It was answered in the engine's own words: Maximum call stack size exceeded.
test.each([150, 5_000, 100_000])('YAML nested %d deep is refused in our own words', (levels) => {
  expect(problemsOf(`rules: ${'['.repeat(levels)}${']'.repeat(levels)}\n`)).toEqual([
    'rules.yaml:1: YAML nested too deep, allowed: at most 100 levels',
  ]);
});

test('YAML nested by its indentation is refused so too', () => {
  const deep = Array.from({ length: 1_300 }, (_, i) => `${' '.repeat(i)}a:\n`).join('');
  expect(problemsOf(`rules:\n${deep.replaceAll(/^/gm, ' ')}`)[0]).toContain('nested too deep');
});

test('only for and keepFiringFor may be zero', () => {
  expect(parseRules(withLine('for: 0s'), 'f').rules[0]?.rule).toMatchObject({ forMs: 0 });
  expect(parseRules(withLine('keepFiringFor: 0s'), 'f').rules[0]?.rule).toMatchObject({ keepFiringForMs: 0 });
});

test.each([
  [
    'a point left out above',
    'kind: threshold, above: 800',
    'warm.above: 800 °C is never reached: temperature is -200 to 300 °C',
  ],
  [
    'and below',
    'kind: threshold, atOrBelow: -2000',
    'warm.atOrBelow: -2000 °C is never reached: temperature is -200 to 300 °C',
  ],
  ['of a forecast', 'kind: forecast, above: 801, window: 30m, within: 1h', 'warm.above: 801 °C is never reached'],
])('a limit that no reading reaches is warned of: %s', (_, limit, warning) => {
  const file = `rules:\n  - {id: warm, severity: warning, metric: temperature, ${limit}}`;
  expect(parseRules(file, 'r.yaml').warnings).toEqual([expect.stringContaining(`r.yaml:2: ${warning}`)]);
});

test('durations are a whole number and one unit', () => {
  expect(['500ms', '90s', '10m', '2h', '30d'].map(parseDuration)).toEqual([
    500, 90_000, 600_000, 7_200_000, 2_592_000_000,
  ]);
  expect(['', 'm', '1', '1.5h', '1 h', '-1h', '+1h', '1w', '1H', '9007199254740993ms'].map(parseDuration)).toEqual(
    Array(10).fill(null),
  );
  expect([500, 90_000, 600_000, 7_200_000, 2_592_000_000, 0].map(formatDuration)).toEqual([
    '500ms',
    '90s',
    '10m',
    '2h',
    '30d',
    '0ms',
  ]);
});

test('a side has one limit, which is in range or out of it, and leaves values in range', () => {
  expect(problemsOf(withLine('atOrAbove: 8'))).toEqual([
    'rules.yaml:6: rules[0].atOrAbove: 8, allowed: above or atOrAbove, not both',
  ]);
  expect(problemsOf(withLine('atOrBelow: 8'))).toEqual([
    'rules.yaml:6: rules[0].atOrBelow: 8, allowed: less than above (8)',
  ]);
  expect(parseRules(withLine('atOrBelow: 2\n    clearBelow: 2.5'), 'rules.yaml').rules[0]?.rule).toMatchObject({
    ...{ above: 8, atOrBelow: 2, clearBelow: 2.5 },
  });
});
