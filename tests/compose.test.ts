import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { settings } from '../app/config/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { systemPart } from './parts.ts';
import { freePort } from './testing/free-port.ts';

/*
 * docker-compose.yml without an engine: read by a docker-compose, its names held to the code, and what it tells a service
 * tried on the same service from elsewhere. What the image does is tests/image.ts.
 */

const root = join(import.meta.dirname, '..');
const read = (name: string) => readFileSync(join(root, name), 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> };
const services = Object.entries(compose.services);
const ours = services.filter(([, { image }]) => image === 'isotherm:local');
const example = Object.fromEntries(
  [...read('.env.example').matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
);

interface Service {
  readonly image: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly command?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly environment?: Readonly<Record<string, string>>;
  readonly profiles?: readonly string[];
}

describe('docker-compose.yml', () => {
  const program = systemPart('docker-compose');

  test.skipIf(program === null)('is read by docker-compose 1.29 with nothing but .env.example', () => {
    const args = ['--env-file', '.env.example', 'config'];
    const text = execFileSync(program ?? '', args, { cwd: root, encoding: 'utf8', env: { PATH: process.env.PATH } });
    const seen = parse(text) as { services: Record<string, Service> };
    expect(Object.keys(seen.services).toSorted()).toEqual(services.map(([name]) => name).toSorted());
  });

  test('asks for every variable of .env.example, and for no other', () => {
    const asked = [...read('docker-compose.yml').matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name);
    expect([...new Set(asked)].toSorted()).toEqual(Object.keys(example).toSorted());
  });

  test('pins every image to a version', () => {
    for (const [name, { image }] of services) {
      if (image !== 'isotherm:local') expect(image, name).toMatch(/:\d+\.\d+\.\d+/);
    }
    expect([...read('Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)).toSatisfy((images: string[]) =>
      images.every((image) => /^node:24\.\d+\.\d+-/.test(image)),
    );
  });

  test('runs Isotherm as an ordinary user on a file system it cannot write to', () => {
    expect(ours.map(([name]) => name)).toEqual(['setup', 'isotherm', 'simulated-loggers', 'simulated-portals']);
    for (const [name, { user, read_only }] of ours)
      expect({ name, user, read_only }).toEqual({ name, user: '1000:1000', read_only: true });
  });

  test('tells whether each service that stays is well, without programs its image has not', () => {
    for (const [name, { healthcheck, profiles }] of services) {
      if (name === 'setup' || profiles !== undefined) continue;
      expect(healthcheck?.test[0], name).toBe('CMD');
    }
    const inCompose = compose.services.isotherm?.healthcheck?.test.slice(1);
    const [, image] = /HEALTHCHECK[\s\S]*?CMD (\[.*\])$/m.exec(read('Dockerfile')) ?? [];
    expect(inCompose).toEqual(JSON.parse(image ?? ''));
  });

  test('gives Isotherm settings that it has', () => {
    const known = new Set([...settings.map(({ env }) => env), 'NODE_COMPILE_CACHE']);
    for (const [name, { environment = {} }] of ours) {
      const names = Object.keys(environment).filter((one) => !one.startsWith('FIRST_ADMIN_'));
      expect(
        names.filter((one) => !known.has(one)),
        name,
      ).toEqual([]);
    }
  });

  test('gives Grafana what its data sources ask for', () => {
    const asked = [...read('dashboards/grafana/provisioning/datasources/isotherm.yaml').matchAll(/: \$(\w+)$/gm)];
    expect(Object.keys(compose.services.grafana?.environment ?? {})).toEqual(
      expect.arrayContaining(asked.map(([, name]) => name)),
    );
  });
});

describe('what the services are told', () => {
  const redis = systemPart('redis-server');
  const directory = mkdtempSync(join(tmpdir(), 'isotherm-compose-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test.skipIf(redis === null)('Redis starts with its arguments, and asks for the password', async () => {
    const [, ...args] = (compose.services.redis?.command ?? []).map((word) => filledIn(word));
    const port = await freePort();
    const server = spawn(redis ?? '', [...args, '--port', String(port), '--bind', '127.0.0.1'], { cwd: directory });
    try {
      for await (const text of server.stdout.setEncoding('utf8')) if (/ready to accept/i.test(text)) break;
      const said = await ask(port, 'PING\r\n', `AUTH ${example.REDIS_PASSWORD}\r\n`, 'CONFIG GET maxmemory-policy\r\n');
      expect(said).toMatch(/^-NOAUTH.*\+OK.*noeviction/s);
    } finally {
      server.kill();
      await once(server, 'exit');
    }
  });

  test('PostgreSQL has the settings it is started with', async () => {
    const database = await testDatabase();
    const given = (compose.services.timescaledb?.command ?? []).flatMap((word) => {
      const [, name, value] = /^([a-z_]+)=(.*)$/.exec(word) ?? [];
      return name === undefined ? [] : [{ name, value }];
    });
    expect(given.length).toBeGreaterThan(0);
    for (const { name, value } of given) {
      await database.query(`ALTER SYSTEM SET ${name} = '${value}'`);
      await database.query(`ALTER SYSTEM RESET ${name}`);
    }
  });

  test('PostgreSQL gets a user for Grafana that reads what the migrations grant, and writes nothing', async () => {
    const database = await testDatabase();
    // As psql would: the password from the environment, and the role that is there already left out.
    const script = read('dashboards/grafana/create-role.sql')
      .replace(/^\\getenv.*$/m, '')
      .replace(/^CREATE ROLE isotherm_reader.*$/m, '')
      .replaceAll(":'password'", "'secret'")
      .replaceAll('ROLE grafana', 'ROLE grafana_of_test');
    try {
      await database.query(script);
      await database.transaction(async (client) => {
        await client.query('SET LOCAL ROLE grafana_of_test');
        expect((await client.query('SELECT * FROM grafana.metrics')).rows).toHaveLength(12);
      });
    } finally {
      await database.query('DROP ROLE IF EXISTS grafana_of_test');
    }
  });
});

function filledIn(word: string): string {
  return word.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => example[name] ?? '');
}

/** Sends each line when the one before it was answered. @returns all answers */
async function ask(port: number, ...lines: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let said = '';
  for (const line of lines) {
    socket.write(line);
    const [answer] = (await once(socket, 'data')) as [string];
    said += answer;
  }
  socket.destroy();
  return said;
}
