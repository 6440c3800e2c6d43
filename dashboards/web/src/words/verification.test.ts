import { expect, test } from 'vitest';
import type { VerificationView } from '../../../api/index.ts';
import { answerOf, reasonText, stoppingFirst } from './verification.ts';

const because = (...findings: VerificationView['findings'][number]['finding'][]) =>
  findings.map((finding) => ({ finding, reason: '' }));

test.each([
  [{ verified: true, mayMoveOn: true, findings: [] }, 'Known, may move on', 'inRange'],
  [{ verified: false, mayMoveOn: true, findings: because('lot mismatch') }, 'Look again', 'warning'],
  [{ verified: false, mayMoveOn: true, findings: because('excursion') }, 'Look again', 'warning'],
  [{ verified: false, mayMoveOn: false, findings: because('recalled') }, 'Do not move on', 'excursion'],
  [{ verified: false, mayMoveOn: false, findings: because('serial unknown') }, 'Do not move on', 'excursion'],
  [{ verified: false, mayMoveOn: false, findings: because('lot mismatch', 'excursion') }, 'Not yet', 'excursion'],
  [{ verified: false, mayMoveOn: false, findings: because('on hold', 'recalled') }, 'Do not move on', 'excursion'],
])('%o is said as "%s"', (given, title, state) => {
  expect(answerOf(given)).toMatchObject({ title, state });
});

test('what stops a pack is told before what only does not fit', () => {
  const findings = (['lot mismatch', 'recalled', 'in two places'] as const).map((finding) => ({ finding, reason: '' }));
  expect(stoppingFirst(findings).map(({ finding }) => finding)).toEqual(['recalled', 'lot mismatch', 'in two places']);
});

test('a reason says what happened, not under which id the alert is kept', () => {
  const said = reasonText(
    'excursion 6f2f6ebb-efcb-4098-b408-74aa8b540418: logger-3 above 8 °C for 40 min; quality decides',
  );
  expect(said).toBe('logger-3 above 8 °C for 40 min; quality decides');
});

test('a reason tells the time as on the wall', () => {
  const said = reasonText('it is recalled since 2026-11-22T10:00:00.000Z');
  expect(said).toMatch(/^it is recalled since 2[123] Nov, \d\d:\d\d$/);
});
