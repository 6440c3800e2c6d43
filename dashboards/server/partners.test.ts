import { createHash, generateKeyPairSync } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import type { PartnerTestView, PartnerView, Problem } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const house = await Installation.start();
const servers: Server[] = [];
afterAll(async () => {
  for (const server of servers) server.close();
  await house.stop();
});

const GLN = '0614141000005';
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const ACME = {
  ...{ name: 'Acme Pharma', address: '1 Main St, Springfield, IL 62701, US', glns: [GLN], roles: ['manufacturer'] },
  ...{ sees: ['records', 'exceptions'], sends: ['files', 'answers'], formats: ['epcis-2.0-json'] },
};
const put = (id: string, body: object) => house.ask('admin', 'PUT', `/partners/${id}`, body);

/** A partner's server on a free port. @returns its address */
async function listening(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What the test of an endpoint says went wrong. */
async function wrongWith(id: string, endpoints: object, more: object = {}) {
  expect(await put(id, { ...ACME, glns: [], endpoints, ...more })).toMatchObject({ status: 200 });
  const { status, body } = await house.ask('admin', 'POST', `/partners/${id}/test`);
  expect(status).toBe(200);
  const [tried] = (body as PartnerTestView).endpoints;
  return tried?.steps.find(({ ok }) => !ok) ?? null;
}

describe('a partner is data', () => {
  test('what was put is answered, but for the secrets, of which a print is shown', async () => {
    const secrets = { webhook: SECRET, authorization: 'Bearer very-secret' };
    const keys = [{ id: 'k1', pem: PEM, from: '2026-01-01', to: null }];
    const made = await put('acme', { ...ACME, secrets, publicKeys: keys, from: '2026-01-01' });
    expect(made).toMatchObject({ status: 200, body: { glns: [GLN], agreed: true, revision: 1 } });
    const { secrets: shown } = made.body as PartnerView;
    expect(shown).toEqual({ webhook: expect.stringMatching(/^[0-9a-f]{8}$/), authorization: expect.any(String) });
    expect(JSON.stringify((await house.ask('admin', 'GET', '/partners')).body)).not.toMatch(/very-secret|whsec_/);
    const { rows } = await house.database.query<{ row: string }>('SELECT row_to_json(p)::text AS row FROM partners p');
    expect(rows[0]?.row).not.toMatch(/very-secret|whsec_/);
  });

  test('secrets stay where a change says nothing of them, and go where it says null', async () => {
    const kept = (await put('acme', ACME)).body as PartnerView;
    expect(kept).toMatchObject({ revision: 2, secrets: { webhook: expect.any(String) } });
    const gone = (await put('acme', { ...ACME, secrets: { authorization: null } })).body as PartnerView;
    expect(gone.secrets).toEqual({ webhook: kept.secrets.webhook, authorization: null });
  });

  test('a secret is not sent to another address than it was entered for', async () => {
    const secrets = { webhook: SECRET, authorization: 'Bearer very-secret' };
    const at = (host: string) => ({ epcis: `https://${host}/capture`, webhook: `https://${host}/hook` });
    const moved = (host: string, given: object = {}) =>
      put('mover', { ...ACME, glns: [], endpoints: at(host), secrets: given });
    expect(await moved('partner.example', secrets)).toMatchObject({ status: 200 });
    const refused = await moved('thief.example');
    expect(refused).toMatchObject({ status: 422, body: { code: 'PARTNER_SECRET_AGAIN' } });
    expect((refused.body as Problem).errors?.map(({ path }) => path)).toEqual([
      'secrets.webhook',
      'secrets.authorization',
    ]);
    expect(await moved('thief.example', { webhook: SECRET })).toMatchObject({ status: 422 });
    // Taken away and put back elsewhere is a change as well.
    expect(await put('mover', { ...ACME, glns: [], secrets: {} })).toMatchObject({ status: 200 });
    expect(await moved('thief.example')).toMatchObject({ status: 422 });
    const kept = (await house.ask('admin', 'GET', '/partners/mover')).body as PartnerView;
    expect(kept).toMatchObject({ endpoints: {}, secrets: { authorization: expect.any(String) } });
    expect(await moved('new.example', { webhook: null, authorization: null })).toMatchObject({ status: 200 });
    expect(await moved('other.example')).toMatchObject({ status: 200, body: { secrets: { authorization: null } } });
    // Nothing is sent to an SFTP server.
    const sftp = (host: string, given: object) =>
      put('mover', { ...ACME, glns: [], endpoints: { sftp: `sftp://us@${host}/in` }, secrets: given });
    expect(await sftp('a.example', secrets)).toMatchObject({ status: 200 });
    expect(await sftp('b.example', {})).toMatchObject({ status: 200 });
  });

  test('a key has its print and its state, and one that is revoked stays so', async () => {
    const keys = [
      { id: 'old', pem: PEM, to: '2020-01-01' },
      { id: 'next', pem: PEM, from: '2090-01-01' },
      { id: 'lost', pem: PEM, revoked: '2026-02-03' },
      { id: 'now', pem: PEM },
    ];
    const { body } = await put('keys', { ...ACME, glns: [], publicKeys: keys });
    expect((body as PartnerView).publicKeys.map(({ id, state }) => [id, state])).toEqual([
      ['old', 'expired'],
      ['next', 'not yet'],
      ['lost', 'revoked'],
      ['now', 'good'],
    ]);
    const der = publicKey.export({ type: 'spki', format: 'der' });
    const print = createHash('sha256').update(der).digest('hex');
    expect((body as PartnerView).publicKeys[0]?.print).toBe(print);
    const twice = [keys[0], { id: 'old', pem: PEM }];
    expect(await put('keys', { ...ACME, glns: [], publicKeys: twice })).toMatchObject({ status: 422 });
  });

  test.each([
    ['a GLN whose check digit is wrong', { glns: ['0614141000006'] }],
    [
      'a private key',
      { publicKeys: [{ id: 'k', pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }] },
    ],
    ['an end before the begin', { from: '2026-02-01', to: '2026-01-01' }],
    ['an address inside the house', { endpoints: { webhook: 'http://169.254.169.254/latest/meta-data' } }],
    ['an SFTP address with a password', { endpoints: { sftp: 'sftp://user:pass@127.0.0.1/in' } }],
    ['a role that there is not', { roles: ['smuggler'] }],
  ])('%s is refused, and nothing of it is kept', async (_what, wrong) => {
    const { status } = await put('bad', { ...ACME, glns: [], ...wrong });
    expect([400, 422]).toContain(status);
    expect((await house.ask('admin', 'GET', '/partners/bad')).status).toBe(404);
  });

  test('a GLN belongs to one partner', async () => {
    const { status, body } = await put('other', ACME);
    expect([status, (body as { detail: string }).detail]).toEqual([409, `${GLN} belongs to the partner acme already`]);
  });

  test('a partner’s token opens nothing but what is its own', async () => {
    const { body } = await house.ask('admin', 'POST', '/partners/acme/tokens', { name: 'acme-erp' });
    const { token } = body as { token: string };
    const as = (path: string) => fetch(`${house.url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
    for (const path of ['/shipments', '/partners', '/partners/acme', '/tokens', '/sessions', '/alerts'])
      expect([path, (await as(path)).status]).toEqual([path, 403]);
    await house.ask('admin', 'DELETE', '/partners/acme');
    expect((await as('/shipments')).status).toBe(401);
  });
});

describe('a test of a connection says what is wrong, and what they said', () => {
  test('a good one passes every step', async () => {
    const epcis = await listening((_request, response) => response.setHeader('GS1-EPCIS-Version', '2.0.0').end());
    expect(await wrongWith('good', { epcis: `${epcis}/capture` })).toBeNull();
  });

  test.each([
    ['a key they do not know', 401, 'access', /do not know our key/],
    ['a right that is missing', 403, 'access', /do not let us in/],
    ['a path that is wrong', 404, 'answer', /nothing at this path/],
    ['a move', 301, 'answer', /send us elsewhere/],
    ['a fault of theirs', 500, 'answer', /their system fails/],
  ])('%s', async (_what, status, step, said) => {
    const url = await listening((_request, response) => response.writeHead(status).end('{"why":"because"}'));
    const wrong = await wrongWith('answers', { epcis: url });
    expect(wrong).toMatchObject({ step, said: expect.stringMatching(said), received: `${status} {"why":"because"}` });
  });

  test('our own key, where their answer sends it back, is not shown', async () => {
    const authorization = `Basic ${Buffer.from('isotherm:hush-hush').toString('base64')}`;
    const url = await listening((request, response) => {
      const { authorization: got = '' } = request.headers;
      const [, bare = ''] = got.split(' ');
      const told = { headers: { got }, bare, user: Buffer.from(bare, 'base64').toString() };
      response.writeHead(403).end(JSON.stringify(told));
    });
    const wrong = await wrongWith('echo', { epcis: url }, { secrets: { authorization } });
    expect(wrong).toMatchObject({ step: 'access', received: '403 {"headers":{"got":"…"},"bare":"…","user":"…"}' });
  });

  test('a responder that answers as somebody else', async () => {
    const url = await listening((_request, response) => response.end('{"responderGLN":"4012345000009"}'));
    const wrong = await wrongWith('liar', { verification: url }, { glns: [GLN] });
    expect(wrong).toMatchObject({ step: 'identity', received: '4012345000009' });
  });

  test('a clock that is ten minutes behind', async () => {
    const date = new Date(Date.now() - 600_000).toUTCString();
    const url = await listening((_request, response) => response.setHeader('date', date).end());
    expect(await wrongWith('late', { as2: url })).toMatchObject({
      step: 'clock',
      said: expect.stringMatching(/behind ours/),
    });
  });

  test('nobody at the port, and no TLS behind an https address', async () => {
    expect(await wrongWith('closed', { webhook: 'http://127.0.0.1:9/hook' })).toMatchObject({
      ...{ step: 'connection', received: expect.stringMatching(/ECONNREFUSED/) },
    });
    const plain = await listening((_request, response) => response.end());
    expect(await wrongWith('plain', { webhook: plain.replace('http:', 'https:') })).toMatchObject({ step: 'tls' });
  });

  test('an SFTP server that greets, and a web server in its place', async () => {
    const ssh = createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'));
    await new Promise<void>((resolve) => ssh.listen(0, '127.0.0.1', resolve));
    const { port } = ssh.address() as AddressInfo;
    expect(await wrongWith('sftp', { sftp: `sftp://isotherm@127.0.0.1:${port}/in` })).toBeNull();
    ssh.close();
    const mute = createTcpServer((socket) => socket.end('220 ftp.example ready\r\n'));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const other = (mute.address() as AddressInfo).port;
    expect(await wrongWith('sftp', { sftp: `sftp://isotherm@127.0.0.1:${other}/in` })).toMatchObject({
      step: 'answer',
    });
    mute.close();
  });

  test('a webhook is tried with a signed message that says it is a test', async () => {
    const got: { type?: string; signature?: string | undefined } = {};
    const url = await listening((request, response) => {
      got.signature = request.headers['webhook-signature'] as string | undefined;
      request.on('data', (chunk: Buffer) => Object.assign(got, JSON.parse(chunk.toString()) as object));
      request.on('end', () => response.end());
    });
    expect(await wrongWith('hook', { webhook: url }, { secrets: { webhook: SECRET } })).toBeNull();
    expect(got).toMatchObject({ type: 'partner.test', signature: expect.stringMatching(/^v1,/) });
  });
});

test('no secret of a partner, and no token, stands in the database in the clear: so none is in a backup or an export', async () => {
  const secrets = { webhook: SECRET, authorization: 'Bearer hidden-here' };
  const url = await listening((request, response) => response.writeHead(500).end(JSON.stringify(request.headers)));
  await put('hidden', { ...ACME, glns: [], endpoints: { webhook: `${url}/hook?key=in-query` }, secrets });
  await house.ask('admin', 'POST', '/partners/hidden/test');
  await put('hidden', { ...ACME, glns: [], secrets: { authorization: 'Bearer hidden-later' } });
  const { body } = await house.ask('admin', 'POST', '/partners/hidden/tokens', { name: 'hidden-erp' });
  await house.ask('admin', 'DELETE', '/partners/hidden');
  const { rows: tables } = await house.database.query<{ name: string }>(
    "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT LIKE 'pg\\_%' AND schemaname <> 'information_schema'",
  );
  expect(tables.length).toBeGreaterThan(50);
  const told = ['hidden-here', 'hidden-later', SECRET, (body as { token: string }).token, 'in-query'];
  for (const { name } of tables) {
    const { rows } = await house.database.query<{ row: string }>(
      `SELECT t::text AS row FROM ${name} t WHERE t::text ~ $1 LIMIT 1`,
      [told.map((one) => one.replaceAll(/[^\w]/g, '\\$&')).join('|')],
    );
    expect([name, rows]).toEqual([name, []]);
  }
});

describe('a partner does no more than is agreed', () => {
  const QUOTA = { requestsPerMinute: 1_000, filesPerDay: 3, bytesPerDay: 1_000 };
  const within = async (id: string, quota: object) => {
    await put(id, { ...ACME, glns: [], sees: ['records'], quota: { ...QUOTA, ...quota } });
    const { body } = await house.ask('admin', 'POST', `/partners/${id}/tokens`, { name: `${id}-erp` });
    const headers = { authorization: `Bearer ${(body as { token: string }).token}`, 'content-type': 'text/csv' };
    return {
      drop: (content: string) =>
        fetch(`${house.url}/api/v1/partners/${id}/files`, { ...{ method: 'POST', headers }, body: content }),
      ask: (path: string) => fetch(`${house.url}/api/v1/partners/${id}${path}`, { headers }),
      kept: async () => {
        const { rows } = await house.database.query<{ count: number; bytes: number }>(
          'SELECT count(*)::int AS count, coalesce(sum(length(content)), 0)::int AS bytes FROM partner_files WHERE partner = $1',
          [id],
        );
        return rows[0];
      },
      today: async () => ((await house.ask('admin', 'GET', `/partners/${id}`)).body as PartnerView).today,
    };
  };

  test('of a day’s files, also of many at once: what is too many is kept nowhere, and told with when to come again', async () => {
    const { drop, kept, today } = await within('many', {});
    const answers = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((content) => drop(content)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 422).length).toBeGreaterThan(0);
    for (const content of ['g', 'h', 'i', 'j']) await drop(content);
    const last = await drop('k');
    expect(last.status).toBe(429);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await last.json()).toMatchObject({ code: 'PARTNER_QUOTA', detail: expect.stringMatching(/^3 files/) });
    expect(await kept()).toMatchObject({ count: 3 });
    expect(await today()).toMatchObject({ files: 3, turnedAway: expect.any(Number) });
    expect((await today())?.turnedAway).toBeGreaterThan(0);
  });

  test('of a day’s bytes, the same bytes again among them', async () => {
    const { drop, kept } = await within('large', { filesPerDay: 100 });
    expect((await drop('x'.repeat(600))).status).toBe(422);
    expect((await drop('x'.repeat(600))).status).toBe(429);
    expect((await drop('y'.repeat(400))).status).toBe(422);
    expect((await drop('z')).status).toBe(429);
    expect((await drop('x'.repeat(1_001))).status).toBe(429);
    expect(await kept()).toEqual({ count: 2, bytes: 1_000 });
  });

  test('one file that no day has room for is too large', async () => {
    const { drop, kept } = await within('huge', {});
    expect((await drop('x'.repeat(1_001))).status).toBe(413);
    expect(await kept()).toEqual({ count: 0, bytes: 0 });
  });

  test('of a minute’s requests, while others are answered', async () => {
    const { ask } = await within('asker', { requestsPerMinute: 5 });
    const calm = await within('calm', {});
    const statuses: number[] = [];
    for (let asked = 0; asked < 14; asked += 1) statuses.push((await ask('/files')).status);
    // A minute may begin in between.
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(4);
    expect((await calm.ask('/files')).status).toBe(200);
  });

  test('who asks for records is given no more than a day’s files of them', async () => {
    const { ask, kept } = await within('reader', { filesPerDay: 1, bytesPerDay: 1_000_000 });
    const records = '/transactions?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z';
    expect([(await ask(records)).status, (await ask(records)).status]).toEqual([200, 429]);
    expect(await kept()).toMatchObject({ count: 1 });
  });
});

