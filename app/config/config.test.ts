import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../../domain/index.ts';
import { configurationPage } from './document.ts';
import { loadConfig } from './load.ts';
import { maskedConfig } from './mask.ts';
import { durationMs } from './schema.ts';
import { settings } from './settings.ts';

let cwd = '';
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'isotherm-config-'));
});
afterAll(() => rmSync(cwd, { recursive: true }));

/** Of the web server, besides where it listens. */
const REST = {
  tls: { cert: null, key: null },
  ...{ maxConnections: 2_000, maxConnectionsPerAddress: 500 },
  ...{ trustProxy: [], monitorToken: null },
};

function withFile(text: string, env: Record<string, string> = {}) {
  writeFileSync(join(cwd, 'given.yaml'), text);
  return loadConfig({ file: 'given.yaml', env, cwd });
}

function refusalOf(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error('was accepted');
}

describe('configuration', () => {
  test('without a file or environment every setting has its default', () => {
    const config = loadConfig({ env: {}, cwd });
    expect(config.http).toEqual({ host: '127.0.0.1', port: 8080, url: null, ...REST });
    expect(config.mqtt.port).toBe(1883);
  });

  test('the environment wins over the file, the file over the defaults', () => {
    const config = withFile('http:\n  port: 9001\n  host: 127.0.0.2\n', { ISOTHERM_HTTP_PORT: '9002' });
    expect(config.http).toEqual({ host: '127.0.0.2', port: 9002, url: null, ...REST });
  });

  test('proxies are trusted by address or network, and a name is none', () => {
    const given = { ISOTHERM_HTTP_TRUST_PROXY: '[loopback, 10.0.0.0/8, "2001:db8::1"]' };
    expect(loadConfig({ env: given, cwd }).http.trustProxy).toEqual(['loopback', '10.0.0.0/8', '2001:db8::1']);
    for (const bad of ['proxy.example', '10.0.0.0/33', '10.0.0.0/8/8', '::1/129']) {
      const refused = refusalOf(() => loadConfig({ env: { ISOTHERM_HTTP_TRUST_PROXY: `["${bad}"]` }, cwd }));
      expect(refused).toMatch(/http\.trustProxy.*allowed: a list of addresses and networks/);
    }
  });

  test('external services are named by their usual variables', () => {
    expect(loadConfig({ env: { DATABASE_URL: 'postgres://u:p@db/x' }, cwd }).database.url).toBe('postgres://u:p@db/x');
  });

  test('an InfluxDB without its bucket is refused before anything starts', () => {
    const env = { INFLUX_URL: 'http://influx:8086', INFLUX_ORG: 'isotherm' };
    expect(refusalOf(() => loadConfig({ env, cwd }))).toBe(
      'influx.bucket: given nothing, allowed: a name, wherever influx.url is given',
    );
    expect(loadConfig({ env: { ...env, INFLUX_BUCKET: 'readings' }, cwd }).influx.bucket).toBe('readings');
  });

  test('an OpenID provider without its client or its roles is refused before anything starts; its secret is not shown', () => {
    const env = { ISOTHERM_OIDC_ISSUER: 'https://login.example', ISOTHERM_OIDC_CLIENT_SECRET: 'hidden' };
    expect(refusalOf(() => loadConfig({ env, cwd }))).toMatch(/^oidc\.clientId: given nothing, allowed: a name/);
    const client = { ...env, ISOTHERM_OIDC_CLIENT_ID: 'isotherm' };
    expect(refusalOf(() => loadConfig({ env: client, cwd }))).toMatch(
      /^oidc\.roles: given nothing, allowed: \{ GROUP: ROLE/,
    );
    const config = loadConfig({ env: { ...client, ISOTHERM_OIDC_ROLES: '{ qa: quality }' }, cwd });
    expect(config.oidc.roles).toEqual({ qa: 'quality' });
    expect(JSON.stringify(maskedConfig(config))).not.toContain('hidden');
  });

  test('a wrong value in the environment is one line naming variable, key, value and what is allowed', () => {
    expect(refusalOf(() => loadConfig({ env: { ISOTHERM_HTTP_PORT: 'eighty' }, cwd }))).toBe(
      'ISOTHERM_HTTP_PORT: http.port: given "eighty", allowed: a port from 0 to 65535 (0 = any free one)',
    );
  });

  test('a wrong value in the file is one line naming file and line', () => {
    expect(refusalOf(() => withFile('http:\n  host: 127.0.0.1\n  port: 70000\n'))).toBe(
      'given.yaml:3: http.port: given 70000, allowed: a port from 0 to 65535 (0 = any free one)',
    );
  });

  test('an unknown key is refused with the keys there are', () => {
    expect(refusalOf(() => withFile('http:\n  prot: 80\n'))).toBe(
      'given.yaml:2: http.prot: unknown key, allowed: host, port, url, tls, maxConnections, maxConnectionsPerAddress, trustProxy, monitorToken',
    );
    expect(refusalOf(() => withFile('htp: {}\n'))).toMatch(/^given.yaml:1: htp: unknown key, allowed: http, mqtt, /);
  });

  test('a file that is not YAML names the line', () => {
    expect(refusalOf(() => withFile('http:\n  port: [1\n'))).toMatch(/^given.yaml:\d+: /);
  });

  test('a secret is not shown, neither in a refusal nor in the printed configuration', () => {
    const refused = refusalOf(() => loadConfig({ env: { DATABASE_URL: 'mysql://user:hidden@h/x' }, cwd }));
    expect(refused).toMatch(/^DATABASE_URL: database.url: given a value \(not shown\), allowed: postgres/);
    const config = loadConfig({ env: { DATABASE_URL: 'postgres://user:hidden@h/x' }, cwd });
    expect(JSON.stringify(maskedConfig(config))).not.toContain('hidden');
  });

  test('an alert route that names no channel is refused', () => {
    expect(refusalOf(() => withFile('alerts:\n  route: { channel: nobody }\n'))).toMatch(
      /alerts.route.*nobody.*allowed/,
    );
  });

  test('durations are a whole number and one unit', () => {
    expect(durationMs('90s')).toBe(90_000);
    expect(durationMs('7d')).toBe(604_800_000);
  });

  test('a secret may lie in a file that the environment names, and is shown nowhere', () => {
    const file = join(cwd, 'database_url');
    const env = { DATABASE_URL_FILE: file };
    writeFileSync(file, 'postgres://u:of-a-file@db/x\n');
    expect(loadConfig({ env, cwd }).database.url).toBe('postgres://u:of-a-file@db/x');
    expect(JSON.stringify(maskedConfig(loadConfig({ env, cwd })))).not.toContain('of-a-file');
    writeFileSync(file, 'mysql://u:of-a-file@db/x\n');
    const refused = refusalOf(() => loadConfig({ env, cwd }));
    expect(refused).toMatch(/^DATABASE_URL_FILE: database\.url: given a value \(not shown\), allowed: postgres:/);
    expect(refusalOf(() => loadConfig({ env: { ...env, DATABASE_URL: 'postgres://u:p@db/x' }, cwd }))).toBe(
      'database.url: given DATABASE_URL and DATABASE_URL_FILE, allowed: one of them',
    );
    writeFileSync(file, '\n');
    expect(refusalOf(() => loadConfig({ env, cwd }))).toBe(
      'DATABASE_URL_FILE: database.url: given an empty file, allowed: a file that holds it',
    );
    rmSync(file);
    expect(refusalOf(() => loadConfig({ env, cwd }))).toBe('DATABASE_URL_FILE: cannot be read (ENOENT)');
    // A list is read as YAML, from a file as well.
    writeFileSync(
      file,
      '- id: hook\n  kind: webhook\n  url: https://hooks.example\n  secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz\n',
    );
    const channels = loadConfig({ env: { ISOTHERM_ALERTS_CHANNELS_FILE: file }, cwd }).alerts.channels;
    expect(channels.map(({ id }) => id)).toEqual(['hook']);
  });

  test('no variable is the file of another, and one that is no secret has none', () => {
    const names = new Set(settings.map(({ env }) => env));
    for (const { env, isSecret } of settings) if (isSecret) expect(names.has(`${env}_FILE`), env).toBe(false);
    const env = { ISOTHERM_HTTP_HOST_FILE: join(cwd, 'nowhere') };
    expect(loadConfig({ env, cwd }).http.host).toBe('127.0.0.1');
  });

  test('docs/configuration.md says what the schema says', () => {
    expect(readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')).toBe(configurationPage());
  });
});
