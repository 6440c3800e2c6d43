import { expect, test } from 'vitest';
import { decodeJson, type Fact, type KeptFact, type NewRecord, systemTime } from '../domain/index.ts';
import { parseRules } from '../rules/index.ts';
import { publishRules } from './rule-versions.ts';

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