describe('what markets ask', () => {
  const ask = (path: string) => house.ask('logistics', 'GET', `/markets${path}`);

  test('a pack without serial is told what it lacks of a market, on a day', async () => {
    const code = encodeURIComponent('(01)08061414112345(17)271231(10)A17');
    expect(await ask(`/eu-fmd/pack?code=${code}&day=2026-11-29`)).toMatchObject({
      status: 200,
      body: { isAsked: true, missing: [{ ai: '21', clause: 'Art. 4(b)(ii)' }] },
    });
    expect(await ask(`/eu-fmd/pack?code=${code}&day=2019-02-08`)).toMatchObject({ body: { isAsked: false } });
    expect(await ask('/eu-fmd/pack?code=nonsense')).toMatchObject({ status: 400, body: { code: 'EPC_SYNTAX' } });
  });

  test('an alert that Caps Lock made is told as likely false, and its pack is set aside all the same', async () => {
    const { body } = await ask('/eu-fmd/answer?code=NMVS_NC_PC_02&sentSerial=ab1&printedSerial=AB1');
    expect(body).toMatchObject({ class: 'reading', isLikelyFalse: true, next: expect.stringContaining('aside') });
  });

  test('each is listed, and one that is not known is not found', async () => {
    expect(((await ask('')).body as { items: unknown[] }).items).toHaveLength(7);
    expect(await ask('/mars')).toMatchObject({ status: 404, body: { code: 'MARKET_UNKNOWN' } });
  });
});
