import type { LookupAddress } from 'node:dns';
import { createServer, request } from 'node:http';
import { type AddressInfo, isIPv6, type LookupFunction } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Outgoing } from './outgoing.ts';

/** A DNS that answers as told, in turn where more than one answer is given. */
function dns(...answers: readonly string[][]): { lookup: LookupFunction; asked: () => number } {
  let asked = 0;
  const lookup: LookupFunction = (_name, options, callback) => {
    const now = answers[Math.min(asked++, answers.length - 1)] ?? [];
    const found: LookupAddress[] = now.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
    if (options.all === true) callback(null, found);
    else callback(null, found[0]?.address ?? '', found[0]?.family);
  };
  return { lookup, asked: () => asked };
}

const NOBODY = dns([]);
const strict = new Outgoing({ allow: [], lookup: NOBODY.lookup });

describe('an address that was entered on the page', () => {
  test.each([
    ...['http://127.0.0.1/', 'http://127.1/', 'http://2130706433/', 'http://0177.0.0.1/', 'http://0x7f.1/'],
    ...['http://0.0.0.0:8080/', 'http://0/', 'http://127.0.0.1./', 'http://localhost/', 'http://LOCALHOST./'],
    ...['http://a.localhost/', 'http://public.example@127.0.0.1/', 'http://127.0.0.1#@public.example/'],
    ...['http://127.0.0.1\\@public.example/', 'http://①②⑦.0.0.1/', 'http://[::1]/', 'http://[::]/'],
    ...['http://[::ffff:127.0.0.1]/', 'http://[0:0:0:0:0:ffff:7f00:1]/', 'http://[::127.0.0.1]/'],
    ...['http://[64:ff9b::a9fe:a9fe]/', 'http://[2002:7f00:1::]/', 'http://[2001:0:7f00:1::]/', 'http://[fe80::1]/'],
    ...['http://[fc00::1]/', 'http://[fd00:ec2::254]/', 'http://[ff02::1]/', 'http://[fec0::1]/', 'http://[100::1]/'],
    ...['http://10.1.2.3/', 'http://172.31.255.255/', 'http://192.168.0.1/', 'http://169.254.169.254/latest/meta-data'],
    ...['http://100.100.100.200/', 'http://100.64.0.1/', 'http://192.0.0.192/', 'http://168.63.129.16/'],
    ...['http://224.0.0.1/', 'http://255.255.255.255/', 'http://198.18.0.1/', 'http://203.0.113.7/'],
  ])('%s is refused, with one line that says what is allowed', (address) => {
    expect(() => strict.check(address)).toThrow(/^[^\n]+; allowed: [^\n]+$/);
    expect(() => strict.connectOptions(address)).toThrow(expect.objectContaining({ code: 'OUTGOING_FORBIDDEN' }));
  });

  test.each(['ftp://public.example/', 'file:///etc/passwd', 'gopher://public.example/', '', 'public.example'])(
    '%j is no address to send to',
    (address) => {
      expect(() => strict.check(address)).toThrow(expect.objectContaining({ code: 'OUTGOING_FORBIDDEN' }));
    },
  );

  test.each([
    ...['https://hooks.example/x', 'http://93.184.216.34/', 'http://172.32.0.1/', 'http://100.63.255.255/'],
    ...['http://[2606:2800:220:1::1]/', 'http://[64:ff9b::5db8:d822]/', 'http://[::ffff:93.184.216.34]/'],
  ])('%s is taken', (address) => {
    expect(strict.check(address).protocol).toMatch(/^https?:$/);
  });

  test('a password in it is refused and not repeated', () => {
    const check = () => strict.check('https://user:hunter22@hooks.example/');
    expect(check).toThrow(/user name or password/);
    expect(check).not.toThrow(/hunter22/);
  });
});

