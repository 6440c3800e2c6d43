import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type AtStake, type SeverityStep, severityAtStake } from '../../domain/index.ts';
import { parseRules } from './rule-file.ts';

const page = readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8');
/** The example of docs/rules.md, within a whole rule. */
const example = /^ {4}severity: warning\n {4}severityBy:\n(?: {6}- .*\n)+/m.exec(page)?.[0] ?? '';
const documented = parseRules(
  `rules:\n  - id: too-warm\n    kind: threshold\n    metric: temperature\n    above: 8\n${example}`,
  'rules.yaml',
);

describe('the severity of an alert', () => {
  it('is raised as the table in docs/rules.md says', () => {
    const [written] = documented.rules;
    const rows = [...page.matchAll(/^\| (\d+) \| (\d|nobody.*?) \| (\d+ h|nobody.*?) \| (warning|critical)\b.*\|$/gm)];
    expect(rows.length).toBe(5);
    for (const [, serials, valueClass = '', budget = '', severity] of rows) {
      const count = Number(serials);
      const atStake: AtStake = {
        valueClasses: /\d/.test(valueClass) ? [{ valueClass: Number(valueClass), serials: count }] : [],
        budgetLeftMinutes: /\d/.test(budget) ? Number.parseInt(budget, 10) * 60 : null,
      };
      expect(severityAtStake('warning', written?.rule.severityBy ?? [], count, atStake)).toBe(severity);
    }
  });

  it('is never lowered, and what is not known raises nothing', () => {
    const steps: readonly SeverityStep[] = [
      { by: 'serials', atLeast: 0, severity: 'info' },
      { by: 'budgetLeft', atMost: 1e12, severity: 'critical' },
    ];
    expect(severityAtStake('warning', steps, 5, null)).toBe('warning');
  });
});

describe('a rule file', () => {
  const problem = (steps: string) => {
    const text = `rules:\n  - { id: x, kind: silence, metric: temperature, after: 1h, severityBy: ${steps} }`;
    try {
      parseRules(text, 'rules.yaml');
      return '';
    } catch (error) {
      return String((error as Error).message);
    }
  };

  it.each([
    ['[{ by: serials, severity: critical }]', /atLeast or atMost/],
    ['[{ by: serials, atLeast: 5, atMost: 4, severity: critical }]', /not above/],
    ['[{ by: valueClass, atLeast: 6, severity: critical }]', /severityBy/],
    ['[{ by: budgetLeft, atMost: 2, severity: critical }]', /severityBy/],
    ['[{ by: worth, atLeast: 1, severity: critical }]', /serials, valueClass, budgetLeft/],
    ['[]', /severityBy/],
  ])('with severityBy %s says where and what is allowed', (steps, expected) => {
    expect(problem(steps)).toMatch(expected);
    expect(problem(steps)).toMatch(/^rules.yaml:2/);
  });
});
