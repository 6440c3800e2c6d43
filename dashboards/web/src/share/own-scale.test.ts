import { expect, test } from 'vitest';
import { scaleOf } from './own-scale.ts';

test('°F is the first guess in the United States alone, whatever is spoken there', () => {
  for (const american of ['en-US', 'es-US', 'EN-us', 'zh-Hant-US'])
    expect(scaleOf([american, 'de'], 'America/Chicago'), american).toBe('F');
  for (const other of ['en-GB', 'en', 'de-DE', 'en-CA', 'en-USX', 'us'])
    expect(scaleOf([other, 'en-US'], 'America/Chicago'), other).toBe('C');
  expect(scaleOf([], 'UTC')).toBe('C');
});

// Drives of a European host, set up in American English, were at "91": read as °C by who looked.
test('a browser in American English whose clock is in Europe is shown °C', () => {
  expect(scaleOf(['en-US'], 'Europe/Berlin')).toBe('C');
  for (const zone of ['UTC', 'Pacific/Honolulu', 'US/Eastern', '']) expect(scaleOf(['en-US'], zone), zone).toBe('F');
});
