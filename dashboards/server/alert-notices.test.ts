import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseRouting } from '../../alerts/index.ts';
import { systemTime } from '../../domain/index.ts';
import type { AlertDetail } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;

let house: Installation;
let id = '';

beforeAll(async () => {
  const routing = parseRouting(
    `people:
  anna: { notify: { critical: [sms] } }
  ben: { notify: { critical: [sms] } }
route: { name: all, to: [{ person: anna }], escalation: [{ after: 15m, to: [{ person: ben }] }] }`,
    'routing.yaml',
    ['sms'],
  );
  house = await Installation.start({ routing });
  await house.find({
    ...{ rule: 'too-warm', ruleVersion: 1, kind: 'threshold', severity: 'critical', key: 'logger-7/temperature' },
    ...{ from: NOW - 60 * MINUTE, to: NOW - MINUTE, endedBy: 'recovery', extreme: 9, readings: 0, limit: 8 },
    ...{ minutesOutOfRange: 59, runs: [], detectedAt: NOW, detectedLate: false },
  });
  while (id === '') {
    const { items } = (await house.ask('quality', 'GET', '/alerts')).body as { items: { id: string }[] };
    id = items[0]?.id ?? '';
    await systemTime.sleep('test: an alert', 20);
  }
});
afterAll(() => house.stop());

const notices = async () => {
  const { body } = await house.ask('quality', 'GET', `/alerts/${id}`);
  return (body as AlertDetail).notices.map(({ who, channel, state, step, reason }) => [
    who,
    channel,
    step,
    state,
    reason,
  ]);
};

test('an alert says who was told of it, who is next, and that nobody is once somebody has acknowledged', async () => {
  expect(await notices()).toEqual([
    ['anna', 'sms', 'first', 'sent', null],
    ['ben', 'sms', 'escalation 1', 'waiting', null],
  ]);
  expect((await house.ask('quality', 'POST', `/alerts/${id}/acknowledge`, {})).status).toBe(200);
  expect(await notices()).toEqual([
    ['anna', 'sms', 'first', 'sent', null],
    ['ben', 'sms', 'escalation 1', 'not needed', 'the alert was acknowledged'],
  ]);
});
