import type pg from 'pg';
import type { Changed, SubjectChanged } from '../statements/index.ts';

/** Exposures to a device during [from, to) may have changed. */
export interface DeviceTouched {
  readonly device: string;
  readonly from: number;
  readonly to: number | null;
  readonly reason: string;
}

/** Changed intervals of each kind, with why, for a person. */
export type ChangedIntervals = { readonly reason: string } & (
  | { readonly kind: 'containment' | 'presence'; readonly changed: readonly Changed[] }
  /** The subjects are devices. */
  | { readonly kind: 'attachment'; readonly changed: readonly SubjectChanged[] }
);

/**
 * Devices whose affected serials may be others now: attached to what the subject was or is in or at, or to anything
 * around that, during the stretch that changed. More than needed does no harm; fewer would leave an alert wrong.
 */
export async function devicesTouched(
  client: pg.ClientBase,
  changes: readonly ChangedIntervals[],
): Promise<DeviceTouched[]> {
  const touched = new Map<string, DeviceTouched>();
  const seeds = new Map<string, { from: number; to: number | null; reason: string; subjects: Set<string> }>();
  for (const { kind, changed, reason } of changes) {
    if (kind === 'attachment') {
      for (const { subject, from, to } of changed) add(touched, { device: subject, from, to, reason });
    }
    for (const { before, after, from, to } of changed) {
      const stretch = `${from}|${to}|${reason}`;
      const seed = seeds.get(stretch) ?? { from, to, reason, subjects: new Set<string>() };
      if (before !== null) seed.subjects.add(before);
      if (after !== null) seed.subjects.add(after);
      seeds.set(stretch, seed);
    }
  }
  for (const one of await devicesAround(client, [...seeds.values()])) add(touched, one);
  return [...touched.values()];
}

function add(touched: Map<string, DeviceTouched>, one: DeviceTouched): void {
  touched.set(`${one.device}|${one.from}|${one.to}|${one.reason}`, one);
}

interface Seed {
  readonly from: number;
  readonly to: number | null;
  readonly reason: string;
  readonly subjects: ReadonlySet<string>;
}

async function devicesAround(client: pg.ClientBase, seeds: readonly Seed[]): Promise<DeviceTouched[]> {
  if (seeds.length === 0) return [];
  const subjects = seeds.flatMap(({ subjects }, n) => [...subjects].map((subject) => ({ n, subject })));
  const { rows } = await client.query<{ n: number; device: string }>(
    `WITH RECURSIVE seed (n, since, until) AS (
       SELECT n - 1, since, until FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS s (since, until, n)),
     around (n, until, subject) AS (
       SELECT n, s.until, a.subject FROM unnest($3::bigint[], $4::text[]) AS a (n, subject) JOIN seed s USING (n)
       UNION
       SELECT a.n, a.until, c.parent FROM around a CROSS JOIN LATERAL (
         SELECT parent FROM containment WHERE child = a.subject AND holds
           AND parent IS NOT NULL AND (a.until IS NULL OR since < a.until) OFFSET 0) c),
     everything (n, subject) AS (
       SELECT n, subject FROM around
       UNION
       SELECT a.n, p.place FROM around a CROSS JOIN LATERAL (
         SELECT place FROM presence WHERE epc = a.subject AND holds
           AND place IS NOT NULL AND (a.until IS NULL OR since < a.until) OFFSET 0) p)
     SELECT DISTINCT e.n::integer AS n, t.device FROM everything e JOIN seed s USING (n) CROSS JOIN LATERAL (
       SELECT device, since, until FROM attachments WHERE subject = e.subject AND holds OFFSET 0) AS t
     WHERE (s.until IS NULL OR t.since < s.until) AND (t.until IS NULL OR t.until > s.since)`,
    [
      ...[seeds.map(({ from }) => from), seeds.map(({ to }) => to)],
      ...[subjects.map(({ n }) => n), subjects.map(({ subject }) => subject)],
    ],
  );
  return rows.flatMap(({ n, device }) => {
    const seed = seeds[n];
    return seed === undefined ? [] : [{ device, from: seed.from, to: seed.to, reason: seed.reason }];
  });
}
