import { afterEach, expect, test } from 'vitest';
import type { AlertDetail } from '../../../api/index.ts';
import { headline, limitOf, sentence, summaryText, worst } from './alert.ts';
import { knowPlaces } from './place-names.ts';

afterEach(() => knowPlaces(new Map()));

const AT = Date.UTC(2026, 10, 22, 10);
/** Figures are kept with their units by no-break spaces. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ');
const iso = (minutes: number) => new Date(AT + minutes * 60_000).toISOString();

function alert(changes: Partial<AlertDetail> = {}, evidence: Partial<AlertDetail['evidence']> = {}): AlertDetail {
  return {
    id: 'a-1',
    kind: 'threshold',
    severity: 'critical',
    state: 'open',
    rule: { id: 'too-warm', version: 1 },
    subject: { device: 'logger-7', metric: 'temperature' },
    summary: 'logger-7 above 8 °C for 52m',
    from: iso(0),
    to: iso(52),
    detectedAt: iso(10),
    detectedLate: false,
    evidence: {
      limit: 8,
      extreme: 9.1,
      minutesOutOfRange: 52,
      endedBy: 'recovery',
      runs: [{ from: iso(0), to: iso(52) }],
      readings: [],
      changes: [],
      ...evidence,
    },
    affected: { count: 1248, serials: [] },
    mergedInto: null,
    splitFrom: null,
    acknowledgedBy: null,
    acknowledgedAt: null,
    resolvedBy: null,
    resolvedAt: null,
    assignedTo: null,
    snoozedUntil: null,
    reopened: 0,
    revision: 1,
    about: { place: null, zone: null, device: null, portal: null, shipments: ['SHP-1'], unit: null },
    minutes: { least: 37, most: 52 },
    ruleText: null,
    limits: { min: 2, max: 8 },
    history: [],
    notices: [],
    ...{ muted: null, needsComment: false },
    units: [],
    ...changes,
  };
}

test.each<[string, AlertDetail, string]>([
  ['over', alert(), '1,248 serials were above 8 °C for 37 to 52 minutes.'],
  ['all alike', alert({ minutes: { least: 52, most: 52 } }), '1,248 serials were above 8 °C for 52 minutes.'],
  [
    'still going on',
    alert({ affected: { count: 1, serials: [] }, minutes: { least: 12, most: 12 } }, { endedBy: null }),
    '1 serial is above 8 °C, so far for 12 minutes.',
  ],
  ['too cold', alert({}, { limit: 2, extreme: 1.4 }), '1,248 serials were below 2 °C for 37 to 52 minutes.'],
  [
    'nothing was there',
    alert({ affected: { count: 0, serials: [] }, minutes: null }),
    'logger-7 was above 8 °C for 52 minutes. No serials are known to have been with it.',
  ],
  [
    'silent',
    alert(
      { kind: 'silence', to: null, affected: { count: 120, serials: [] } },
      { limit: null, extreme: null, endedBy: null },
    ),
    'logger-7 has been silent for 60 min longer than it should. 120 serials travel with it.',
  ],
  [
    'too many on a pallet',
    alert(
      {
        kind: 'unexpected',
        subject: { portal: 'lyon/dock-2' },
        affected: { count: 3, serials: [] },
        about: {
          place: { id: 'site:lyon', name: 'Lyon', zone: 'Europe/Paris' },
          zone: 'Europe/Paris',
          device: null,
          portal: 'Lyon dock 2',
          shipments: [],
          unit: null,
        },
      },
      { limit: null, extreme: null },
    ),
    '3 serials went through Lyon dock 2 at 22 Nov, 11:00 and no shipment expects them there.',
  ],
  [
    'a recalled serial on a pallet',
    alert(
      {
        kind: 'blocked',
        subject: { portal: 'lyon/dock-2' },
        affected: { count: 1, serials: [] },
        about: {
          place: { id: 'site:lyon', name: 'Lyon', zone: 'Europe/Paris' },
          zone: 'Europe/Paris',
          device: null,
          portal: 'Lyon dock 2',
          shipments: [],
          unit: null,
        },
      },
      { limit: null, extreme: null },
    ),
    '1 serial went through Lyon dock 2 at 22 Nov, 11:00 and must not move on.',
  ],
])('%s: the alert says it in a sentence', (_, given, said) => {
  expect(plain(sentence(given, AT + 3_600_000))).toBe(said);
});

test('in a list it says what happened for how long', () => {
  expect(plain(headline(alert(), AT))).toBe('Above 8 °C for 52 min');
  expect(plain(headline(alert({}, { limit: 2, extreme: 1.4, minutesOutOfRange: 150 }), AT))).toBe(
    'Below 2 °C for 2 h 30 min',
  );
  const silence = alert({ kind: 'silence', to: null }, { limit: null, extreme: null, endedBy: null });
  expect(plain(headline(silence, AT + 26 * 60_000))).toBe('No reading, overdue for 26 min');
  const door = alert({ subject: { device: 'door-1', metric: 'door' } }, { limit: 0, extreme: 1 });
  expect(plain(headline(door, AT))).toBe('Door open for 52 min');
  expect(plain(sentence(door, AT))).toBe('The door at door-1 was open for 52 min. 1,248 serials were there.');
});

test('what goods went through is said in minutes of their budget, not in degrees', () => {
  const goods = { subject: { shipment: 'SHP-1' }, affected: { count: 48, serials: [] }, to: null };
  const used = { extreme: 70, limit: 60, minutesOutOfRange: null, endedBy: null, runs: [] };
  const budget = alert({ ...goods, kind: 'budget' }, used);
  expect(plain(headline(budget, AT))).toBe('Budget used up: 70 min of 60 min');
  expect(plain(sentence(budget, AT))).toBe(
    '48 serials have been out of range for 70 min, and stand 60 min over their whole life.',
  );
  expect([worst(budget), limitOf(budget)].map((text) => plain(text ?? ''))).toEqual(['70 min', '60 min']);
  const mkt = alert({ ...goods, kind: 'goodsMkt' }, { ...used, extreme: 8.6, limit: 8 });
  expect(plain(sentence(mkt, AT))).toBe(
    '48 serials have gone through a mean kinetic temperature above 8 °C, up to 8.6 °C.',
  );
  const frozen = alert({ ...goods, kind: 'goodsFreezeThaw' }, { ...used, extreme: 2, limit: 1 });
  expect(sentence(frozen, AT)).toBe('48 serials have been frozen and thawed 2 times.');
  expect([worst(frozen), limitOf(frozen)]).toEqual(['2 times', 'once']);
});

test('what the server wrote of an alert names a site as it is registered', () => {
  const summary =
    '2 serials went through Dock 1 at site:corner, where they should not be: SHP-1 goes from site:a to site:b';
  knowPlaces(new Map([['site:corner', 'Corner Pharmacy']]));
  expect(summaryText({ kind: 'diversion', summary })).toBe(
    '2 serials went through Dock 1 at Corner Pharmacy, where they should not be: SHP-1 goes from a to b',
  );
});
