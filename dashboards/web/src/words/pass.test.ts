import { describe, expect, test } from 'vitest';
import type { PassView } from '../../../api/index.ts';
import { ANSWER_STATES, answerOf, verdictText } from './pass.ts';

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

  // A CHECK was red at the door and amber on the page of its portal.
  test('in the colour of the stack light: READING is amber, CHECK as red as NOT YET', () => {
    const counts = { ...PASS.counts, seen: 40, missing: 8 };
    const check = { ...PASS, verdict: 'check' as const, counts };
    expect(answerOf({ ...check, isProvisional: true })).toBe('reading');
    expect(verdictText({ ...check, isProvisional: true })).toBe('40 of 48 so far. The door is still reading.');
    expect(answerOf({ ...check, isProvisional: true, clearance: NOT_YET })).toBe('not-yet');
    expect(ANSWER_STATES[answerOf({ ...check, isProvisional: true })]).toBe('warning');
    expect(ANSWER_STATES[answerOf(check)]).toBe('excursion');
    expect(ANSWER_STATES[answerOf(PASS)]).toBe('inRange');
  });

  test('not yet for an older pass with a stopped serial, of which nothing was kept', () => {
    expect(answerOf({ ...PASS, verdict: 'check', clearance: null, blocked: [{ epc: 'x', status: 'recalled' }] })).toBe(
      'not-yet',
    );
    expect(answerOf({ ...PASS, clearance: null })).toBe('pass');
  });
});
