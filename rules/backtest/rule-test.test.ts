import { expect, test } from 'vitest';
import { InputError } from '../../domain/index.ts';
import { rulesTestCommand } from '../commands.ts';

const RULES = `rules:
  - {id: too-warm, kind: threshold, metric: temperature, above: 8, for: 10m, appliesTo: 'profile == "2-8C"'}
`;

function testFile(findings: string): string {
  return `rules: rules.yaml
tests:
  - name: an excursion in a backlog is found late
    devices: {logger-7: {profile: 2-8C}}
    readings:
      - {key: logger-7/temperature, from: 2026-11-22T10:00:00Z, every: 5m, values: 5 _x4 5}
      - {key: logger-7/temperature, from: 2026-11-22T10:05:00Z, every: 5m, values: 9 9.5x2 6, late: 2h}
    findings: ${findings}
`;
}

const run = (tests: string) =>
  rulesTestCommand({ text: tests, file: 'warm.test.yaml' }, async (file) => ({ text: RULES, file }));

test('a test passes where exactly the findings it names are found, compared in what it says of them', async () => {
  const good =
    '[{rule: too-warm, key: logger-7/temperature, from: 2026-11-22T10:05:00Z, readings: 3, detectedLate: true}]';
  expect(await run(testFile(good))).toEqual({
    lines: ['ok an excursion in a backlog is found late', 'warm.test.yaml: 1 of 1 tests passed'],
    failed: 0,
  });
});

test('a failed test says what differs, what is missing and what is too much', async () => {
  const differs = '[{rule: too-warm, key: logger-7/temperature, from: 2026-11-22T10:05:00Z, to: null, extreme: 9}]';
  expect((await run(testFile(differs))).lines).toEqual([
    'FAILED an excursion in a backlog is found late',
    '  ~ too-warm logger-7/temperature from 2026-11-22T10:05:00.000Z: extreme is 9.5, expected 9',
    '  ~ too-warm logger-7/temperature from 2026-11-22T10:05:00.000Z: to is "2026-11-22T10:20:00.000Z", expected null',
    'warm.test.yaml: 0 of 1 tests passed',
  ]);
  const other = '[{rule: too-warm, key: logger-7/temperature, from: 2026-11-22T10:00:00Z}]';
  const { lines, failed } = await run(testFile(other));
  expect(failed).toBe(1);
  expect(lines[1]).toBe('  - expected, not found: too-warm logger-7/temperature from 2026-11-22T10:00:00.000Z');
  expect(lines[2]).toContain('  + found, not expected: {"rule":"too-warm"');
});

test('a mistake in a test file has file and line', async () => {
  const error = await run(
    'rules: rules.yaml\ntests:\n  - name: x\n    readings: []\n    findings: []\n    when: 1\n',
  ).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).message).toBe(
    'warm.test.yaml:6: tests[0].when: unknown key, allowed: the keys in docs/rules.md, "Rule tests"',
  );
});

test('a file with tests of dispositions alone names no rules, and they count with the others', async () => {
  const others = () => ({ lines: ['ok goods', 'FAILED more goods'], tests: 2, failed: 1 });
  const alone = await rulesTestCommand(
    { text: 'dispositions: []\n', file: 'goods.test.yaml' },
    () => Promise.reject(new Error('no rules are to be read')),
    others,
  );
  expect(alone).toEqual({
    lines: ['ok goods', 'FAILED more goods', 'goods.test.yaml: 1 of 2 tests passed'],
    failed: 1,
  });
  const none = await run('rules: rules.yaml\n').catch((error: unknown) => error);
  expect(String(none)).toContain('warm.test.yaml:1: tests: missing, allowed: a list of tests');
  const unnamed = await run('tests: []\n').catch((error: unknown) => error);
  expect(String(unnamed)).toContain('rules: missing, allowed: the path of a rule file');
});
