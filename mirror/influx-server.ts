import { HttpError, InfluxDB, type WriteApi } from '@influxdata/influxdb-client';
import { UnavailableError } from '../domain/index.ts';

/** Where the mirror writes: InfluxDB 2, or whatever speaks its `/api/v2/write`. */
export interface InfluxSettings {
  readonly url: string;
  /** Null for a server that asks for none. */
  readonly token: string | null;
  readonly org: string;
  readonly bucket: string;
}

/** Points were refused for what they are: sending the same again would not mend it. */
export interface Refusal {
  /** As the server says it. */
  readonly reason: string;
  /** How many the server says it left out, the others being written; null where it does not say. */
  readonly dropped: number | null;
}

/** Most points in one request: what InfluxData recommends ("Optimize writes": 5,000 lines). */
export const REQUEST_POINTS = 5_000;

/** A request without an answer for this long has failed. */
const TIMEOUT_MS = 10_000;
/** Smaller bodies are not worth packing. */
const GZIP_FROM_BYTES = 1_000;

/**
 * What says that points are wrong, not their sender or the server: malformed, too many bytes, field type or retention
 * (InfluxDB 2 API reference, POST /api/v2/write). Credentials (401, 403) and an absent bucket (404) are mended there.
 */
const ABOUT_POINTS = new Set([400, 413, 422]);
/** "partial write: points beyond retention policy dropped=17" */
const DROPPED = /partial write\b.*\bdropped=(\d+)/s;

/** Sends one request at a time and says what became of it. Never retries by itself: the log does. */
export class InfluxServer {
  readonly #api: WriteApi;
  readonly #stopping: AbortSignal;

  constructor({ url, token, org, bucket }: InfluxSettings, stopping: AbortSignal) {
    const client = new InfluxDB({ url, timeout: TIMEOUT_MS, ...(token === null ? {} : { token }) });
    this.#api = client.getWriteApi(org, bucket, 'ms', {
      // Nothing leaves before `flush`, whose promise is the only one the client does not swallow.
      batchSize: REQUEST_POINTS + 1,
      flushInterval: 0,
      maxRetries: 0,
      gzipThreshold: GZIP_FROM_BYTES,
      // Without this the client prints the error.
      writeFailed: (error) => Promise.reject(error),
    });
    this.#stopping = stopping;
  }

  /**
   * Resolves when the server has confirmed the points (null) or refused them.
   *
   * @param lines line protocol with times in ms, at most {@link REQUEST_POINTS}
   * @throws {UnavailableError} INFLUX_UNAVAILABLE away, busy, not letting us in, or we are stopping; whether the points
   * were written is unknown, and sending them again is harmless
   */
  async write(lines: readonly string[]): Promise<Refusal | null> {
    this.#api.writeRecords([...lines]);
    try {
      await orStopped(this.#api.flush(), this.#stopping);
      return null;
    } catch (error) {
      if (error instanceof HttpError && ABOUT_POINTS.has(error.statusCode)) {
        const dropped = DROPPED.exec(error.message)?.[1];
        return { reason: error.message, dropped: dropped === undefined ? null : Number(dropped) };
      }
      const reason = error instanceof Error ? error.message || error.name : String(error);
      throw new UnavailableError('INFLUX_UNAVAILABLE', `InfluxDB takes no points now: ${reason}`, {}, error);
    }
  }
}

/** The client cannot be interrupted; whoever stops does not wait for its time-out. */
function orStopped(request: Promise<void>, stopping: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new Error('stopping'));
    if (stopping.aborted) stop();
    stopping.addEventListener('abort', stop, { once: true });
    request.then(resolve, reject).finally(() => stopping.removeEventListener('abort', stop));
  });
}
