import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { longestRecords } from './market-assignments.ts';
import { Markets, PACKS, readMarket } from './markets.ts';
import { type AnswerGiven, classOfAnswer } from './national-answer.ts';
import { checkPack } from './pack-check.ts';

const markets = new Markets();
const DAY = '2026-11-29';
const NOW = Date.UTC(2026, 10, 29);
const REVERT_MS = 10 * 86_400_000;
const WHOLE = '(01)08061414112345(17)271231(10)A17(21)S1';

describe('markets are data', () => {
  test('every market says its sources, its days of force and what is not covered', () => {
    const ids = markets.list().map(({ id }) => id);
    expect(ids).toEqual(['brazil', 'china', 'eu-fmd', 'india', 'russia', 'south-korea', 'us-dscsa']);
    for (const { notCovered, force, sources } of markets.list()) {
      expect(notCovered.length * force.length * Object.keys(sources).length).toBeGreaterThan(0);
    }
  });

  test('docs/markets.md names each, its version, and all that is not covered', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/markets.md'), 'utf8').replaceAll(/\s+/g, ' ');
    for (const { id, version, notCovered } of markets.list()) {
      expect(page).toContain(`\`${id}\` | ${version} |`);
      for (const gap of notCovered) expect(page).toContain(gap);
    }
  });

  const india = readFileSync(join(PACKS, 'india.yaml'), 'utf8');
  test.each([
    ['id: india', 'id: bharat', /^india\.yaml:1: id: .*the name of the file, india/],
    [
      'source: rules, clause: (i)',
      'source: hearsay, clause: (i)',
      /india\.yaml:12: identifier.*a key of sources: rules, export/,
    ],
    ['from: 2023-08-01, source: rules, clause: (ii)', 'from: soon, source: rules, clause: (ii)', /a day as YYYY-MM-DD/],
    ['version: 2', 'version: 2\nedition: 2', /india\.yaml:5: edition: unknown key/],
    [
      '{ ai: null, name: brand name, from: 2023-08-01',
      '{ ai: null, name: brand name, from: 2023-08-01, to: 2023-08-01',
      /a day after/,
    ],
  ])('a pack with %s as %s is refused with its line', (was, is, line) => {
    expect(() => readMarket(india.replace(was, is), 'india.yaml')).toThrow(line);
  });

  test('a market that is not known is told with those that are', () => {
    expect(() => markets.get('mars')).toThrow(/there is no market mars; known: brazil, china/);
  });
});

test('records are kept by the longest that a market asks which is or was set, whatever day it ended', () => {
  const set = (market: string, to: string | null = null) => ({ subject: 'site:a', market, from: '2020-01-01', to });
  expect(longestRecords([], markets)).toBeNull();
  expect(longestRecords([set('china'), set('gone')], markets)).toBeNull();
  expect(longestRecords([set('eu-fmd')], markets)).toMatchObject({ ms: 1827 * 86_400_000 });
  const ended = [set('eu-fmd'), set('us-dscsa', '2020-01-02')];
  expect(longestRecords(ended, markets)).toMatchObject({
    ms: 2192 * 86_400_000,
    market: expect.stringContaining('United States'),
  });
});

describe('what the code on a pack lacks', () => {
  const missing = (market: string, code: string, day = DAY) =>
    checkPack(markets.get(market), code, day).missing.map(({ ai }) => ai);

  test.each([
    ['us-dscsa', WHOLE, []],
    ['us-dscsa', '(01)08061414112345(21)S1', ['10', '17']],
    ['eu-fmd', '(01)08061414112345(17)271231(10)A17', ['21']],
    ['south-korea', '(01)08061414112345(21)S1', ['17', '10']],
    ['russia', WHOLE, ['91', '92']],
  ])('%s of %s', (market, code, lacks) => {
    expect(missing(market, code)).toEqual(lacks);
  });

  test('what was not in force yet, or is no more, is not asked for', () => {
    const nothing = '(01)08061414112345';
    expect(missing('eu-fmd', nothing, '2019-02-08')).toEqual([]);
    expect(missing('eu-fmd', nothing, '2019-02-09')).toEqual(['21', '10', '17']);
    expect(missing('brazil', nothing, '2022-05-10')).toEqual(['21', '17', '10']);
    expect(checkPack(markets.get('brazil'), nothing, '2022-05-11')).toMatchObject({ missing: [], isAsked: false });
  });

  test('what no scan tells is left to a person, and never said to be there', () => {
    expect(checkPack(markets.get('india'), WHOLE, DAY).toLookAt).toHaveLength(8);
    const { missing: lacks, toLookAt } = checkPack(markets.get('eu-fmd'), WHOLE, DAY);
    expect({ lacks, toLookAt }).toMatchObject({ lacks: [], toLookAt: [{ if: 'the member state asks for it' }] });
  });
});

