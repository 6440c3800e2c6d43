import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../domain/index.ts';
import { sharedTestdata, WITHOUT_SAMPLES } from '../../tests/parts.ts';
import { describeEpc } from './describe.ts';
import type { Element } from './elements.ts';
import { readFast } from './fast.ts';
import { writePlus } from './plus.ts';
import { SCHEMES } from './schemes.ts';
import { encodeTag, readTag } from './tag.ts';

const VECTORS = sharedTestdata('tds-vectors.json');

test('the worked examples of the standard decode and encode to the letter', (context) => {
  if (VECTORS === null) return context.skip(WITHOUT_SAMPLES);
  const { vectors } = JSON.parse(readFileSync(VECTORS, 'utf8')) as { vectors: [string, string, string][] };
  expect(vectors.length).toBeGreaterThan(10);
  for (const [hex, tagUri, pureUri] of vectors) {
    expect(describeEpc(hex)).toMatchObject({ hex, tagUri, pureUri });
    expect(describeEpc(tagUri)).toMatchObject({ hex, tagUri, pureUri });
    const { filter, scheme } = describeEpc(hex);
    expect(describeEpc(pureUri, { filter: filter ?? 0 })).toMatchObject({ hex, tagUri, pureUri, scheme });
  }
});

/** Examples of TDS 2.3, annex E.3: EPC memory and the Digital Link it stands for. */
const EXAMPLES: readonly (readonly [scheme: string, hex: string, link: string])[] = [
  ['sgtin-96', '3066C4409047E140075BCD15', '/01/09506000134352/21/123456789'],
  ['sgtin-198', '3666C4409047E159B2C2BF100000000000000000000000000000', '/01/09506000134352/21/32a%2Fb'],
  ['sgtin+', 'F73795211411234538566CB0AFC4', '/01/79521141123453/21/32a%2Fb'],
  ['dsgtin+', 'FB342CDE795211411234538566CB0AFC4', '/01/79521141123453/21/32a%2Fb?17=220630'],
  ['sscc-96', '311BA1B300CE0A6A83000000', '/00/095201234567891235'],
  ['sscc+', 'F90095201234567891235', '/00/095201234567891235'],
  ['sgln-96', '3276451FD46072000000162E', '/414/9521141123454/254/5678'],
  ['sgln-195', '3976451FD46072CD9615F8800000000000000000000000000000', '/414/9521141123454/254/32a%2Fb'],
  ['sgln+', 'F2395211411234548566CB0AFC4', '/414/9521141123454/254/32a%2Fb'],
  ['grai-96', '3376451FD40C0E400000162E', '/8003/095211411234545678'],
  ['grai-170', '3776451FD40C0E59B2C2BF1000000000000000000000', '/8003/0952114112345432a%2Fb'],
  ['grai+', 'F13095211411234548566CB0AFC4', '/8003/0952114112345432a%2Fb'],
  ['giai-96', '3476451FD40000000000162E', '/8004/95211415678'],
  ['giai-202', '3876451FD59B2C2BF10000000000000000000000000000000000', '/8004/952114132a%2Fb'],
  ['giai+', 'FA3952114132E83C2BF10', '/8004/952114132a%2Fb'],
  ['gsrn-96', '2D76451FD4499602D2000000', '/8018/952114112345678906'],
  ['gsrn+', 'F43952114112345678906', '/8018/952114112345678906'],
  ['gsrnp-96', '2E76451FD4499602D2000000', '/8017/952114112345678906'],
  ['gsrnp+', 'F53952114112345678906', '/8017/952114112345678906'],
  ['gdti-96', '2C76451FD46072000000162E', '/253/95211411234545678'],
  ['gdti-174', '3E76451FD7039B061438997367D0C18B266D1AB66EE0', '/253/9521141987650ABCDefgh012345678'],
  ['gdti+', 'F6395211411234540458B8', '/253/95211411234545678'],
  ['cpi-96', '3C76451FD400C0E680003039', '/8010/952114198765/8011/12345'],
  ['cpi-var', '3D76451FD75411DEF6B4CC00000003039000', '/8010/95211415PQ7%2FZ43/8011/12345'],
  ['cpi+', 'F0395211415E87A145BAFB4D19A8C0E4', '/8010/95211415PQ7%2FZ43/8011/12345'],
  ['sgcn-96', '3F76451FD612640000019907', '/255/952114167890904711'],
  ['sgcn+', 'F839521141678909509338', '/255/952114167890904711'],
  ['itip-110', '4076451FD40C0E40820000000F54', '/8006/095211411234540102/21/981'],
  ['itip-212', '4176451FD40C0E4082DBDD8B36600000000000000000000000000000', '/8006/095211411234540102/21/mw133'],
  ['itip+', 'F3309521141123454010266AE27FDF35', '/8006/095211411234540102/21/rif981'],
];

