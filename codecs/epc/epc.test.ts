import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../domain/index.ts';
import { sharedTestdata, WITHOUT_SAMPLES } from '../../tests/parts.ts';
import { decodeTag, encodeTag, gtinOf, identityOfTag, parseEpc, serialOf, ssccOf } from './index.ts';

const VECTORS = sharedTestdata('tds-vectors.json');

test('the worked examples of the standard decode and encode to the letter', (context) => {
  if (VECTORS === null) return context.skip(WITHOUT_SAMPLES);
  const { vectors } = JSON.parse(readFileSync(VECTORS, 'utf8')) as { vectors: [string, string, string][] };
  const known = vectors.filter(([, tagUri]) => /:(sgtin|sscc)-/.test(tagUri));
  expect(known.length).toBeGreaterThan(2);
  for (const [hex, tagUri, pureUri] of known) {
    expect(decodeTag(hex).epc).toBe(pureUri);
    expect(encodeTag(tagUri)).toBe(hex);
    expect(parseEpc(tagUri)).toBe(pureUri);
  }
});

describe('one identity in every form', () => {
  const epc = 'urn:epc:id:sgtin:0614141.812345.6789';
  test.each([
    '3074257BF7194E4000001A85',
    'urn:epc:tag:sgtin-96:3.0614141.812345.6789',
    'urn:epc:id:sgtin:0614141.812345.6789',
    '(01)80614141123458(21)6789',
    'https://id.gs1.org/01/80614141123458/21/6789?17=270630',
  ])('%s', (form) => {
    expect(parseEpc(form, { companyPrefixes: ['06', '0614141', '9999999'] })).toBe(epc);
  });

  test('its GTIN, serial and SSCC', () => {
    expect(gtinOf(epc)).toBe('80614141123458');
    expect(serialOf('urn:epc:id:sgtin:0614141.712345.32a%2Fb')).toBe('32a/b');
    expect(ssccOf('urn:epc:id:sscc:0614141.1234567890')).toBe('106141412345678908');
    expect(parseEpc('(00)106141412345678908', { companyPrefixLength: 7 })).toBe('urn:epc:id:sscc:0614141.1234567890');
    expect(gtinOf('urn:epc:id:sscc:0614141.1234567890')).toBeNull();
  });
});

describe('a wrong EPC is refused with its reason', () => {
  test.each([
    ['3074257BF7194E4000001A', 'EPC_TRUNCATED'],
    ['3074257BF7194E4000001A8500000000', 'EPC_TOO_LONG'],
    ['301C257BF7194E4000001A85', 'EPC_PARTITION'],
    ['3003FFFFFFFFFFFFFFFFFFFF', 'EPC_RANGE'],
    ['E280116060000204AD000000', 'EPC_HEADER'],
    ['3174257BF4499602D2000001', 'EPC_PADDING'],
    ['3674257BF6B7A659B2C2BF1000000000000000000000000001', 'EPC_PADDING'],
    ['urn:epc:id:sgtin:0614141.81234.6789', 'EPC_SYNTAX'],
    ['urn:epc:id:sgtin:0614141.812345.', 'EPC_RANGE'],
    ['urn:epc:id:sgtin:0614141.812345.a/b', 'EPC_SYNTAX'],
    ['urn:epc:id:sgtin:06141.81234567.1', 'EPC_COMPANY_PREFIX'],
    ['urn:epc:tag:sgtin-96:3.0614141.812345.274877906944', 'EPC_RANGE'],
    ['(01)80614141123459(21)1', 'EPC_CHECK_DIGIT'],
    ['(01)80614141123458(21)1', 'EPC_COMPANY_PREFIX_UNKNOWN'],
    ['hello', 'EPC_SYNTAX'],
  ])('%s: %s', (form, code) => {
    let refused: unknown;
    try {
      parseEpc(form);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(InputError);
    expect(refused).toHaveProperty('code', code);
  });
});

test('a tag whose reader sends words of zero behind the EPC is the same pack', () => {
  const epc = 'urn:epc:id:sgtin:0614141.812345.6789';
  expect(identityOfTag('3074257BF7194E4000001A850000', 112)).toBe(epc);
  expect(identityOfTag('3074257BF7194E4000001A8500000000', 128)).toBe(epc);
  expect(identityOfTag('3074257bf7194e4000001a850001', 112)).toBe('urn:epc:raw:112.x3074257BF7194E4000001A850001');
  expect(identityOfTag('E280116060000204AD0000000000', 112)).toBe('urn:epc:raw:112.xE280116060000204AD0000000000');
});

test('any SGTIN survives the way through EPC memory', () => {
  const alphabet = '!"%&\'()*+,-./0123456789:;<=>?ABCXYZ_abcxyz';
  fc.assert(
    fc.property(
      fc.integer({ min: 6, max: 12 }),
      fc.nat({ max: 7 }),
      fc.bigInt({ min: 0n, max: 10n ** 13n - 1n }),
      fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength: 20 }),
      (prefixDigits, filter, number, serial) => {
        const digits = String(number).padStart(13, '0');
        const escaped = serial.replace(/["%&/<>?]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
        const identity = `${digits.slice(0, prefixDigits)}.${digits.slice(prefixDigits)}.${escaped}`;
        const hex = encodeTag(`urn:epc:tag:sgtin-198:${filter}.${identity}`);
        expect(decodeTag(hex)).toEqual({ scheme: 'sgtin-198', filter, epc: `urn:epc:id:sgtin:${identity}` });
      },
    ),
  );
});
