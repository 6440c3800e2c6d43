import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { smsParts, smsText } from './sms-text.ts';

describe('an SMS', () => {
  test('keeps to the cheap alphabet where only typographic marks and degrees are beyond it', () => {
    const text = smsText(
      'Critical: truck 7 above 8 °C – look at “door 3”… It’s open',
      'Answer 123456 to acknowledge. https://iso.example/a/1',
    );
    expect(text).toBe(
      'Critical: truck 7 above 8 C - look at "door 3"... It\'s open Answer 123456 to acknowledge. https://iso.example/a/1',
    );
    expect(smsParts(text)).toEqual({ alphabet: 'gsm', parts: 1 });
  });

  test('in another script is sent as it is, and is shorter', () => {
    const text = smsText('Krytyczny: żółta chłodnia powyżej 8 °C '.repeat(10), 'https://iso.example/a/1');
    expect(smsParts(text)).toEqual({ alphabet: 'ucs2', parts: 3 });
    expect(text).toMatch(/\.\.\. https:\/\/iso\.example\/a\/1$/);
  });

  test('counts brackets and the euro twice, as phones do, and parts of 153', () => {
    expect(smsParts('a'.repeat(160)).parts).toBe(1);
    expect(smsParts('a'.repeat(161)).parts).toBe(2);
    expect(smsParts('['.repeat(80)).parts).toBe(1);
    expect(smsParts('['.repeat(81)).parts).toBe(2);
    expect(smsParts('ż'.repeat(71)).parts).toBe(2);
  });

  test('never takes more than its parts, never cuts a character or the end', () => {
    const words = fc.string({ unit: fc.constantFrom('a', ' ', '°C', '[', '€', 'ł', '😀', '—', '货'), maxLength: 600 });
    fc.assert(
      fc.property(words, (given) => {
        const text = smsText(given, 'https://iso.example/alerts/alrt_1');
        expect(text.endsWith('https://iso.example/alerts/alrt_1')).toBe(true);
        expect(text.isWellFormed()).toBe(true);
        const { alphabet, parts } = smsParts(text);
        expect(parts).toBeLessThanOrEqual(alphabet === 'gsm' ? 2 : 3);
      }),
      { numRuns: 200 },
    );
  });
});