describe('examples of TDS 2.3', () => {
  test.each(EXAMPLES)('%s', (scheme, hex, link) => {
    const tag = readTag(hex);
    const described = describeEpc(hex);
    expect(described).toMatchObject({ scheme, hex, digitalLink: `https://id.gs1.org${link}` });
    // Printed with filling up to a byte or word, or short of it; the digits of the EPC itself must agree.
    const digits = Math.ceil(tag.bits / 4);
    const written =
      tag.tagUri === null ? writePlus(scheme, tag.filter ?? 0, tag.elements ?? []).hex : encodeTag(tag.tagUri);
    expect(written).toBe(hex.slice(0, digits).padEnd(digits, '0'));
    if (described.companyPrefix === undefined) return;
    const back = { companyPrefixLength: described.companyPrefix.length, filter: tag.filter ?? 0 };
    expect(describeEpc(described.digitalLink ?? '', back).pureUri).toBe(described.pureUri);
    expect(describeEpc(described.elementString ?? '', back).pureUri).toBe(described.pureUri);
  });

  test('EPCs that have no GS1 key have no element string and no Digital Link', () => {
    expect(describeEpc('3500E86F8000A9E000000586')).toEqual({
      input: '3500E86F8000A9E000000586',
      scheme: 'gid-96',
      hex: '3500E86F8000A9E000000586',
      bits: 96,
      tagUri: 'urn:epc:tag:gid-96:952056.2718.1414',
      pureUri: 'urn:epc:id:gid:952056.2718.1414',
      serial: '1414',
    });
    expect(readTag('2F320434147455900000162E').tagUri).toBe('urn:epc:tag:usdod-96:3.CAGEY.5678');
    expect(readTag('3B0E0CF5E76C9047759AD00373DC7602E7200').tagUri).toBe('urn:epc:tag:adi-var:3.35962.PQ7VZ4.M37GXB92');
  });

  test('what says nothing of the company prefix has no pure identity, until it is told', () => {
    expect(describeEpc('(01)79521141123453(21)32a/b')).toEqual({
      input: '(01)79521141123453(21)32a/b',
      scheme: 'sgtin',
      gtin: '79521141123453',
      serial: '32a/b',
      elementString: '(01)79521141123453(21)32a/b',
      digitalLink: 'https://id.gs1.org/01/79521141123453/21/32a%2Fb',
    });
    expect(describeEpc('F73795211411234538566CB0AFC4', { companyPrefixLength: 7 })).toMatchObject({
      pureUri: 'urn:epc:id:sgtin:9521141.712345.32a%2Fb',
    });
  });

  test('a pure identity with a filter value takes the shortest memory that holds it', () => {
    expect(describeEpc('urn:epc:id:sgtin:0614141.812345.6789', { filter: 3 })).toMatchObject({
      scheme: 'sgtin-96',
      hex: '3074257BF7194E4000001A85',
    });
    expect(describeEpc('urn:epc:id:sgtin:0614141.812345.06789', { filter: 3 }).scheme).toBe('sgtin-198');
    expect(describeEpc('urn:epc:id:sgtin:0614141.812345.6789').hex).toBeUndefined();
  });

  test('an SGLN without extension leaves it out of its elements', () => {
    expect(describeEpc('urn:epc:id:sgln:0614141.12345.0').elementString).toBe('(414)0614141123452');
    expect(describeEpc('(414)0614141123452', { companyPrefixLength: 7 }).pureUri).toBe(
      'urn:epc:id:sgln:0614141.12345.0',
    );
  });

  test('memory that goes on after the EPC says so', () => {
    const hex = 'F7B795211411234538566CB0AFC417DB3F';
    expect(describeEpc(hex)).toMatchObject({ gtin: '79521141123453', serial: '32a/b', moreData: true });
  });
});

