import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig, settings } from '../app/config/index.ts';
import { PARTS, partsOf } from '../app/processes.ts';
import { systemPart } from './parts.ts';

/*
 * deploy/compose without an engine: read by docker-compose and haproxy, and what it names held to the code. That the processes
 * run so is tests/large-shape.test.ts.
 */

const root = join(import.meta.dirname, '..');
const folder = join(root, 'deploy/compose');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
};
const withNats = parse(read('nats.yml'), { merge: true }) as typeof compose;
const services = Object.entries(compose.services);
const ours = services.filter(([, { image }]) => image.startsWith('isotherm:'));
const staying = ours.filter(([name]) => name !== 'setup');
const example = Object.fromEntries(
  [...read('.env.example').matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
);
const copy = mkdtempSync(join(tmpdir(), 'isotherm-deploy-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

interface Service {
  readonly image: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly stop_grace_period?: string;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: object;
}

const partsIn = ({ command = [] }: Service) => [...partsOf(command.at(-1) ?? '')];

describe('deploy/compose', () => {
  const program = systemPart('docker-compose');
  const balancer = systemPart('haproxy');
  const openssl = systemPart('openssl');

  test.skipIf(program === null)('is read by docker-compose with nothing but .env.example', () => {
    const args = ['--env-file', '.env.example', 'config'];
    const text = execFileSync(program ?? '', args, { cwd: folder, encoding: 'utf8', env: { PATH: process.env.PATH } });
    const seen = parse(text) as { services: Record<string, Service> };
    expect(Object.keys(seen.services).toSorted()).toEqual(services.map(([name]) => name).toSorted());
  });

  test('asks for every variable of .env.example, and for no other; none of them is a secret', () => {
    const asked = [...read('docker-compose.yml').matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name);
    expect([...new Set(asked)].toSorted()).toEqual(Object.keys(example).toSorted());
    expect(Object.keys(example).filter((name) => /PASSWORD|SECRET|TOKEN|KEY/.test(name))).toEqual([]);
  });

  test('runs this version, and pins every other image', () => {
    for (const [name, { image }] of ours) expect({ name, image }).toEqual({ name, image: `isotherm:${version}` });
    for (const [name, { image }] of services) expect(image, name).toMatch(/:\d+\.\d+(\.\d+)?/);
  });

  test('runs two of each part', () => {
    const count = (part: string) =>
      staying.filter(([, service]) => partsIn(service).some((one) => one === part)).length;
    expect(Object.fromEntries(PARTS.map((part) => [part, count(part)]))).toEqual({
      ...{ broker: 2, ingest: 2, trace: 2, rules: 2, alerts: 2, storage: 2, web: 2 },
    });
  });

  test('gives Isotherm settings that it has, and secrets by file alone', () => {
    const known = new Map(settings.map((setting) => [setting.env, setting]));
    for (const [service, { environment = {}, secrets = [] }] of ours) {
      for (const [name, value] of Object.entries(environment)) {
        if (name === 'NODE_COMPILE_CACHE' || name === 'FIRST_ADMIN_NAME') continue;
        const setting = known.get(name.replace(/_FILE$/, ''));
        expect(setting, `${service}: ${name}`).toBeDefined();
        expect(name.endsWith('_FILE'), `${service}: ${name}`).toBe(setting?.isSecret);
        const [, secret] = /^\/run\/secrets\/(\w+)$/.exec(value) ?? [];
        if (setting?.isSecret) expect(secrets, `${service}: ${name}`).toContain(secret);
      }
    }
  });

  test('only what sets up has the password of who owns the schema', () => {
    expect(ours.filter(([, { secrets }]) => secrets?.includes('database_owner_url')).map(([name]) => name)).toEqual([
      'setup',
    ]);
  });

  test('runs Isotherm as an ordinary user on a file system it cannot write to, ready by /readyz, with time to stop', () => {
    const text = readFileSync(join(root, 'Dockerfile'), 'utf8');
    const [, image] = /HEALTHCHECK[\s\S]*?CMD (\[.*\])$/m.exec(text) ?? [];
    for (const [name, { user, read_only }] of ours)
      expect({ name, user, read_only }).toEqual({ name, user: '1000:1000', read_only: true });
    for (const [name, { healthcheck, stop_grace_period }] of staying) {
      expect({ name, stop_grace_period }).toEqual({ name, stop_grace_period: '1m' });
      expect(healthcheck?.test.slice(1), name).toEqual(JSON.parse(image ?? ''));
    }
  });

  test('PostgreSQL lets all of them connect', () => {
    const words = compose.services['postgres-a']?.command ?? [];
    const most = Number(words.find((word) => word.startsWith('max_connections='))?.split('=')[1]);
    // Some 20 each (docs/operating.md), and as many again while they are made anew one by one.
    expect(most).toBeGreaterThan(staying.length * 20 + 100);
  });

  test.skipIf(openssl === null)('make-secrets.sh makes each secret once, and what the program takes', () => {
    cpSync(folder, copy, { recursive: true });
    const make = () => execFileSync('sh', ['make-secrets.sh'], { cwd: copy });
    make();
    const directory = join(copy, 'secrets');
    const held = () =>
      Object.fromEntries(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]));
    const first = held();
    expect(Object.keys(first).toSorted()).toEqual(Object.keys({ ...compose.secrets, ...withNats.secrets }).toSorted());
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    make();
    expect(held()).toEqual(first);

    for (const [name, { environment: given = {} }] of ours) {
      const environment = { ...given, ...withNats.services[name]?.environment };
      const env = Object.fromEntries(
        Object.entries(environment).map(([key, value]) => [
          key,
          value
            .replace('/run/secrets', directory)
            .replaceAll(/\$\{(\w+)\}/g, (_, variable: string) => example[variable] ?? ''),
        ]),
      );
      const config = loadConfig({ env, cwd: copy });
      expect(config.database.readUrl, name).toContain('postgres-a:5432,postgres-b:5432,postgres-c:5432');
      expect(config.http.trustProxy, name).toEqual([example.INSIDE_SUBNET]);
      if (name !== 'setup') expect(config.nats.url?.split(','), name).toHaveLength(config.nats.replicas);
    }
  });

  test.skipIf(program === null)('has three NATS servers for all that stays, only where nats.yml is asked for', () => {
    const args = ['--env-file', '.env.example', '-f', 'docker-compose.yml', '-f', 'nats.yml', 'config'];
    const text = execFileSync(program ?? '', args, { cwd: folder, encoding: 'utf8', env: { PATH: process.env.PATH } });
    const seen = parse(text) as { services: Record<string, Service & { secrets?: { source: string }[] }> };
    const names = ['nats-a', 'nats-b', 'nats-c'];
    expect(Object.keys(seen.services).filter((name) => name.startsWith('nats-'))).toEqual(names);
    expect(Object.keys(compose.services).filter((name) => name.startsWith('nats-'))).toEqual([]);
    for (const [name, service] of Object.entries(seen.services)) {
      const isOn = staying.some(([known]) => known === name);
      const { environment = {}, depends_on = {} } = service;
      expect('NATS_URL_FILE' in environment, name).toBe(isOn);
      if (!isOn) continue;
      // What it had before is still there.
      expect(Object.keys(environment), name).toContain('DATABASE_URL_FILE');
      expect(Object.keys(depends_on), name).toEqual(expect.arrayContaining(names));
      expect(JSON.stringify(service.secrets), name).toMatch(/database_url.*nats_url/);
    }
    for (const [name, { image }] of Object.entries(withNats.services))
      if (image !== undefined) expect(image, name).toMatch(/^nats:2\.(1[2-9]|[2-9]\d)\.\d+/);
  });

  const nats = systemPart('nats-server');
  test.skipIf(nats === null || openssl === null)(
    'its NATS servers take their file, and what Isotherm asks of it',
    () => {
      cpSync(folder, copy, { recursive: true });
      execFileSync('sh', ['make-secrets.sh'], { cwd: copy });
      const [etc, run] = [join(copy, 'root/etc/nats'), join(copy, 'root/run/secrets')];
      cpSync(join(copy, 'nats'), etc, { recursive: true });
      cpSync(join(copy, 'secrets'), run, { recursive: true });
      const config = join(etc, 'server.conf');
      execFileSync(nats ?? '', ['-t', '--config', config], { stdio: 'pipe', env: { NODE: 'nats-a' } });
      const text = readFileSync(config, 'utf8');
      expect(text).toMatch(/^ *sync_interval: always$/m);
      expect(text).toMatch(/^max_payload: 8MB$/m);
      const [, file = ''] = /^include \.\.\/\.\.(\S+)$/m.exec(text) ?? [];
      expect(file).toBe('/run/secrets/nats_users');
    },
  );

  test.skipIf(balancer === null)(
    'the balancer reads its file, and leads to the ports and processes that there are',
    () => {
      // Names that are not there yet are only warned of: they come and go with their containers.
      execFileSync(balancer ?? '', ['-c', '-f', join(folder, 'haproxy.cfg')], { stdio: 'pipe' });
      const servers = [...read('haproxy.cfg').matchAll(/^ +server (\S+) (\S+):(\d+) check/gm)];
      const port = (key: string) => settings.find((setting) => setting.key === key)?.default;
      for (const [line, name = '', host, to] of servers) {
        expect(host, line).toBe(name);
        const service = compose.services[name];
        expect(service && partsIn(service), line).toEqual([name.split('-')[0]]);
        expect([port('http.port'), port('mqtt.port')], line).toContain(Number(to));
      }
      expect(servers).toHaveLength(6);
    },
  );
});
