/**
 * How much of the code the tests hold: small changes (a comparison turned, a block emptied, off by one) are made one at a
 * time, and each should be noticed. `npm run mutate -- --seed N [--room ROOM] [--mutants 60]` draws mutants by seed and
 * runs the room's own tests against each; `--whole PATH` takes all of a folder. It takes minutes a room, so it is no part
 * of `npm test`. Texts are not changed: what a message says is no law.
 */
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type File, Instrumenter } from '@stryker-mutator/instrumenter';

const root = join(import.meta.dirname, '..');
/** In the order of docs/rooms.md. */
const ROOMS = [
  ...['domain', 'codecs', 'rules', 'storage', 'broker', 'gateways', 'ingest', 'trace', 'access', 'mirror', 'alerts'],
  ...['quality', 'partners'],
];
/** Not drawn: texts, and literals whose loss the type checker tells. */
const LEFT_OUT = ['StringLiteral', 'ObjectLiteral', 'StringTemplate'];

interface Place {
  readonly line: number;
  readonly column: number;
}

interface Mutant {
  readonly file: string;
  readonly start: Place;
  readonly end: Place;
  readonly mutator: string;
  readonly replacement: string;
}

interface Report {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly mutants: readonly {
          readonly mutatorName: string;
          readonly replacement: string;
          readonly status: string;
          readonly location: { readonly start: Place; readonly end: Place };
        }[];
      }
    >
  >;
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    room: { type: 'string', multiple: true },
    mutants: { type: 'string', default: '60' },
    whole: { type: 'string' },
  },
});

let isGood = true;
const targets = values.whole === undefined ? (values.room ?? ROOMS) : [values.whole];
for (const target of targets) {
  const all = await mutantsOf(target);
  const drawn = values.whole === undefined ? draw(all, Number(values.mutants), Number(values.seed)) : all;
  if (drawn.length === 0) continue;
  const outcomes = tried(target, drawn);
  const noticed = outcomes.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
  const counted = outcomes.filter(({ status }) => status !== 'CompileError' && status !== 'RuntimeError').length;
  const score = counted === 0 ? 0 : (100 * noticed) / counted;
  if (score < 85) isGood = false;
  process.stdout.write(`${target}: ${noticed} of ${counted} noticed, ${score.toFixed(1)} % (seed ${values.seed})\n`);
  for (const { mutant, status } of outcomes) {
    if (status === 'Killed' || status === 'Timeout') continue;
    const { file, start, mutator, replacement } = mutant;
    process.stdout.write(`  ${status} ${file}:${start.line}:${start.column} ${mutator} -> ${oneLine(replacement)}\n`);
  }
}
process.exitCode = isGood ? 0 : 1;

/** Every small change that can be made below a folder. */
async function mutantsOf(folder: string): Promise<Mutant[]> {
  const names = globSync(`${folder}/**/*.ts`, { cwd: root })
    .filter((name) => !name.endsWith('.test.ts') && !/\/(testing|web|grafana)\//.test(name))
    .sort();
  const found: Mutant[] = [];
  for (const name of names) {
    const file: File = { name: join(root, name), mutate: true, content: readFileSync(join(root, name), 'utf8') };
    const { mutants } = await new Instrumenter(quiet()).instrument([file], {
      ...{ plugins: null, excludedMutations: LEFT_OUT, ignorers: [], noHeader: true },
    });
    for (const { location, mutatorName, replacement } of mutants) {
      const start = { line: location.start.line + 1, column: location.start.column + 1 };
      const end = { line: location.end.line + 1, column: location.end.column + 1 };
      found.push({ file: name, start, end, mutator: mutatorName, replacement });
    }
  }
  return found;
}

/** The same for the same seed: a linear congruential generator takes them one by one. */
function draw(all: readonly Mutant[], count: number, seed: number): Mutant[] {
  const left = [...all];
  const drawn: Mutant[] = [];
  let state = seed >>> 0;
  while (drawn.length < count && left.length > 0) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    drawn.push(...left.splice(Math.floor((state / 2 ** 32) * left.length), 1));
  }
  return drawn;
}

function tried(target: string, drawn: readonly Mutant[]): { readonly mutant: Mutant; readonly status: string }[] {
  const folder = join(root, '.cache', 'mutate', target.replaceAll('/', '-'));
  mkdirSync(folder, { recursive: true });
  const report = join(folder, 'report.json');
  const config = join(folder, 'stryker.config.json');
  const range = ({ file, start, end }: Mutant) =>
    `${file}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;
  writeFileSync(
    config,
    JSON.stringify({
      ...{ testRunner: 'vitest', plugins: ['@stryker-mutator/vitest-runner'], coverageAnalysis: 'perTest' },
      ...{ mutate: [...new Set(drawn.map(range))], mutator: { excludedMutations: LEFT_OUT } },
      ...{ vitest: { configFile: 'vitest.mutate.config.ts', related: false } },
      ...{ reporters: ['json'], jsonReporter: { fileName: report }, concurrency: 1, tempDirName: '.cache/stryker' },
      ...{
        timeoutMS: 20_000,
        dryRunTimeoutMinutes: 20,
        allowEmpty: true,
        checkers: [],
        disableTypeChecks: false,
        tsconfigFile: 'none',
      },
      ...{ ignorePatterns: ['.cache', 'data', 'data-demo', 'dashboards/web/dist'], thresholds: { break: null } },
    }),
  );
  const stryker = join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js');
  const { status } = spawnSync(process.execPath, [stryker, 'run', config], {
    ...{ cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
    env: { ...process.env, ISOTHERM_MUTATE: target.split('/')[0] },
  });
  if (status !== 0) throw new Error(`${target}: the mutation run ended with ${status}`);
  const { files } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  const outcomes = new Map(
    Object.entries(files).flatMap(([file, { mutants }]) =>
      mutants.map(({ location, mutatorName: mutator, replacement, status: outcome }) => {
        const key = keyOf({ file, start: location.start, end: location.end, mutator, replacement });
        return [key, outcome] as const;
      }),
    ),
  );
  return drawn.map((mutant) => ({ mutant, status: outcomes.get(keyOf(mutant)) ?? 'NotRun' }));
}

function keyOf({ file, start, end, mutator, replacement }: Mutant): string {
  return [file, start.line, start.column, end.line, end.column, mutator, replacement].join('|');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 80);
}

function quiet(): ConstructorParameters<typeof Instrumenter>[0] {
  const no = () => false;
  const nothing = () => undefined;
  return {
    ...{ isTraceEnabled: no, isDebugEnabled: no, isInfoEnabled: no, isWarnEnabled: no, isErrorEnabled: no },
    ...{
      isFatalEnabled: no,
      trace: nothing,
      debug: nothing,
      info: nothing,
      warn: nothing,
      error: nothing,
      fatal: nothing,
    },
  };
}
