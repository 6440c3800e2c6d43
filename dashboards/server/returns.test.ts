import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemTime } from '../../domain/index.ts';
import type { ReturnVerificationView } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const GTIN = '80614141123458';
const WHOLESALER = '4012345000009';
const MAKER = '0614141000012';
const iso = (at: number) => new Date(at).toISOString();

let maker: Installation;
let house: Installation;
let server: Server;
let answer: RequestListener = (_request, response) => response.end();
let theirs = '';
const seen: { url: URL; authorization: string | undefined }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push({ url: new URL(request.url ?? '', theirs), authorization: request.headers.authorization });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  theirs = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  [maker, house] = await Promise.all([
    Installation.start(),
    Installation.start({ verificationResolver: `${theirs}/resolver` }),
  ]);
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await Promise.all([maker.stop(), house.stop()]);
});

const pack = (more: object = {}) => ({ gtin: GTIN, serial: '6789', lot: 'A17', expiry: '2031-06-30', ...more });
const verify = async (body: object = pack()) => {
  const { status, body: said } = await house.ask('dock', 'POST', '/returns', body);
  return { status, said: said as ReturnVerificationView & { code: string; detail: string } };
};
const enter = (key: string, who: object) => house.ask('admin', 'PUT', `/verification-directory/${key}`, who);

/** Answers as a responder does, but for what is given. */
function responding(more: object = {}, status = 200): RequestListener {
  return ({ url = '' }, response) => {
    const corrUUID = new URL(url, theirs).searchParams.get('corrUUID');
    const verificationTimestamp = iso(systemTime.now());
    response.writeHead(status, { 'content-type': 'application/json' });
    // Members of its own, as QU4RTET adds them, are nobody's business.
    const own = { location: 'vrs.example', description: 'external' };
    response.end(
      JSON.stringify({
        responderGLN: MAKER,
        corrUUID,
        verificationTimestamp,
        data: { verified: true },
        ...own,
        ...more,
      }),
    );
  };
}

test('without a GLN of our own nobody is asked', async () => {
  const { status, said } = await verify();
  expect([status, said.code]).toEqual([422, 'ORGANISATION_GLN_MISSING']);
  await house.ask('admin', 'PUT', '/organisation', { name: 'Nordic', gln: WHOLESALER, zone: 'UTC' });
});

test('of a product that nobody is known to answer for, that is said and kept', async () => {
  const { status, said } = await verify();
  expect([status, said.outcome, said.saleable]).toEqual([200, 'unanswered', false]);
  expect(said.sentence).toMatch(/^Nobody has confirmed it: nobody is known who answers for GTIN 80614141123458/);
});

describe('the resolver, of a product that the directory does not name', () => {
  const leads =
    (location: string): RequestListener =>
    (_request, response) => {
      response.writeHead(307, { location });
      response.end();
    };

  test('is asked by the link type, and its answer is where the question goes', async () => {
    const closed = 'https://127.0.0.1:9/vrs';
    answer = leads(`${closed}?unused=1`);
    const { said } = await verify();
    expect(seen.at(-1)?.url.href).toBe(`${theirs}/resolver/01/${GTIN}?linkType=gs1%3AverificationService`);
    expect([said.outcome, said.responder, said.partner]).toEqual(['unanswered', closed, null]);
    expect(said.fault).toMatch(/nobody listens|connection failed/);
  });

  test.each([
    ['http://vrs.example/', /without TLS/],
    ['https://10.0.0.1/vrs', /may not be reached from here/],
    ['https://169.254.169.254/latest', /may not be reached from here/],
    ['https://user:secret@vrs.example/', /may not be reached from here/],
    ['javascript:alert(1)', /without TLS/],
  ])('that leads to %s leads nowhere', async (location, fault) => {
    answer = leads(location);
    const asked = seen.length;
    const { said } = await verify();
    expect([said.outcome, said.responder]).toEqual(['unanswered', null]);
    expect(said.fault).toMatch(fault);
    expect(said.fault).not.toMatch(/secret/);
    expect(seen.length).toBe(asked + 1);
  });
});

