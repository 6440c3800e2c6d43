import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { keyText, ManifestKey, sealConfirmation, sealManifest } from '../codecs/manifest/index.ts';
import { ManualTime, silentLogger } from '../domain/index.ts';
import { ManifestStore } from './manifest-store.ts';
import { dockReader, epcHex, gatewayConfig } from './testing/builders.ts';
import { announcedManifest, MANIFEST_KEY } from './testing/manifests.ts';

const HOUR = 3_600_000;
const OTHER_KEY = new ManifestKey(Buffer.alloc(32, 4));
let time: ManualTime;
let config: ReturnType<typeof gatewayConfig>;
let store: ManifestStore;

beforeEach(() => {
  time = new ManualTime(Date.now());
  config = gatewayConfig({ mqtt: { url: 'mqtt://x' }, readers: [dockReader(1)] });
  store = opened();
});

function opened(): ManifestStore {
  const one = new ManifestStore({ config, time, logger: silentLogger });
  one.load();
  return one;
}

const manifest = (version: number, change = {}) => {
  const now = time.now();
  return announcedManifest([1, 2].map(epcHex), { version, madeAt: now, completeUntil: now, ...change });
};
const sealed = (version: number, change = {}) => sealManifest(manifest(version, change), MANIFEST_KEY);
const stands = (version: number, at = time.now()) => sealConfirmation({ gateway: 'gw-1', version, at }, MANIFEST_KEY);
const refused = (bytes: Uint8Array) => {
  expect(() => store.take(bytes)).toThrow();
  return store.refused;
};

describe('what a gateway is told of its doors', () => {
  test('is there after a restart, as old as it is', async () => {
    expect(store.take(sealed(3))).toBe(true);
    await time.advance(HOUR);
    expect(opened().status).toMatchObject({ version: 3, ageMs: HOUR, isOld: false, things: 3, isKept: true });
    expect(opened().refused).toBeNull();
  });

  test('is as young as the last word that it stands', async () => {
    store.take(sealed(3));
    await time.advance(HOUR);
    expect(store.take(stands(3))).toBe(false);
    await time.advance(60_000);
    expect(store.status?.ageMs).toBe(60_000);
    expect(opened().status?.ageMs).toBe(60_000);
  });

  test('gets no younger by a word that came late, or is of another version', async () => {
    store.take(sealed(3));
    const late = stands(3, time.now() - 60_000);
    await time.advance(HOUR);
    store.take(late);
    store.take(stands(4));
    expect(store.status?.ageMs).toBe(HOUR);
  });

  test('is old from the age that is set, and where the clock went back over a restart nobody knows its age', async () => {
    store.take(sealed(3));
    await time.advance(4 * HOUR);
    expect(store.age).toEqual({ is: 'fresh' });
    await time.advance(1);
    expect(store.age).toEqual({ is: 'old', ms: 4 * HOUR + 1 });
    time = new ManualTime(time.now() - 24 * HOUR);
    expect(opened().age).toEqual({ is: 'unknown' });
    expect(opened().status).toMatchObject({ ageMs: null, isOld: true });
  });

  test('is dated by the platform: a gateway clock two days slow makes no pack good', () => {
    time = new ManualTime(Date.now() - 48 * HOUR);
    store = opened();
    store.take(sealManifest(announcedManifest([]), MANIFEST_KEY));
    expect(Math.abs(store.platformNow - Date.now())).toBeLessThan(60_000);
    expect(store.age).toEqual({ is: 'fresh' });
  });

  test('is refused by name where it is of another gateway, older, changed or by another key; the last good one stays', () => {
    store.take(sealed(3));
    const changed = sealed(4);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect(refused(sealed(4, { gateway: 'gw-2' }))).toBe('MANIFEST_OTHER_GATEWAY');
    expect(refused(sealed(2))).toBe('MANIFEST_OLDER');
    expect(refused(changed)).toBe('MANIFEST_SIGNATURE_BAD');
    expect(refused(sealManifest(manifest(4), OTHER_KEY))).toBe('MANIFEST_KEY_UNKNOWN');
    expect(refused(sealed(4).subarray(0, 150))).toBe('MANIFEST_TRUNCATED');
    expect(store.status?.version).toBe(3);
    expect(opened().status?.version).toBe(3);
    store.take(sealed(4));
    expect(store.refused).toBeNull();
  });

  test('is believed by the key of the configuration alone, where there is one; two are there while it changes', () => {
    config = { ...config, manifest: { ...config.manifest, keys: [keyText(OTHER_KEY.publicKey)] } };
    store = opened();
    expect(refused(sealed(1))).toBe('MANIFEST_KEY_UNKNOWN');
    const keys = [MANIFEST_KEY, OTHER_KEY].map(({ publicKey }) => keyText(publicKey));
    config = { ...config, manifest: { ...config.manifest, keys } };
    store = opened();
    store.take(sealed(1));
    store.take(sealManifest(manifest(2), OTHER_KEY));
    expect(store.status?.version).toBe(2);
  });

  test('that was damaged on the disk is not judged by, and a new one takes its place', () => {
    store.take(sealed(3));
    const file = join(config.dataDir, 'door-manifest');
    writeFileSync(file, readFileSync(file).subarray(0, 200));
    const again = opened();
    expect([again.status, again.refused]).toEqual([null, 'MANIFEST_TRUNCATED']);
    again.take(sealed(4));
    expect(opened().status?.version).toBe(4);
  });

  test('that the disk does not take is judged by until the restart, and the status says that it is not kept', () => {
    store.take(sealed(3));
    // A folder where the new file would be written: as on a full disk, nothing can be.
    mkdirSync(join(config.dataDir, 'door-manifest.new'));
    store.take(sealed(4));
    expect(store.status).toMatchObject({ version: 4, isKept: false });
    expect(opened().status?.version).toBe(3);
    rmSync(join(config.dataDir, 'door-manifest.new'), { recursive: true });
    store.take(sealed(5));
    expect(store.status).toMatchObject({ version: 5, isKept: true });
  });
});
