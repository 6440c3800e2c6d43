import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join, matchesGlob, resolve } from 'node:path';

/** What the last stage of a Dockerfile leaves: its root folder, and what a container starts with. */
export interface Built {
  readonly root: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  /** `1000:1000` */
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

interface Stage {
  readonly root: string;
  workdir: string;
  env: Record<string, string>;
  user: string;
  entrypoint: string[];
  command: string[];
  healthcheck: string[];
}

/**
 * Runs a Dockerfile's steps without an engine: each stage in a folder of its own, an image from elsewhere being an empty
 * one with this machine's programs on the PATH. Knows what ours uses and no more.
 *
 * @param context the folder that `COPY` reads, seen through its `.dockerignore`
 * @throws {Error} for an instruction it does not know, or a step that fails
 */
export async function runDockerfile(context: string, into: string, onStep: (step: string) => void): Promise<Built> {
  const stages = new Map<string, Stage>();
  let stage: Stage | null = null;
  for (const { name, rest } of instructions(await readFile(join(context, 'Dockerfile'), 'utf8'))) {
    onStep(`${name} ${rest}`);
    if (name === 'FROM') {
      const [, alias = 'last'] = / AS (\w+)$/.exec(rest) ?? [];
      stage = newStage(join(into, alias));
      await mkdir(stage.root);
      stages.set(alias, stage);
      continue;
    }
    if (stage === null) throw new Error(`${name} before FROM`);
    await step(name, rest, { stage, stages, context });
  }
  if (stage === null) throw new Error('no stage');
  return stage;
}

async function step(name: string, rest: string, at: { stage: Stage; stages: Map<string, Stage>; context: string }) {
  const { stage } = at;
  switch (name) {
    case 'WORKDIR':
      stage.workdir = rest;
      await mkdir(inside(stage, '.'), { recursive: true });
      return;
    case 'ENV': {
      const [key = '', value = ''] = rest.split('=');
      stage.env[key] = value;
      return;
    }
    case 'COPY':
      return copy(rest.split(/\s+/), at);
    case 'RUN':
      return run(rest, stage);
    case 'USER':
      stage.user = rest;
      return;
    case 'ENTRYPOINT':
      stage.entrypoint = JSON.parse(rest);
      return;
    case 'CMD':
      stage.command = JSON.parse(rest);
      return;
    case 'HEALTHCHECK':
      stage.healthcheck = JSON.parse(rest.slice(rest.indexOf('[')));
      return;
    case 'VOLUME':
    case 'EXPOSE':
      return;
    default:
      throw new Error(`tests/dockerfile.ts knows no ${name}`);
  }
}

async function copy(words: string[], { stage, stages, context }: Parameters<typeof step>[2]): Promise<void> {
  const [first = ''] = words;
  const from = first.startsWith('--from=') ? stages.get(first.slice('--from='.length)) : null;
  if (from === undefined) throw new Error(`no stage ${first}`);
  const [target = '', ...sources] = words.slice(from === null ? 0 : 1).reverse();
  for (const source of sources) {
    if (from !== null) {
      await cp(inside(from, source), inside(stage, target), {
        recursive: true,
        verbatimSymlinks: true,
        preserveTimestamps: true,
      });
      continue;
    }
    const files = await contextFiles(context);
    for (const file of source === '.' ? files : files.filter((one) => one === source)) {
      const place = inside(stage, join(target, file));
      await mkdir(dirname(place), { recursive: true });
      await cp(join(context, file), place, { preserveTimestamps: true });
    }
  }
}

/** What `.dockerignore` leaves; the last line that speaks of a file decides. */
export async function contextFiles(context: string): Promise<string[]> {
  const ignored = (await readFile(join(context, '.dockerignore'), 'utf8'))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const rules = ignored.map((line) => ({ isKept: line.startsWith('!'), glob: line.replace('!', '') }));
  const files: string[] = [];
  const look = async (folder: string) => {
    for (const entry of await readdir(join(context, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      // A folder that is left out is not looked into, unless something in it is asked for; ours never does.
      if (!(rules.findLast(({ glob }) => matchesGlob(path, glob) || path.startsWith(`${glob}/`))?.isKept ?? true))
        continue;
      if (entry.isDirectory()) await look(path);
      else files.push(path);
    }
  };
  await look('');
  return files;
}

async function run(command: string, stage: Stage): Promise<void> {
  const child = spawn('sh', ['-ec', command], {
    cwd: inside(stage, '.'),
    env: { ...process.env, ...stage.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4_000);
    });
  }
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`RUN ${command} ended with ${code}:\n${said}`);
}

function* instructions(text: string): Generator<{ name: string; rest: string }> {
  for (const line of text.replaceAll(/\\\n\s*/g, '').split('\n')) {
    const [, name, rest] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (name !== undefined && rest !== undefined) yield { name, rest };
  }
}

function newStage(root: string): Stage {
  return { root, workdir: '/', env: {}, user: '0:0', entrypoint: [], command: [], healthcheck: [] };
}

/** A path of the stage on this machine. */
function inside({ root, workdir }: Stage, path: string): string {
  return join(root, resolve(workdir, path));
}
