import { expect, test } from 'vitest';
import { RecentlyAsked } from './recently-asked.ts';

test('what is asked for between two ageings stays, however often it ages; what is not is forgotten', () => {
  const memory = new RecentlyAsked<string, number>();
  memory.set('asked', 1);
  memory.set('left', 2);
  for (let turn = 0; turn < 5; turn++) {
    memory.age();
    expect(memory.get('asked')).toBe(1);
  }
  expect(memory.get('left')).toBeUndefined();
});

test('what is new is known until it has aged twice, and what is set again replaces what is older', () => {
  const memory = new RecentlyAsked<string, number>();
  memory.set('one', 1);
  memory.age();
  memory.set('one', 2);
  expect(memory.get('one')).toBe(2);
  memory.age();
  memory.age();
  expect(memory.get('one')).toBeUndefined();
});
