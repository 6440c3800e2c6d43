import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ReadingBuilder, UnavailableError } from '../domain/index.ts';
import { InfluxServer } from './influx-server.ts';
import { gathered, pointLines } from './points.ts';
import { send } from './sender.ts';
import { InfluxStub } from './testing/influx-stub.ts';

const influx = new InfluxStub();
let server: InfluxServer;

beforeAll(async () => {
  await influx.start();
  const settings = { url: influx.url, token: 's3cret', org: 'a b', bucket: 'readings' };
  server = new InfluxServer(settings, new AbortController().signal);
});
beforeEach(() => influx.reset());
afterAll(() => influx.stop());

describe('points', () => {
  it('are named by what identifies a reading, with times in ms, and rows that are not stored are none', () => {
    const rows = new ReadingBuilder();
    rows.add('logger-7', 1, 1_700_000_000_123, 0);
    rows.add('logger-7.probe:1', 2, 1_700_000_000_124, 0);
    rows.add('logger-7', 8, 1_700_000_000_125, 0);
    expect(pointLines(rows.view(), Float64Array.of(5.1, 1e-7, Number.NaN))).toEqual([
      'readings,device=logger-7,metric=temperature value=5.1 1700000000123',
      'readings,device=logger-7.probe:1,metric=humidity value=1e-7 1700000000124',
    ]);
  });

  it('are gathered from records of any size, none lost, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), fc.integer({ min: 1, max: 30 }), (sizes, most) => {
        let number = 0;
        const parts = sizes.map((size) => {
          const rows = new ReadingBuilder();
          for (let n = 0; n < size; n++) rows.add(`d-${n % 3}`, 1, number++, n);
          return rows.view();
        });
        const pages: number[][] = [];
        for (const { count, time } of gathered(parts, most)) pages.push([...time.subarray(0, count)]);
        expect(pages.flat()).toEqual(Array.from({ length: number }, (_, n) => n));
        expect(pages.slice(0, -1).every((page) => page.length === most)).toBe(true);
      }),
    );
  });
});

describe('a request', () => {
  it('is packed, signed and names organization, bucket and precision', async () => {
    const lines = Array.from({ length: 5_000 }, (_, n) => `readings,device=d value=${n} ${n}`);
    expect(await server.write(lines)).toBeNull();
    const [request] = influx.requests;
    expect(request).toEqual({
      url: '/api/v2/write?org=a%20b&bucket=readings&precision=ms',
      authorization: 'Token s3cret',
      isGzipped: true,
      lines,
    });
    expect(influx.requests).toHaveLength(1);
  });

  it.each([401, 403, 404, 408, 429, 500, 503, 200, 302])(
    'answered %i says nothing about the points: they are sent again',
    async (status) => {
      influx.answer = () => ({ status, message: 'not now' });
      await expect(server.write(['a v=1 1'])).rejects.toBeInstanceOf(UnavailableError);
    },
  );

  it('that is not answered is given up when the platform stops', async () => {
    const stop = new AbortController();
    const hung = new InfluxServer({ url: influx.url, token: null, org: 'o', bucket: 'b' }, stop.signal);
    const asked = new Promise<void>((resolve) => {
      influx.answer = () => {
        resolve();
        return null;
      };
    });
    const written = hung.write(['a v=1 1']).catch((error: unknown) => error);
    await asked;
    stop.abort();
    expect(await written).toMatchObject({ code: 'INFLUX_UNAVAILABLE' });
  });
});

describe('refused points', () => {
  it('are found one by one where the server refuses the whole request; all others are written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), async (areBad) => {
        const written = new Set<string>();
        influx.answer = (lines) => {
          const bad = lines.find((line) => line.startsWith('bad'));
          if (bad !== undefined) return { status: 400, message: `unable to parse '${bad}'` };
          for (const line of lines) written.add(line);
          return { status: 204 };
        };
        const lines = areBad.map((isBad, n) => `${isBad ? 'bad' : 'good'} v=1 ${n}`);
        const refused = await send(server, lines);
        expect(refused).toEqual(
          lines.filter((_, n) => areBad[n]).map((line) => ({ lines: [line], reason: `unable to parse '${line}'` })),
        );
        expect([...written].sort()).toEqual(lines.filter((_, n) => !areBad[n]).sort());
      }),
      { numRuns: 30 },
    );
  });

  it('cost one request where the server says that it left out every one', async () => {
    influx.answer = (lines) => ({
      status: 422,
      message: `failure writing points to database: partial write: points beyond retention policy dropped=${lines.length}`,
    });
    const lines = Array.from({ length: 5_000 }, (_, n) => `old v=1 ${n}`);
    const refused = await send(server, lines);
    expect(influx.requests).toHaveLength(1);
    expect(refused).toEqual([{ lines, reason: expect.stringContaining('points beyond retention policy') }]);
  });
});
