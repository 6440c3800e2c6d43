import { beforeAll, expect, test } from 'vitest';
import { loadFarTexts } from '../text/say.ts';
import { directoryLine, directoryLines } from './directory-lines.ts';

beforeAll(loadFarTexts);

const ENTRIES = [
  { key: '0614141', who: { partner: 'examplumab' } },
  { key: '80614141123458', who: { responder: 'https://vrs.example/verify?a=1,2' } },
];

test.each([
  [
    'CSV with names of columns',
    'key,partner,responder\r\n0614141,examplumab,\r\n80614141123458,,https://vrs.example/verify?a=1,2\r\n',
  ],
  [
    'CSV of a spreadsheet',
    '\uFEFFKey;Partner;Responder\n0614141;examplumab;\n"80614141123458";;"https://vrs.example/verify?a=1,2"',
  ],
  ['lines without names', '0614141, examplumab\n80614141123458,https://vrs.example/verify?a=1,2'],
  [
    'what the program gives',
    JSON.stringify({ items: ENTRIES.map(({ key, who }) => ({ key, partner: null, responder: null, ...who })) }),
  ],
  ['a list in JSON', JSON.stringify(ENTRIES.map(({ key, who }) => ({ key, ...who })))],
])('who answers is read from %s', (_what, text) => {
  expect(directoryLines(text).split(/\r?\n/).map(directoryLine)).toEqual(ENTRIES);
});

test('what says nobody is refused, and a file that is none too', () => {
  expect(() => directoryLine('0614141')).toThrow(/then a comma/);
  expect(() => directoryLines('{"a":')).toThrow(/no list/);
  expect(() => directoryLines('{"a":1}')).toThrow(/no list/);
});
