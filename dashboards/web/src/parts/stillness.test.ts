import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Stillness, StillnessContext, useStoodStill } from './stillness.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Longer than nothing has to be scrolled. */
const STILL_MS = 200;

test('all that wait are told together, once, when nobody has scrolled for a while', () => {
  const stillness = new Stillness();
  const told: string[] = [];
  stillness.wait(() => told.push('first'));
  vi.advanceTimersByTime(100);
  stillness.wait(() => told.push('second'));
  vi.advanceTimersByTime(100);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(100);
  expect(told).toEqual(['first', 'second']);
  vi.advanceTimersByTime(10 * STILL_MS);
  stillness.begin();
  vi.advanceTimersByTime(10 * STILL_MS);
  expect(told).toEqual(['first', 'second']);
});

test('each scroll puts it off, and a list without rows that wait has no timer', () => {
  const stillness = new Stillness();
  const told = vi.fn();
  stillness.begin();
  expect(vi.getTimerCount()).toBe(0);
  stillness.wait(told);
  for (let scroll = 0; scroll < 10; scroll++) {
    vi.advanceTimersByTime(100);
    stillness.begin();
    expect(vi.getTimerCount()).toBe(1);
  }
  expect(told).not.toHaveBeenCalled();
  vi.advanceTimersByTime(STILL_MS);
  expect(told).toHaveBeenCalledOnce();
});

test('a row that is gone is not told, nor any after the list has ended', () => {
  const stillness = new Stillness();
  const [gone, there] = [vi.fn(), vi.fn()];
  const leave = stillness.wait(gone);
  stillness.wait(there);
  leave();
  vi.advanceTimersByTime(STILL_MS);
  expect([gone.mock.calls.length, there.mock.calls.length]).toEqual([0, 1]);
  stillness.wait(there);
  stillness.end();
  vi.advanceTimersByTime(STILL_MS);
  expect([there.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0]);
});

test('a row that waits for one that is told asks to be told itself, the next time', () => {
  const stillness = new Stillness();
  const told: string[] = [];
  stillness.wait(() => {
    told.push('outer');
    stillness.wait(() => told.push('inner'));
  });
  vi.advanceTimersByTime(STILL_MS);
  expect(told).toEqual(['outer']);
  vi.advanceTimersByTime(STILL_MS);
  expect(told).toEqual(['outer', 'inner']);
});

test('where nobody tells of scrolling a row has stood still at once; in a list it has not yet', () => {
  const Row = () => createElement('i', null, String(useStoodStill()));
  expect(renderToStaticMarkup(createElement(Row))).toBe('<i>true</i>');
  const inList = createElement(StillnessContext.Provider, { value: new Stillness() }, createElement(Row));
  expect(renderToStaticMarkup(inList)).toBe('<i>false</i>');
});
