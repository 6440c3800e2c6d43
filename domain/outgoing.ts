import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';
import { InputError } from './errors.ts';

export interface OutgoingOptions {
  /** Addresses, networks in CIDR form and host names that the operator lets through. */
  readonly allow: readonly string[];
  /** `dns.lookup`, or what stands for it. */
  readonly lookup: LookupFunction;
  /** Nothing is sent to anybody, whatever is allowed: a practice site, where nothing that is entered is real. */
  readonly isPractice?: boolean;
}

/**
 * Not for the public: IANA's special-purpose registry for IPv4 (RFC 6890 and after), loopback, private, carrier-grade NAT,
 * link-local with the clouds' metadata, documentation, benchmarks, multicast and what is reserved.
 */
const NOT_PUBLIC_V4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
  // Azure's wire server: a public address that only the machine itself reaches.
  '168.63.129.16/32',
];
/** Global unicast (RFC 4291, 2.4); what else there is in IPv6 is not for the public. */
const GLOBAL_V6 = '2000::/3';
/** Of global unicast, special all the same: IETF's own with Teredo, 6to4, documentation. */
const NOT_PUBLIC_V6 = ['2001::/23', '2002::/16', '2001:db8::/32', '3fff::/20'];
/** Prefixes whose last four bytes are an IPv4 address: mapped (RFC 4291, 2.5.5.2) and NAT64 (RFC 6052, 2.1). */
const CARRIES_V4 = ['0:0:0:0:0:ffff', '64:ff9b:0:0:0:0'];

// Marked, so that the page, which lists no networks, is built without them.
const NOT_PUBLIC = /* @__PURE__ */ networks([...NOT_PUBLIC_V4, ...NOT_PUBLIC_V6]);
const GLOBAL = /* @__PURE__ */ networks([GLOBAL_V6]);

/**
 * Where Isotherm may be sent by an address that a person entered on the page or by the API: to public addresses, and to
 * what the operator's configuration names (`outgoing.allow`). An address of the configuration file itself is the operator's
 * word and does not pass here. A practice site sends to nobody.
 *
 * A name is judged by what it resolves to when the connection is made, and the connection goes to that very address: an
 * answer that changes in between is of no use. Redirects are the caller's not to follow.
 */
export class Outgoing {
  readonly #lookup: LookupFunction;
  readonly #names: ReadonlySet<string>;
  readonly #allowed: BlockList;
  readonly #isPractice: boolean;

  constructor({ allow, lookup, isPractice = false }: OutgoingOptions) {
    this.#lookup = lookup;
    this.#isPractice = isPractice;
    const isNetwork = (entry: string) => isIP(entry.split('/')[0] ?? '') !== 0;
    this.#allowed = networks(allow.filter(isNetwork));
    this.#names = new Set(allow.filter((entry) => !isNetwork(entry)).map(plainName));
  }

  /**
   * What can be said of an address without asking DNS: for forms, before it is kept.
   * @throws {InputError} OUTGOING_FORBIDDEN
   */
  check(address: string | URL): URL {
    const text = String(address);
    if (!URL.canParse(text)) throw forbidden(text, 'is no address', 'https://host/path');
    const url = new URL(text);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw forbidden(`${url.protocol}//${url.host}`, 'is neither http nor https', 'https://host/path');
    }
    if (url.username !== '' || url.password !== '') {
      throw forbidden(`an address at ${url.host}`, 'has a user name or password in it', 'an address without them');
    }
    const host = hostOf(url);
    if (this.#isPractice)
      throw forbidden(host, 'would hear of what is only practised', 'nothing; a practice site tells nobody');
    const isLocal = host === 'localhost' || host.endsWith('.localhost');
    if (this.#names.has(host)) return url;
    if (isLocal || (isIP(host) !== 0 && !this.permits(host))) throw notPublic(host);
    return url;
  }

  /**
   * For `http.request` and `https.request`: an address is judged now, a name when it is resolved.
   * @throws {InputError} OUTGOING_FORBIDDEN
   */
  connectOptions(address: string | URL): { readonly lookup: LookupFunction } {
    const host = hostOf(this.check(address));
    return this.#names.has(host) ? { lookup: this.#lookup } : { lookup: this.#guarded };
  }

  /** Whether a connection may go to this IP address. */
  permits(address: string): boolean {
    if (this.#isPractice) return false;
    const bare = plainAddress(address);
    return isIP(bare) !== 0 && (isIn(this.#allowed, bare) || isPublic(bare));
  }

  /** As `dns.lookup`, without the answers that are not permitted; an error where none is left. */
  readonly #guarded: LookupFunction = (hostname, options, callback) => {
    this.#lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const answers = typeof found === 'string' ? [{ address: found, family: isIPv6(found) ? 6 : 4 }] : found;
      const permitted = answers.filter(({ address }) => this.permits(address));
      const [first] = permitted;
      if (first === undefined) callback(notPublic(hostname, answers[0]?.address), []);
      else if (options.all === true) callback(null, permitted);
      else callback(null, first.address, first.family);
    });
  };
}

/** An address as it may be written down for good: without its query, in which secrets are sent. */
export function bareAddress(address: string): string {
  return address.replace(/[?#].*$/s, '');
}

/** A host as it is resolved: no brackets, no dot at the end. */
function hostOf({ hostname }: URL): string {
  return plainName(hostname.replace(/^\[(.*)\]$/, '$1'));
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

/** Without its zone; an IPv4 address that stands in an IPv6 one comes out as itself. */
function plainAddress(address: string): string {
  const bare = address.split('%')[0] ?? '';
  if (!isIPv6(bare)) return bare;
  const groups = groupsOf(bare);
  if (!CARRIES_V4.includes(groups.slice(0, 6).join(':'))) return bare;
  return groups
    .slice(6)
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff])
    .join('.');
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): string[] {
  // The URL parser writes every form in one way (RFC 5952), dotted tails among them.
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = short.split('::');
  const before = head === '' ? [] : head.split(':');
  if (tail === undefined) return before;
  const after = tail === '' ? [] : tail.split(':');
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}

function isPublic(address: string): boolean {
  return !isIn(NOT_PUBLIC, address) && (!isIPv6(address) || isIn(GLOBAL, address));
}

function isIn(list: BlockList, address: string): boolean {
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function networks(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

function notPublic(host: string, address?: string): InputError {
  const found = address === undefined ? 'is not a public address' : `is at ${address}, which is not a public address`;
  return forbidden(host, found, 'public addresses, and what outgoing.allow of the configuration names');
}

function forbidden(given: string, found: string, allowed: string): InputError {
  return new InputError('OUTGOING_FORBIDDEN', `${given} ${found}; allowed: ${allowed}`);
}
