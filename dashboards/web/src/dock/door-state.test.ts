import { describe, expect, test } from 'vitest';
import type { PassView } from '../../../api/index.ts';
import { doorState, SHOWN_FOR_MS } from './door-state.ts';

const clear = { mayMoveOn: true, findings: [], at: '2026-11-29T10:00:00.000Z' };
type Judged = Pick<PassView, 'verdict' | 'isProvisional' | 'clearance' | 'blocked'>;
const PASS: Judged = { verdict: 'pass', isProvisional: false, clearance: clear, blocked: [] };
const CHECK: Judged = { ...PASS, verdict: 'check' };
const STOP: Judged = { ...PASS, clearance: { ...clear, mayMoveOn: false } };
const fresh = { shownForMs: 0, isSettled: undefined, isAside: false };

describe('what the screen of a door shows', () => {
  test('is ready before anything came', () => expect(doorState(null, fresh)).toBe('ready'));

  test('is reading while reads may still come, whatever is missing yet', () => {
    expect(doorState({ ...CHECK, isProvisional: true }, fresh)).toBe('reading');
  });

  test('is as green as the stack light, and ready again by itself', () => {
    expect(doorState(PASS, fresh)).toBe('pass');
    expect(doorState({ ...PASS, isProvisional: true }, { ...fresh, shownForMs: SHOWN_FOR_MS })).toBe('pass');
    expect(doorState(PASS, { ...fresh, shownForMs: SHOWN_FOR_MS })).toBe('ready');
  });

  test('is never ready by itself where something is wrong', () => {
    const long = { ...fresh, shownForMs: 24 * 3_600_000 };
    expect(doorState(CHECK, long)).toBe('check');
    expect(doorState(CHECK, { ...long, isSettled: false })).toBe('check');
    expect(doorState(STOP, { ...long, isSettled: true })).toBe('stop');
    expect(doorState({ ...STOP, isProvisional: true }, long)).toBe('stop');
  });

  test('is settled once a person has said something to each difference, then ready', () => {
    expect(doorState(CHECK, { ...fresh, isSettled: true })).toBe('settled');
    expect(doorState(CHECK, { ...fresh, isSettled: true, shownForMs: SHOWN_FOR_MS })).toBe('ready');
  });

  test('what has no clearance yet stops by its statuses', () => {
    const blocked = [{ epc: 'urn:epc:id:sgtin:0614141.812345.1', status: 'recalled' }];
    expect(doorState({ ...PASS, clearance: null, blocked }, fresh)).toBe('stop');
    expect(doorState({ ...PASS, clearance: null }, fresh)).toBe('pass');
  });
});
