import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface GatewayProcess {
  readonly pid: number;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<string>;
  kill(): Promise<void>;
  /** SIGTERM, then the exit code or the signal. */
  stop(): Promise<string>;
  /** What it has written to stderr lately. */
  log(): string;
}

/** `isotherm gateway` until it runs. @param program as `app/isotherm.js` is @throws {Error} what it said before it ended */
export async function startGateway(options: {
  readonly program: string;
  readonly config: string;
  readonly cwd: string;
  /** Beside that of whoever starts it. */
  readonly env?: Readonly<Record<string, string>>;
}): Promise<GatewayProcess> {
  const { program, config, cwd } = options;
  const env = { ...process.env, ...options.env };
  const args = [program, 'gateway', '--config', config];
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<string>((resolve) => child.once('exit', (code, by) => resolve(`${code ?? by}`)));
  let said = '';
  child.stderr.on('data', (bytes) => {
    said = `${said}${bytes}`.slice(-4_000);
  });
  const isRunning = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)]);
  if (!isRunning) throw new Error(said);
  child.stdout.resume();
  const end = (by: NodeJS.Signals) => {
    child.kill(by);
    return ended;
  };
  return {
    ...{ pid: child.pid ?? 0, ended, log: () => said, stop: () => end('SIGTERM') },
    kill: async () => {
      await end('SIGKILL');
    },
  };
}