describe('a returned pack', () => {
  test('is verified by its maker, from one installation to another', async () => {
    const at = { eventTime: iso(systemTime.now() - 60_000), eventTimeZoneOffset: '+00:00' };
    await maker.capture({
      ...{ type: 'ObjectEvent', ...at, action: 'ADD', bizStep: 'commissioning', disposition: 'active' },
      epcList: ['urn:epc:id:sgtin:0614141.812345.6789'],
      ilmd: { 'cbvmda:lotNumber': 'A17', 'cbvmda:itemExpirationDate': '2031-06-30' },
    });
    await maker.ask('admin', 'PUT', '/organisation', { name: 'Examplumab Inc.', gln: MAKER, zone: 'UTC' });
    const authorization = `Bearer ${await maker.token('logistics')}`;
    const partner = {
      ...{ name: 'Examplumab Inc.', address: null, glns: [MAKER], roles: ['manufacturer'], publicKeys: [] },
      ...{ endpoints: { verification: `${maker.url}/verify` }, sees: [], sends: [], formats: [], from: null, to: null },
    };
    await house.ask('admin', 'PUT', '/partners/maker', { ...partner, secrets: { authorization } });
    expect((await enter('0614141', { partner: 'maker' })).status).toBe(200);
    await expect.poll(async () => (await verify()).said.outcome).toBe('verified');
    const { said } = await verify({ scan: `(01)${GTIN}(21)6789(10)A17(17)310630` });
    expect(said).toMatchObject({
      ...{
        by: 'test-dock',
        saleable: true,
        partner: 'maker',
        responderGLN: MAKER,
        data: { verified: true },
        pack: pack(),
      },
      sentence: 'Its maker says that it is what it says. It may be sold again.',
    });
    const kept = await maker.ask('quality', 'GET', '/verification-answers?serial=6789&limit=1');
    expect(kept.body).toMatchObject({ items: [{ corrUUID: said.corrUUID, requester: WHOLESALER }] });
    const wrong = await verify(pack({ lot: 'B18' }));
    expect(wrong.said).toMatchObject({ outcome: 'not verified', saleable: false });
    expect(wrong.said.sentence).toMatch(/the lot is another/);
  });

  test('is asked about in the words of the standard', async () => {
    await enter(GTIN, { responder: `${theirs}/vrs/` });
    answer = responding();
    const { said } = await verify(pack({ serial: 'a/B%1', lot: '+1' }));
    expect(said.outcome).toBe('verified');
    const { url, authorization } = seen.at(-1) ?? { url: new URL(theirs), authorization: 'none' };
    expect(url.pathname).toBe(`/vrs/gtin/${GTIN}/lot/%2B1/ser/a%2FB%251`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      ...{ exp: '310630', linkType: 'verificationService', context: 'dscsaSaleableReturn', reqGLN: WHOLESALER },
      corrUUID: said.corrUUID,
    });
    // The key of one partner is nobody else's.
    expect(authorization).toBeUndefined();
  });

  test.each([
    ['Recalled', /recalled\. It may not be sold again/],
    ['Suspect', /suspect\. It may not/],
    ['something new', /marked “something new”\. It may not/],
  ])('that is verified as %s is not sold again', async (additionalInfo, sentence) => {
    answer = responding({ data: { verified: true, additionalInfo } });
    const { said } = await verify();
    expect([said.outcome, said.saleable]).toEqual(['verified', false]);
    expect(said.sentence).toMatch(sentence);
  });

  test('that its maker knows and we hold to be stolen is not sold again', async () => {
    answer = responding();
    await house.capture({
      ...{ type: 'ObjectEvent', eventTime: iso(systemTime.now() - 60_000), eventTimeZoneOffset: '+00:00' },
      ...{ action: 'OBSERVE', bizStep: 'inspecting', disposition: 'stolen' },
      epcList: ['urn:epc:id:sgtin:0614141.812345.13'],
    });
    await expect.poll(async () => (await verify(pack({ serial: '13' }))).said.saleable).toBe(false);
    expect((await verify(pack({ serial: '13' }))).said.sentence).toMatch(
      /here something speaks against it: it is stolen/,
    );
  });
});

