import { expect, test } from 'vitest';
import { ManualTime, networkOf } from '../../domain/index.ts';
import { SignInThrottle } from './throttle.ts';

/** How long a try waits, ms. Its time passes. */
async function waitOf(throttle: SignInThrottle, time: ManualTime, name: string, address: string): Promise<number> {
  const began = time.now();
  let isDone = false;
  const done = throttle.attempt(name, address).then(() => {
    isDone = true;
  });
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    if (isDone) break;
    await time.advance(50);
  }
  await done;
  return time.now() - began;
}

test('wrong tries of a name from one address wait longer and longer, at most four seconds', async () => {
  const time = new ManualTime(0);
  const throttle = new SignInThrottle({ time });
  const waits: number[] = [];
  for (let guess = 0; guess < 12; guess++) waits.push(await waitOf(throttle, time, 'quality', '10.0.0.9'));
  expect(waits).toEqual([0, 0, 0, 0, 0, 250, 500, 1000, 2000, 4000, 4000, 4000]);
});

// The eleventh wrong try of anybody made the victim wait a minute, again and again.
test('a guesser elsewhere does not lock out who knows the password', async () => {
  const time = new ManualTime(0);
  const throttle = new SignInThrottle({ time });
  for (let guess = 0; guess < 50; guess++) await waitOf(throttle, time, 'quality', '10.0.0.9');
  expect(await waitOf(throttle, time, 'quality', '10.0.1.1')).toBe(0);
});

test('a hundred guessers at one name slow everybody who gives it by two seconds, and refuse nobody', async () => {
  const time = new ManualTime(0);
  const throttle = new SignInThrottle({ time });
  for (let guess = 0; guess < 101; guess++) await throttle.attempt('quality', `10.0.2.${guess}`);
  expect(await waitOf(throttle, time, 'quality', '10.0.1.1')).toBe(2_000);
  expect(await waitOf(throttle, time, 'dock', '10.0.1.1')).toBe(0);
});

test('many tries at once are looked at one after another, and those beyond a handful are turned away for now', async () => {
  const time = new ManualTime(0);
  const throttle = new SignInThrottle({ time });
  const tries = await Promise.allSettled(
    Array.from({ length: 20 }, () => {
      const settled = throttle.attempt('quality', '10.0.0.9');
      return Promise.race([settled, new Promise((resolve) => setImmediate(() => resolve('waiting')))]);
    }),
  );
  expect(tries.filter(({ status }) => status === 'rejected')).toHaveLength(11);
  expect(tries.filter((one) => one.status === 'fulfilled' && one.value === 'waiting')).toHaveLength(4);
  expect(tries[19]).toMatchObject({ reason: { code: 'SIGN_IN_THROTTLED', status: 429 } });
  await time.advance(4_000);
  expect(await waitOf(throttle, time, 'quality', '10.0.0.9')).toBeLessThanOrEqual(4_000);
});

test('one address may not try name after name', async () => {
  const time = new ManualTime(0);
  const throttle = new SignInThrottle({ time });
  for (let guess = 0; guess < 31; guess++) await throttle.attempt(`name-${guess}`, '10.0.0.9');
  expect(await waitOf(throttle, time, 'another', '10.0.0.9')).toBe(1_000);
  expect(await waitOf(throttle, time, 'another', '10.0.0.8')).toBe(0);
});

test('a right password forgets the wrong ones before it', async () => {
  const time = new ManualTime(0);
  const throttle = new SignInThrottle({ time });
  for (let guess = 0; guess < 8; guess++) await waitOf(throttle, time, 'quality', '10.0.0.9');
  throttle.succeeded('quality', '10.0.0.9');
  expect(await waitOf(throttle, time, 'quality', '10.0.0.9')).toBe(0);
});

test('those who sign in rightly from one address do not wait for each other', async () => {
  const time = new ManualTime(0);
  const throttle = new SignInThrottle({ time });
  for (let person = 0; person < 100; person++) {
    await throttle.attempt(`name-${person}`, '10.0.0.9');
    throttle.succeeded(`name-${person}`, '10.0.0.9');
  }
  expect(await waitOf(throttle, time, 'another', '10.0.0.9')).toBe(0);
});

test('from the eleventh wrong try on the answer says when to come again', async () => {
  const time = new ManualTime(0);
  const throttle = new SignInThrottle({ time });
  for (let guess = 0; guess < 10; guess++) {
    await waitOf(throttle, time, 'quality', '10.0.0.9');
    throttle.failed('quality', '10.0.0.9');
  }
  await waitOf(throttle, time, 'quality', '10.0.0.9');
  expect(() => throttle.failed('quality', '10.0.0.9')).toThrow('too many attempts; wait 4 s');
});

test('addresses of one IPv6 network are one', () => {
  expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0');
  expect(networkOf('2001:0db8:0:0:ffff::9')).toBe('2001:db8:0:0');
  expect(networkOf('::1')).toBe('0:0:0:0');
  expect(networkOf('::ffff:10.0.0.9')).toBe('::ffff:10.0.0.9');
  expect(networkOf('10.0.0.9')).toBe('10.0.0.9');
});
