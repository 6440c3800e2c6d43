import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { decodeJson, type Fact, type KeptFact, type NewRecord, systemTime } from '../domain/index.ts';
import { parseRules } from '../rules/index.ts';
import { configuredRules, publishRules } from './rule-versions.ts';

const file = (after: string) => `rules:\n  - { id: silent, kind: silence, metric: temperature, after: ${after} }\n`;

/** Facts as the tracer would keep them, and starts of the platform with a rule file. */
function installation() {
  const kept: KeptFact[] = [];
  const tell = (fact: Fact) => kept.push({ position: kept.length + 1, arrival: 0, fact });
  const unused = () => Promise.reject(new Error('not asked here'));
  const log = {
    heads: async () => ({}),
    append: async (records: readonly NewRecord[]) => {
      for (const { payload } of records) tell(decodeJson<Fact>(payload));
      return [];
    },
  };
  return {
    tell,
    async start(text: string) {
      const before = kept.length;
      await publishRules({
        rules: parseRules(text, 'rules.yaml').rules,
        facts: { all: async () => kept, keep: unused },
        log,
        tracer: { passed: async () => {} },
        time: systemTime,
      });
      return kept.slice(before).map(({ fact }) => {
        if (fact.type !== 'rule') return fact.type;
        const { rule, version, isRemoved } = fact.version;
        return isRemoved ? `${rule.id} ${version} removed` : `${rule.id} ${version}`;
      });
    },
  };
}

function edited(version: number, isRemoved = false): Fact {
  const rule = { id: 'silent', kind: 'silence', metric: 'temperature', afterMs: 1, severity: 'info' } as const;
  return { type: 'rule', by: 'ada', version: { rule, version, effectiveFrom: 0, isRemoved } };
}

test('a rule that was edited stays as it was left, until the file changes', async () => {
  const { start, tell } = installation();
  expect(await start(file('1h'))).toEqual(['silent 1']);
  expect(await start(file('1h'))).toEqual([]);
  tell(edited(2));
  expect(await start(file('1h'))).toEqual([]);
  expect(await start(file('2h'))).toEqual(['silent 3']);
  expect(await start('rules: []')).toEqual(['silent 4 removed']);
});

test('a rule that was removed by a person does not come back with the next start', async () => {
  const { start, tell } = installation();
  await start(file('1h'));
  tell(edited(2, true));
  expect(await start(file('1h'))).toEqual([]);
  expect(await start('rules: []')).toEqual([]);
});

test('a rule that only people know is left alone', async () => {
  const { start, tell } = installation();
  tell(edited(1));
  expect(await start('rules: []')).toEqual([]);
});

async function ruleFile(rule: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'isotherm-rules-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, 'rules.yaml');
  await writeFile(file, `rules:\n  - { id: warm, kind: threshold, metric: temperature, above: 8${rule} }\n`);
  return file;
}

test.each([
  [
    'limits that contradict each other',
    ', below: 9',
    /rules.yaml:2: rules\[0\].below: 9, allowed: less than above \(8\)$/,
  ],
  [
    'an unknown metric',
    ' }\n  - { id: a, kind: silence, metric: temp, after: 1h',
    /rules.yaml:3: rules\[1\].metric: "temp", allowed: /,
  ],
  ['what is no YAML', ', [', /rules.yaml:2: not YAML: /],
])('a file with %s is refused with its line, before anything is published', async (_, rule, message) => {
  const { start } = installation();
  expect(await start(file('1h'))).toEqual(['silent 1']);
  await expect(configuredRules(await ruleFile(rule))).rejects.toMatchObject({
    code: 'RULE_FILE_BAD',
    message: expect.stringMatching(message),
  });
  // The file as it was is still what was published.
  expect(await start(file('1h'))).toEqual([]);
});

test('a limit that looks like °F is taken, with a warning to be told at start', async () => {
  const { rules, warnings } = await configuredRules(await ruleFile(`, for: 1m, appliesTo: 'profile == "2-8C"'`));
  expect([rules.length, warnings]).toEqual([1, []]);
  const mixed = await configuredRules(
    await ruleFile(` }\n  - { id: f, kind: threshold, metric: temperature, above: 46, appliesTo: 'profile == "2-8C"'`),
  );
  expect(mixed.warnings).toEqual([
    expect.stringMatching(/rules.yaml:3: f.above: 46 °C on 2-8C \(up to 8 °C\); if 46 °F is meant, write 7.8$/),
  ]);
});
