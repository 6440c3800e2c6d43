import { beforeEach, describe, expect, test } from 'vitest';
import { BY_PLATFORM, ManualTime, UnavailableError } from '../../domain/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { noAnswer, RETRY_MS, Side } from '../testing/side.ts';
import { exceptionId, type PartnerException } from './exception.ts';
import type { PostMessage } from './exception-messages.ts';

const DAY_MS = 86_400_000;
const DATABASE = await testDatabase();
const time = new ManualTime(Date.parse('2026-11-20T08:00:00Z'));
const sent: string[] = [];
let answer: () => Promise<string>;
const post: PostMessage = ({ headers }) => {
  sent.push(headers['webhook-id'] ?? '');
  return answer();
};
const side = new Side({ database: DATABASE, time, post });
const taken = async () => '{"exception":"E-000077"}';
const refused = async () => Promise.reject(noAnswer());

let exception: PartnerException;
let id: string;
beforeEach(async () => {
  sent.length = 0;
  answer = refused;
  side.restart();
  await DATABASE.query('DELETE FROM exception_tellings');
  await side.know();
  const said = { kind: 'shortage', partner: 'other', title: 'Two short', text: 'We counted 98.' } as const;
  const more = { shipment: null, epcs: [], lot: null, finding: null, due: null };
  exception = await side.exceptions.open({ ...said, ...more }, BY_PLATFORM);
  id = exceptionId(exception.number);
});

async function look(afterMs = RETRY_MS): Promise<void> {
  time.advance(afterMs);
  await side.teller.look();
  await side.teller.idle();
}

const actions = async () =>
  (await side.audit.history(`exception:${exceptionId(exception.number)}`)).map(({ action }) => action);

describe('what a partner could not be told', () => {
  test('is told by the clock under the same identity, also by a process that was started anew', async () => {
    expect(await side.teller.tell(exception, BY_PLATFORM)).toBe('no answer within 10 s');
    await look();
    side.restart();
    await look();
    expect(await side.tellings.of(exception.number)).toMatchObject({ attempts: 3, failure: 'no answer within 10 s' });
    answer = taken;
    await look();
    await look();
    expect(sent).toEqual(Array.from({ length: 4 }, () => `${id}/1`));
    expect(await side.tellings.of(exception.number)).toBeNull();
    expect(await side.exceptions.get(id)).toMatchObject({ state: 'shared', reference: 'E-000077' });
  });

  test('is followed up by another process when the one that told it died in the middle', async () => {
    let die = () => {};
    answer = () =>
      new Promise((_, reject) => {
        die = () => reject(noAnswer());
      });
    void side.teller.tell(exception, BY_PLATFORM);
    await expect.poll(() => sent.length).toBe(1);
    side.restart();
    answer = taken;
    await look(14_000);
    expect(sent).toHaveLength(1);
    await look(1_000);
    expect([sent, await side.tellings.of(exception.number)]).toEqual([[`${id}/1`, `${id}/1`], null]);
    die();
  });

  test('goes on behind what the partner has taken, in the order in which it was said', async () => {
    for (const text of ['It is lot A17.', 'Photo follows.'])
      await side.exceptions.say(id, { text, answer: null, file: null }, { side: 'ours' }, BY_PLATFORM);
    answer = async () => (sent.length === 2 ? Promise.reject(noAnswer()) : taken());
    await side.teller.tell(exception, BY_PLATFORM);
    await look();
    expect(sent).toEqual([`${id}/1`, `${id}/2`, `${id}/2`, `${id}/3`]);
  });

  test('is given up after three days: on record, for operations to see, until it is told again or shared', async () => {
    await side.teller.tell(exception, BY_PLATFORM);
    await look(3 * DAY_MS);
    await look(DAY_MS);
    expect(sent).toHaveLength(2);
    expect(await actions()).toEqual(['exception.open', 'exception.say', 'exception.tell', 'exception.untold']);
    expect(await side.tellings.givenUp(10)).toMatchObject([{ exception: exception.number, partnerName: 'Other' }]);
    answer = taken;
    expect(await side.teller.tell(exception, BY_PLATFORM)).toBeNull();
    expect(await side.tellings.givenUp(10)).toEqual([]);
  });

  test('is given up at once where the partner answers 410, and where it is no partner any more', async () => {
    answer = async () => Promise.reject(new UnavailableError('WEBHOOK_FAILED', 'answered 410', { status: 410 }));
    await side.teller.tell(exception, BY_PLATFORM);
    await look();
    expect([sent.length, (await side.tellings.of(exception.number))?.nextAt]).toEqual([1, null]);
    answer = refused;
    await side.teller.tell(exception, BY_PLATFORM);
    await side.know({ to: '2026-11-01' });
    await look();
    expect(await side.tellings.of(exception.number)).toMatchObject({
      ...{ nextAt: null, failure: 'the agreement with Other does not hold today' },
    });
    expect(await side.teller.tell(exception, BY_PLATFORM)).toMatch(/does not hold/);
  });

  test('is cut off by the end of the process without counting as an attempt', async () => {
    let isSending = false;
    const cut: PostMessage = ({ signal }) =>
      new Promise((_, reject) => {
        isSending = true;
        signal.addEventListener('abort', () => reject(noAnswer()));
      });
    const other = new Side({ database: DATABASE, time, post: cut });
    const telling = other.teller.tell(exception, BY_PLATFORM);
    await expect.poll(() => isSending).toBe(true);
    await other.teller.stop();
    await telling;
    expect(await side.tellings.of(exception.number)).toMatchObject({ attempts: 0, failure: null });
  });
});
