import { expect, test } from 'vitest';
import { testDatabase } from '../../storage/testing/database.ts';
import { SentStatements } from './sent-statements.ts';

const database = await testDatabase();

test('what is asked later finds what was sent before, without waiting for it', async () => {
  await database.transaction(async (client) => {
    const sent = new SentStatements(client);
    sent.send('INSERT INTO complete_until (reader, at, position) VALUES ($1, 1, 1)', ['sent']);
    const { rows } = await sent.client.query('SELECT at FROM complete_until WHERE reader = $1', ['sent']);
    expect(rows).toEqual([{ at: 1 }]);
    await sent.answered();
  });
});

test('the first statement that fails says why, not those that only find the transaction over', async () => {
  const given = database.transaction(async (client) => {
    const sent = new SentStatements(client);
    try {
      sent.send('INSERT INTO complete_until (reader, at, position) VALUES ($1, NULL, 1)', ['no time']);
      sent.send('INSERT INTO complete_until (reader, at, position) VALUES ($1, 1, 1)', ['behind it']);
      await sent.client.query('SELECT 1');
    } finally {
      await sent.answered();
    }
  });
  await expect(given).rejects.toMatchObject({ code: '23502' });
  const { rows } = await database.query(`SELECT FROM complete_until WHERE reader = 'behind it'`);
  expect(rows).toHaveLength(0);
});
