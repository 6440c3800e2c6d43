import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { said } from '../testing/said.ts';
import { parseLines } from './line.ts';

const of = (text: string, dialect = 'influx', source = 'logger-7') =>
  said(`isotherm/v1/dialects/${dialect}/${source}`, text);
const NS = '1795341600000000000';
const ISO = '2026-11-22T10:00:00.000Z';

describe('who and what', () => {
  test.each([
    ['air temperature=5.1', 'logger-7 temperature 5.1'],
    ['air,device=probe-1 temperature=5.1', 'probe-1 temperature 5.1'],
    ['air,host=pi,device_id=probe-2 temperature=5.1', 'probe-2 temperature 5.1'],
    ['air,host=pi temperature=5.1', 'pi temperature 5.1'],
    ['temperature,device=probe-1 value=5.1', 'probe-1 temperature 5.1'],
    ['air,device=probe-1 temperature=5i', 'probe-1 temperature 5'],
    ['air,device=probe-1 humidity=45u', 'probe-1 humidity 45'],
    ['air,device=probe-1 temperature=-1.5e+01', 'probe-1 temperature -15'],
    ['room,device=d door=true', 'd door 1'],
    ['room,device=d door=f', 'd door 0'],
    ['room,device=d door=1i', 'd door 1'],
    [String.raw`my\ air,device=a\,b temperature=5`, 'MESSAGE_MALFORMED'],
    [String.raw`my\ air\,x,place=cold\ room,device=d temperature=5`, 'd temperature 5'],
  ])('%s', (line, expected) => {
    const { taken, refused } = of(line);
    expect([...taken, ...refused].join('|')).toContain(expected);
  });

  test('a sender that is no device names none', () => {
    expect(of('air temperature=5.1', 'influx', '-').refused).toEqual(['LINE_MALFORMED line 1']);
    expect(of('air,device=d temperature=5.1', 'influx', '-').taken).toEqual(['d temperature 5.1']);
  });

  test('a fix is taken whole or not at all', () => {
    expect(of('gps,device=d latitude=52.5,longitude=13.4').taken).toEqual(['d latitude 52.5', 'd longitude 13.4']);
    expect(of('gps,device=d latitude=52.5')).toEqual({ taken: [], refused: ['VALUE_NOT_NUMBER line 1.longitude'] });
  });
});

describe('times are floored to the millisecond', () => {
  test.each([
    ['influx', NS],
    ['influx', '1795341600000999999'],
    ['influx-us', '1795341600000999'],
    ['influx-ms', '1795341600000'],
    ['influx-s', '1795341600'],
  ])('%s %s', (dialect, time) => {
    expect(of(`air,device=d temperature=5 ${time}`, dialect).taken).toEqual([`d temperature 5 ${ISO}`]);
  });

  test('a time in another unit than was said is refused with that said', () => {
    expect(of('air,device=d temperature=5 1795341600')).toEqual({ taken: [], refused: ['TIME_NOT_UNDERSTOOD line 1'] });
    expect(of(`air,device=d temperature=5 ${NS}`, 'influx-s').refused).toEqual(['TIME_NOT_UNDERSTOOD line 1']);
  });
});

describe('what cannot be taken', () => {
  test.each([
    ['air,device=d temperature="5.1"', 'VALUE_NOT_NUMBER line 1 temperature'],
    ['air,device=d usage_idle=97.5', 'FIELD_UNKNOWN line 1 usage_idle'],
    ['air,device=d temperature=900', 'VALUE_NOT_PHYSICAL line 1 temperature'],
    ['air,device=d temperature=NaN', 'VALUE_NOT_NUMBER line 1 temperature'],
    ['air,device=d temperature=true', 'VALUE_NOT_NUMBER line 1 temperature'],
    ['air,device=d temperature=1e400', 'VALUE_NOT_PHYSICAL line 1 temperature'],
    ['air,device=d', 'LINE_MALFORMED line 1'],
    ['air,device= temperature=5', 'LINE_MALFORMED line 1'],
    ['air,device=d temperature=5,1', 'LINE_MALFORMED line 1'],
    ['air,device=d temperature=5.1 yesterday', 'LINE_MALFORMED line 1'],
    ['air,device=d temperature=5.1 1.5', 'LINE_MALFORMED line 1'],
    ['{"temperature":5.1}', 'LINE_MALFORMED line 1'],
  ])('%s', (line, refused) => {
    expect(of(line)).toEqual({ taken: [], refused: [refused] });
  });

  test('one bad field never costs the good ones beside it', () => {
    expect(of('air,device=d temperature=NaN,humidity=45')).toEqual({
      taken: ['d humidity 45'],
      refused: ['VALUE_NOT_NUMBER line 1 temperature'],
    });
  });
});

describe('lines', () => {
  test('comments and blank lines are counted, and a bad line costs only itself', () => {
    const text = '# from Telegraf\n\nair,device=d temperature=5\r\nbad\nair,device=d humidity=45\n';
    expect(of(text)).toEqual({ taken: ['d temperature 5', 'd humidity 45'], refused: ['LINE_MALFORMED line 4'] });
  });

  test('a string may go on over lines, and a quote that is never closed ends with its line', () => {
    const text = 'log,device=d text="one\ntwo",temperature=5\nbad\n';
    expect(of(text)).toEqual({
      taken: ['d temperature 5'],
      refused: ['LINE_MALFORMED line 3', 'FIELD_UNKNOWN line 1 text'],
    });
    const open = 'log,device=d text="one\nair,device=d temperature=5\n';
    expect(of(open)).toEqual({ taken: ['d temperature 5'], refused: ['LINE_MALFORMED line 1'] });
  });

  test('law: what the escapes of the specification write is read back', () => {
    const name = fc.string({ minLength: 1, maxLength: 8 }).map((text) => text.replace(/[\\\n\r]/g, '_').trim() || 'x');
    const escaped = (text: string) => text.replace(/([,= ])/g, '\\$1');
    fc.assert(
      fc.property(
        name,
        fc.dictionary(name, name, { maxKeys: 3 }),
        fc.string({ maxLength: 20 }),
        (measurement, tags, said) => {
          fc.pre(!measurement.startsWith('#'));
          const value = said.replace(/\r/g, '').replace(/(["\\])/g, '\\$1');
          const written = Object.entries(tags).map(([key, tag]) => `,${escaped(key)}=${escaped(tag)}`);
          const line = `${escaped(measurement)}${written.join('')} text="${value}",n=1 17`;
          const { points, bad } = parseLines(line);
          expect(bad).toEqual([]);
          expect(points).toEqual([
            {
              ...{ line: 1, measurement, tags: new Map(Object.entries(tags)), timestamp: 17n },
              fields: [
                ['text', said.replace(/\r/g, '')],
                ['n', 1],
              ],
            },
          ]);
        },
      ),
    );
  });

  test('law: whatever text comes, nothing crashes, and lines are counted as an editor counts them', () => {
    const piece = fc.constantFrom(
      'air',
      ',device=d',
      ' ',
      'temperature=5',
      '"',
      '\\',
      '\n',
      '#',
      '=',
      ',',
      'x="a',
      '17',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const text = pieces.join('');
        const { points, bad } = parseLines(text);
        const lines = text.split('\n').length;
        for (const { line } of [...points, ...bad]) expect(line).toBeLessThanOrEqual(lines);
      }),
      { numRuns: 1_000 },
    );
  });
});
