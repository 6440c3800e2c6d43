import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DoorManifest,
  type DoorRule,
  type GoodsReason,
  type ManifestThing,
  PASS_KINDS,
} from '../../domain/index.ts';
import { keyText, ManifestKey, openManifest, sealConfirmation, sealManifest } from './index.ts';

const KEY = new ManifestKey(Buffer.alloc(32, 1));
const OTHER = new ManifestKey(Buffer.alloc(32, 2));
/** Form, length, key, signature. */
const HEAD_BITS = (1 + 4 + 32 + 64) * 8;
const isOurs = (key: Buffer) => key.equals(KEY.publicKey);

const reason: fc.Arbitrary<GoodsReason> = fc.record({
  finding: fc.constantFrom('recalled', 'on hold', 'excursion'),
  reason: fc.string({ unit: 'binary', maxLength: 20 }),
  stops: fc.boolean(),
});
const shipment = fc.record({
  ...{ origin: fc.constantFrom('site:a', 'site:b'), destination: fc.constantFrom('site:a', 'site:c') },
  ...{ departs: fc.integer({ min: 0, max: 2e12 }), closedAt: fc.option(fc.integer({ min: 0, max: 2e12 })) },
});
const thing = fc.record({
  inside: fc.option(fc.nat({ max: 30 })),
  shipments: fc.uniqueArray(fc.nat({ max: 4 }), { maxLength: 3 }),
  expiry: fc.option(fc.constantFrom('2026-11-22', '2031-06-30')),
  status: fc.option(fc.constantFrom('recalled', 'stolen')),
  reasons: fc.array(reason, { maxLength: 2 }),
});

const names = fc.option(fc.array(fc.constantFrom('portal:a', 'portal:b'), { maxLength: 2 }));
const scope = fc.record({
  site: fc.constant('site:a'),
  shipment: fc.constant('SHP-1'),
  gtin: fc.constantFrom('', '0061'),
});
const rule: fc.Arbitrary<DoorRule> = fc.record({
  ...{ id: fc.constantFrom('one', 'other'), version: fc.nat(), kind: fc.constantFrom(...PASS_KINDS) },
  ...{ severity: fc.constantFrom('warning', 'critical'), isOff: fc.boolean(), atLeast: fc.nat(), portals: names },
  ...{ appliesTo: fc.option(fc.string()), goods: fc.option(fc.array(scope, { maxLength: 2 })) },
  ...{ unknownAt: fc.array(fc.constant('site:a'), { maxLength: 1 }), remainingMs: fc.option(fc.nat()) },
  ...{ way: fc.option(fc.constantFrom('in', 'out')), through: names },
  when: fc.option(fc.constantFrom('departure', 'receipt', 'both')),
});

const manifests: fc.Arbitrary<DoorManifest> = fc
  .record({
    version: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    times: fc.tuple(fc.nat(), fc.nat()),
    shipments: fc.array(shipment, { minLength: 5, maxLength: 5 }),
    things: fc.array(thing, { maxLength: 25 }),
    left: fc.option(fc.record({ shipments: fc.nat(), things: fc.nat() })),
    rules: fc.option(fc.array(rule, { maxLength: 3 })),
  })
  .map(({ version, times: [madeAt, completeUntil], shipments, things, left, rules }) => ({
    ...(rules !== null && { rules }),
    ...{ gateway: 'gw-1', version, madeAt, completeUntil, left },
    doors: [
      {
        ...{ id: 'portal:a', site: 'site:a', triggers: ['dock-1/1'], quietMs: 5_000, capMs: 120_000 },
        antennas: [{ reader: 'dock-1', antenna: 1, side: null }],
      },
    ],
    shipments: shipments.map((one, index) => ({ shipment: `SHP-${index}`, ...one })),
    things: things.map((one, index): ManifestThing => {
      const inside = one.inside === null || one.inside >= things.length ? null : `epc-${one.inside}`;
      return { ...one, epc: `epc-${index}`, inside, shipments: one.shipments.map((n) => `SHP-${n}`) };
    }),
  }));

describe('the manifest of a gateway', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(manifests, (manifest) => {
        const opened = openManifest(sealManifest(manifest, KEY), isOurs);
        expect(opened.manifest).toEqual(manifest);
      }),
    );
    const confirmation = { gateway: 'gw-1', version: 3, at: 1_000 };
    expect(openManifest(sealConfirmation(confirmation, KEY), isOurs).confirmation).toEqual(confirmation);
  });

  const [manifest] = fc.sample(manifests, { numRuns: 1, seed: 7 });
  const good = manifest === undefined ? new Uint8Array() : sealManifest(manifest, KEY);
  const code = (bytes: Uint8Array) => {
    try {
      openManifest(bytes, isOurs);
      return 'taken';
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };

  test('that was cut short anywhere is refused as cut short', () => {
    for (let length = 0; length < good.length; length++)
      expect(code(good.subarray(0, length))).toBe('MANIFEST_TRUNCATED');
  });

  test('of which one bit is another is refused, whichever it is', () => {
    const codes = new Set<string | undefined>();
    // The whole head, and every eleventh bit of what it signs.
    for (let bit = 0; bit < good.length * 8; bit += bit < HEAD_BITS ? 1 : 11) {
      const changed = Uint8Array.from(good);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      codes.add(code(changed));
    }
    expect([...codes].sort()).toEqual([
      ...['MANIFEST_FORM_UNKNOWN', 'MANIFEST_KEY_UNKNOWN', 'MANIFEST_MALFORMED'],
      ...['MANIFEST_SIGNATURE_BAD', 'MANIFEST_TRUNCATED'],
    ]);
  });

  test('by a key that is not known is refused with the key to give the gateway', () => {
    const foreign = sealConfirmation({ gateway: 'gw-1', version: 1, at: 1 }, OTHER);
    expect(code(foreign)).toBe('MANIFEST_KEY_UNKNOWN');
    expect(() => openManifest(foreign, isOurs)).toThrow(keyText(OTHER.publicKey));
  });

  test('a confirmation is no manifest, though it is signed with the same key', () => {
    const confirmation = sealConfirmation({ gateway: 'gw-1', version: 1, at: 1 }, KEY);
    const relabelled = Uint8Array.from(confirmation);
    relabelled[0] = 1;
    expect(code(relabelled)).toBe('MANIFEST_SIGNATURE_BAD');
  });

  test('that unpacks to far more than it may is refused before it fills the memory', () => {
    // Signed by the right key: a platform that went wrong must not take the gateway with it.
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
    const head = Buffer.alloc(5);
    head[0] = 1;
    head.writeUInt32LE(bomb.length, 1);
    const signed = KEY.sign(Buffer.concat([Buffer.from('isotherm door manifest 1\0'), Buffer.of(1), bomb]));
    expect(code(Buffer.concat([head, KEY.publicKey, signed, bomb]))).toBe('MANIFEST_MALFORMED');
  });
});
