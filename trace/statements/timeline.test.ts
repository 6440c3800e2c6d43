import { describe, expect, test } from 'vitest';
import { differences, holding, holdingsOf, type Statement } from './timeline.ts';

function said(value: string | null, from: number, position: number, source = `fact:${position}`): Statement {
  return { subject: 'vial', value, from, position, source };
}

describe('statements about one subject', () => {
  test('a later moment ends the earlier statement, whenever it was heard', () => {
    expect(holdingsOf([said('late word', 0, 9), said('P2', 20, 1), said('P1', 10, 5)])).toEqual([
      { value: 'late word', from: 0, to: 10 },
      { value: 'P1', from: 10, to: 20 },
      { value: 'P2', from: 20, to: null },
    ]);
  });

  test('of two about the same moment the later in the log holds, the other at no time', () => {
    const [first, second] = [said('P1', 10, 1), said('P2', 10, 2)];
    expect(holding([second, first])).toEqual([{ statement: second, to: null }]);
    expect(holding([first, second])).toEqual([{ statement: second, to: null }]);
  });

  test('where even the position is equal the source decides, not the order', () => {
    const [one, other] = [said('P1', 10, 0, 'pass:1'), said('P2', 10, 0, 'pass:2')];
    expect(holding([one, other])).toEqual(holding([other, one]));
  });

  test('taken out, it is in nothing until it is put into something', () => {
    expect(holdingsOf([said('P1', 0, 1), said(null, 10, 2), said('P1', 20, 3)])).toEqual([
      { value: 'P1', from: 0, to: 10 },
      { value: 'P1', from: 20, to: null },
    ]);
  });
});

describe('what is different now', () => {
  test('is the stretch with another value, put together where it is the same change', () => {
    const before = [{ value: 'P1', from: 0, to: null }];
    const after = [
      { value: 'P1', from: 0, to: 10 },
      { value: 'P2', from: 10, to: 20 },
      { value: 'P2', from: 20, to: 30 },
      { value: 'P1', from: 30, to: null },
    ];
    expect(differences(before, after)).toEqual([{ before: 'P1', after: 'P2', from: 10, to: 30 }]);
  });

  test('is nothing where only the words changed', () => {
    expect(
      differences(
        [
          { value: 'P1', from: 0, to: 10 },
          { value: 'P1', from: 10, to: 20 },
        ],
        [{ value: 'P1', from: 0, to: 20 }],
      ),
    ).toEqual([]);
  });

  test('reaches to the open end', () => {
    expect(differences([], [{ value: 'P1', from: 5, to: null }])).toEqual([
      { before: null, after: 'P1', from: 5, to: null },
    ]);
  });
});