describe('what is no answer', () => {
  const html: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('{"verified":true}');
  };
  const redirect =
    (status: number): RequestListener =>
    (_request, response) => {
      response.writeHead(status, { location: `${theirs}/elsewhere` });
      response.end();
    };
  const long: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(' '.repeat(100_000));
  };
  const gone: RequestListener = (request) => request.socket.destroy();
  const silent: RequestListener = () => {};
  const trickle: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"verified":');
  };
  const cases: readonly (readonly [string, RequestListener, RegExp])[] = [
    [
      'the answer to another question',
      responding({ corrUUID: '00000000-0000-4000-8000-000000000000' }),
      /another question/,
    ],
    ['a GLN that is none', responding({ responderGLN: '0614141000011' }), /not of the standard: responderGLN/],
    ['verified as a word', responding({ data: { verified: 'true' } }), /not of the standard: data\.verified/],
    [
      'verified with a reason why not',
      responding({ data: { verified: true, verificationFailureReason: 'x' } }),
      /both/,
    ],
    ['another content type', html, /answered with text\/html/],
    ['a redirect', redirect(307), /elsewhere \(307\), which is not followed/],
    ['a longer text than any answer', long, /longer than/],
    ['a connection that breaks off', gone, /the connection failed \(ECONNRESET\)/],
    [
      'nothing',
      (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(),
      /no JSON/,
    ],
    ...(['responderGLN', 'corrUUID', 'verificationTimestamp', 'data'] as const).map(
      (field) =>
        [
          `an answer without ${field}`,
          responding({ [field]: undefined }),
          new RegExp(`of the standard: ${field}`),
        ] as const,
    ),
    ['an answer without data.verified', responding({ data: {} }), /of the standard: data\.verified/],
    ...([400, 401, 403, 404, 429, 500, 503] as const).map(
      (status) => [`${status}`, responding({}, status), new RegExp(`\\(${status}\\)`)] as const,
    ),
  ];
  test.each(cases)(
    '%s',
    async (_what, given, fault) => {
      answer = given;
      const asked = seen.length;
      const { status, said } = await verify();
      expect([status, said.outcome, said.saleable, said.data]).toEqual([200, 'unanswered', false, null]);
      expect(said.fault).toMatch(fault);
      expect(said.fault).not.toMatch(/\n/);
      expect(seen.length).toBe(asked + 1);
    },
    60_000,
  );

  // Together: each is waited for.
  test('no answer at all, or half of one, within 10 s', async () => {
    answer = (request, response) => (request.url?.includes('/ser/half') ? trickle : silent)(request, response);
    const asked = await Promise.all(['half', 'none'].map((serial) => verify(pack({ serial }))));
    for (const { said } of asked) {
      expect([said.outcome, said.saleable, said.fault]).toEqual([
        ...['unanswered', false],
        'no answer within 10 s: try again later',
      ]);
    }
  });
});

describe('the directory', () => {
  test('goes by the product before its company, and forgets what is taken out', async () => {
    answer = responding();
    expect((await verify()).said.responder).toBe(`${theirs}/vrs/`);
    expect((await house.ask('admin', 'DELETE', `/verification-directory/${GTIN}`)).status).toBe(204);
    expect((await verify()).said.partner).toBe('maker');
    expect((await house.ask('admin', 'DELETE', `/verification-directory/${GTIN}`)).status).toBe(404);
    const { body } = await house.ask('admin', 'GET', '/verification-directory');
    expect(body).toMatchObject({ items: [{ key: '0614141', partner: 'maker', changedBy: 'test-admin' }] });
  });

  test.each([
    ['80614141123459', { responder: 'https://vrs.example/' }, 'VERIFICATION_DIRECTORY_BAD'],
    ['123', { responder: 'https://vrs.example/' }, 'VERIFICATION_DIRECTORY_BAD'],
    ['0614141', { partner: 'nobody' }, 'PARTNER_UNKNOWN'],
    ['0614141', { responder: 'http://169.254.169.254/latest' }, 'OUTGOING_FORBIDDEN'],
    ['0614141', { responder: 'http://10.0.0.1/' }, 'OUTGOING_FORBIDDEN'],
    ['0614141', { responder: 'file:///etc/passwd' }, 'OUTGOING_FORBIDDEN'],
  ])('%s: %j is refused', async (key, who, code) => {
    expect((await enter(key, who)).body).toMatchObject({ code });
  });
});

test('returns are listed by their delivery and counted', async () => {
  answer = responding();
  await verify({ ...pack({ serial: '1' }), batch: 'pharmacy 7' });
  const { body } = await house.ask('quality', 'GET', '/returns?batch=pharmacy%207');
  expect(body).toMatchObject({ items: [{ pack: { serial: '1' }, batch: 'pharmacy 7' }], nextCursor: null });
  const now = systemTime.now();
  const rates = await house.ask(
    'quality',
    'GET',
    `/returns/rates?from=${iso(now - 3_600_000)}&to=${iso(now + 3_600_000)}`,
  );
  const { asked, verified, notVerified, unanswered } = rates.body as Record<string, number>;
  expect(asked).toBe((verified ?? 0) + (notVerified ?? 0) + (unanswered ?? 0));
  expect(unanswered).toBeGreaterThan(10);
});

test('a code without lot or expiry is not enough to ask with', async () => {
  const { status, said } = await verify({ scan: `(01)${GTIN}(21)6789` });
  expect([status, said.code]).toEqual([422, 'VERIFICATION_PACK_INCOMPLETE']);
});
