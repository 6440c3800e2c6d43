import { expect, test } from 'vitest';
import { ManualTime } from '../../domain/index.ts';
import { SignInThrottle } from './throttle.ts';

test('the eleventh guess at a name within a minute waits the minute out, from any address', async () => {
  const time = new ManualTime(0);
  const throttle = new SignInThrottle({ time });
  for (let guess = 0; guess < 10; guess++) {
    throttle.check('quality', `10.0.0.${guess}`);
    throttle.failed('quality', `10.0.0.${guess}`);
  }
  expect(() => throttle.check('quality', '10.0.1.1')).toThrow('too many attempts; wait 60 s');
  throttle.check('dock', '10.0.1.1');
  await time.advance(60_000);
  throttle.check('quality', '10.0.1.1');
});

test('one address may not try name after name', () => {
  const throttle = new SignInThrottle({ time: new ManualTime(0) });
  for (let guess = 0; guess < 30; guess++) throttle.failed(`name-${guess}`, '10.0.0.9');
  expect(() => throttle.check('another', '10.0.0.9')).toThrow('too many attempts');
  throttle.check('another', '10.0.0.8');
});

test('a right password forgets the wrong ones before it', () => {
  const throttle = new SignInThrottle({ time: new ManualTime(0) });
  for (let guess = 0; guess < 9; guess++) throttle.failed('quality', `10.0.0.${guess}`);
  throttle.succeeded('quality');
  throttle.failed('quality', '10.0.0.1');
  throttle.check('quality', '10.0.0.200');
});
