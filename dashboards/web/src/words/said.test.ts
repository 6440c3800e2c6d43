import { afterEach, expect, test } from 'vitest';
import { speak } from '../text/say.ts';
import { knowPlaces } from './place-names.ts';
import { byClock, findingText, reasonText, saidText } from './said.ts';
import { showIn } from './scale.ts';

afterEach(async () => {
  showIn('C');
  knowPlaces(new Map());
  await speak('en');
});
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test('a reason says what happened, not under which id the alert is kept', () => {
  const reason = 'excursion 6f2f6ebb-efcb-4098-b408-74aa8b540418: logger-3 above 8 °C for 40 min; quality decides';
  expect(plain(saidText(reason, 'UTC'))).toBe('logger-3 above 8 °C for 40 min; quality decides');
});

test('two alerts of a sentence are told apart by the ends of their keys', () => {
  expect(saidText('Alert 0191f2aa-efcb-7098-b408-74aa8b540418 was retracted.', 'UTC')).toBe(
    'Alert …0418 was retracted.',
  );
});

test('a moment is told by the clock of the view, a day stays as it stands', () => {
  expect(saidText('it is recalled since 2026-11-22T10:00:00.000Z', 'Europe/Berlin')).toBe(
    'it is recalled since 22 Nov, 11:00',
  );
  expect(byClock('no temperature reading, overdue since 2026-11-22 06:24 UTC', 'Europe/Berlin')).toBe(
    'no temperature reading, overdue since 22 Nov, 07:24',
  );
  expect(saidText('it expired on 2026-11-22; lot 2026-11-22', 'UTC')).toBe('it expired on 2026-11-22; lot 2026-11-22');
});

test('a place is told without the kind of its id', () => {
  const twice =
    'it was read at site:corner at 2026-11-22T10:00:00.000Z and at room:lyon/cold at 2026-11-22T10:05:00.000Z';
  expect(saidText(twice, 'UTC')).toBe('it was read at corner at 22 Nov, 10:00 and at lyon cold at 22 Nov, 10:05');
  expect(saidText('it goes to site:lyon.', 'UTC')).toBe('it goes to lyon.');
  expect(saidText('website:corner is no place, and neither is site: alone', 'UTC')).toBe(
    'website:corner is no place, and neither is site: alone',
  );
});

test('packs and units are told as they are printed', () => {
  expect(saidText('not read with the rest of urn:epc:id:sscc:0614141.1000000001', 'UTC')).toBe(
    'not read with the rest of (00) 106141410000000019',
  );
});

test('who reads °F has it behind what was written, except behind a difference', () => {
  showIn('F');
  expect(plain(saidText('logger-3 above 8 °C for 40 min', 'UTC'))).toBe('logger-3 above 8 °C (46.4 °F) for 40 min');
  expect(plain(saidText('It had to stay between 2 and 8 °C.', 'UTC'))).toBe(
    'It had to stay between 2 and 8 °C (35.6 and 46.4 °F).',
  );
  const moved = 'logger-7: temperature moved by 3 °C, more than 2 °C';
  expect(plain(saidText(moved, 'UTC'))).toBe(moved);
});

// The page said "corner" of Corner Pharmacy.
test('a place is told by its registered name', () => {
  knowPlaces(new Map([['site:corner', 'Corner Pharmacy']]));
  expect(saidText('SHP-1 goes from site:corner to site:lyon/yard.', 'UTC')).toBe(
    'SHP-1 goes from Corner Pharmacy to lyon yard.',
  );
});

test('why goods may not move on is told in the language of the page, and in English where it was kept without words', async () => {
  const reason = 'it is recalled since 2026-11-22T10:00:00.000Z';
  const words = { key: 'goods.status', values: { status: 'recalled', since: '2026-11-22T10:00:00.000Z' } };
  expect(reasonText({ reason, words }, 'UTC')).toBe('it is recalled since 22 Nov, 10:00');
  expect(findingText('expiry unreadable')).toBe('expiry unreadable');
  await speak('de');
  expect(reasonText({ reason, words }, 'Europe/Berlin')).toBe('zurückgerufen seit 22. Nov., 11:00');
  expect(findingText('expiry unreadable')).toBe('Verfall nicht lesbar');
  expect(findingText('of another version')).toBe('of another version');
  expect(reasonText({ reason }, 'UTC')).toBe('it is recalled since 22. Nov., 10:00');
  expect(reasonText({ reason, words: { key: 'goods.later', values: {} } }, 'UTC')).toContain('it is recalled');
  const excursion = {
    key: 'goods.excursion',
    values: { alert: '6f2f6ebb-efcb-4098-b408-74aa8b540418', summary: 'logger-3 above 8 °C for 40 min' },
  };
  expect(plain(reasonText({ reason: '', words: excursion }, 'UTC'))).toBe(
    'logger-3 above 8 °C for 40 min; die Qualität entscheidet',
  );
});
