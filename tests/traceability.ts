import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const root = join(import.meta.dirname, '..');
export const REQUIREMENTS_FILE = 'docs/requirements.yaml';
export const TRACEABILITY_PAGE = 'docs/traceability.md';
export const COMPLIANCE_PAGE = 'docs/compliance.md';
const SKIPPED = new Set(['node_modules', 'dist', '.git', 'data']);

const requirements = z.array(
  z.strictObject({
    id: z.string().regex(/^[A-Z]{3}-\d+$/),
    text: z.string().min(1),
    risk: z.enum(['high', 'medium', 'low']),
    tests: z.array(z.string().regex(/^[\w./-]+\.test\.ts: .+$/, 'expected file: title')).min(1),
  }),
);
export type Requirement = z.output<typeof requirements>[number];

export interface NamedTest {
  readonly file: string;
  readonly title: string;
}

/** @throws {z.ZodError} where the file is not as it should be */
export function readRequirements(): readonly Requirement[] {
  return requirements.parse(parse(readFileSync(join(root, REQUIREMENTS_FILE), 'utf8')));
}

export function testsOf({ tests }: Requirement): readonly NamedTest[] {
  return tests.map((one) => ({ file: one.slice(0, one.indexOf(': ')), title: one.slice(one.indexOf(': ') + 2) }));
}

const TITLE =
  /\b(?:test|it)(?:\.(?:each|skipIf|runIf)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g;

/** Titles of the tests of every test file, by file. */
export function suite(): ReadonlyMap<string, readonly string[]> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((file) => !file.split('/').some((part) => SKIPPED.has(part)))
    .sort();
  return new Map(
    files.map((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      return [file, [...text.matchAll(TITLE)].map(([, , title = '']) => title.replace(/\\(.)/g, '$1'))];
    }),
  );
}

/** Clauses of the page on compliance: what they ask and by what they are met. */
export function clauses(): readonly { readonly clause: string; readonly shownBy: string }[] {
  const page = readFileSync(join(root, COMPLIANCE_PAGE), 'utf8');
  return [...page.matchAll(/^\| (?!clause|letter)([^|]+) \|[^|]+\|[^|]+\| ([^|]+) \|$/gm)].map(
    ([, clause = '', shownBy = '']) => ({ clause: clause.trim(), shownBy: shownBy.trim() }),
  );
}

/** The page: requirements, the tests that show each, and the clauses that rest on it. */
export function traceabilityPage(): string {
  const all = readRequirements();
  const named = new Set(all.flatMap((one) => testsOf(one).map(({ file }) => file)));
  const lines = [
    '# Requirements and their tests',
    '',
    'Made by `node tests/traceability.ts` from [requirements.yaml](requirements.yaml), [compliance.md](compliance.md) and the suite;',
    'a test holds that it is up to date and that each test named is there. Run them with `npm run test:whole`.',
    '',
    `${all.length} requirements, ${all.reduce((sum, { tests: own }) => sum + own.length, 0)} tests named, in ${named.size} files. The other`,
    'tests show more of the same, or what no requirement here asks.',
    '',
  ];
  for (const requirement of all) {
    const clausesOf = clauses().filter(({ shownBy }) => shownBy.split(/[,;] */).includes(requirement.id));
    lines.push(`## ${requirement.id}`, '', `${requirement.text} Risk: ${requirement.risk}.`, '');
    if (clausesOf.length > 0) lines.push(`Asked by: ${clausesOf.map(({ clause }) => clause).join('; ')}.`, '');
    lines.push('| test | in |', '|---|---|');
    for (const { file, title } of testsOf(requirement)) lines.push(`| ${title} | [${file}](../${file}) |`);
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

if (import.meta.main) writeFileSync(join(root, TRACEABILITY_PAGE), traceabilityPage());
