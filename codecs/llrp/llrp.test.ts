import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IsothermError } from '../../domain/index.ts';
import { sharedTestdata, WITHOUT_SAMPLES } from '../../tests/parts.ts';
import {
  decodeFile,
  decodeFrame,
  decodeTags,
  encodeFrame,
  type Frame,
  Framer,
  impinjTagData,
  isBadFrame,
  MESSAGES,
  PARAMETERS,
  parameterOf,
  parametersOf,
  roundtripFile,
  TagColumns,
} from './index.ts';
import { anyFrame } from './testing/arbitrary.ts';

const outside = sharedTestdata('llrp/');
/** The nightly run asks for 1,000,000. */
const FUZZ_INPUTS = Number(process.env.ISOTHERM_FUZZ_INPUTS ?? 50_000);

describe('the table', () => {
  test('has the 40 messages and 108 parameters of LLRP 1.0.1, and the four version messages of 1.1', () => {
    expect(Object.keys(MESSAGES)).toHaveLength(44);
    expect(Object.keys(PARAMETERS)).toHaveLength(108);
  });

  test('gives no number twice', () => {
    for (const table of [MESSAGES, PARAMETERS]) {
      const numbers = Object.values(table).map(({ number }) => number);
      expect(new Set(numbers).size).toBe(numbers.length);
    }
  });

  test('names only parameters it has', () => {
    const named = [...Object.values(MESSAGES), ...Object.values(PARAMETERS)].flatMap(({ parameters }) =>
      parameters.flatMap((slot) => slot.replace(/[?*+]$/, '').split('|')),
    );
    expect(named.filter((name) => !(name in PARAMETERS))).toEqual([]);
  });
});

