import { expect, test } from 'vitest';
import { form3911, type NotificationFacts, type NotifiedSerial } from './form-3911.ts';

const US_GTIN = '00361234567897';
const pack = (n: number, change: Partial<NotifiedSerial> = {}): NotifiedSerial => ({
  ...{
    epc: `urn:epc:id:sgtin:0361234.056789.${n}`,
    gtin: US_GTIN,
    serial: String(n),
    lot: 'A17',
    expiry: '2027-06-30',
  },
  ...change,
});
const FACTS: NotificationFacts = {
  ...{ case: 'C-000001', serials: [pack(1), pack(2)], products: ['Examplumab 40 mg'] },
  ...{ determinedAt: Date.UTC(2026, 10, 22, 2), notifiedAt: null, zone: 'America/New_York' },
  ...{ events: ['Seal: the seal is broken'], company: { name: 'Example Wholesale', gln: '0614141000005' } },
};
const valuesOf = (facts: NotificationFacts) => new Map(form3911(facts).map(({ item, value }) => [item, value]));

test('what is known of illegitimate product is filled in, dates as the form asks, on the day it was where people are', () => {
  expect(Object.fromEntries(valuesOf(FACTS))).toEqual({
    ...{
      1: 'Initial Notification',
      2: null,
      3: null,
      4: '11/21/2026',
      5: null,
      6: 'Examplumab 40 mg',
      7: null,
      8: null,
    },
    ...{ 9: null, 10: null, 11: null, 12: '2 packages', 13: '6123456789', 14: '1, 2', 15: 'A17', 16: '06/30/2027' },
    ...{ 17: 'Seal: the seal is broken', 18: null, 19: null, 20: 'Example Wholesale (GLN 0614141000005)', 23: null },
  });
});

test('several drugs in one notification are said to be multiple where FDA asks for that, and never guessed elsewhere', () => {
  const other = pack(3, { gtin: '80614141123458', lot: null, expiry: '2027-13' });
  const values = valuesOf({ ...FACTS, serials: [pack(1), other], products: ['Examplumab 40 mg', 'Other'] });
  expect([6, 7, 9, 10, 11].map((item) => values.get(item))).toEqual(['Multiple', 'Multiple', null, 'Multiple', null]);
  // A GTIN of another country's drug holds no NDC; an expiry that is no date is said as it came.
  expect([13, 15, 16].map((item) => values.get(item))).toEqual(['6123456789', 'A17', '06/30/2027, 2027-13']);
});

test('once FDA was notified it is a follow-up, with the day of the first', () => {
  const values = valuesOf({ ...FACTS, notifiedAt: Date.UTC(2026, 10, 22, 20) });
  expect([values.get(1), values.get(3)]).toEqual(['Follow-Up Notification', '11/22/2026']);
});

test('what nobody knows stays blank, with what is asked there; so do serial numbers beyond what a field holds', () => {
  const items = form3911({ ...FACTS, serials: [], products: [], determinedAt: null, events: [], company: null });
  const blank = items.filter(({ value }) => value === null);
  expect(blank.map(({ item }) => item)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 23]);
  expect(blank.find(({ item }) => item === 4)?.hint).toBe('nobody has found it illegitimate here');
  const many = valuesOf({ ...FACTS, serials: Array.from({ length: 60 }, (_, n) => pack(n)) });
  expect(many.get(14)).toBe('60 serial numbers, listed below');
});
