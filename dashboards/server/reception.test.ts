import { createHash, createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { InfluxDB, Point } from '@influxdata/influxdb-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Installation } from './testing/installation.ts';

const NOW = Math.floor(Date.now() / 1000) * 1000;
const iso = (at: number) => new Date(at).toISOString();
const SECRET = 'a secret agreed upon';

let house: Installation;
let token = '';
let password = '';

beforeAll(async () => {
  house = await Installation.start({
    webhookSecrets: new Map([
      ['disruptive', SECRET],
      ['tive', SECRET],
    ]),
  });
  token = await house.token('operations');
  password = await house.accounts.credentials.create('logger-7', { kind: 'device' });
});
afterAll(() => house.stop());

async function post(path: string, body: string | Buffer, headers: Record<string, string> = {}) {
  const response = await fetch(`${house.url}${path}`, {
    method: 'POST',
    headers,
    body: new Uint8Array(Buffer.from(body)),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : (JSON.parse(text) as Record<string, unknown>) };
}

const asToken = () => ({ authorization: `Bearer ${token}` });
const write = (
  body: string | Buffer,
  query = '',
  headers: Record<string, string> = { authorization: `Token ${token}` },
) => post(`/api/v2/write?org=o&bucket=b${query}`, body, { 'content-type': 'text/plain; charset=utf-8', ...headers });

/** `metric value time` of a device, in the order of time. */
async function readings(device: string): Promise<string[]> {
  await house.written();
  const found: string[] = [];
  for (const metric of ['temperature', 'humidity', 'door', 'battery', 'latitude', 'longitude']) {
    const { body } = await house.ask(
      'quality',
      'GET',
      `/readings?device=${device}&metric=${metric}&from=${iso(NOW - 600 * 86_400_000)}`,
    );
    const { items } = body as { items: { time: string; value: number }[] };
    found.push(...items.map(({ time, value }) => `${metric} ${value} ${time}`));
  }
  return found;
}

async function quarantined(source: string): Promise<string[]> {
  await house.written();
  const { body } = await house.ask('operations', 'GET', `/quarantine?source=${encodeURIComponent(source)}`);
  return (body as { items: { reason: string; detail: string }[] }).items.map(({ reason }) => reason);
}

describe('POST /api/v1/webhooks/{dialect}', () => {
  const uplink = (received: number, gateway: string, device = 'probe-1') =>
    JSON.stringify({
      end_device_ids: { device_id: device, dev_addr: '26012345' },
      uplink_message: {
        ...{ session_key_id: 'AX+x', f_cnt: 12, frm_payload: 'A2c0AQ==', received_at: iso(received) },
        decoded_payload: { temperature: 5.1 },
        rx_metadata: [{ gateway_ids: { gateway_id: gateway } }],
      },
    });

  test('an uplink is one, however many gateways heard it', async () => {
    expect(await post('/api/v1/webhooks/the-things-stack', uplink(NOW - 5000, 'a'), asToken())).toEqual({
      status: 201,
      body: null,
    });
    expect((await post('/api/v1/webhooks/the-things-stack', uplink(NOW - 3000, 'b'), asToken())).status).toBe(201);
    expect(await readings('probe-1')).toEqual([`temperature 5.1 ${iso(NOW - 5000)}`]);
  });

  test('whatever media type it comes with, packed or not', async () => {
    const packed = gzipSync(uplink(NOW - 5000, 'a', 'probe-2'));
    const headers = { ...asToken(), 'content-encoding': 'gzip', 'content-type': 'application/x-www-form-urlencoded' };
    expect((await post('/api/v1/webhooks/the-things-stack', packed, headers)).status).toBe(201);
    expect(await readings('probe-2')).toHaveLength(1);
  });

  test('who shows neither token nor credentials is not heard, and a person is no machine', async () => {
    for (const headers of [{}, { authorization: 'Bearer iso_wrong' }, { authorization: 'Token logger-7:wrong' }]) {
      expect((await post('/api/v1/webhooks/chirpstack', '{}', headers as Record<string, string>)).status).toBe(401);
    }
    const signIn = await fetch(`${house.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"username":"admin","password":"demo"}',
    });
    const cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect((await post('/api/v1/webhooks/chirpstack', '{}', { cookie })).status).toBe(401);
  });

  test('a token that was narrowed to other things may not send', async () => {
    const narrow = await house.accounts.tokens.create({ name: 'reader', role: 'admin', scope: ['records.read'] });
    const headers = { authorization: `Bearer ${narrow}` };
    expect((await post('/api/v1/webhooks/chirpstack', '{}', headers)).status).toBe(403);
    const bound = await house.accounts.tokens.create({ name: 'lyon', role: 'operations', sites: ['site:lyon'] });
    expect((await write('air,device=d temperature=5', '', { authorization: `Token ${bound}` })).status).toBe(403);
  });

  test('an unknown dialect is not there, and what is too large is too large', async () => {
    expect((await post('/api/v1/webhooks/klingon', '{}', asToken())).status).toBe(404);
    expect((await post('/api/v1/webhooks/tasmota', ' '.repeat(2_000_000), asToken())).status).toBe(413);
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));
    expect((await post('/api/v1/webhooks/tasmota', bomb, { ...asToken(), 'content-encoding': 'gzip' })).status).toBe(
      413,
    );
  });

  test('what cannot be taken is taken into quarantine', async () => {
    const message = JSON.stringify({
      ...JSON.parse(uplink(NOW, 'a', 'probe-3')),
      uplink_message: { received_at: iso(NOW), decoded_payload: { temperature: 900, humidity: 45 } },
    });
    expect((await post('/api/v1/webhooks/the-things-stack', message, asToken())).status).toBe(201);
    expect(await readings('probe-3')).toEqual([`humidity 45 ${iso(NOW)}`]);
    expect(await quarantined('probe-3')).toEqual(['VALUE_NOT_PHYSICAL']);
    expect((await post('/api/v1/webhooks/the-things-stack', 'no JSON', asToken())).status).toBe(201);
    expect(await quarantined('token:test-operations')).toContain('PAYLOAD_NOT_JSON');
  });

  test('a device brings its own readings, and nobody else’s', async () => {
    const headers = { authorization: `Basic ${Buffer.from(`logger-7:${password}`).toString('base64')}` };
    const own = JSON.stringify({ state: { reported: { ts: NOW, 72: 51 } } });
    expect((await post('/api/v1/webhooks/teltonika', own, headers)).status).toBe(201);
    expect(await readings('logger-7')).toContain(`temperature 5.1 ${iso(NOW)}`);
    expect((await post('/api/v1/webhooks/teltonika?device=logger-8', own, headers)).status).toBe(201);
    expect(await readings('logger-8')).toEqual([]);
    expect(await quarantined('logger-7')).toContain('SOURCE_FOREIGN');
  });

  test('Isotherm’s own form comes this way too', async () => {
    const own = JSON.stringify([{ time: iso(NOW - 60_000), temperature: 4.5 }]);
    expect((await post('/api/v1/webhooks/isotherm?device=logger-9', own, asToken())).status).toBe(201);
    expect(await readings('logger-9')).toEqual([`temperature 4.5 ${iso(NOW - 60_000)}`]);
    expect(await post('/api/v1/webhooks/isotherm', own, asToken())).toMatchObject({
      status: 400,
      body: { code: 'DEVICE_MISSING' },
    });
    const headers = { authorization: `Bearer logger-7:${password}` };
    expect((await post('/api/v1/webhooks/isotherm?device=logger-10', own, headers)).status).toBe(201);
    expect(await readings('logger-10')).toEqual([]);
  });
});

describe('a webhook with a secret', () => {
  const event = JSON.stringify({
    event: {
      targetName: 'projects/p/devices/d1',
      eventType: 'temperature',
      data: { temperature: { value: 5.1, updateTime: iso(NOW) } },
      timestamp: iso(NOW),
    },
  });
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  function signature(
    body: string,
    { secret = SECRET, alg = 'HS256', claims = {} }: { secret?: string; alg?: string; claims?: object } = {},
  ) {
    const checksum = createHash('sha1').update(body).digest('hex');
    const seconds = Math.floor(Date.now() / 1000);
    const head = `${encoded({ alg, typ: 'JWT' })}.${encoded({ checksum, iat: seconds, exp: seconds + 3600, jti: 'x', ...claims })}`;
    return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
  }
  const send = (headers: Record<string, string>, body = event) => post('/api/v1/webhooks/disruptive', body, headers);

  test('takes what its maker signed, without a token', async () => {
    expect((await send({ 'x-dt-signature': signature(event) })).status).toBe(201);
    expect(await readings('d1')).toEqual([`temperature 5.1 ${iso(NOW)}`]);
  });

  test.each<[string, () => Record<string, string>]>([
    ['nothing', () => ({})],
    ['a token alone', () => asToken()],
    ['another secret', () => ({ 'x-dt-signature': signature(event, { secret: 'another secret' }) })],
    ['another body', () => ({ 'x-dt-signature': signature('{}') })],
    ['no algorithm', () => ({ 'x-dt-signature': signature(event, { alg: 'none' }) })],
    ['a token that has ended', () => ({ 'x-dt-signature': signature(event, { claims: { exp: 1_600_000_000 } }) })],
    ['no checksum', () => ({ 'x-dt-signature': signature(event, { claims: { checksum: undefined } }) })],
    [
      'a wrong token beside a right signature of another body',
      () => ({ ...asToken(), 'x-dt-signature': signature('{}') }),
    ],
    ['text', () => ({ 'x-dt-signature': 'x'.repeat(5000) })],
  ])('%s is refused', async (_name, headers) => {
    const { status, body } = await send(headers());
    expect([status, body?.code]).toEqual([401, 'SENDER_UNKNOWN']);
  });

  test('a maker that cannot sign shows the secret', async () => {
    const entry = JSON.stringify({ EntityName: 'A1', EntryTimeEpoch: NOW, Temperature: { Celsius: 5 } });
    expect((await post('/api/v1/webhooks/tive', entry, asToken())).status).toBe(401);
    expect((await post('/api/v1/webhooks/tive', entry, { 'x-tive-client-secret': SECRET })).status).toBe(201);
    expect(await readings('A1')).toEqual([`temperature 5 ${iso(NOW)}`]);
  });
});

describe('POST /api/v2/write', () => {
  test('takes line protocol, by tag or measurement, in any precision', async () => {
    const ns = `${NOW}000000`;
    expect(await write(`air,device=w-1 temperature=5.1,humidity=45i ${ns}`)).toEqual({ status: 204, body: null });
    expect((await write(`temperature,host=w-1 value=5.2 ${NOW / 1000 + 1}`, '&precision=s')).status).toBe(204);
    expect(
      (
        await write(gzipSync(`room,device_id=w-1 door=true ${NOW}`), '&precision=ms', {
          authorization: `Token ${token}`,
          'content-encoding': 'gzip',
        })
      ).status,
    ).toBe(204);
    expect(await readings('w-1')).toEqual([
      `temperature 5.1 ${iso(NOW)}`,
      `temperature 5.2 ${iso(NOW + 1000)}`,
      `humidity 45 ${iso(NOW)}`,
      `door 1 ${iso(NOW)}`,
    ]);
  });

  test('names the first bad line, and takes the others', async () => {
    const text = `# comment\n\nair,device=w-2 temperature=5 ${NOW}\nbad line\nair,device=w-2 temperature\nair,device=w-2 humidity=40 ${NOW}`;
    const { status, body } = await write(text, '&precision=ms');
    expect([status, body?.code]).toEqual([400, 'LINE_MALFORMED']);
    expect(body?.detail).toContain('line 4');
    expect(await readings('w-2')).toEqual([`temperature 5 ${iso(NOW)}`, `humidity 40 ${iso(NOW)}`]);
  });

  test('quarantines what is no measurement, and answers 204', async () => {
    const text = `air,device=w-3 temperature="cold",usage_idle=1,humidity=900,pressure=1013 ${NOW}`;
    expect((await write(text, '&precision=ms')).status).toBe(204);
    expect((await quarantined('w-3')).toSorted()).toEqual(['FIELD_UNKNOWN', 'VALUE_NOT_NUMBER', 'VALUE_NOT_PHYSICAL']);
  });

  test('ID:PASSWORD has a device of its own and speaks for no other; an API token has none', async () => {
    const own = { authorization: `Token logger-7:${password}` };
    expect((await write(`air temperature=6.5 ${NOW + 500}`, '&precision=ms', own)).status).toBe(204);
    expect(await readings('logger-7')).toContain(`temperature 6.5 ${iso(NOW + 500)}`);
    expect((await write(`air,device=w-4 temperature=6 ${NOW}`, '&precision=ms', own)).status).toBe(204);
    expect(await readings('w-4')).toEqual([]);
    expect((await write(`air temperature=6 ${NOW}`, '&precision=ms')).body?.detail).toContain('line 1');
    expect((await write('air,device=d temperature=6', '', { authorization: 'Token logger-7:wrong' })).status).toBe(401);
    expect((await write('air,device=d temperature=6', '', {})).status).toBe(401);
  });

  test('refuses a precision that there is not, and a bomb', async () => {
    expect(await write('air,device=d temperature=6', '&precision=h')).toMatchObject({
      status: 400,
      body: { code: 'QUERY_INVALID' },
    });
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));
    expect((await write(bomb, '', { authorization: `Token ${token}`, 'content-encoding': 'gzip' })).status).toBe(413);
  });

  test('old readings wait for a person, and are adopted at their time, whatever the precision was', async () => {
    const old = NOW - 500 * 86_400_000;
    expect((await write(`air,device=w-5 temperature=5 ${old / 1000}`, '&precision=s')).status).toBe(204);
    expect(await quarantined('w-5')).toEqual(['TIME_TOO_OLD']);
    const adopted = await house.ask('operations', 'POST', '/quarantine/adopt?source=w-5', {
      reason: 'found in a drawer',
    });
    expect(adopted).toMatchObject({ status: 200, body: { readings: 1 } });
    expect(await readings('w-5')).toEqual([`temperature 5 ${iso(old)}`]);
  });

  test('the Influx client writes here as to InfluxDB', async () => {
    const api = new InfluxDB({ url: house.url, token }).getWriteApi('o', 'b', 'ms', {
      maxRetries: 0,
      gzipThreshold: 1,
    });
    for (let k = 0; k < 100; k++) {
      api.writePoint(
        new Point('air')
          .tag('device', 'w-6')
          .floatField('temperature', 5 + k / 100)
          .timestamp(NOW - k * 1000),
      );
    }
    await api.close();
    expect(await readings('w-6')).toHaveLength(100);
  });
});

describe('POST /api/v1/messages/explain', () => {
  const explain = (asked: object, role: 'operations' | 'dock' = 'operations') =>
    house.ask(role, 'POST', '/messages/explain', asked);

  test('says what would be taken of a message, and what not and why, and stores nothing', async () => {
    const { status, body } = await explain({ topic: 'zigbee2mqtt/x-9', message: '{"temperature":5.1,"humidity":900}' });
    expect([status, body]).toEqual([
      200,
      {
        readBy: 'zigbee2mqtt',
        readings: [{ device: 'x-9', metric: 'temperature', value: 5.1, time: null }],
        refused: [{ reason: 'VALUE_NOT_PHYSICAL', field: 'humidity', detail: expect.stringContaining('900') }],
      },
    ]);
    expect(await readings('x-9')).toEqual([]);
    expect((await explain({ topic: 'zigbee2mqtt/x', message: '{}' }, 'dock')).status).toBe(403);
  });

  test('by a file of mappings that is being written', async () => {
    const mappings = 'mappings: [{ id: acme, topics: ["acme/{source}"], readings: \'{ "temperature": t }\' }]';
    const asked = { topic: 'acme/x-1', message: Buffer.from('{"t":4}').toString('base64'), base64: true };
    expect((await explain(asked)).body).toMatchObject({ readBy: null, refused: [{ reason: 'TOPIC_UNKNOWN' }] });
    expect((await explain({ ...asked, mappings })).body).toMatchObject({
      readBy: 'acme',
      readings: [{ device: 'x-1', metric: 'temperature', value: 4 }],
    });
    expect(await explain({ ...asked, mappings: 'mappings: 5' })).toMatchObject({
      status: 422,
      body: { code: 'MAPPING_FILE_BAD' },
    });
  });
});
