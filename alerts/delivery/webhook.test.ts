import { lookup } from 'node:dns';
import { afterEach, expect, test } from 'vitest';
import { Outgoing, systemTime } from '../../domain/index.ts';
import type { Channel } from '../index.ts';
import { Receiver } from '../testing/receiver.ts';
import { type Sender, senderOf } from './sender.ts';

const secret = `whsec_${Buffer.from('a key of twenty-four byte').toString('base64')}`;
const message = { event: 'evt-1', body: '{"type":"test"}' };
const receiver = new Receiver();
const address = await receiver.start();
const channel = { id: 'ops-hook', kind: 'webhook', url: address, secret } as const;
const { signal } = new AbortController();
afterEach(() => {
  receiver.received.length = 0;
});

function senderTo(to: Channel, outgoing: Outgoing | null = null): Sender {
  return senderOf(to, { outgoing, time: systemTime, links: () => ({ page: '', acknowledge: null }) });
}

const strict = new Outgoing({ allow: [], lookup });

test.each([address, address.replace('127.0.0.1', 'localhost'), address.replace('127.0.0.1', '[::ffff:7f00:1]')])(
  'a channel that was entered on the page does not reach this machine: %s',
  async (url) => {
    const sender = senderTo({ ...channel, url }, strict);
    await expect(sender.send(message, signal)).rejects.toMatchObject({
      code: 'WEBHOOK_FAILED',
      message: expect.stringMatching(/not a public address; allowed/),
    });
    expect(receiver.received).toEqual([]);
  },
);

test('a channel of the configuration, or one that the operator allows, does', async () => {
  await senderTo(channel).send(message, signal);
  const allowing = new Outgoing({ allow: ['127.0.0.1'], lookup });
  await senderTo(channel, allowing).send(message, signal);
  expect(receiver.received).toHaveLength(2);
});

test('a receiver that answers with another place to go is a failure, and the other place hears nothing', async () => {
  receiver.answer = (response) => response.writeHead(307, { location: `${address}/inside` }).end();
  const sender = senderTo(channel);
  await expect(sender.send(message, signal)).rejects.toThrow('answered 307');
  expect(receiver.received.map(({ path }) => path)).toEqual(['/hook']);
  await receiver.stop();
});
