import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { gtinOf } from '../codecs/epc/index.ts';
import { ManifestKey, sealManifest } from '../codecs/manifest/index.ts';
import {
  type DoorManifest,
  type DoorRule,
  type ManifestThing,
  ManualTime,
  MESSAGE_LANGUAGES,
  type ShownLight,
  silentLogger,
  silentMeter,
  systemTime,
} from '../domain/index.ts';
import { SimulatedReader } from '../simulators/reader/index.ts';
import type { GatewayConfig } from './config.ts';
import { Gateway } from './gateway.ts';
import { ManifestStore } from './manifest-store.ts';
import { OfflineDoors } from './offline-doors.ts';
import { dockReader, epcHex, gatewayConfig } from './testing/builders.ts';
import { announcedManifest, MANIFEST_KEY } from './testing/manifests.ts';
import { TestPlatform } from './testing/platform.ts';

/* What the light says of a pass while the platform is away, when something else goes wrong besides. */

const SERIALS = [1, 2, 3, 4].map(epcHex);
const OTHER_INSTALLATION = new ManifestKey(Buffer.alloc(32, 9));
const WAIT = { timeout: 30_000, interval: 5 };

describe('on the wire', () => {
  let platform: TestPlatform;
  const stops: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    platform = new TestPlatform();
    await platform.start();
  });
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
    await platform.stop();
  });

  async function aReader(): Promise<SimulatedReader> {
    const reader = new SimulatedReader({ time: systemTime });
    await reader.start();
    stops.push(() => reader.stop());
    return reader;
  }

  async function aGateway(config: GatewayConfig): Promise<Gateway> {
    const gateway = new Gateway({
      config,
      time: systemTime,
      logger: silentLogger,
      meter: silentMeter,
      random: () => 0,
    });
    await gateway.start();
    stops.push(() => gateway.stop());
    await vi.waitFor(() => expect(gateway.status.readers[0]?.state).toBe('reading'), WAIT);
    await vi.waitFor(() => expect(platform.status).toMatchObject({ state: 'online' }), WAIT);
    return gateway;
  }

  async function told(gateway: Gateway, id: string, manifest: DoorManifest): Promise<void> {
    platform.tell(id, sealManifest({ ...manifest, gateway: id }, MANIFEST_KEY));
    await vi.waitFor(() => expect(gateway.status.manifest?.version).toBe(manifest.version), WAIT);
  }

  const shows = (reader: SimulatedReader, ...lights: boolean[]) =>
    vi.waitFor(() => expect([1, 2, 3].map((port) => reader.gpo.get(port) ?? false)).toEqual(lights), WAIT);
  const see = (reader: SimulatedReader, hexes: readonly string[]) => {
    for (const hex of hexes) expect(reader.see({ antenna: 1, epcHex: hex, rssiDbm: -50 })).toBe(true);
  };

  test('two gateways at one door: neither is green, since the other may have read something', async () => {
    const readers = [await aReader(), await aReader()];
    const gateways: Gateway[] = [];
    for (const [index, reader] of readers.entries()) {
      const id = `gw-${index + 1}`;
      const own = { ...dockReader(reader.port), id: `dock-${index + 1}` };
      gateways.push(await aGateway({ ...gatewayConfig({ id, mqtt: { url: platform.url }, readers: [own] }) }));
    }
    const [door] = announcedManifest(SERIALS).doors;
    if (door === undefined) throw new Error('a door');
    const shared = { ...door, antennas: [...door.antennas, { reader: 'dock-2', antenna: 1, side: 'inside' as const }] };
    for (const [index, gateway] of gateways.entries()) {
      await told(gateway, `gw-${index + 1}`, announcedManifest(SERIALS, { doors: [shared] }));
    }
    await platform.stop();
    for (const reader of readers) {
      await shows(reader, false, true, false);
      see(reader, SERIALS);
    }
    await platform.start();
    const reasons = () =>
      platform.batches.flatMap(({ shown = [] }) => shown).map(({ light, reason }) => [light, reason]);
    const with_ = (other: string) =>
      expect.stringMatching(new RegExp(`but reads of ${other} are with another gateway`));
    await vi.waitFor(() => {
      expect(reasons()).toContainEqual(['amber', with_('dock-2')]);
      expect(reasons()).toContainEqual(['amber', with_('dock-1')]);
    }, WAIT);
    expect(reasons().map(([light]) => light)).not.toContain('green');
  });

  test('a reader that reconnects in the middle of a pass: one pass, and what was read before counts', async () => {
    const reader = await aReader();
    const gateway = await aGateway(gatewayConfig({ mqtt: { url: platform.url }, readers: [dockReader(reader.port)] }));
    await told(gateway, 'gw-1', announcedManifest(SERIALS));
    await platform.stop();
    await shows(reader, false, true, false);
    const { pending } = gateway.status.spool;
    see(reader, SERIALS.slice(0, 2));
    // A batch holds them: what is under way on the wire when it breaks is lost, and said so.
    await vi.waitFor(() => expect(gateway.status.spool.pending).toBeGreaterThan(pending), WAIT);
    reader.dropConnection();
    await vi.waitFor(() => expect(reader.isConnected).toBe(false), { timeout: 30_000, interval: 1 });
    // It goes on reading, and tells when it is asked again.
    see(reader, SERIALS.slice(2));
    await shows(reader, true, false, false);
    await platform.start();
    const lights = () => platform.batches.flatMap(({ shown = [] }) => shown);
    await vi.waitFor(() => expect(lights().at(-1)).toMatchObject({ light: 'green', manifest: 1 }), WAIT);
    expect(new Set(lights().map(({ from }) => from)).size).toBe(1);
  });

  test('a manifest that is cut, changed, played again, of another gateway or installation: the light is by the last good one', async () => {
    const reader = await aReader();
    const gateway = await aGateway(gatewayConfig({ mqtt: { url: platform.url }, readers: [dockReader(reader.port)] }));
    await told(gateway, 'gw-1', announcedManifest(SERIALS, { version: 2 }));
    const good = sealManifest(announcedManifest([], { version: 3 }), MANIFEST_KEY);
    const changed = Uint8Array.from(good);
    changed[changed.length - 9] = (changed.at(-9) ?? 0) ^ 0x40;
    const wrong = {
      MANIFEST_TRUNCATED: good.subarray(0, good.length - 7),
      MANIFEST_SIGNATURE_BAD: changed,
      MANIFEST_OLDER: sealManifest(announcedManifest([], { version: 1 }), MANIFEST_KEY),
      MANIFEST_OTHER_GATEWAY: sealManifest(announcedManifest([], { version: 3, gateway: 'gw-2' }), MANIFEST_KEY),
      MANIFEST_KEY_UNKNOWN: sealManifest(announcedManifest([], { version: 3 }), OTHER_INSTALLATION),
    };
    for (const [code, bytes] of Object.entries(wrong)) {
      platform.tell('gw-1', bytes);
      await vi.waitFor(() => expect(gateway.status.manifestRefused).toBe(code), WAIT);
      expect(gateway.status.manifest?.version).toBe(2);
    }
    await platform.stop();
    await shows(reader, false, true, false);
    see(reader, SERIALS);
    await shows(reader, true, false, false);
  });
});

