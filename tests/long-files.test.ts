import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LONG_FILES } from './long-files.ts';

test('every long file is there: one that was renamed would come back into npm test', () => {
  const gone = Object.keys(LONG_FILES).filter((file) => !existsSync(join(import.meta.dirname, '..', file)));
  expect(gone).toEqual([]);
});
