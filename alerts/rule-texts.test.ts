import { expect, it } from 'vitest';
import { type KeptFact, KnownRules } from '../domain/index.ts';
import { ruleTexts } from './rule-texts.ts';

it("a rule version's text comes from the facts, and those are read again only for a version that is new", async () => {
  const kept: KeptFact[] = [];
  let reads = 0;
  const texts = ruleTexts(
    new KnownRules({
      all: async () => {
        reads++;
        return kept;
      },
    }),
  );
  const keep = (version: number, summary?: string) =>
    kept.push({
      position: version,
      arrival: 0,
      fact: {
        type: 'rule',
        by: 'paula',
        version: {
          version,
          effectiveFrom: null,
          rule: {
            id: 'lost',
            kind: 'silence',
            severity: 'warning',
            metric: 'temperature',
            afterMs: 1,
            ...(summary && { summary }),
          },
        },
      },
    });
  keep(1, '{{device}} is lost');
  keep(2);
  expect([await texts('lost', 1), await texts('lost', 2), await texts('lost', 1)]).toEqual([
    '{{device}} is lost',
    undefined,
    '{{device}} is lost',
  ]);
  expect(reads).toBe(1);
  keep(3, 'no word of {{device}}');
  expect(await texts('lost', 3)).toBe('no word of {{device}}');
  expect(reads).toBe(2);
});
