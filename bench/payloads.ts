/**
 * How fast messages of sensors become readings, on one core: `npm run bench -- payloads`. One line a dialect, in messages
 * and readings a second, the best of nine turns about; for those in JSON, as a part of what bare JSON.parse of the same
 * texts does. Target: Isotherm's own form at 0.5 of bare JSON.parse.
 */
import { type Decode, dialectOf } from '../codecs/payloads/index.ts';
import { sparkplugSample } from '../codecs/payloads/testing/sparkplug-sample.ts';
import { ReadingBuilder } from '../domain/index.ts';
import { ReadingScanner } from '../ingest/readings-scan.ts';

const MESSAGES = 2_000;
const TURNS = 9;
const AT = Date.UTC(2026, 10, 22, 10);
const iso = (n: number) => new Date(AT - n * 1000).toISOString();
const celsius = (n: number) => 2 + (n % 61) / 10;

interface Run {
  readonly name: string;
  readonly payloads: readonly Buffer[];
  readonly decode: (payload: Buffer) => number;
  readonly isJson: boolean;
}

const builder = new ReadingBuilder();
const scanner = new ReadingScanner();

function own(name: string, messageOf: (n: number) => unknown): Run {
  return {
    ...{ name: `isotherm, ${name}`, isJson: true, payloads: texts(messageOf) },
    decode: (payload) => {
      builder.reset();
      const index = builder.deviceIndex('d');
      if (!scanner.scan(payload, index, AT, AT, builder)) throw new Error('the scanner does not take it');
      return builder.count;
    },
  };
}

function dialect(name: string, topic: string, messageOf: (n: number) => unknown): Run {
  const known = dialectOf(topic);
  if (known === null) throw new Error(`nobody decodes ${topic}`);
  const decode: Decode = known.dialect.session?.() ?? known.dialect.decode;
  const payloads = texts(messageOf);
  return {
    ...{ name, payloads, isJson: payloads[0]?.[0] === 0x7b || payloads[0]?.[0] === 0x5b },
    decode: (payload) => decode({ topic, source: known.source, payload, arrival: AT }).readings.length,
  };
}

function texts(messageOf: (n: number) => unknown): Buffer[] {
  return Array.from({ length: MESSAGES }, (_, n) => {
    const message = messageOf(n);
    if (message instanceof Uint8Array) return Buffer.from(message);
    return Buffer.from(typeof message === 'string' ? message : JSON.stringify(message));
  });
}

