import { expect, test } from 'vitest';
import type { VerificationView } from '../../../api/index.ts';
import { answerOf, stoppingFirst } from './verification.ts';

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
