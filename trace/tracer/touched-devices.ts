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
  for (const { from, to, reason, subjects } of seeds.values()) {
    for (const device of await devicesAround(client, [...subjects], from, to))
      add(touched, { device, from, to, reason });
  }
  return [...touched.values()];
}

function add(touched: Map<string, DeviceTouched>, one: DeviceTouched): void {
  touched.set(`${one.device}|${one.from}|${one.to}|${one.reason}`, one);
}

async function devicesAround(
  client: pg.ClientBase,
  subjects: readonly string[],
  from: number,
  to: number | null,
): Promise<string[]> {
  const { rows } = await client.query<{ device: string }>(
    `WITH RECURSIVE around (subject) AS (
       SELECT unnest($1::text[])
       UNION
       SELECT c.parent FROM around a CROSS JOIN LATERAL (
         SELECT parent FROM containment WHERE child = a.subject AND holds
           AND parent IS NOT NULL AND ($3::bigint IS NULL OR since < $3) OFFSET 0) c),
     everything AS (
       SELECT subject FROM around
       UNION
       SELECT p.place FROM around a JOIN presence p ON p.epc = a.subject AND p.holds
        WHERE p.place IS NOT NULL AND ($3::bigint IS NULL OR p.since < $3))
     SELECT DISTINCT t.device FROM everything e JOIN attachments t ON t.subject = e.subject
     WHERE t.holds AND ($3::bigint IS NULL OR t.since < $3) AND (t.until IS NULL OR t.until > $2)`,
    [subjects, from, to],
  );
  return rows.map(({ device }) => device);
}
