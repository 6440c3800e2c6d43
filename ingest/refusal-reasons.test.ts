import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { REFUSAL_REASONS } from './index.ts';

test('docs/mqtt.md says of every reason what it means, and names no other', () => {
  const page = readFileSync(new URL('../docs/mqtt.md', import.meta.url), 'utf8');
  const named = [...(page.split('## Quarantine')[1] ?? '').matchAll(/^\| `([A-Z_]+)` \|/gm)].map(
    ([, reason]) => reason,
  );
  expect(named.toSorted()).toEqual([...REFUSAL_REASONS].toSorted());
});
