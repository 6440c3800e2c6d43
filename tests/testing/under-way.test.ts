import { expect, test } from 'vitest';
import { underWay } from './under-way.ts';

test('work that fails beside a test fails it with its own error, where its end is asked for or its progress', async () => {
  const strays: unknown[] = [];
  const onStray = (error: unknown) => strays.push(error);
  process.prependListener('unhandledRejection', onStray);
  try {
    const work = underWay(Promise.reject(new Error('the server is away')));
    await expect(work.until('the last is there', () => false)).rejects.toThrow('the server is away');
    await new Promise(setImmediate);
    await expect(work.end).rejects.toThrow('the server is away');
    expect(strays).toEqual([]);
  } finally {
    process.off('unhandledRejection', onStray);
  }
});
