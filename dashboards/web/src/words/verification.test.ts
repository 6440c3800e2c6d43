import { expect, test } from 'vitest';
import { answerOf, reasonText, stoppingFirst } from './verification.ts';

test.each([
  [{ verified: true, mayMoveOn: true }, 'Known, may move on', 'inRange'],
  [{ verified: false, mayMoveOn: true }, 'Look again', 'warning'],
  [{ verified: false, mayMoveOn: false }, 'Do not move on', 'excursion'],
] as const)('%o is said as "%s"', (given, title, state) => {
  expect(answerOf(given)).toMatchObject({ title, state });
});

test('what stops a pack is told before what only does not fit', () => {
  const findings = (['lot mismatch', 'recalled', 'in two places'] as const).map((finding) => ({ finding, reason: '' }));
  expect(stoppingFirst(findings).map(({ finding }) => finding)).toEqual(['recalled', 'lot mismatch', 'in two places']);
});

test('a reason tells the time as on the wall', () => {
  const said = reasonText('it is recalled since 2026-11-22T10:00:00.000Z');
  expect(said).toMatch(/^it is recalled since 2[123] Nov, \d\d:\d\d$/);
});