describe('round trip', () => {
  test('any message of the table comes back as it was', () => {
    fc.assert(
      fc.property(anyFrame(), (frame) => {
        expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
      }),
      { numRuns: 500 },
    );
  });

  test('whatever decodes encodes to the same bytes, however odd', () => {
    fc.assert(
      fc.property(anyFrame(), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), (frame, changes) => {
        const bytes = encodeFrame(frame);
        for (const [at, value] of changes) if (bytes.length > 10) bytes[10 + (at % (bytes.length - 10))] = value;
        const decoded = decodedOrNull(bytes);
        if (decoded !== null) expect(Buffer.from(encodeFrame(decoded)).equals(bytes)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('reserved bits, text that is not UTF-8, unknown TLVs and unknown messages keep every bit', () => {
    const frames = [
      'E4020000001100000001000100007F0000',
      '04240000001400000001011F000A00650002FF41',
      '043D00000013000000017FA000090102030405',
      '07BB0000000D00000009ABCDEF',
      '04030000000B00000009FF',
    ];
    const same = frames.map((hex) => Buffer.from(encodeFrame(decodeFrame(Buffer.from(hex, 'hex')))).toString('hex'));
    expect(same.map((hex) => hex.toUpperCase())).toEqual(frames);
  });

  test("other makers' frames decode and encode byte for byte", (context) => {
    if (outside === null) return context.skip(WITHOUT_SAMPLES);
    for (const file of readdirSync(outside).filter((name) => name.endsWith('.bin'))) {
      const bytes = readFileSync(new URL(file, outside));
      expect([...decodeFile(bytes), ...roundtripFile(bytes)].filter(isBadFrame)).toEqual([]);
    }
  });

  test('the toolkit sequence has the tags its own XML names', (context) => {
    if (outside === null) return context.skip(WITHOUT_SAMPLES);
    const xml = readFileSync(new URL('dx101_b.xml', outside), 'utf8');
    const bytes = readFileSync(new URL('dx101_b.bin', outside));
    const tags = [...decodeFile(bytes)].flatMap((line) => ('tags' in line ? (line.tags ?? []) : []));
    const values = (pattern: RegExp) => [...xml.matchAll(pattern)].map(([, value]) => value);
    expect(tags.map(({ epc }) => epc)).toEqual(values(/<EPC(?: Count='\d+')?>([0-9A-Fa-f]*)<\/EPC>/g));
    const antennas = tags.flatMap(({ antenna }) => antenna ?? []);
    expect(antennas.map(String)).toEqual(values(/<AntennaID>(\d+)<\/AntennaID>/g));
    const counts = tags.flatMap(({ count }) => count ?? []);
    expect(counts.map(String)).toEqual(values(/<TagCount>(\d+)<\/TagCount>/g));
  });

  test('an Impinj reader says what its published JSON says', (context) => {
    if (outside === null) return context.skip(WITHOUT_SAMPLES);
    const bytes = readFileSync(new URL('GetReaderCapabilitiesResponse-000.framed.bin', outside));
    const json = JSON.parse(readFileSync(new URL('GetReaderCapabilitiesResponse-000.json', outside), 'utf8'));
    const { message } = decodeFrame(bytes);
    const device = parameterOf(message, 'GeneralDeviceCapabilities');
    const uhf = parameterOf(parameterOf(message, 'RegulatoryCapabilities') ?? {}, 'UHFBandCapabilities');
    expect(device?.ReaderFirmwareVersion).toBe(json.GeneralDeviceCapabilities.FirmwareVersion);
    expect(parametersOf(uhf ?? {}, 'TransmitPowerLevelTableEntry')).toEqual(
      json.RegulatoryCapabilities.UHFBandCapabilities.TransmitPowerLevels.map((level: object) => ({
        name: 'TransmitPowerLevelTableEntry',
        ...level,
      })),
    );
    expect(parameterOf(message, 'LLRPCapabilities')?.SupportsEventAndReportHolding).toBe(true);
  });
});

describe('malformed frames', () => {
  test(`${FUZZ_INPUTS} mutated frames end in a message or a clear error, never in anything else`, () => {
    const seeds = [...fc.sample(anyFrame(), { numRuns: 100, seed: 7 }).map(encodeFrame), ...realFrames()];
    const columns = new TagColumns();
    let state = 12345;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let refused = 0;
    for (let i = 0; i < FUZZ_INPUTS; i++) {
      const bytes = Uint8Array.from(seeds[i % seeds.length] ?? []);
      for (let n = random(4); n >= 0; n--) bytes[random(bytes.length)] = random(256);
      if (decodedOrNull(bytes) === null) refused++;
      expectClear(() => decodeTags(bytes, columns));
    }
    expect(refused).toBeGreaterThan(FUZZ_INPUTS / 50);
  });

  test('any bytes at all leave the framer with frames or a clear error, and little memory', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 20 }), fc.boolean(), (chunks, isStarted) => {
        const framer = new Framer((frame) => expectClear(() => decodeFrame(frame)));
        const first = isStarted ? [Buffer.from('043D0000FFFF00000001', 'hex')] : [];
        expectClear(() => {
          for (const chunk of [...first, ...chunks]) framer.push(chunk);
        });
        expect(framer.capacity).toBeLessThanOrEqual(64 * 1024);
      }),
      { numRuns: 1000 },
    );
  });

  test('parameters nested without end are refused, not followed until the stack ends', () => {
    const depth = 8000;
    const bytes = Buffer.alloc(10 + depth * 8);
    bytes.writeUInt16BE(0x0400 | 100, 0);
    bytes.writeUInt32BE(bytes.length, 2);
    for (let i = 0; i < depth; i++) {
      bytes.writeUInt16BE(289, 10 + i * 8);
      bytes.writeUInt16BE((depth - i) * 8, 12 + i * 8);
    }
    expect(() => decodeFrame(bytes)).toThrow(/nested more than 32 deep/);
  });

  test('a malformed frame in a file costs only itself', () => {
    const good = encodeFrame(keepalive);
    const bad = Buffer.from('043D0000000E0000000700F000FF', 'hex');
    const lines = [...decodeFile(Buffer.concat([good, bad, good]))];
    expect(lines).toEqual([
      expect.objectContaining({ type: 'KEEPALIVE' }),
      {
        error: expect.stringContaining('parameter 240 says 255 bytes'),
        offset: 10,
        hex: bad.toString('hex').toUpperCase(),
      },
      expect.objectContaining({ type: 'KEEPALIVE' }),
    ]);
  });

  test('a cut file, a header of no version and a frame over the cap end the file with an error', () => {
    const good = Buffer.from(encodeFrame(keepalive));
    const ends = [
      good.subarray(0, 7),
      Buffer.from('003E0000000A00000001', 'hex'),
      Buffer.from('043D7FFFFFFF00000001', 'hex'),
    ];
    const last = ends.map((end) => [...decodeFile(Buffer.concat([good, end]))].at(-1));
    expect(last).toEqual([
      expect.objectContaining({ offset: 10, error: expect.stringContaining('cut') }),
      expect.objectContaining({ offset: 10, error: expect.stringContaining('version 0') }),
      expect.objectContaining({ offset: 10, error: expect.stringContaining('at most 8388608') }),
    ]);
  });
});

test('Impinj phase, fine RSSI and Doppler are read from a report with Custom parameters', () => {
  const custom = (ParameterSubtype: number, Data: string) =>
    ({ name: 'Custom', VendorIdentifier: 25882, ParameterSubtype, Data }) as const;
  const tag = { parameters: [custom(56, '0400'), custom(57, 'E854'), custom(68, 'FFF0')] };
  expect(impinjTagData(tag)).toEqual({ phaseTurns: 0.25, rssiDbm: -60.6, dopplerHz: -1 });
});

const keepalive: Frame = { version: 1, id: 5, message: { name: 'KEEPALIVE' } };

/** Frames of real readers, where they are at hand. */
function realFrames(): Uint8Array[] {
  if (outside === null) return [];
  const files = readdirSync(outside).filter((name) => name.endsWith('.framed.bin'));
  return files.map((name) => Uint8Array.from(readFileSync(new URL(name, outside))));
}

/** Does it, or fails with an error of ours: what is wrong, and where. */
function expectClear(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof IsothermError)) throw error;
  }
}

function decodedOrNull(bytes: Uint8Array): Frame | null {
  try {
    return decodeFrame(bytes);
  } catch (error) {
    if (error instanceof IsothermError) return null;
    throw error;
  }
}
