import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IntlMessageFormat } from 'intl-messageformat';
import { expect, test } from 'vitest';
import { en } from './en/index.ts';
import { hasServerText, serverText } from './index.ts';

const HOUSE = fileURLToPath(new URL('../..', import.meta.url));
/** Rooms whose sentences for people all stand here. */
const ROOMS = [
  'rules/explanation',
  'alerts',
  'trace/pass-rules',
  'trace/passes',
  'trace/goods',
  'quality',
  'dashboards/server',
  'app/validation',
];

test('every text is ICU MessageFormat', () => {
  for (const [key, text] of Object.entries(en)) expect(() => new IntlMessageFormat(text, 'en-GB'), key).not.toThrow();
});

test('every text is used', () => {
  const code = ROOMS.flatMap(sourcesIn).join('\n');
  const templates = [
    ...code.matchAll(
      /`((?:acknowledge|alert|case|explanation|found|goods|message|pass|problem|rule|summary)\.[^`]*)`/g,
    ),
  ].map(
    ([, template = '']) =>
      new RegExp(
        `^${template
          .split(/\$\{[^}]*\}/)
          .map((part) => part.replaceAll('.', '\\.'))
          .join('[^.]+')}$`,
      ),
  );
  const unused = Object.keys(en).filter(
    (key) => !code.includes(`'${key}'`) && !templates.some((template) => template.test(key)),
  );
  expect(unused).toEqual([]);
});

test('a text says one and many, first and third, as the language does', () => {
  expect(serverText('explanation.pass.blocked', { serials: 1 })).toBe(
    '1 serial in this pass that may not move on: an alert.',
  );
  const nth = (n: number) =>
    serverText('explanation.freezeThaw.opened', { value: '1 °C', limit: '0 °C', nth: n, window: '1 d' });
  expect([1, 2, 3, 4, 11, 12, 13, 21].map((n) => /the (\w+) within/.exec(nth(n))?.[1])).toEqual([
    '1st',
    '2nd',
    '3rd',
    '4th',
    '11th',
    '12th',
    '13th',
    '21st',
  ]);
});

test('what somebody named with braces stays as it is named', () => {
  expect(serverText('pass.expected', { shipment: 'SHP {x} <b>', alone: '' })).toBe('SHP {x} <b> expects it here');
});

test('the code of an error that has no title of its own is no text', () => {
  expect(hasServerText('problem.DEFECT')).toBe(true);
  expect(hasServerText('problem.constructor')).toBe(false);
  expect(hasServerText('constructor')).toBe(false);
});

function sourcesIn(room: string): string[] {
  return readdirSync(join(HOUSE, room), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
}
