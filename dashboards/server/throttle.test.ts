import { expect, test } from 'vitest';
import { ManualTime } from '../../domain/index.ts';
import { SignInThrottle } from './throttle.ts';

test('the eleventh guess at a name within a minute waits the minute out, from any address', async () => {
  const time = new ManualTime(0);
  const throttle = new SignInThrottle({ time });
  for (let guess = 0; guess < 10; guess++) {
    throttle.attempt('quality', `10.0.0.${guess}`);
  }
  expect(() => throttle.attempt('quality', '10.0.1.1')).toThrow('too many attempts; wait 60 s');
  throttle.attempt('dock', '10.0.1.1');
  await time.advance(60_000);
  throttle.attempt('quality', '10.0.1.1');
});

test('one address may not try name after name', () => {
  const throttle = new SignInThrottle({ time: new ManualTime(0) });
  for (let guess = 0; guess < 30; guess++) throttle.attempt(`name-${guess}`, '10.0.0.9');
  expect(() => throttle.attempt('another', '10.0.0.9')).toThrow('too many attempts');
  throttle.attempt('another', '10.0.0.8');
});

test('a right password forgets the wrong ones before it', () => {
  const throttle = new SignInThrottle({ time: new ManualTime(0) });
  for (let guess = 0; guess < 9; guess++) throttle.attempt('quality', `10.0.0.${guess}`);
  throttle.succeeded('quality', '10.0.0.8');
  throttle.attempt('quality', '10.0.0.1');
  throttle.attempt('quality', '10.0.0.200');
});

test('those who sign in rightly from one address do not wait for each other', () => {
  const throttle = new SignInThrottle({ time: new ManualTime(0) });
  for (let person = 0; person < 100; person++) {
    throttle.attempt(`name-${person}`, '10.0.0.9');
    throttle.succeeded(`name-${person}`, '10.0.0.9');
  }
  throttle.attempt('another', '10.0.0.9');
});
