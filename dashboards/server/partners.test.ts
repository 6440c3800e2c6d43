import { generateKeyPairSync } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import type { PartnerTestView, PartnerView } from '../api/index.ts';
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
