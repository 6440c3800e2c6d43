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

test('what is at stake stands in every message, and shortly where there is little room', () => {
  const atStake = {
    valueClasses: [
      { valueClass: 5, serials: 12 },
      { valueClass: 2, serials: 1 },
    ],
    budgetLeftMinutes: 95,
  };
  const said = (language: 'en' | 'de') =>
    messageOf(
      { type: 'alert.opened', data: { alert: { ...alert, affected: { ...alert.affected, atStake } } } },
      links,
      { language, zone: 'UTC' },
    );
  expect(plainText(said('en'))).toContain(
    'At stake: 12 serials of value class 5, 1 serial of value class 2, 95 minutes of stability budget left at the least\n',
  );
  expect(said('de').stake).toBe(
    '150 Seriennummern, 12 Seriennummern der Wertklasse 5, mindestens noch 95 Minuten Stabilitätsbudget',
  );
  const unknown = { valueClasses: [], budgetLeftMinutes: null };
  const nothing = { ...alert, affected: { count: 0, serials: [], atStake: unknown } };
  expect(messageOf({ type: 'alert.opened', data: { alert: nothing } }, links).stake).toBeNull();
});

test('an excursion that runs has its last reading for its end, and is told without one until something ends it', () => {
  const to = '2026-11-22T10:37:00.000Z';
  const since = (endedBy: 'recovery' | null) => {
    const running = { ...alert, to, evidence: { ...alert.evidence, endedBy } };
    return plainText(messageOf({ type: 'alert.opened', data: { alert: running } }, links)).match(/^Since: .*$/m)?.[0];
  };
  expect(since(null)).toBe('Since: 2026-11-22 10:00 UTC');
  expect(since('recovery')).toMatch(/^Since: 2026-11-22 10:00 UTC.*10:37/);
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

test('alerts of a storm are told as what they are, together: how many, the worst, the first of them; their end too', () => {
  const counts = { alerts: 5_000, open: 4_990, acknowledged: 10, resolved: 0, retracted: 0, running: 5_000 };
  const { evidence: _, ...listed } = alert;
  const group = {
    ...{ id: '7', route: 'berlin', by: { site: 'site:berlin' }, severity: 'critical' as const, counts, added: 5_000 },
    ...{ summary: 'site:berlin: 5,000 alerts, 5,000 going on', openedAt: '2026-11-22T10:00:00.000Z' },
    alerts: Array.from({ length: 100 }, () => listed),
  };
  const message = messageOf({ type: 'group.opened', data: { group } }, links);
  expect(message).toMatchObject({
    title: 'Critical: site:berlin: 5,000 alerts, 5,000 going on',
    ...{ severity: 'critical', isStanding: true, thread: 'group-7', moreSerials: 'and 4,990 more' },
    facts: [{ value: '5,000 alerts, 4,990 open, 5,000 going on' }, { value: 'site site:berlin' }, {}],
  });
  expect(messageOf({ type: 'group.ended', data: { group } }, links)).toMatchObject({ isStanding: false, now: null });
});

test('a message is in the language of whom it is for, by the clock of their zone, which is shown', () => {
  const body = { type: 'alert.opened', data: { alert, notice: { step: 'first', people: ['jan'] } } };
  const lines = (language: 'de' | 'fr' | 'es' | 'pl') =>
    plainText(messageOf(body, links, { language, zone: 'Europe/Berlin' })).split('\n');
  expect(lines('de')).toEqual(
    expect.arrayContaining([
      'Kritisch: logger-7 above 8 °C for 37 min <b>',
      'Ein Alarm wurde ausgelöst.',
      'Betroffene Seriennummern: 150 Seriennummern',
      'Schlimmste Exposition: 100 Minuten außerhalb des Bereichs, 11,37 °C, die Grenze ist 8 °C',
      'Seit: 22.11.2026, 11:00 MEZ',
      'Bestätigen… https://iso.example/acknowledge/abc',
    ]),
  );
  expect(lines('fr')[0]).toMatch(/^Critique/);
  expect(lines('es')).toContain('Se ha abierto una alerta.');
  expect(lines('pl')).toContain('Numery seryjne: 150 numerów seryjnych');
  const { html, text } = mailOf(messageOf(body, links, { language: 'de', zone: 'Europe/Berlin' }));
  expect(html).toContain('<html lang="de">');
  expect(text).toContain('Isotherm sendet dies');
});

test('a message says in the language of whom it is for what the alert is about; what a rule says itself stays as it was written', () => {
  const words = { key: 'summary.budget', values: { shipment: 'SHP-1', serials: 2, extreme: 61.5, limit: 60 } };
  const wording = { language: 'de', zone: 'UTC' } as const;
  const titleOf = (one: AlertView) => messageOf({ type: 'alert.opened', data: { alert: one } }, links, wording).title;
  expect(titleOf({ ...alert, words })).toBe(
    'Kritisch: SHP-1: 2 Seriennummern 61,5 min außerhalb, mehr als ihr Budget von 60 min',
  );
  expect(titleOf(alert)).toBe('Kritisch: logger-7 above 8 °C for 37 min <b>');
});

test('that a silence ended is told as that, and is no test', () => {
  const silence = { id: '3', author: 'anna', reason: 'works at the ramp', until: '2026-11-22T10:00:00.000Z', muted: 4 };
  const message = messageOf({ type: 'silence.ended', data: { silence } }, links);
  expect(message.title).toBe('A silence of yours ended: works at the ramp');
  expect(message.sentence).toMatch(/It muted 4 alerts/);
});