const runs: readonly Run[] = [
  own('one reading', (n) => ({ time: iso(n), temperature: celsius(n), humidity: 45.5, battery: 97 })),
  own('100 readings', (n) => Array.from({ length: 100 }, (_, k) => ({ time: iso(n + k), temperature: celsius(k) }))),
  dialect('sparkplug, 4 metrics', 'spBv1.0/cold/NDATA/edge', (n) => sparkplugSample(n, AT)),
  dialect('the-things-stack', 'v3/a@t/devices/d/up', (n) => ({
    end_device_ids: { device_id: 'd', application_ids: { application_id: 'a' }, dev_addr: '26012345' },
    received_at: iso(n),
    uplink_message: {
      ...{ session_key_id: 'AX+x', f_port: 2, f_cnt: n, frm_payload: 'A2c0AQ==', received_at: iso(n) },
      decoded_payload: { temperature: celsius(n), humidity: 45.5 },
      rx_metadata: [{ gateway_ids: { gateway_id: 'g' }, rssi: -61, snr: 9.5, uplink_token: 'x'.repeat(80) }],
    },
  })),
  dialect('chirpstack', 'application/1/device/d/event/up', (n) => ({
    ...{ deduplicationId: 'x', time: iso(n), devAddr: '00189440', fCnt: n, fPort: 1, data: 'qg==' },
    deviceInfo: { devEui: '0101010101010101', deviceName: 'd', tags: {} },
    object: { temperature: celsius(n), humidity: 45.5 },
    rxInfo: [{ gatewayId: '0016c001f153a14c', rssi: -36, snr: 10.5 }],
  })),
  dialect('ruuvi', 'ruuvi/gw/CB:B8:33:4C:88:4F', (n) => ({
    ...{
      gw_mac: 'C8:25:2D:8E:9C:2C',
      rssi: -26,
      aoa: [],
      gwts: '1795341600',
      ts: String(1_795_341_600 - n),
      coords: '',
    },
    data: '0201061BFF99040512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F',
  })),
  dialect('zigbee2mqtt', 'zigbee2mqtt/d', (n) => ({
    temperature: celsius(n),
    humidity: 45,
    battery: 97,
    linkquality: 90,
  })),
  dialect('tasmota', 'tele/d/SENSOR', (n) => ({
    Time: iso(n),
    DS18B20: { Id: 'x', Temperature: celsius(n) },
    TempUnit: 'C',
  })),
  dialect('shelly', 'd/events/rpc', (n) => ({
    ...{ src: 'd', dst: 'd/events', method: 'NotifyStatus' },
    params: { ts: 1_795_341_600 - n, 'temperature:0': { id: 0, tC: celsius(n), tF: 41 } },
  })),
  dialect('disruptive', 'isotherm/v1/dialects/disruptive/c', (n) => ({
    event: {
      eventId: 'x',
      targetName: 'projects/p/devices/d',
      eventType: 'temperature',
      timestamp: iso(n),
      data: { temperature: { value: celsius(n), updateTime: iso(n) } },
    },
    labels: {},
  })),
  dialect('tive', 'isotherm/v1/dialects/tive/c', (n) => ({
    ...{ EntityName: 'A1', EntryTimeEpoch: AT - n * 1000, Temperature: { Celsius: celsius(n), Fahrenheit: 41 } },
    ...{ Humidity: { Percentage: 45 }, Location: { Latitude: 40.8, Longitude: -73.8, Accuracy: { Meters: 23 } } },
  })),
  dialect('teltonika', 'isotherm/v1/dialects/teltonika/352093081452251', (n) => ({
    state: {
      reported: { ts: AT - n * 1000, latlng: '54.68,25.27', sat: 12, 72: Math.round(celsius(n) * 10), 113: 88, 240: 1 },
    },
  })),
  dialect('efento', 'isotherm/v1/dialects/efento/c', (n) => ({
    measurements: [
      {
        serial: '282C024FFFB3',
        measured_at: '2026-11-22 09:00:00',
        params: [{ channel: 1, type: 'temperature', value: celsius(n) }],
      },
    ],
  })),
  dialect('homie', 'homie/5/d/sensor/temperature-c', (n) => String(celsius(n))),
  dialect('influx, 100 lines', 'isotherm/v1/dialects/influx/d', (n) =>
    Array.from({ length: 100 }, (_, k) => `air,device=d temperature=${celsius(n + k)} ${AT - k * 1000}000000`).join(
      '\n',
    ),
  ),
];

let sink = 0;
const best = new Map<string, { ours: number; bare: number; readings: number }>();
for (let turn = 0; turn < TURNS; turn++) {
  for (const { name, payloads, decode, isJson } of runs) {
    const before = best.get(name) ?? { ours: 0, bare: 0, readings: 0 };
    const from = performance.now();
    let readings = 0;
    for (const payload of payloads) readings += decode(payload);
    const between = performance.now();
    if (isJson) for (const payload of payloads) sink += JSON.parse(payload.toString('utf8')) === null ? 1 : 2;
    const to = performance.now();
    sink += readings;
    best.set(name, {
      ours: Math.max(before.ours, (MESSAGES * 1000) / (between - from)),
      bare: isJson ? Math.max(before.bare, (MESSAGES * 1000) / (to - between)) : 0,
      readings: readings / MESSAGES,
    });
  }
}
const count = (value: number) => Math.round(value).toLocaleString('en');
for (const [name, { ours, bare, readings }] of best) {
  const ratio = bare === 0 ? '' : `, ${(ours / bare).toFixed(2)} of bare JSON.parse`;
  console.log(`${name}: ${count(ours)} messages/s, ${count(ours * readings)} readings/s${ratio}`);
}
console.log("target: Isotherm's own form at 0.5 of bare JSON.parse");
if (sink === 0) console.log('nothing was decoded');
