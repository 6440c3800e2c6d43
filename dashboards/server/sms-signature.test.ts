import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isSignedByTwilio, isSignedByVonage } from './sms-signature.ts';

describe('a message that Twilio brings', () => {
  // As in the tests of Twilio's own libraries (twilio-node, "Request validation").
  const TOKEN = '12345';
  const URL = 'https://mycompany.com/myapp.php?foo=1&bar=2';
  const SIGNATURE = 'RSOYDt4T1cUTdK1PDd93/VVr8B8=';
  const FIELDS = [
    ['CallSid', 'CA1234567890ABCDE'],
    ['Digits', '1234'],
    ['From', '+14158675309'],
    ['To', '+18005551212'],
    ['Caller', '+14158675309'],
  ] as const;

  test('is known by its published example, in whatever order the fields come', () => {
    expect(isSignedByTwilio(SIGNATURE, TOKEN, URL, FIELDS)).toBe(true);
    expect(isSignedByTwilio(SIGNATURE, TOKEN, URL, FIELDS.toReversed())).toBe(true);
    expect(isSignedByTwilio(SIGNATURE, TOKEN, URL.replace('.com', '.com:443'), FIELDS)).toBe(true);
  });

  test('is not, with a field, an address or a token that is another, or none', () => {
    expect(isSignedByTwilio(SIGNATURE, TOKEN, URL, [...FIELDS.slice(1), ['CallSid', 'x']])).toBe(false);
    expect(isSignedByTwilio(SIGNATURE, TOKEN, `${URL}&baz=3`, FIELDS)).toBe(false);
    expect(isSignedByTwilio(SIGNATURE, TOKEN, URL.replace('https', 'http'), FIELDS)).toBe(false);
    expect(isSignedByTwilio(SIGNATURE, '54321', URL, FIELDS)).toBe(false);
    expect(isSignedByTwilio('', TOKEN, URL, FIELDS)).toBe(false);
  });

  test('signed with the port that goes without saying is known where the address is written without it', () => {
    const signed = createHmac('sha1', TOKEN)
      .update('https://iso.example:443/api/v1/webhooks/smsBodyxFrom+49')
      .digest('base64');
    const fields = [
      ['From', '+49'],
      ['Body', 'x'],
    ] as const;
    expect(isSignedByTwilio(signed, TOKEN, 'https://iso.example/api/v1/webhooks/sms', fields)).toBe(true);
  });
});

describe('a message that Vonage brings', () => {
  const AT = Date.parse('2026-11-29T12:00:00Z');
  const signed = (text: string, given = '&msisdn=4915&text=a _ b _ c&timestamp=1795953600', method = 'sha256') =>
    [
      ['msisdn', '4915'],
      ['text', text],
      ['timestamp', '1795953600'],
      ['sig', createHmac(method, 'secret').update(given).digest('hex').toUpperCase()],
    ] as const;

  test('is known by its signature, with & and = in the text', () => {
    expect(isSignedByVonage('secret', signed('a & b = c'), AT)).toBe(true);
    expect(isSignedByVonage('secret', signed('a & b = c', undefined, 'sha512'), AT)).toBe(true);
  });

  test('is not, where it is another, an hour old, without a time, or hashed with MD5', () => {
    expect(isSignedByVonage('secret', signed('a & b = d'), AT)).toBe(false);
    expect(isSignedByVonage('other', signed('a & b = c'), AT)).toBe(false);
    expect(isSignedByVonage('secret', signed('a & b = c'), AT + 3_600_000)).toBe(false);
    expect(
      isSignedByVonage(
        'secret',
        signed('a & b = c').filter(([name]) => name !== 'timestamp'),
        AT,
      ),
    ).toBe(false);
    expect(isSignedByVonage('secret', signed('a & b = c', undefined, 'md5'), AT)).toBe(false);
  });
});