describe('what the operator allows', () => {
  const outgoing = new Outgoing({
    allow: ['127.0.0.1', '10.8.0.0/16', 'fd00::/8', 'hooks.internal'],
    lookup: dns(['192.168.7.7']).lookup,
  });

  test.each(['http://127.0.0.1:9000/', 'http://[::ffff:127.0.0.1]/', 'http://10.8.3.4/', 'http://[fd12::1]/'])(
    '%s is taken',
    (address) => {
      expect(outgoing.check(address)).toBeInstanceOf(URL);
    },
  );

  test.each(['http://127.0.0.2/', 'http://10.9.0.1/', 'http://[::1]/', 'http://localhost/'])(
    '%s beside it is not',
    (address) => {
      expect(() => outgoing.check(address)).toThrow(/allowed/);
    },
  );

  test('a name it allows may be wherever DNS says', async () => {
    expect(await resolved(outgoing, 'hooks.internal')).toEqual(['192.168.7.7']);
    await expect(resolved(outgoing, 'other.internal')).rejects.toThrow(/is at 192\.168\.7\.7/);
  });
});

describe('a name', () => {
  test.each([
    ['loopback', '127.0.0.1'],
    ['loopback in IPv6', '::1'],
    ['loopback, mapped', '::ffff:127.0.0.1'],
    ['private', '10.0.0.5'],
    ['metadata', '169.254.169.254'],
    ['metadata behind NAT64', '64:ff9b::169.254.169.254'],
    ['link-local with a zone', 'fe80::1%eth0'],
  ])('that resolves to %s is refused when the connection is made', async (_what, address) => {
    const outgoing = new Outgoing({ allow: [], lookup: dns([address]).lookup });
    await expect(resolved(outgoing, 'hooks.example')).rejects.toMatchObject({ code: 'OUTGOING_FORBIDDEN' });
  });

  test('with public and private answers is reached at the public ones alone', async () => {
    const outgoing = new Outgoing({ allow: [], lookup: dns(['10.0.0.5', '93.184.216.34', '::1']).lookup });
    expect(await resolved(outgoing, 'hooks.example')).toEqual(['93.184.216.34']);
  });

  test('whose answer changes after it was judged is never connected to: the judged answer is the one used', async () => {
    let hits = 0;
    const server = createServer((_request, response) => {
      hits++;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { lookup, asked } = dns(['127.0.0.1']);
    const reach = (outgoing: Outgoing) =>
      new Promise<number>((resolve, reject) => {
        const url = new URL(`http://rebind.example:${port}/`);
        const sent = request(url, { agent: false, ...outgoing.connectOptions(url) }, (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        });
        sent.once('error', reject);
        sent.end();
      });
    // Judged when it was entered, as a public name; what DNS says at the connection decides.
    const outgoing = new Outgoing({ allow: [], lookup });
    outgoing.check(`http://rebind.example:${port}/`);
    await expect(reach(outgoing)).rejects.toMatchObject({ code: 'OUTGOING_FORBIDDEN' });
    expect([hits, asked()]).toEqual([0, 1]);
    expect(await reach(new Outgoing({ allow: ['127.0.0.1'], lookup }))).toBe(200);
    expect([hits, asked()]).toEqual([1, 2]);
    await new Promise((resolve) => server.close(resolve));
  });
});

function resolved(outgoing: Outgoing, name: string): Promise<string[]> {
  const { lookup } = outgoing.connectOptions(`https://${name}/`);
  return new Promise((resolve, reject) => {
    lookup(name, { all: true }, (error, found) => {
      if (error !== null) reject(error);
      else resolve(typeof found === 'string' ? [found] : found.map(({ address }) => address));
    });
  });
}

test('a practice site sends to nobody, whatever is allowed and wherever a name leads', () => {
  const open = { allow: ['10.0.0.0/8', 'hooks.example'], lookup: dns(['93.184.216.34']).lookup };
  const practice = new Outgoing({ ...open, isPractice: true });
  for (const address of [
    'https://public.example/',
    'https://hooks.example/',
    'http://10.1.2.3/',
    'http://93.184.216.34/',
  ]) {
    expect(() => new Outgoing(open).check(address)).not.toThrow();
    expect(() => practice.check(address)).toThrow(/^[^\n]+; allowed: nothing; a practice site tells nobody$/);
    expect(() => practice.connectOptions(address)).toThrow(expect.objectContaining({ code: 'OUTGOING_FORBIDDEN' }));
  }
  expect(practice.permits('93.184.216.34')).toBe(false);
});
