import { afterEach, expect, test } from 'vitest';
import { summaryText } from './alert.ts';
import { told } from './figures.ts';
import { showIn } from './scale.ts';

afterEach(() => showIn('C'));
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test.each([
  ['logger-7: temperature above 8 °C', 'logger-7: temperature above 8 °C (46.4 °F)'],
  ['At 12.5 °C, above 8 °C.', 'At 12.5 °C (54.5 °F), above 8 °C (46.4 °F).'],
  ['The air at Lyon meanwhile: 2 to 8 °C.', 'The air at Lyon meanwhile: 2 to 8 °C (35.6 to 46.4 °F).'],
  ['Kälter als −20 °C', 'Kälter als −20 °C (−4 °F)'],
  ['Zwischen 2,5 bis 7,5 °C', 'Zwischen 2,5 bis 7,5 °C (36.5 to 45.5 °F)'.replace(' to ', ' bis ')],
  ['Warmer by 3 °C/min', 'Warmer by 3 °C/min'],
  ['55 %RH at 30°', '55 %RH at 30°'],
])('in °F %j keeps what was written and has the other unit behind it', (text, expected) => {
  showIn('F');
  expect(plain(told(text))).toBe(expected);
});

test('in °C a sentence is as it was written', () => {
  expect(plain(told('Above 8 °C for 2 to 3 min'))).toBe('Above 8 °C for 2 to 3 min');
});

test('a difference is no temperature: 1 °C more is not 33.8 °F more', () => {
  showIn('F');
  const summary = 'logger-7: temperature moved by 3 °C, more than 2 °C';
  expect(plain(summaryText({ kind: 'rate', summary }))).toBe(summary);
  expect(plain(told('12.5 °C, 4.5 °C beyond the limit: the furthest.', 1))).toBe(
    '12.5 °C (54.5 °F), 4.5 °C beyond the limit: the furthest.',
  );
});
