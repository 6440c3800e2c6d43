import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientBase } from 'pg';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { METRICS } from '../../domain/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { DASHBOARDS, grafanaFiles } from './files.ts';
import { INFLUX, POSTGRES } from './sources.ts';
import { playJourney, VIEW } from './testing/journey.ts';
import { asSent } from './testing/macros.ts';
import { panelsOf, sqlQueries } from './testing/queries.ts';

const here = import.meta.dirname;

describe('what is committed', () => {
  test.each([...grafanaFiles()])(
    '%s is what the code builds (node dashboards/grafana/files.ts writes it)',
    (path, built) => {
      expect(readFileSync(join(here, path), 'utf8')).toBe(built);
    },
  );

  test('the data sources have the names the dashboards ask for', () => {
    const text = readFileSync(join(here, 'provisioning/datasources/isotherm.yaml'), 'utf8');
    const { datasources } = parse(text) as { datasources: { uid: string; type: string }[] };
    expect(datasources.map(({ uid, type }) => ({ type, uid }))).toEqual([POSTGRES, INFLUX]);
  });
});

describe.each(DASHBOARDS.map((dashboard) => [dashboard.title ?? '', dashboard] as const))(
  'the dashboard %s',
  (_, dashboard) => {
    const panels = dashboard.panels ?? [];

    test('has each panel once, inside the 24 columns, covering no other', () => {
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      const taken = new Set<string>();
      for (const { gridPos, title } of panels) {
        const { x, y, w, h } = gridPos ?? { x: -1, y: 0, w: 0, h: 0 };
        expect(x >= 0 && x + w <= 24 && w > 0 && h > 0, title).toBe(true);
        for (let column = x; column < x + w; column++) {
          for (let row = y; row < y + h; row++) {
            expect(taken.has(`${column},${row}`), `${title} at ${column},${row}`).toBe(false);
            taken.add(`${column},${row}`);
          }
        }
      }
    });

    test('uses only variables it has, and those Grafana gives', () => {
      const own = new Set((dashboard.templating.list ?? []).map(({ name }) => name));
      const used = [...JSON.stringify(dashboard).matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name);
      expect(used.filter((name) => !own.has(name) && !name.startsWith('__'))).toEqual([]);
    });

    test('leads to dashboards that exist and to pages of Isotherm that exist', () => {
      const text = JSON.stringify(dashboard);
      const uids = DASHBOARDS.map(({ uid }) => uid);
      for (const [, uid = ''] of text.matchAll(/\/d\/([\w-]+)/g)) expect(uids).toContain(uid);
      const pages = [...text.matchAll(/\$\{isotherm:raw\}\/(\w*)/g)].map(([, page = '']) => page);
      const routes = readFileSync(join(here, '../web/src/routes.tsx'), 'utf8');
      expect(pages.length).toBeGreaterThan(0);
      for (const page of pages.filter((name) => name !== '')) expect(routes).toContain(`path: '${page}`);
    });

    test('asks each panel of the source it names', () => {
      for (const { title, datasource, targets = [] } of panelsOf(dashboard)) {
        expect(targets.length, title).toBeGreaterThan(0);
        for (const target of targets) expect(target, title).toMatchObject({ datasource });
      }
    });
  },
);

describe('every query, as Grafana sends it, as the role that reads', async () => {
  const database = await testDatabase();
  beforeAll(async () => {
    await playJourney(database, { devices: 20, readings: 8_640, stepMs: 10_000 });
    await database.query('ANALYZE');
  });

  it.each(sqlQueries().map((query) => [query.where, query] as const))('%s', async (_, { rawSql, kind }) => {
    const client = await database.pool.connect();
    try {
      await client.query('BEGIN READ ONLY');
      await client.query('SET LOCAL ROLE isotherm_reader');
      const { rows, fields } = await client.query(asSent(rawSql, VIEW));
      expect(rows.length).toBeGreaterThan(0);
      const names = fields.map(({ name }) => name);
      if (kind === 'annotation') expect(names).toEqual(['time', 'timeend', 'text', 'tags']);
      if (kind === 'rule') expect([names.length, rows.length]).toEqual([1, 1]);
      // A whole partition is never read for some devices' readings.
      await client.query('RESET ROLE');
      expect(await scansOfReadings(client)).toBe(0);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });

  it('would show a scan of a whole partition', async () => {
    const scans = await database.transaction(async (client) => {
      await client.query('SELECT count(*) FROM readings');
      return scansOfReadings(client);
    });
    expect(scans).toBeGreaterThan(0);
  });

  it.each([
    ['who signs in', 'SELECT * FROM users'],
    ['the tables behind the views', 'SELECT * FROM readings'],
  ])('does not read %s', async (_, statement) => {
    await expect(asReader(statement)).rejects.toThrow('permission denied');
  });

  it.each(['DELETE FROM grafana.devices', `INSERT INTO grafana.metrics VALUES (9, 'x', '')`])(
    'changes nothing: %s',
    async (statement) => {
      await expect(asReader(statement)).rejects.toThrow('permission denied');
    },
  );

  it('names metrics as the rest of the house does', async () => {
    const { rows } = await database.query('SELECT code, metric AS name, unit FROM grafana.metrics ORDER BY code');
    expect(rows).toEqual(METRICS.map(({ code, name, unit }) => ({ code, name, unit })));
  });

  it('finds the extremes of a bucket, not their average', async () => {
    const { rows } = await database.query<{ n: number; min: number; max: number }>(
      `SELECT n, min, max FROM grafana.readings('{logger-0}', 'temperature', '2026-11-22T10:00Z', '2026-11-22T11:00Z', '1 h')`,
    );
    expect(rows).toEqual([{ n: 360, min: 5, max: 8 }]);
  });

  async function asReader(statement: string): Promise<void> {
    await database.transaction(async (client) => {
      await client.query('SET LOCAL ROLE isotherm_reader');
      await client.query(statement);
    });
  }
});

/** Partitions read from end to end in this transaction. */
async function scansOfReadings(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ scans: number }>(
    `SELECT coalesce(sum(pg_stat_get_xact_numscans(inhrelid)), 0)::int AS scans
     FROM pg_inherits WHERE inhparent = 'readings'::regclass`,
  );
  return rows[0]?.scans ?? 0;
}
