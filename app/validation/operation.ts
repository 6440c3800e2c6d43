import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { DefectError, silentLogger, systemTime } from '../../domain/index.ts';
import { verifyAudit } from '../../storage/index.ts';
import { withDatabase } from '../administration.ts';
import { type Config, loadConfig } from '../config/index.ts';
import { Output } from '../output.ts';
import { type Platform, startPlatform } from '../platform.ts';
import { tried } from './installation.ts';
import type { Check } from './protocol.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 200;
/** Of a refusal, in a protocol. */
const MOST_SAID = 300;
const LOGGER = 'oq-logger';
const UNIT = 'urn:epc:id:sscc:0614141.9999999991';
const OTHER_UNIT = 'urn:epc:id:sscc:0614141.9999999992';
const SHIPMENT = 'OQ-1';
const serial = (number: number) => `urn:epc:id:sgtin:0614141.899999.${number}`;
const INSIDE = [1, 2, 3].map(serial);
const OUTSIDE = [4, 5].map(serial);
/** 9.0 °C for half an hour between two hours of 5.0 °C, every five minutes, the last value once more. */
const KNOWN = { readings: 31, minutesAbove: 30, min: 5, max: 9 };

/**
 * Known readings in, an alert with its serials out: on an instance of its own, with the built-in rules, the embedded
 * database and broker, on free ports of this machine alone. It is gone afterwards; the installation's data are not touched.
 */
