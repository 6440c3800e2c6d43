import { InputError } from '../domain/index.ts';

export interface ServerHost {
  readonly host: string;
  readonly port: number;
  /** The whole URL with this host alone. */
  readonly url: string;
}

/** A PostgreSQL URL taken apart. */
export interface ServerUrl {
  /** In the order given, where there are several; empty: there is one, and pg finds it. */
  readonly hosts: readonly ServerHost[];
  /** As pg understands it: with the first host alone. */
  readonly url: string;
}

/** What is looked for among several servers: the one that takes writes, which is what this product needs. */
const WRITABLE = ['read-write', 'primary'];
/** And for questions alone. */
const STANDBY = ['standby', 'prefer-standby', 'read-only', 'any'];
const USUAL_PORT = 5432;
const MOST_HOSTS = 16;

/**
 * Takes `postgres://user:password@one:5432,two:5432/database?target_session_attrs=read-write` apart (PostgreSQL manual,
 * section 32.1.1.2, "Connection URIs"): with several hosts, a connection is made to the one that takes writes, or for
 * questions alone to one that is a stand-by.
 *
 * @throws {InputError} DATABASE_URL_BAD
 */
export function serverUrl(url: string, use: 'everything' | 'questions' = 'everything'): ServerUrl {
  const parts = /^(postgres(?:ql)?:\/\/(?:[^/?]*@)?)([^/?]*)([^?]*)(?:\?(.*))?$/.exec(url);
  if (parts === null) throw bad('it is no postgres:// URL');
  const [, head = '', authority = '', path = '', query = ''] = parts;
  const given = authority.split(',');
  if (given.length > MOST_HOSTS) throw bad(`it names ${given.length} hosts, allowed: ${MOST_HOSTS}`);
  const parameters = new URLSearchParams(query);
  const wanted = parameters.get('target_session_attrs');
  if (given.length === 1) return { hosts: [], url };
  const allowed = use === 'questions' ? STANDBY : WRITABLE;
  if (wanted !== null && !allowed.includes(wanted)) {
    throw bad(`target_session_attrs=${wanted}, allowed with several hosts: ${allowed.join(', ')}`);
  }
  parameters.delete('target_session_attrs');
  const rest = `${path}${parameters.size === 0 ? '' : `?${parameters}`}`;
  const hosts = given.map((one) => ({ ...hostOf(one), url: `${head}${one}${rest}` }));
  return { hosts, url: hosts[0]?.url ?? url };
}

function hostOf(given: string): Omit<ServerHost, 'url'> {
  const parts = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(given);
  const port = Number(parts?.[2] ?? USUAL_PORT);
  if (parts === null || port < 1 || port > 65_535) {
    throw bad(`"${given}" is no host; allowed with several: name:port, each, between commas`);
  }
  return { host: decodeURIComponent(parts[1] ?? '').replace(/^\[|\]$/g, ''), port };
}

/** The URL holds a password: it is never said. */
function bad(what: string): InputError {
  return new InputError('DATABASE_URL_BAD', `the database URL cannot be used: ${what}`, {});
}
