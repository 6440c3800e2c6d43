import { describe, expect, it } from 'vitest';
import { REPORT_LANGUAGES, toldWords } from '../domain/index.ts';
import { durationText, summaryOf } from './summary.ts';
import { at, excursion, MINUTE } from './testing/scene.ts';

const logger = { device: 'logger-7', metric: 'temperature' };

describe('the one line of an alert', () => {
  it('says on which side of the limit it was, and for how long', () => {
    expect(summaryOf(excursion({ to: at('10:37') }), logger).text).toBe('logger-7 above 8 °C for 37 min');
    expect(summaryOf(excursion({ extreme: -1.5, limit: 2 }), logger).text).toBe('logger-7 below 2 °C for 20 min');
    const door = excursion({ extreme: 1, limit: 0.5 });
    expect(summaryOf(door, { device: 'gate', metric: 'door' }).text).toBe('gate above 0.5 for 20 min');
  });

  it('of a silent logger says since when, or for how long', () => {
    const silent = excursion({ kind: 'silence', runs: [] });
    expect(summaryOf(silent, logger).text).toBe('logger-7: no temperature reading, overdue since 2026-11-22 10:00 UTC');
    expect(summaryOf({ ...silent, to: at('12:05') }, logger).text).toBe(
      'logger-7: no temperature reading, overdue for 2 h 5 min',
    );
  });

  it('of unexpected serials says how many and where', () => {
    const portal = { portal: 'dock/1', pass: 'pass-1', epcs: ['urn:epc:id:sgtin:0614141.812345.1'] };
    const one = excursion({ kind: 'unexpected', portal });
    expect(summaryOf(one, { portal: 'dock/1' }).text).toBe('1 serial nobody expects at dock/1');
  });

  it('of serials that may not move on says how many, where and why', () => {
    const epcs = [1, 2, 3].map((n) => `urn:epc:id:sgtin:0614141.812345.${n}`);
    const portal = { portal: 'dock/1', pass: 'pass-1', epcs, statuses: ['retail_sold', 'recalled', 'retail_sold'] };
    const stopped = excursion({ kind: 'blocked', portal });
    expect(summaryOf(stopped, { portal: 'dock/1' }).text).toBe(
      '3 serials at dock/1 may not move on (1 recalled, 2 retail sold)',
    );
  });

  // Seen: "Isotherm itself: disk fails and is tried again".
  it.each([
    ['disk', 'Isotherm itself: the disk of the data directory fills up'],
    ['log-size', 'Isotherm itself: the log fills up; once it is full nothing is acknowledged'],
    ['backup', 'Isotherm itself: the last backup is too old'],
    ['device logger-7', 'Isotherm itself: nothing is taken of logger-7'],
    ['calibration due logger-7/temperature', 'Isotherm itself: the calibration of logger-7/temperature is due'],
    ['certificate http.tls', 'Isotherm itself: the certificate of http.tls has to be seen to'],
    ['channel:ops', 'Isotherm itself: channel:ops fails and is tried again'],
  ])('of Isotherm itself says what is the matter with %s', (part, text) => {
    expect(summaryOf(excursion({ kind: 'health', key: `health:${part}` }), {}).text).toBe(text);
  });

  it('can be said in each language by what it is made of; the words of a rule can not', () => {
    const goods = { shipment: 'SHP-1', serials: 2, digest: '' };
    const spent = excursion({ kind: 'budget', extreme: 61.53, limit: 60, goods });
    const { text, words } = summaryOf(spent, { shipment: 'SHP-1' });
    expect(text).toBe('SHP-1: 2 serials out of range for 61.5 min, more than their budget of 60 min');
    expect(REPORT_LANGUAGES.map((language) => toldWords(language, words ?? undefined))).toEqual([
      text,
      'SHP-1: 2 Seriennummern 61,5 min außerhalb, mehr als ihr Budget von 60 min',
      'SHP-1 : 2 numéros de série hors limites pendant 61,5 min, plus que leur budget de 60 min',
      'SHP-1: 2 números de serie fuera de límites durante 61,5 min, más que su presupuesto de 60 min',
      'SHP-1: 2 numery seryjne poza zakresem przez 61,5 min, więcej niż budżet 60 min',
    ]);
    expect(toldWords('de', summaryOf(excursion({ kind: 'silence', runs: [] }), logger).words ?? undefined)).toBe(
      'logger-7: keine Messung von Temperatur, überfällig seit 2026-11-22 10:00 UTC',
    );
    expect(summaryOf(spent, {}, 'too warm').words).toBeNull();
    expect(toldWords('de', { key: 'of.another.version', values: {} })).toBeNull();
  });

  it('of a rule over passes is what the rule found, in each language', () => {
    const words = {
      key: 'found.noData',
      values: { goods: 2, portal: 'dock/1', lacking: [{ key: 'found.noData.lot', values: {} }] },
    };
    const portal = { portal: 'dock/1', pass: 'pass-1', epcs: ['a', 'b'], said: 'as it was found', words };
    const told = summaryOf(excursion({ kind: 'noData', portal }), { portal: 'dock/1' });
    expect(told.text).toBe('2 serials went through dock/1 without data: its lot is not known');
    expect(toldWords('es', told.words ?? undefined)).toBe(
      '2 números de serie pasaron por dock/1 sin datos: su lote no se conoce',
    );
    const { words: _, ...before } = portal;
    expect(summaryOf(excursion({ kind: 'noData', portal: before }), {})).toEqual({
      text: 'as it was found',
      words: null,
    });
  });

  it("is the rule's own text where it has one; what does not apply is a dash", () => {
    const text = '{{device}} above {{ limit }} °C for {{duration}} at {{portal}}, {{misspelt}}';
    expect(summaryOf(excursion(), logger, text).text).toBe('logger-7 above 8 °C for 20 min at –, –');
  });
});

it('durations read as people say them', () => {
  const texts = [0, 45_000, MINUTE, 59.9 * MINUTE, 60 * MINUTE, 125 * MINUTE, 48 * 60 * MINUTE, 76 * 60 * MINUTE];
  expect(texts.map(durationText)).toEqual(['0 s', '45 s', '1 min', '59 min', '1 h', '2 h 5 min', '2 d', '3 d 4 h']);
});
