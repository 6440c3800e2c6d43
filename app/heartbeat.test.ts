import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { silentLogger, systemTime, Troubles } from '../domain/index.ts';
import { Heartbeat } from './heartbeat.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function watchdog(status = 200) {
  let beats = 0;
  const server = createServer((request, response) => {
    if (request.method === 'POST') beats++;
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => new Promise((resolve) => server.close(resolve)));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/beat`, beats: () => beats };
}

function heart(url: string, troubles: Troubles, answers = async () => {}): Heartbeat {
  const heartbeat = new Heartbeat({ url, everyMs: 20, troubles, answers, time: systemTime, logger: silentLogger });
  heartbeat.start();
  stops.push(() => heartbeat.stop());
  return heartbeat;
}

test('a watchdog hears of an Isotherm that gets on, again and again', async () => {
  const dog = await watchdog();
  heart(dog.url, new Troubles());
  await expect.poll(dog.beats).toBeGreaterThan(2);
});

test('it hears nothing while alerts might not go out, or the database does not answer, and hears again afterwards', async () => {
  const dog = await watchdog();
  const troubles = new Troubles();
  troubles.failed('evaluator', new Error('lost'), systemTime.now());
  troubles.failed('channel:sms', new Error('busy'), systemTime.now());
  let looks = 0;
  heart(dog.url, troubles, async () => {
    looks++;
    if (looks < 4) throw new Error('the database is away');
  });
  await systemTime.sleep('test: several turns', 150);
  expect([dog.beats(), looks]).toEqual([0, 0]);
  troubles.passed('evaluator');
  await expect.poll(dog.beats).toBeGreaterThan(0);
  expect(looks).toBeGreaterThanOrEqual(4);
});

test('a watchdog that does not take it is a trouble, said by name, until it does', async () => {
  const dog = await watchdog(503);
  const troubles = new Troubles();
  heart(dog.url, troubles);
  await expect.poll(() => troubles.list()).toMatchObject([{ part: 'heartbeat', code: 'HEARTBEAT_FAILED' }]);
  expect(dog.beats()).toBeGreaterThan(0);
});
