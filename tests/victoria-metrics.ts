import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './testing/free-port.ts';

type StoredPoints = ReadonlyMap<string, ReadonlyMap<number, number>>;

/**
 * Debian's VictoriaMetrics, which takes InfluxDB's line protocol at /api/v2/write, on a port and directory that outlive
 * its being stopped. Like InfluxDB it is told to keep one point per series and millisecond; of several it would keep
 * the greatest value.
 */
export class VictoriaMetrics {
  readonly #program: string;
  readonly #directory = mkdtempSync(join(tmpdir(), 'isotherm-victoria-'));
  #port = 0;
  #process: ChildProcess | null = null;

  /** @param program the path of victoria-metrics */
  constructor(program: string) {
    this.#program = program;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Settings of an Isotherm that mirrors to it. */
  get environment(): Record<string, string> {
    return { INFLUX_URL: this.url, INFLUX_ORG: 'isotherm', INFLUX_BUCKET: 'readings' };
  }

  async start(): Promise<void> {
    this.#port ||= await freePort();
    const options = {
      httpListenAddr: `127.0.0.1:${this.#port}`,
      storageDataPath: this.#directory,
      retentionPeriod: '100y',
      'dedup.minScrapeInterval': '1ms',
      loggerLevel: 'ERROR',
    };
    const server = spawn(
      this.#program,
      Object.entries(options).map(([name, value]) => `-${name}=${value}`),
      { stdio: 'ignore' },
    );
    this.#process = server;
    while (!(await this.#isHealthy())) {
      if (server.exitCode !== null) throw new Error(`victoria-metrics ended with ${server.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** What it has is on its disk when this resolves. */
  async stop(): Promise<void> {
    const server = this.#process;
    this.#process = null;
    if (server === null || server.exitCode !== null) return;
    server.kill('SIGTERM');
    await once(server, 'exit');
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /**
   * Every stored point of the readings, `device/metric` to its values by time (epoch ms UTC). What it has confirmed it
   * shows a little later, flushed or not: asked again until `isComplete`, and as it is after half a minute.
   */
  async readings(isComplete: (stored: StoredPoints) => boolean = () => true): Promise<StoredPoints> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const stored = await this.#export();
      if (isComplete(stored) || Date.now() > deadline) return stored;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async #export(): Promise<Map<string, Map<number, number>>> {
    await fetch(`${this.url}/internal/force_flush`);
    const response = await fetch(`${this.url}/api/v1/export?match[]=readings_value&start=0`);
    const stored = new Map<string, Map<number, number>>();
    for (const line of (await response.text()).split('\n')) {
      if (line === '') continue;
      const { metric, values, timestamps } = JSON.parse(line) as {
        metric: { device: string; metric: string };
        values: number[];
        timestamps: number[];
      };
      const key = `${metric.device}/${metric.metric}`;
      const points = stored.get(key) ?? new Map<number, number>();
      for (const [i, time] of timestamps.entries()) points.set(time, values[i] ?? Number.NaN);
      stored.set(key, points);
    }
    return stored;
  }

  async #isHealthy(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/health`)).ok;
    } catch {
      return false;
    }
  }
}
