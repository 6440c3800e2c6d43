import { afterEach, expect, test } from 'vitest';
import { speak } from '../text/say.ts';
import { alertKindsNamed, KIND_WORDS, pathOf } from './found.ts';

afterEach(() => speak('en'));

test.each([
  ['shock', ['shock']],
  ['Excursion', ['threshold']],
  ['kinetic', ['mkt', 'goodsMkt']],
  ['dwell', ['dwell']],
  ['  Standing too ', ['dwell']],
  ['sh', []],
  ['SHP-1', []],
])('%j means these kinds of alerts', (text, kinds) => {
  expect(alertKindsNamed(text).map(({ id }) => id)).toEqual(kinds);
});

test('a kind of alerts leads to all of them, and its words follow the language', async () => {
  const [kind] = alertKindsNamed('shock');
  expect(kind === undefined ? null : pathOf(kind)).toBe('/alerts?state=all&kind=shock');
  expect(KIND_WORDS.alert).toBe('Alerts');
  await speak('de');
  expect(KIND_WORDS.alert).toBe('Alarme');
});
