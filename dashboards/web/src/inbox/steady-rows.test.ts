import { expect, test } from 'vitest';
import type { AlertView } from '../../../api/index.ts';
import { steady } from './useSteadyRows.ts';

const rows = (...ids: string[]) => ids.map((id) => ({ id, revision: 0 }) as AlertView);
const idsOf = (alerts: readonly AlertView[]) => alerts.map(({ id }) => id);

test('a list that is held keeps its rows where they are: new ones wait, gone ones stay and say so, older ones follow', () => {
  const held = steady([...rows('new-1', 'c', 'new-2', 'a'), ...rows('older')], rows('c', 'b', 'a'));
  expect(idsOf(held.rows)).toEqual(['c', 'b', 'a', 'older']);
  expect(held.waiting).toBe(2);
  expect(['c', 'b', 'a', 'older'].map(held.isGone)).toEqual([false, true, false, false]);
});

test('what a held row says is what is known now', () => {
  const changed = { ...rows('a')[0], revision: 4 } as AlertView;
  expect(steady([changed], rows('a')).rows).toEqual([changed]);
});

test('where nothing of what is held is left, it stays until somebody asks for the list as it is', () => {
  const held = steady(rows('x', 'y'), rows('a'));
  expect([idsOf(held.rows), held.waiting, held.isGone('a')]).toEqual([['a'], 2, true]);
  expect(idsOf(steady(rows('x'), null).rows)).toEqual(['x']);
});

test('what somebody acted on here goes at once, held or not', () => {
  const held = steady(rows('c', 'older'), rows('c', 'b', 'a'), new Set(['a']));
  expect(idsOf(held.rows)).toEqual(['c', 'b', 'older']);
  expect(steady(rows('x'), rows('a'), new Set(['a'])).rows).toHaveLength(1);
});
