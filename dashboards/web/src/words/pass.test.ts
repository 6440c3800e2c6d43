import { describe, expect, test } from 'vitest';
import type { PassView } from '../../../api/index.ts';
import { answerOf, verdictText } from './pass.ts';

const PASS: PassView = {
  ...{ id: 'pass-1', portal: 'dock-1', from: '', to: '', direction: 'in', verdict: 'pass', isProvisional: false },
  counts: { expected: 48, seen: 48, missing: 0, unexpected: 0, stray: 0 },
  ...{ reason: '', shipments: [], blocked: [], shownLights: [] },
  clearance: { mayMoveOn: true, findings: [], at: '2026-11-22T10:00:00.000Z' },
};
const NOT_YET = { mayMoveOn: false, findings: [], at: '2026-11-22T10:00:00.000Z' };

describe('the door answers', () => {
  test('PASS only where the goods may move on as well', () => {
    expect(answerOf(PASS)).toBe('pass');
    expect(verdictText(PASS)).toBe('All 48 serials are here.');
    expect(answerOf({ ...PASS, clearance: NOT_YET })).toBe('not-yet');
    expect(verdictText({ ...PASS, clearance: NOT_YET })).toBe('Keep it here, quality decides.');
  });

  test('with the numbers of its cards', () => {
    const counts = { ...PASS.counts, missing: 1, unexpected: 3 };
    expect(verdictText({ ...PASS, verdict: 'check', counts })).toBe('1 missing, 3 too many.');
    const held = { ...PASS, verdict: 'check' as const, counts, clearance: NOT_YET };
    expect(verdictText(held)).toBe('Keep it here, quality decides, 1 missing, 3 too many.');
  });

  test('not yet for an older pass with a stopped serial, of which nothing was kept', () => {
    expect(answerOf({ ...PASS, verdict: 'check', clearance: null, blocked: [{ epc: 'x', status: 'recalled' }] })).toBe(
      'not-yet',
    );
    expect(answerOf({ ...PASS, clearance: null })).toBe('pass');
  });
});
