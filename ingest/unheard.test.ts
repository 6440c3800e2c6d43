import { expect, test } from 'vitest';
import { UnheardSenders } from './unheard.ts';

const ids = (senders: UnheardSenders) => senders.list().map(({ source, messages }) => `${source} ${messages}`);

// A device whose every message was refused had no page and raised no alert.
test('a sender of which nothing was ever taken is unheard from its first message, until something is', () => {
  const senders = new UnheardSenders();
  senders.refused('logger-7', 1_000, 'PAYLOAD_NOT_JSON', 'not JSON', false);
  senders.refused('logger-7', 2_000, 'FIELD_UNKNOWN', 'temp is no field', false);
  expect(senders.list()).toEqual([
    { source: 'logger-7', since: 1_000, messages: 2, reason: 'FIELD_UNKNOWN', detail: 'temp is no field' },
  ]);
  senders.taken('logger-7');
  expect(senders.list()).toEqual([]);
});

test('of one that was understood before, three in a row; what it says of itself is not counted', () => {
  const senders = new UnheardSenders();
  senders.taken('plug-1');
  for (let n = 0; n < 9; n++) senders.refused('plug-1', n, 'TOPIC_UNKNOWN', 'nobody decodes it', true);
  for (let n = 0; n < 2; n++) senders.refused('plug-1', n, 'TIME_AHEAD', 'ahead', false);
  expect(ids(senders)).toEqual([]);
  senders.refused('plug-1', 3, 'TIME_AHEAD', 'ahead', false);
  expect(ids(senders)).toEqual(['plug-1 3']);
});
