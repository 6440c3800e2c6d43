import { expect, it } from 'vitest';
import { csvLine, inertText } from './csv.ts';

/*
 * A partner's notice named the lot `=cmd|' /C calc'!A0`; the export had it in a cell of its own, and the spreadsheet that
 * opened it asked to start the program.
 */
it.each([
  ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
  ['+1+1', "'+1+1"],
  ['-2+3+cmd', "'-2+3+cmd"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['＝1+1', "'＝1+1"],
  ['\t=1+1', "'\t'=1+1"],
  ['\r=1+1', "'\r'=1+1"],
  ['x;=1+1', "x;'=1+1"],
  ['x\n=1+1', "x\n'=1+1"],
])('text that a spreadsheet would run is made text: %j', (given, inert) => {
  expect(inertText(given)).toBe(inert);
});

it.each(['A17', '2026-11-22', 'urn:epc:id:sgtin:0614141.812345.6789', 'a=b', '3-4', '', "'=x"])(
  'other text stays as it is: %j',
  (text) => expect(inertText(text)).toBe(text),
);

it('numbers stay numbers, quotes are doubled, nothing is an empty cell', () => {
  expect(csvLine([-18.5, null, 'say "hi", you', true, '=1'])).toBe(`-18.5,,"say ""hi"", you",true,'=1\r\n`);
});
