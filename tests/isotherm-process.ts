import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtProgram } from './built-program.ts';
import { watchEnding } from './testing/endings.ts';

const SOURCES = join(import.meta.dirname, '../app/isotherm.js');

export interface IsothermProcess {
  readonly pid: number;
  readonly httpUrl: string;
  readonly mqttUrl: string;
  /** Everything printed to stdout so far. */
  output(): string;
  /** Everything written to stderr so far. */
  log(): string;
  /** Lines of the log so far, by their text: how often each was written. */
  logged(): ReadonlyMap<string, number>;
  /** With its exit code, null where a signal ended it. */
  readonly ended: Promise<number | null>;
  /** SIGTERM, then the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL: nothing gets a chance to tidy up. */
  kill(): Promise<void>;
}

export interface ProcessOptions {
  readonly command: 'serve' | 'demo';
  /** `--only broker,ingest`: its `mqttUrl` may then be empty. */
  readonly args?: readonly string[];
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** As somebody starts it from a checkout, not as it is built. */
  readonly fromSources?: boolean;
  /** Of another version; else the one of these sources, built. */
  readonly program?: string;
  /** Words before the command, of what becomes it (`tests/chaos/own-machine.ts`). */
  readonly under?: readonly string[];
}

const READY_WITHIN_MS = 120_000;
/** How long the rest of a log is waited for behind the exit: a PostgreSQL that outlives the program may hold the pipe. */
const REST_OF_LOG_MS = 200;

/**
 * Starts the real program on free ports and waits until it prints its addresses. Where it ends afterwards though nobody told
 * it to, that is written to the output of the tests with the end of its log, and {@link Api} says it instead of `fetch failed`.
 */
export async function startIsotherm({
  command,
  args = [],
  dataDir,
  env = {},
  cwd,
  fromSources = false,
  program: given,
  under = [],
}: ProcessOptions): Promise<IsothermProcess> {
  const program = given ?? (fromSources ? SOURCES : await builtProgram());
  const [first = process.execPath, ...words] = [...under, process.execPath, program, command, ...args];
  const child = spawn(first, words, {
    cwd: cwd ?? dataDir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...cleanEnvironment(),
      ISOTHERM_DATA_DIR: dataDir,
      ISOTHERM_HTTP_PORT: '0',
      ISOTHERM_MQTT_PORT: '0',
      ...env,
    },
  });
  const errors: string[] = [];
  const lines = new Map<string, number>();
  const written: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    errors.push(line);
    written.push(line);
    if (errors.length > 50) errors.shift();
    const text = /"msg":("(?:[^"\\]|\\.)*")/.exec(line)?.[1];
    if (text !== undefined) lines.set(JSON.parse(text), (lines.get(JSON.parse(text)) ?? 0) + 1);
  });
  const logClosed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let isTold = false;
  let output = '';
  const addresses = await new Promise<{ httpUrl: string; mqttUrl: string }>((resolve, reject) => {
    const late = setTimeout(() => {
      // It would go on for itself, and hold up everything else.
      child.kill('SIGTERM');
      reject(new Error(`not ready in time:\n${errors.join('\n')}`));
    }, READY_WITHIN_MS);
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      const httpUrl = /(https?:\/\/[\d.:]+)\b/.exec(output)?.[1];
      const elsewhere = /MQTT {2}(in another process|closed until there is a user)\n/.test(output) ? '' : undefined;
      const mqttUrl = /(mqtt:\/\/[\d.:]+)\n/.exec(output)?.[1] ?? elsewhere;
      if (httpUrl === undefined || mqttUrl === undefined) return;
      clearTimeout(late);
      resolve({ httpUrl, mqttUrl });
    });
    void ended.then((code) => {
      clearTimeout(late);
      reject(new Error(`ended with ${code} before it was ready:\n${errors.join('\n')}`));
    });
  });
  const byItself = new Promise<string>((resolve) => {
    void ended.then(async (code) => {
      if (isTold) return;
      await Promise.race([logClosed, sleep(REST_OF_LOG_MS)]);
      const what = `isotherm ${[command, ...args].join(' ')} (process ${child.pid})`;
      const said = `${what} ended by itself with ${code ?? child.signalCode}:\n${errors.slice(-20).join('\n')}`;
      console.error(said);
      resolve(said);
    });
  });
  watchEnding(addresses.httpUrl, byItself);
  const tell = (signal: NodeJS.Signals) => {
    isTold = true;
    return end(child, ended, signal);
  };
  return {
    ...addresses,
    pid: child.pid ?? 0,
    ended,
    output: () => output,
    log: () => written.join('\n'),
    logged: () => new Map(lines),
    stop: () => tell('SIGTERM'),
    kill: async () => {
      await tell('SIGKILL');
    },
  };
}

/** Runs an administration command to its end; stdout is the result. */
export async function isotherm(
  args: readonly string[],
  options: Pick<ProcessOptions, 'dataDir' | 'env' | 'program'> & {
    readonly stdin?: string;
    /** Ends it with SIGKILL. */
    readonly killed?: AbortSignal;
    /** What it writes to stderr, as it comes. */
    readonly onError?: (text: string) => void;
  },
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, [options.program ?? (await builtProgram()), ...args], {
    cwd: options.dataDir,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...cleanEnvironment(), ISOTHERM_DATA_DIR: options.dataDir, ...options.env },
  });
  options.killed?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
  const collect = async (stream: NodeJS.ReadableStream, onText?: (text: string) => void) => {
    let text = '';
    for await (const chunk of stream.setEncoding('utf8')) {
      text += chunk;
      onText?.(String(chunk));
    }
    return text;
  };
  child.stdin.end(options.stdin ?? '');
  // Its directory may be gone already, with the test that started it.
  const ended = new Promise<number | null>((resolve, reject) => child.once('exit', resolve).once('error', reject));
  child.stdin.on('error', () => {});
  const [stdout, stderr, code] = await Promise.all([
    collect(child.stdout),
    collect(child.stderr, options.onError),
    ended,
  ]);
  return { code, stdout, stderr };
}

async function end(child: ChildProcess, ended: Promise<number | null>, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  return ended;
}

/** Settings of whoever runs the tests must not leak into the program under test. */
function cleanEnvironment(): Record<string, string> {
  const foreign = /^(ISOTHERM_|DATABASE_URL$|REDIS_URL$|MQTT_URL$|NATS_|INFLUX_)/;
  const kept = Object.entries(process.env).filter(([name, value]) => !foreign.test(name) && value !== undefined);
  // Compiled once, the program starts in half the time, and the tests start it often.
  const own = { NODE_COMPILE_CACHE: join(tmpdir(), 'isotherm-test-compile-cache') };
  return { ...Object.fromEntries(kept.map(([name, value]) => [name, String(value)])), ...own };
}