describe('by hand', () => {
  let time: ManualTime;
  let config: GatewayConfig;
  let manifest: ManifestStore;
  let takesReads = true;
  let shown: ShownLight[] = [];

  beforeEach(() => {
    time = new ManualTime(Date.now());
    config = gatewayConfig({ mqtt: { url: 'mqtt://x' }, readers: [dockReader(1)] });
    manifest = new ManifestStore({ config, time, logger: silentLogger });
    [takesReads, shown] = [true, []];
  });

  function takes(change: Partial<DoorManifest> = {}): void {
    const now = time.now();
    const of = announcedManifest(SERIALS, { madeAt: now, completeUntil: now, ...change });
    manifest.take(sealManifest(of, MANIFEST_KEY));
  }

  function cutOff(): OfflineDoors {
    const doors = new OfflineDoors({
      ...{ config, time, manifest, takesReads: () => takesReads },
      completeUntil: () => null,
      ...{ begun: () => {}, show: () => {}, shown: (light) => void shown.push(light) },
    });
    doors.cutOff(true);
    return doors;
  }

  function sees(doors: OfflineDoors, hexes: readonly string[]): void {
    const at = time.now();
    const read = { reader: 'dock-1', antenna: 1, epcBits: 96, firstSeen: at, lastSeen: at, count: 1, rssiDbm: -50 };
    doors.see(
      hexes.map((hex) => ({ ...read, epcHex: hex })),
      [],
      [],
    );
  }

  test('a disk that takes nothing more in the middle of a pass: no green, since more may have gone through', async () => {
    takes();
    const doors = cutOff();
    sees(doors, SERIALS);
    await time.advance(1_000);
    expect(shown.at(-1)?.light).toBe('green');
    takesReads = false;
    await time.advance(1_000);
    expect(shown.at(-1)).toMatchObject({
      light: 'amber',
      reason: expect.stringMatching(/^the disk of the gateway takes no more/),
    });
    takesReads = true;
    await time.advance(1_000);
    expect(shown.at(-1)?.light).toBe('green');
    doors.stop();
  });

  test('a manifest of another gateway that was put on the disk is not judged by', () => {
    takes();
    const other = announcedManifest(SERIALS, { gateway: 'gw-2', version: 9 });
    writeFileSync(join(config.dataDir, 'door-manifest'), sealManifest(other, MANIFEST_KEY));
    const again = new ManifestStore({ config, time, logger: silentLogger });
    again.load();
    expect([again.facts, again.refused]).toEqual([null, 'MANIFEST_OTHER_GATEWAY']);
  });

  test.each(MESSAGE_LANGUAGES)(
    'that it is old, or was not announced, is said in the language of the site: %s',
    async (language) => {
      config = { ...config, language };
      takes();
      const doors = cutOff();
      sees(doors, [epcHex(99)]);
      await time.advance(1_000);
      const words = {
        en: [
          /not announced here by \d\d:\d\d UTC \(manifest 1\)$/,
          /^manifest 1 is old: the platform last stood by it 5 h ago$/,
        ],
        de: [
          /^nicht angekündigt: ein Teil hier bis \d\d:\d\d UTC/,
          /^Manifest 1 ist alt: die Plattform hat es zuletzt vor 5 h bestätigt$/,
        ],
        fr: [/^non annoncé : un élément ici avant \d\d:\d\d UTC/, /^le manifeste 1 est ancien : .* il y a 5 h$/],
        es: [/^no anunciado: un elemento aquí hasta las \d\d:\d\d UTC/, /^el manifiesto 1 es antiguo: .* hace 5 h$/],
        pl: [/^niezapowiedziane: jedna rzecz tutaj do \d\d:\d\d UTC/, /^manifest 1 jest stary: .* 5 h temu$/],
      }[language];
      expect(shown.at(-1)).toMatchObject({ light: 'amber', reason: expect.stringMatching(words[0] ?? '') });
      await time.advance(5 * 3_600_000);
      sees(doors, SERIALS);
      await time.advance(1_000);
      expect(shown.at(-1)).toMatchObject({ light: 'amber', reason: expect.stringMatching(words[1] ?? '') });
      doors.stop();
    },
  );

  test.each(MESSAGE_LANGUAGES)('what the pass showed is said in the language of the site: %s', async (language) => {
    config = { ...config, language };
    takes();
    const doors = cutOff();
    sees(doors, SERIALS.slice(0, 3));
    await time.advance(1_000);
    const words = {
      en: [/^1 missing so far; /, /^all 4 expected serials were read, by manifest 1$/],
      de: [/^eines fehlt bisher; /, /^alle 4 erwarteten Seriennummern wurden gelesen, nach Manifest 1$/],
      fr: [/^un manque jusqu’ici ; /, /^les 4 numéros de série attendus ont tous été lus, selon le manifeste 1$/],
      es: [/^falta uno por ahora; /, /^se leyeron los 4 números de serie esperados, según el manifiesto 1$/],
      pl: [/^brakuje jednej jak dotąd; /, /^odczytano wszystkie 4 oczekiwane numery seryjne, według manifestu 1$/],
    }[language];
    expect(shown.at(-1)).toMatchObject({ light: 'amber', reason: expect.stringMatching(words[0] ?? '') });
    sees(doors, SERIALS.slice(3));
    await time.advance(1_000);
    expect(shown.at(-1)).toMatchObject({ light: 'green', reason: expect.stringMatching(words[1] ?? '') });
    doors.stop();
  });

  test.each(MESSAGE_LANGUAGES)('what stops goods is said in the language of the site: %s', async (language) => {
    config = { ...config, language };
    const words = {
      en: ['it expired on 2020-06-30', 'it is recalled since 08:00', '4 may not move on (recalled, retail sold)'],
      de: ['abgelaufen am 2020-06-30', 'zurückgerufen: it is', '4 Teile dürfen nicht weiter (verkauft, zurückgerufen)'],
      fr: ['périmé le 2020-06-30', 'rappelé : it is', '4 éléments ne peuvent pas continuer (rappelé, vendu)'],
      es: ['caducó el 2020-06-30', 'retirado: it is', '4 elementos no pueden seguir (retirado, vendido)'],
      pl: ['przeterminowane od 2020-06-30', 'wycofane: it is', '4 rzeczy nie mogą iść dalej (sprzedany, wycofany)'],
    }[language];
    const recalled = { finding: 'recalled', reason: 'it is recalled since 08:00', stops: true } as const;
    const changes: Partial<ManifestThing>[] = [{ expiry: '2020-06-30' }, { reasons: [recalled] }, {}];
    const { things } = announcedManifest(SERIALS);
    for (const [index, change] of changes.entries()) {
      const statuses = ['retail_sold', 'recalled', 'recalled', 'recalled'];
      takes({
        version: index + 1,
        things: things.map((thing, i) => {
          const status = index === 2 ? { status: statuses[i - 1] ?? null } : {};
          return thing.inside === null ? thing : { ...thing, ...change, ...status };
        }),
      });
      const doors = cutOff();
      sees(doors, SERIALS);
      await time.advance(1_000);
      expect(shown.at(-1)?.light).toBe('red');
      expect(shown.at(-1)?.reason.slice(0, words[index]?.length)).toBe(words[index]);
      doors.stop();
    }
  });

  // "zurückgerufen: it is recalled since ..." stood at a German door.
  test.each(MESSAGE_LANGUAGES)(
    'why goods are stopped is said whole in the language of the site: %s',
    async (language) => {
      config = { ...config, language };
      const said = {
        en: 'it is recalled since 2026-11-22, by manifest',
        de: 'zurückgerufen seit 2026-11-22, nach Manifest',
        fr: 'rappelé depuis 2026-11-22, selon le manifeste',
        es: 'retirado desde 2026-11-22, según el manifiesto',
        pl: 'wycofane z obrotu od 2026-11-22, według manifestu',
      }[language];
      const words = { key: 'goods.status', values: { status: 'recalled', since: '2026-11-22' } };
      const recalled = { finding: 'recalled', reason: 'it is recalled since 2026-11-22', words, stops: true } as const;
      const { things } = announcedManifest(SERIALS);
      takes({ things: things.map((one) => (one.inside === null ? one : { ...one, reasons: [recalled] })) });
      const doors = cutOff();
      sees(doors, SERIALS);
      await time.advance(1_000);
      expect(shown.at(-1)?.reason.slice(0, said.length)).toBe(said);
      doors.stop();
    },
  );

  const RULE: DoorRule = {
    ...{ id: 'near-expiry', version: 3, kind: 'expired', severity: 'warning', isOff: false, atLeast: 1, portals: null },
    ...{
      appliesTo: null,
      goods: null,
      unknownAt: [],
      remainingMs: 3_650 * 86_400_000,
      way: null,
      through: null,
      when: null,
    },
  };

  test.each([
    ['a rule that finds something is told beside the light', {}, 'green', '; alert: near-expiry (warning, 4)'],
    [
      'a critical one is amber: its alert cannot be seen now',
      { severity: 'critical' },
      'amber',
      '; alert: near-expiry (critical, 4)',
    ],
    ['one that is switched off says nothing', { isOff: true }, 'green', ''],
    ['one for other doors says nothing', { portals: ['portal:lyon/dock-2'] }, 'green', ''],
    ['one that asks for more serials says nothing', { atLeast: 5 }, 'green', ''],
    ['one that does not apply to these goods says nothing', { appliesTo: 'profile == "x"', goods: [] }, 'green', ''],
  ] as const)('%s', async (_, change, light, said) => {
    const { things } = announcedManifest(SERIALS);
    const expiring = things.map((thing) => ({ ...thing, expiry: thing.inside === null ? null : '2031-06-30' }));
    takes({ things: expiring, rules: [{ ...RULE, ...change }] });
    expect(manifest.status).toMatchObject({ rules: 1, judgedRules: 'isOff' in change ? 0 : 1 });
    const doors = cutOff();
    sees(doors, SERIALS);
    await time.advance(1_000);
    const last = shown.at(-1);
    expect(last?.light).toBe(light);
    expect(last?.reason.replace(/^.*by manifest 1/, '')).toBe(said);
    doors.stop();
  });

  test('to a serial that was not read a rule applies by the shipment of its unit, to one that was read by its own', async () => {
    const { things, shipments } = announcedManifest(SERIALS);
    const expiring = things.map((thing, i) => ({
      ...{ ...thing, expiry: thing.inside === null ? null : '2031-06-30' },
      ...(i > 2 && { shipments: ['SHP-2'] }),
    }));
    const goods = [...new Set(things.map(({ epc }) => gtinOf(epc) ?? ''))].map((gtin) => ({
      ...{ site: 'site:lyon', shipment: 'SHP-1', gtin },
    }));
    takes({
      ...{ things: expiring, shipments: [...shipments, ...shipments.map((one) => ({ ...one, shipment: 'SHP-2' }))] },
      rules: [{ ...RULE, appliesTo: 'profile == "2-8C"', goods }],
    });
    const doors = cutOff();
    sees(
      doors,
      [SERIALS[0], SERIALS[1], SERIALS[3]].flatMap((hex) => hex ?? []),
    );
    await time.advance(1_000);
    // The first two by their own shipment and the third by that of its unit; the fourth was read, and goes by another.
    expect(shown.at(-1)?.reason).toMatch(/; alert: near-expiry \(warning, 3\)$/);
    doors.stop();
  });
});
