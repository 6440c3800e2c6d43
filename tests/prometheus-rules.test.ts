import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { documentedMetrics } from './documented.ts';
import { systemPart } from './parts.ts';

const folder = new URL('../docs/prometheus/', import.meta.url).pathname;
const promtool = systemPart('promtool');

describe.skipIf(promtool === null)('the example rules for Prometheus', () => {
  const run = (...words: string[]) => execFileSync(promtool ?? '', words, { cwd: folder, encoding: 'utf8' });

  it('are well formed, as promtool sees it', () => {
    expect(run('check', 'rules', 'isotherm.rules.yml')).toContain('SUCCESS');
  });

  it('fire when they should, and not before', () => {
    expect(run('test', 'rules', 'isotherm.rules.test.yml')).toContain('SUCCESS');
  });
});

it('the example rules for Prometheus name metrics that there are', () => {
  const ours = new Map(documentedMetrics().map(({ name, type }) => [name, type]));
  // As they stand in expressions, without what the words to people say.
  const expressions = readFileSync(`${folder}isotherm.rules.yml`, 'utf8').match(/^ +expr: .*$/gm) ?? [];
  const used = new Set(expressions.flatMap((line) => line.match(/\bisotherm_\w+/g) ?? []));
  expect(used.size).toBeGreaterThan(10);
  const unknown = [...used].filter((name) => {
    const [base, suffix] = /^(.*?)(_total|_bucket)?$/.exec(name)?.slice(1) ?? [];
    const type = suffix === '_total' ? 'counter' : suffix === '_bucket' ? 'histogram' : 'gauge';
    return ours.get(base ?? '') !== type;
  });
  expect(unknown).toEqual([]);
});