export async function* qualifyOperation(onProgress: (text: string) => void): AsyncGenerator<Check> {
  const directory = await mkdtemp(join(tmpdir(), 'isotherm-oq-'));
  // As root, PostgreSQL runs as somebody else, who has to get through; what is inside stays closed.
  await chmod(directory, 0o711);
  const defaults = loadConfig({ env: {}, cwd: directory, file: undefined });
  const config: Config = { ...defaults, data: { ...defaults.data, dir: join(directory, 'data') } };
  const scratch: Config = { ...config, http: { ...config.http, port: 0 }, mqtt: { ...config.mqtt, port: 0 } };
  let password = '';
  const start = (isFirst: boolean) =>
    startPlatform({
      ...{ config: scratch, logger: silentLogger, output: new Output(), isDemo: false, onProgress },
      prepare: async (accounts) => {
        if (!isFirst) return;
        await accounts.users.create({ name: 'oq', role: 'admin', password: OQ_PASSWORD });
        password = await accounts.credentials.create(LOGGER, { kind: 'device' });
      },
    });
  let platform: Platform | null = null;
  try {
    platform = await start(true);
    const api = new Api(platform.httpUrl, await platform.accounts.tokens.create({ name: 'oq', role: 'admin' }));
    const end = Math.floor(systemTime.now() / MINUTE_MS) * MINUTE_MS - 10 * MINUTE_MS;
    yield await announced(api, end);
    yield await published(platform, password, end);
    yield await measured(api, end);
    yield await alerted(api);
    yield await exposed(api);
    yield await stopped(api);
    yield await refused(api);
    yield await guarded(platform);
    yield await reported(api, end);
    await platform.stop();
    platform = null;
    yield await audited(scratch);
    const again = await start(false);
    platform = again;
    const token = await again.accounts.tokens.create({ name: 'oq-again', role: 'admin' });
    yield await kept(new Api(again.httpUrl, token), end);
  } finally {
    await platform?.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Of an instance that lives a minute, on loopback. */
const OQ_PASSWORD = 'operational qualification of a minute';

function announced(api: Api, end: number): Promise<Check> {
  return tried('OQ-1', 'A shipment of five serials in two units is announced', '201', ['RUN-3'], async () => {
    const times = { departs: end - 3 * HOUR_MS, arrives: end + HOUR_MS };
    const from = end - 3 * HOUR_MS;
    const response = await api.send('POST', '/shipments', {
      ...{ id: SHIPMENT, profile: '2-8C', origin: 'site:oq-from', destination: 'site:oq-to', ...times },
      units: [
        { sscc: UNIT, devices: [LOGGER], children: INSIDE, from },
        { sscc: OTHER_UNIT, devices: [], children: OUTSIDE, from },
      ],
      products: [{ gtin: '80614141999992', name: 'Qualification', lot: 'OQ', expiry: '2099-12-31' }],
    });
    const { status } = response;
    const found = status === 201 ? '201' : `${status} ${(await response.text()).slice(0, MOST_SAID)}`;
    return { found, isPassed: status === 201 };
  });
}

function published(platform: Platform, password: string, end: number): Promise<Check> {
  const expected = `${KNOWN.readings} readings and two that cannot be are acknowledged`;
  return tried('OQ-2', 'Readings are published over MQTT with QoS 1', expected, ['REC-1', 'ACC-6'], async () => {
    if (platform.mqttUrl === null) throw new DefectError('QUALIFICATION_WITHOUT_BROKER', 'every part runs here');
    const client = await connectAsync(platform.mqttUrl, { clientId: LOGGER, username: LOGGER, password });
    const topic = `isotherm/v1/devices/${LOGGER}/readings`;
    let acknowledged = 0;
    for (const { time, temperature } of knownReadings(end)) {
      await client.publishAsync(topic, JSON.stringify({ time, temperature }), { qos: 1 });
      acknowledged++;
    }
    for (const payload of [
      JSON.stringify({ time: new Date(end).toISOString(), temperature: 9_999 }),
      '{"temperature":',
    ]) {
      await client.publishAsync(topic, payload, { qos: 1 });
      acknowledged++;
    }
    await client.endAsync();
    return { found: `${acknowledged} acknowledged`, isPassed: acknowledged === KNOWN.readings + 2 };
  });
}

function knownReadings(end: number): { readonly time: string; readonly temperature: number }[] {
  return Array.from({ length: KNOWN.readings }, (_, i) => {
    const at = end - (KNOWN.readings - 1 - i) * 5 * MINUTE_MS;
    // The 13th to the 18th: half an hour.
    return { time: new Date(at).toISOString(), temperature: i >= 12 && i < 18 ? 9 : 5 };
  });
}

interface Items<T> {
  readonly items: readonly T[];
}
type Reading = { readonly time: string; readonly value: number };

function measured(api: Api, end: number): Promise<Check> {
  return tried('OQ-3', 'They are read back', 'each once, as it was sent', ['REC-1', 'REC-3'], async () => {
    const wanted = JSON.stringify(knownReadings(end).map(({ time, temperature }) => ({ time, value: temperature })));
    const seen = await api.until<Items<Reading>>(readingsPath(end), ({ items }) => items.length >= KNOWN.readings);
    const given = JSON.stringify(seen.items.map(({ time, value }) => ({ time, value })));
    return { found: `${seen.items.length} readings${given === wanted ? ', as sent' : ''}`, isPassed: given === wanted };
  });
}

function readingsPath(end: number): string {
  return `/readings?device=${LOGGER}&from=${end - 4 * HOUR_MS}&to=${end + MINUTE_MS}&limit=1000`;
}

interface Alert {
  readonly id: string;
  readonly rule: { readonly id: string };
  readonly affected: { readonly count: number };
}

function alerted(api: Api): Promise<Check> {
  const expected = 'one alert of too-warm-2-8 with exactly the three serials beside the logger';
  return tried('OQ-4', 'The excursion is found, with its serials', expected, ['JDG-1', 'JDG-2'], async () => {
    const isTooWarm = ({ rule }: Alert) => rule.id === 'too-warm-2-8';
    const { items } = await api.until<Items<Alert>>(`/alerts?device=${LOGGER}`, (seen) =>
      seen.items.some((alert) => isTooWarm(alert) && alert.affected.count > 0),
    );
    const alerts = items.filter(isTooWarm);
    const [first] = alerts;
    const serials =
      first === undefined ? [] : (await api.get<Items<{ epc: string }>>(`/alerts/${first.id}/serials`)).items;
    const named = serials.map(({ epc }) => epc).sort();
    const isExact = alerts.length === 1 && JSON.stringify(named) === JSON.stringify(INSIDE);
    return { found: `alerts: ${alerts.length}; serials: ${named.join(', ')}`, isPassed: isExact };
  });
}

interface Serial {
  readonly mayMoveOn: boolean;
  readonly journey: { readonly minutesAbove: number; readonly min: number; readonly max: number } | null;
}

function exposed(api: Api): Promise<Check> {
  const expected = `${KNOWN.minutesAbove} minutes above, ${KNOWN.min} to ${KNOWN.max} °C`;
  return tried('OQ-5', 'The exposure of a serial is that of its readings', expected, ['JDG-3'], async () => {
    const { journey } = await api.get<Serial>(`/serials/${encodeURIComponent(serial(1))}`);
    const { minutesAbove, min, max } = journey ?? { minutesAbove: 0, min: null, max: null };
    const isPassed = minutesAbove === KNOWN.minutesAbove && min === KNOWN.min && max === KNOWN.max;
    return { found: `${minutesAbove} minutes above, ${min} to ${max} °C`, isPassed };
  });
}

function stopped(api: Api): Promise<Check> {
  const expected = 'beside the logger: no; in the other unit: yes';
  return tried('OQ-6', 'Whether goods may move on while nobody has decided', expected, ['JDG-5'], async () => {
    const of = async (epc: string) => (await api.get<Serial>(`/serials/${encodeURIComponent(epc)}`)).mayMoveOn;
    const [inside, outside] = [await of(serial(1)), await of(serial(4))];
    const word = (may: boolean) => (may ? 'yes' : 'no');
    return {
      found: `beside the logger: ${word(inside)}; in the other unit: ${word(outside)}`,
      isPassed: !inside && outside,
    };
  });
}

function refused(api: Api): Promise<Check> {
  return tried('OQ-7', 'What cannot be is kept, with its reason', 'two entries of the logger', ['REC-3'], async () => {
    const { items } = await api.until<Items<{ reason: string }>>(
      `/quarantine?source=${LOGGER}`,
      (seen) => seen.items.length >= 2,
    );
    const reasons = items.map(({ reason }) => reason).sort();
    return { found: reasons.join(', '), isPassed: reasons.length === 2 };
  });
}

function guarded({ httpUrl, accounts }: Platform): Promise<Check> {
  const expected = '401 without a token, 403 for the dock, 401 for a revoked token';
  return tried('OQ-8', 'Who may not, does not', expected, ['ACC-1', 'ACC-2', 'ACC-3'], async () => {
    const dock = new Api(httpUrl, await accounts.tokens.create({ name: 'oq-dock', role: 'dock' }));
    const statuses = [
      (await new Api(httpUrl, 'nobody').send('GET', '/audit')).status,
      (await dock.send('GET', '/audit')).status,
    ];
    await accounts.tokens.revoke('oq-dock');
    statuses.push((await dock.send('GET', '/shipments')).status);
    const [stranger, docker, gone] = statuses;
    const found = `${stranger} without a token, ${docker} for the dock, ${gone} for a revoked token`;
    return { found, isPassed: found === expected };
  });
}

function reported(api: Api, end: number): Promise<Check> {
  return tried('OQ-9', 'A report is the same bytes twice', 'two equal PDF files', ['REC-7'], async () => {
    const path = `/shipments/${SHIPMENT}/report.pdf?to=${end}`;
    const [one, other] = [await api.bytes(path), await api.bytes(path)];
    const isPassed = one.equals(other) && one.subarray(0, 5).toString('latin1') === '%PDF-';
    return { found: `${one.length} and ${other.length} bytes, ${isPassed ? 'equal' : 'not equal'}`, isPassed };
  });
}

function audited(config: Config): Promise<Check> {
  return tried(
    'OQ-10',
    'The audit trail holds together',
    'entries, and none that does not fit',
    ['AUD-1', 'AUD-2'],
    async () => {
      const { entries, faults } = await withDatabase(config, (database) => verifyAudit(database, null));
      return {
        found: `${entries} entries, ${faults.length} that do not fit`,
        isPassed: entries > 0 && faults.length === 0,
      };
    },
  );
}

function kept(api: Api, end: number): Promise<Check> {
  const expected = `${KNOWN.readings} readings and the alert are there`;
  return tried('OQ-11', 'After a restart', expected, ['REC-1', 'RUN-1'], async () => {
    const { items } = await api.get<Items<Reading>>(readingsPath(end));
    const alerts = await api.get<Items<Alert>>(`/alerts?device=${LOGGER}`);
    const isThere = alerts.items.some(({ rule }) => rule.id === 'too-warm-2-8');
    return {
      found: `${items.length} readings, the alert is ${isThere ? '' : 'not '}there`,
      isPassed: isThere && items.length === KNOWN.readings,
    };
  });
}

/** The instance as a partner system sees it. */
class Api {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  send(method: 'GET' | 'POST', path: string, body?: object): Promise<Response> {
    return fetch(`${this.#url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(WITHIN_MS),
    });
  }

  async bytes(path: string): Promise<Buffer> {
    const response = await this.send('GET', path);
    const bytes = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${bytes.toString().slice(0, MOST_SAID)}`);
    return bytes;
  }

  async get<T>(path: string): Promise<T> {
    return JSON.parse((await this.bytes(path)).toString());
  }

  /** What it answers once that holds, or at last. */
  async until<T>(path: string, holds: (seen: T) => boolean): Promise<T> {
    const deadline = systemTime.now() + WITHIN_MS;
    for (;;) {
      const seen = await this.get<T>(path);
      if (holds(seen) || systemTime.now() > deadline) return seen;
      await systemTime.sleep(`what is awaited of ${path}`, LOOK_EVERY_MS);
    }
  }
}
