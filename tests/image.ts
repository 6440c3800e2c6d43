/**
 * Builds what the Dockerfile builds, in a clean folder and without an engine, and runs it as docker-compose.yml does: as
 * an ordinary user on a tree it cannot write to, on a PostgreSQL elsewhere. `node tests/image.ts`, as root.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { silentLogger, systemTime } from '../domain/index.ts';
import { startEmbeddedPostgres } from '../storage/index.ts';
import { type Built, runDockerfile } from './dockerfile.ts';

const PASSWORD = 'a password to be changed';

/** Runs programs as the image's user does, with the environment compose gives. */
class Container {
  readonly #built: Built;
  readonly #env: Readonly<Record<string, string>>;

  constructor(built: Built, databaseUrl: string, temporary: string) {
    this.#built = built;
    this.#env = {
      PATH: process.env.PATH ?? '',
      ...built.env,
      TMPDIR: temporary,
      NODE_COMPILE_CACHE: join(temporary, 'compile-cache'),
      DATABASE_URL: databaseUrl,
      ISOTHERM_HTTP_HOST: '0.0.0.0',
      ISOTHERM_MQTT_HOST: '0.0.0.0',
      ISOTHERM_HTTP_PORT: '0',
      ISOTHERM_MQTT_PORT: '0',
      FIRST_ADMIN_NAME: 'anna',
      FIRST_ADMIN_PASSWORD: PASSWORD,
    };
  }

  start(command: readonly string[]) {
    const { root, workdir, user } = this.#built;
    const [program = '', ...args] = command.map((word) => word.replace(/^\/app\//, `${root}/app/`));
    const [uid = 0, gid = 0] = user.split(':').map(Number);
    const child = spawn(program, args, {
      cwd: join(root, workdir),
      uid,
      gid,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4_000);
    });
    const ended = once(child, 'close').then(([code]) => code as number | null);
    const addresses = new Promise<{ http: string; mqtt: string }>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        const [, http] = /(http:\/\/\S+)/.exec(stdout) ?? [];
        const [, mqtt] = /(mqtt:\/\/\S+)\n/.exec(stdout) ?? [];
        if (http !== undefined && mqtt !== undefined) resolve({ http, mqtt });
      });
      void ended.then((code) => reject(new Error(`ended with ${code}:\n${stderr}`)));
    });
    // Only `serve` has any.
    addresses.catch(() => {});
    const stop = () => {
      child.kill('SIGTERM');
      return ended;
    };
    return { addresses, ended, stop, said: () => stderr, stdout: () => stdout };
  }

  async run(command: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const process = this.start(command);
    const code = await process.ended;
    return { code, stdout: process.stdout(), stderr: process.said() };
  }
}

function check(what: string, isSo: boolean, said: string): void {
  if (!isSo) throw new Error(`not so: ${what}\n${said}`);
  console.log(`         ${what}`);
}

function seconds(from: number): string {
  return `${((systemTime.monotonic() - from) / 1000).toFixed(1).padStart(6)} s`;
}

async function made(path: string, mode = 0o755): Promise<string> {
  await mkdir(path);
  await chmod(path, mode);
  return path;
}

async function filesIn(root: string): Promise<Map<string, { size: number; mtime: number }>> {
  const files = new Map<string, { size: number; mtime: number }>();
  for (const path of await readdir(root, { recursive: true })) {
    const { size, mtimeMs, isFile } = await lstat(join(root, path)).then((found) => ({
      size: found.size,
      mtimeMs: found.mtimeMs,
      isFile: found.isFile(),
    }));
    if (isFile) files.set(path, { size, mtime: mtimeMs });
  }
  return files;
}

if (process.getuid?.() !== 0) {
  process.stderr.write('tests/image.ts: run it as root; it runs the image as user 1000\n');
  process.exit(1);
}

const repository = join(import.meta.dirname, '..');
const folder = await mkdtemp(join(tmpdir(), 'isotherm-image-'));
// Others than root come here.
await chmod(folder, 0o755);
const postgres = await startEmbeddedPostgres({
  dataDir: join(folder, 'postgres'),
  logger: silentLogger,
  time: systemTime,
});
try {
  // Its socket is for whoever runs it alone; here the image's user comes too.
  const sockets = new URL(postgres.url).searchParams.get('host') ?? '';
  for (const path of [join(folder, 'postgres'), sockets, join(sockets, '.s.PGSQL.5432')]) await chmod(path, 0o777);
  const from = systemTime.monotonic();
  const built = await runDockerfile(repository, await made(join(folder, 'stages')), (step) => {
    console.log(`${seconds(from)}  ${step.slice(0, 110)}`);
  });
  const before = await filesIn(built.root);
  const bytes = [...before.values()].reduce((sum, { size }) => sum + size, 0);
  console.log(`${seconds(from)}  ${before.size} files, ${(bytes / 1e6).toFixed(0)} MB beside Node`);
  const container = new Container(built, postgres.url, await made(join(folder, 'tmp'), 0o777));

  const setup = parse(await readFile(join(repository, 'docker-compose.yml'), 'utf8')).services.setup;
  const setUp = setup.command.map((text: string) => text.replaceAll('$$', '$'));
  for (const said of ['created with role admin', 'there is a user anna already']) {
    const run = await container.run([...setup.entrypoint, ...setUp]);
    check('setup makes the first admin once', run.code === 0 && run.stderr.includes(said), run.stderr);
  }

  const server = container.start([...built.entrypoint, ...built.command]);
  const { http, mqtt } = await server.addresses;
  const page = await (await fetch(http)).text();
  check('the page is there, built', page.includes('/assets/') && page.includes('id="root"'), page.slice(0, 300));
  const session = await fetch(`${http}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'anna', password: PASSWORD }),
  });
  check('the first admin signs in', session.ok, String(session.status));
  const health = await container.run(
    built.healthcheck.map((word) => word.replace('127.0.0.1:8080', new URL(http).host)),
  );
  check('the health check finds it well', health.code === 0, health.stderr);
  const ill = await container.run(built.healthcheck.map((word) => word.replace('127.0.0.1:8080', '127.0.0.1:9')));
  check('the health check finds nothing well where nothing is', ill.code === 1, ill.stderr);

  const scenario = join(folder, 'fleet.yaml');
  await writeFile(scenario, 'kind: fleet\nloggers: 2\nevery: 1s\nfor: 2s\n');
  const loggers = await container.run([...built.entrypoint, 'simulate', scenario, '--mqtt', mqtt]);
  check('the simulators play', loggers.code === 0, loggers.stderr);
  const token = await container.run([...built.entrypoint, 'token', 'create', 'sim', '--role', 'admin']);
  await writeFile(scenario, 'kind: portal\npallets: 1\nserialsPerPallet: 3\nevery: 1s\n');
  const portal = ['simulate', scenario, '--mqtt', mqtt, '--http', http, '--token', token.stdout.trim()];
  const pallets = await container.run([...built.entrypoint, ...portal]);
  check('a gateway with its readers plays', pallets.code === 0, pallets.stderr);
  check('it ends when told to', (await server.stop()) === 0, server.said());

  const after = await filesIn(built.root);
  const changed = [...after].filter(([path, { mtime }]) => before.get(path)?.mtime !== mtime).map(([path]) => path);
  check(
    'nothing was written outside the data directory',
    changed.every((path) => path.startsWith('app/data/')),
    changed.join(' '),
  );
  console.log(`${seconds(from)}  the image is right`);
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