describe('an answer of the national system', () => {
  const PRINTED = { serial: 'SY17z', lot: 'A17', expiry: '271231' };
  const classed = (code: string, given: Partial<AnswerGiven> = {}) =>
    classOfAnswer(
      markets.get('eu-fmd'),
      { code, sent: PRINTED, printed: PRINTED, decommissionedAt: null, ...given },
      NOW,
    );

  test.each([
    ['Caps Lock', 'sy17Z', 'letter case'],
    ['a German keyboard', 'SZ17y', 'keyboard'],
    ['a lost separator', 'SY17z10A17', 'run together'],
    ['a scan cut short', 'SY1', 'cut off'],
    ['a slip of the hand', 'SY71z', 'another'],
  ])('is likely false where %s changed the serial', (_, serial, fault) => {
    const found = classed('NMVS_NC_PC_02', { sent: { ...PRINTED, serial } });
    expect(found).toMatchObject({ class: 'reading', faults: [{ field: 'serial', fault }] });
  });

  test('is to be investigated where what was sent is what is printed, and compared where nobody did', () => {
    expect(classed('NMVS_FE_LOT_12').class).toBe('investigate');
    const unread = { serial: null, lot: null, expiry: null };
    expect(classed('NMVS_FE_LOT_12', { printed: unread }).class).toBe('compare');
    expect(classed('NMVS_FE_LOT_12', { printed: { ...PRINTED, expiry: null } }).class).toBe('compare');
  });

  test('that a pack is inactive is our own doing for ten days to the moment, and suspect where we did nothing', () => {
    const inactive = (ago: number) => classed('NMVS_NC_PCK_22', { decommissionedAt: NOW - ago });
    expect(inactive(REVERT_MS)).toMatchObject({ class: 'own action', revertUntil: NOW });
    expect(inactive(REVERT_MS + 1)).toMatchObject({ class: 'own action', revertUntil: null });
    expect(classed('NMVS_NC_PCK_22').class).toBe('investigate');
  });

  test('that cannot be undone keeps the pack from saleable stock, whatever we say of it', () => {
    const found = classed('NMVS_NC_PCK_20', { decommissionedAt: NOW - 1 });
    expect(found).toMatchObject({ class: 'not saleable', revertUntil: null });
    expect(classed('NMVS_NC_PCK_21').class).toBe('not saleable');
  });

  test.each([
    ['NMVS_NC_PC_02', 'data not uploaded', true],
    ['NMVS_NC_PC_14', 'data not uploaded', false],
    ['NMVS_FE_LOT_12', 'expiry mismatch', true],
    ['NMVS_FE_LOT_18', 'batch mismatch', false],
    ['NMVS_NC_PCK_22', 'done twice', true],
    ['NMVS_NC_PCK_27', 'another market', true],
    ['41020000', 'data not uploaded', false],
    ['#A1', 'data not uploaded', false],
    ['41020011', 'data not uploaded', true],
    ['51320801', 'done twice', true],
  ])('%s comes most often from %s where what was sent is what is printed', (code, cause, isAlert) => {
    expect(classed(code)).toMatchObject({ cause, isAlert });
    expect(classed(code, { sent: { ...PRINTED, serial: 'sy17Z' } })).toMatchObject({ cause: 'scanner', isAlert });
  });

  // FiMVO's guideline explains neither of the two (docs/markets.md, "What is not covered").
  test.each(['41020006', '#A74'])('%s of Finland, which no public document explains, is unknown', (code) => {
    expect(classed(code)).toMatchObject({ class: 'unknown', kind: 'investigate', alert: null, cause: null });
  });

  test('of Finland that what was done here is done already is our own doing, and too late for good', () => {
    expect(classed('11220200', { decommissionedAt: NOW - 1 })).toMatchObject({ class: 'own action', alert: 'A10' });
    expect(classed('51420601', { decommissionedAt: NOW - 1 })).toMatchObject({ class: 'not saleable', alert: 'A4' });
  });

  test('that nobody knows is never said to be false', () => {
    expect(classed('NMVS_XX_99', { sent: { ...PRINTED, serial: 'sy17z' } }).class).toBe('unknown');
  });
});
