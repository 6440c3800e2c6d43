import { expect, test } from 'vitest';
import type { AlertView } from '../view.ts';
import { mailOf } from './mail.ts';
import { messageOf, plainText } from './message.ts';

const serial = (n: number) => ({
  ...{ epc: `urn:epc:id:sgtin:4012345.012345.${n}`, gtin: '04012345123456', serial: `S${n}`, lot: 'L1', expiry: null },
  ...{ unit: 'PAL-1', from: '2026-11-22T10:00:00.000Z', to: null, min: 2, max: 11.4, mkt: null },
  minutesOutOfRange: n,
});
const alert: AlertView = {
  ...{ id: 'alrt_1', kind: 'threshold', severity: 'critical', state: 'open', rule: { id: 'cold', version: 3 } },
  subject: { device: 'logger-7', metric: 'temperature', shipment: 'SHP-1' },
  summary: 'logger-7 above 8 °C\nfor 37 min <b>',
  ...{ from: '2026-11-22T10:00:00.000Z', to: null, detectedAt: '2026-11-22T10:10:00.000Z', detectedLate: true },
  evidence: {
    ...{ limit: 8, extreme: 11.37, minutesOutOfRange: 37, endedBy: null, runs: [], readings: [], changes: [] },
  },
  affected: { count: 150, serials: Array.from({ length: 100 }, (_, n) => serial(n + 1)) },
  ...{ mergedInto: null, splitFrom: null, acknowledgedBy: null, acknowledgedAt: null, resolvedBy: null },
  ...{ resolvedAt: null, assignedTo: null, snoozedUntil: null, reopened: 0, revision: 4 },
};
const links = { page: 'https://iso.example', acknowledge: () => 'https://iso.example/acknowledge/abc' };

test('a message names serials and their count, the worst exposure, where, what to do now, and links', () => {
  const message = messageOf({ type: 'alert.opened', data: { alert } }, links);
  expect(plainText(message).split('\n')).toEqual([
    'Critical: logger-7 above 8 °C for 37 min <b>',
    '',
    'An alert opened.',
    '',
    'Serials touched: 150 serials',
    'Worst exposure: 100 minutes out of range, 11.37 °C, where 8 °C is the limit',
    'Where: SHP-1, logger-7',
    'Since: 2026-11-22 10:00 UTC',
    'Found late: the readings came after the fact',
    ...Array.from({ length: 10 }, (_, n) => `  (01)04012345123456 (21)S${n + 1} (10)L1`),
    '  and 140 more',
    '',
    expect.stringContaining('What to do now: Bring the goods back'),
    '',
    'Open the alert https://iso.example/alerts/alrt_1',
    'Acknowledge… https://iso.example/acknowledge/abc',
  ]);
});

test('what is acknowledged, resolved or taken back is offered for no acknowledging; what did not happen says so and asks for nothing', () => {
  const acknowledged = { ...alert, state: 'acknowledged' as const, acknowledgedBy: 'anna' };
  const message = messageOf({ type: 'alert.acknowledged', data: { alert: acknowledged } }, links);
  expect(message.sentence).toBe('Acknowledged by anna.');
  expect(message.links.map(({ url }) => url)).toEqual(['https://iso.example/alerts/alrt_1']);
  const retracted = messageOf({ type: 'alert.retracted', data: { alert: { ...alert, state: 'retracted' } } }, links);
  expect(retracted).toMatchObject({ isStanding: false, now: null, title: expect.stringMatching(/^Taken back: /) });
});

test('a mail shows names of devices and rules as text, never as markup, and its subject is one line', () => {
  const { html, subject, text } = mailOf(messageOf({ type: 'alert.opened', data: { alert } }, links));
  expect(subject).not.toMatch(/[\r\n]/);
  expect(html).toContain('37 min &lt;b&gt;');
  expect(html).not.toContain('<b>"');
  expect(html).not.toMatch(/<(script|img|link)|https?:\/\/(?!iso\.example)/);
  expect(text).toContain('https://iso.example/alerts/alrt_1');
});