describe('what is no EPC is refused', () => {
  test.each([
    ['FD3795211411234538566CB0AFC525065F1876F0D996D800', 'EPC_NOT_SUPPORTED', /SGTIN\+\+/],
    ['F7379521141123453', 'EPC_TRUNCATED', /ends after/],
    ['F73795211411234548566CB0AFC4', 'EPC_CHECK_DIGIT', /check digit 3/],
    ['F7379521141123453C566CB0AFC4', 'EPC_RANGE', /encoding indicator 6/],
    ['F737952114112345A8566CB0AFC4', 'EPC_RANGE', /digit 10/],
    ['FB342CDF795211411234538566CB0AFC4', 'EPC_RANGE', /22-6-31/],
    ['00000000000000000000000000', 'EPC_HEADER', /begins with 00/],
    ['3D76451FD75411DEF6B4CC0000000303', 'EPC_TRUNCATED', /ends after 128 bits/],
    ['(8003)95211411234545678', 'EPC_SYNTAX', /leading 0/],
    ['(01)79521141123453', 'EPC_NO_SERIAL', /class of things/],
    ['(01)79521141123453(21)1(21)2', 'EPC_SYNTAX', /twice/],
    ['https://example.com/products/5', 'EPC_SYNTAX', /no GS1 key/],
    ['urn:epc:id:gid:952056.02718.1', 'EPC_RANGE', /without leading zeros/],
    ['urn:epc:id:cpi:0614141.abc.1', 'EPC_RANGE', /set 39/],
    ['urn:epc:id:itip:4012345.012345.1.02.987', 'EPC_RANGE', /piece 1: 2 digits/],
    ['urn:epc:id:usdod:CAGEO.5', 'EPC_RANGE', /without I and O/],
    ['urn:epc:id:bic:CSQU3054383', 'EPC_SYNTAX', /with one of/],
  ])('%s', (input, code, message) => {
    let refused: unknown;
    try {
      describeEpc(input);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(InputError);
    expect(refused).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

const chars82 = '!"%&\'()*+,-./0123456789:;<=>?ABCXYZ_abcxyz';
const chars39 = '#-/0123456789ABCXYZ';
const escapeUri = (text: string) =>
  text.replace(/["#%&/<>?]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
const textOf = (chars: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...chars), minLength, maxLength }).map(escapeUri);
const digitsOf = (count: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: count, maxLength: count });
const upTo = (most: bigint) => fc.oneof(fc.constantFrom(0n, 1n, most), fc.bigInt({ min: 0n, max: most })).map(String);
const bits = (count: number) => upTo(2n ** BigInt(count) - 1n);
const cage = fc.string({ unit: fc.constantFrom(...'0123456789ABCDEFGHJKLMNPQRSTUVWXYZ'), minLength: 5, maxLength: 6 });

const someOf: Readonly<Record<string, (prefix: number) => fc.Arbitrary<readonly string[]>>> = {
  'sgtin-96': (prefix) => fc.tuple(digitsOf(13 - prefix), bits(38)),
  'sgtin-198': (prefix) => fc.tuple(digitsOf(13 - prefix), textOf(chars82, 1, 20)),
  'sscc-96': (prefix) => fc.tuple(digitsOf(17 - prefix)),
  'sgln-96': (prefix) => fc.tuple(digitsOf(12 - prefix), bits(41)),
  'sgln-195': (prefix) => fc.tuple(digitsOf(12 - prefix), textOf(chars82, 1, 20)),
  'grai-96': (prefix) => fc.tuple(digitsOf(12 - prefix), bits(38)),
  'grai-170': (prefix) => fc.tuple(digitsOf(12 - prefix), textOf(chars82, 1, 16)),
  'giai-96': (prefix) => fc.tuple(upTo(2n ** BigInt([62, 58, 55, 52, 48, 45, 42][prefix - 6] ?? 0) - 1n)),
  'giai-202': (prefix) => fc.tuple(textOf(chars82, 1, 30 - prefix)),
  'gsrn-96': (prefix) => fc.tuple(digitsOf(17 - prefix)),
  'gsrnp-96': (prefix) => fc.tuple(digitsOf(17 - prefix)),
  'gdti-96': (prefix) => fc.tuple(digitsOf(12 - prefix), bits(41)),
  'gdti-113': (prefix) => fc.integer({ min: 1, max: 17 }).chain((n) => fc.tuple(digitsOf(12 - prefix), digitsOf(n))),
  'gdti-174': (prefix) => fc.tuple(digitsOf(12 - prefix), textOf(chars82, 1, 17)),
  'cpi-96': (prefix) => fc.tuple(upTo(10n ** BigInt(15 - prefix) - 1n), bits(31)),
  'cpi-var': (prefix) => fc.tuple(textOf(chars39, 1, 30 - prefix), upTo(10n ** 12n - 1n)),
  'sgcn-96': (prefix) => fc.integer({ min: 1, max: 12 }).chain((n) => fc.tuple(digitsOf(12 - prefix), digitsOf(n))),
  'itip-110': (prefix) => fc.tuple(digitsOf(13 - prefix), digitsOf(2), digitsOf(2), bits(38)),
  'itip-212': (prefix) => fc.tuple(digitsOf(13 - prefix), digitsOf(2), digitsOf(2), textOf(chars82, 1, 20)),
  'gid-96': () => fc.tuple(bits(28), bits(24), bits(36)),
  'usdod-96': () => fc.tuple(cage, bits(36)),
  'adi-var': () => fc.tuple(cage, textOf('-/0123456789ABCXYZ', 0, 32), textOf('-/0123456789ABCXYZ', 1, 30)),
};

const HAS_NO_PREFIX = new Set(['gid-96', 'usdod-96', 'adi-var']);

describe('every scheme, every partition, any value survives the way through memory, URI and elements', () => {
  test.each(SCHEMES.map(({ name }) => name))('%s', (name) => {
    const scheme = SCHEMES.find((one) => one.name === name);
    const parts = someOf[name];
    if (scheme === undefined || parts === undefined) throw new Error(`no values for ${name}`);
    const some = fc
      .integer({ min: 6, max: 12 })
      .chain((length) =>
        fc.tuple(
          fc.nat({ max: 2 ** scheme.filterBits - 1 }),
          HAS_NO_PREFIX.has(name) ? fc.constant([]) : digitsOf(length).map((prefix) => [prefix]),
          parts(length),
        ),
      );
    fc.assert(
      fc.property(some, ([filter, prefix, rest]) => {
        const all = [...prefix, ...rest].join('.');
        const tagUri = `urn:epc:tag:${name}:${scheme.filterBits === 0 ? '' : `${filter}.`}${all}`;
        const hex = encodeTag(tagUri);
        const pureUri = `urn:epc:id:${scheme.type}:${all}`;
        const described = describeEpc(hex);
        expect(described).toMatchObject({ scheme: name, tagUri, pureUri });
        // Memory is read in 16-bit words.
        expect(describeEpc(hex.padEnd(Math.ceil(hex.length / 4) * 4, '0'))).toMatchObject({ tagUri, pureUri });
        const [companyPrefix] = prefix;
        if (companyPrefix === undefined || described.digitalLink === undefined) return;
        const options = { companyPrefixLength: companyPrefix.length };
        expect(describeEpc(described.digitalLink, options).pureUri).toBe(pureUri);
      }),
      { numRuns: 60 },
    );
  });
});

test('a tag cut anywhere, or with any bit of its filling set, is an error', () => {
  for (const [, hex] of EXAMPLES) {
    const digits = Math.ceil(readTag(hex).bits / 4);
    for (let length = 0; length < digits; length++) {
      expect(() => readTag(hex.slice(0, length)), hex.slice(0, length)).toThrow(InputError);
    }
    expect(() => readTag(`${hex.slice(0, digits)}00000`)).toThrow(InputError);
  }
});

test('any bytes at all are an EPC or refused with a reason, and what is read is written the same', () => {
  const headers = fc.constantFrom(...SCHEMES.map(({ header }) => header), 0xf0, 0xf1, 0xf2, 0xf7, 0xfa, 0xfb);
  fc.assert(
    fc.property(headers, fc.uint8Array({ minLength: 0, maxLength: 30 }), (header, rest) => {
      const hex = Buffer.from([header, ...rest])
        .toString('hex')
        .toUpperCase();
      try {
        const { tagUri, bits: length } = readTag(hex);
        if (tagUri !== null) expect(encodeTag(tagUri)).toBe(hex.slice(0, Math.ceil(length / 4)));
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('the fast way reads what the long way reads, and leaves it what is wrong', () => {
  const words = fc.array(fc.nat({ max: 255 }), { minLength: 11, maxLength: 11 });
  fc.assert(
    fc.property(fc.constantFrom(0x30, 0x31), words, fc.boolean(), (header, rest, isSound) => {
      const bytes = [header, ...rest];
      // Sound more often than chance would have it: a partition that exists, small numbers, nothing in the reserved bits.
      if (isSound)
        for (const [at, mask] of [
          [1, 0xef],
          [2, 0x0f],
          [9, header === 0x31 ? 0 : 255],
          [10, 0],
          [11, 0],
        ] as const)
          bytes[at] = (bytes[at] ?? 0) & mask;
      const hex = Buffer.from(bytes).toString('hex');
      const fast = readFast(hex);
      if (fast === null) expect(() => readTag(hex)).toThrow(InputError);
      else expect(readTag(hex)).toMatchObject(fast);
    }),
    { numRuns: 3_000 },
  );
});

test('a "+" tag takes any key and serial', () => {
  const serials = fc.oneof(
    textPlain('0123456789', 20),
    textPlain('0123456789ABCDEF', 20),
    textPlain('0123456789abcdef', 20),
    textPlain('ABC-.:0129', 20),
    textPlain('ABCabc_-019', 20),
    textPlain(chars82, 20),
  );
  fc.assert(
    fc.property(serials, fc.nat({ max: 7 }), (serial, filter) => {
      const elements: Element[] = [
        { ai: '01', value: '79521141123453' },
        { ai: '21', value: serial },
      ];
      const { hex, bits: length } = writePlus('sgtin+', filter, elements);
      expect(readTag(hex)).toMatchObject({ scheme: 'sgtin+', filter, elements, bits: length });
      const asset = `9521141${serial}`;
      const giai = writePlus('giai+', filter, [{ ai: '8004', value: asset }]);
      expect(readTag(giai.hex).elements).toEqual([{ ai: '8004', value: asset }]);
    }),
  );
});

function textPlain(chars: string, maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...chars), minLength: 1, maxLength });
}
