import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clauses, readRequirements, suite, TRACEABILITY_PAGE, testsOf, traceabilityPage } from './traceability.ts';

const root = join(import.meta.dirname, '..');
const USERS = "the user's procedure";
const OPEN = 'not there yet';

const PART_11 = [
  ...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'].map((letter) => `11.10(${letter})`),
  ...['11.30', '11.50(a)', '11.50(b)', '11.70', '11.100(a)', '11.100(b)', '11.100(c)'],
  ...['11.200(a)(1)', '11.200(a)(2)', '11.200(a)(3)', '11.200(b)'],
  ...['a', 'b', 'c', 'd', 'e'].map((letter) => `11.300(${letter})`),
];
const ANNEX_11 = Array.from({ length: 17 }, (_, i) => `Annex 11, ${i + 1}`);
const ALCOA = [
  ...['Attributable', 'Legible', 'Contemporaneous', 'Original', 'Accurate'],
  ...['Complete', 'Consistent', 'Enduring', 'Available', 'Traceable'],
];

test('every test that a requirement names is in the suite', () => {
  const titles = suite();
  const missing = readRequirements().flatMap((requirement) =>
    testsOf(requirement)
      .filter(({ file, title }) => titles.get(file)?.includes(title) !== true)
      .map(({ file, title }) => `${requirement.id}: ${file}: ${title}`),
  );
  expect(missing).toEqual([]);
});

test('no two requirements have one id', () => {
  const ids = readRequirements().map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)]);
});

test('every clause of Part 11, Annex 11 and ALCOA++ has its row, once', () => {
  const rows = clauses().map(({ clause }) => clause);
  expect(rows.toSorted()).toEqual([...PART_11, ...ANNEX_11, ...ALCOA].toSorted());
});

test('every clause is shown by requirements that there are, left to the user, or owned up to', () => {
  const ids = new Set(readRequirements().map(({ id }) => id));
  const wrong = clauses().flatMap(({ clause, shownBy }) =>
    shownBy
      .split(/[,;] */)
      .filter((one) => !ids.has(one) && one !== USERS && one !== OPEN)
      .map((one) => `${clause}: ${one}`),
  );
  expect(wrong).toEqual([]);
});

test('the page of requirements and their tests is up to date', () => {
  expect(readFileSync(join(root, TRACEABILITY_PAGE), 'utf8')).toBe(traceabilityPage());
});

test('every requirement is asked for by a clause, or by the goods', () => {
  const asked = new Set(clauses().flatMap(({ shownBy }) => shownBy.split(/[,;] */)));
  expect(
    readRequirements()
      .filter(({ id }) => !asked.has(id))
      .map(({ id }) => id),
  ).toEqual([]);
});
