import type pg from 'pg';
import {
  type ClearanceFinding,
  type DoorLight,
  lightOf,
  type ShownLight,
  serverText,
  type Verdict,
} from '../../domain/index.ts';

/** A light as a gateway reported it, with the log position it came at. */
export interface ReportedLight {
  readonly gateway: string;
  readonly position: number;
  readonly light: ShownLight;
}

/** That the door had shown another answer than the platform's, or, `differs` null, that it had not after all. */
export interface DifferenceChange {
  readonly pass: number;
  readonly gateway: string;
  readonly shown: DoorLight;
  readonly manifest: number;
  readonly before: string | null;
  readonly differs: string | null;
}

/** Keeps what lights showed; a report that comes again changes nothing. @returns passes that they were about */
export async function keepShownLights(client: pg.ClientBase, reported: readonly ReportedLight[]): Promise<number[]> {
  if (reported.length === 0) return [];
  const lights = reported.map(({ light }) => light);
  await client.query(
    `INSERT INTO door_lights (portal, gateway, at, since, until, light, manifest, reason, position)
     SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[],
       $8::text[], $9::bigint[]) ON CONFLICT DO NOTHING`,
    [
      lights.map(({ portal }) => portal),
      reported.map(({ gateway }) => gateway),
      ...[lights.map(({ at }) => at), lights.map(({ from }) => from), lights.map(({ to }) => to)],
      ...[lights.map(({ light }) => light), lights.map(({ manifest }) => manifest)],
      lights.map(({ reason }) => reason),
      reported.map(({ position }) => position),
    ],
  );
  const { rows } = await client.query<{ id: number }>(
    `SELECT DISTINCT p.id FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS l (portal, since, until)
       JOIN passes p ON p.portal = l.portal AND p.since < l.until AND p.until > l.since AND p.since > l.since - 3600000`,
    [lights.map(({ portal }) => portal), lights.map(({ from }) => from), lights.map(({ to }) => to)],
  );
  return rows.map(({ id }) => id);
}

/* No pass is near an hour long: the hour in these queries keeps them from reading all that a door ever showed. */

/** The last light that each gateway showed of the pass `passes`, as JSON. */
export const SHOWN_LIGHTS = `(SELECT coalesce(json_agg(json_build_object('gateway', l.gateway, 'at', l.at, 'light', l.light,
    'manifest', l.manifest, 'reason', l.reason, 'differs', l.differs) ORDER BY l.gateway), '[]')
  FROM (SELECT DISTINCT ON (gateway) * FROM door_lights d WHERE d.portal = passes.portal AND d.since < passes.until
    AND d.since > passes.since - 3600000 AND d.until > passes.since ORDER BY gateway, at DESC) AS l) AS "shownLights"`;

interface Compared {
  readonly pass: number;
  readonly gateway: string;
  readonly portal: string;
  readonly since: number;
  readonly at: number;
  readonly light: DoorLight;
  readonly manifest: number;
  readonly differs: string | null;
  readonly verdict: Verdict;
  readonly may_move_on: boolean | null;
  readonly findings: readonly ClearanceFinding[] | null;
}

/**
 * Compares what doors showed of passes at the end with what the platform says of them once it has everything, and keeps
 * where the two differ. Amber said that the gateway did not know: it differs from nothing.
 */
export async function restateDifferences(
  client: pg.ClientBase,
  passes: readonly number[],
): Promise<DifferenceChange[]> {
  if (passes.length === 0) return [];
  const { rows } = await client.query<Compared>(
    `SELECT DISTINCT ON (p.id, l.gateway) p.id AS pass, l.gateway, l.portal, l.since, l.at, l.light, l.manifest, l.differs,
       p.verdict, c.may_move_on, c.findings
     FROM passes p JOIN door_lights l ON l.portal = p.portal AND l.since < p.until AND l.until > p.since
         AND l.since > p.since - 3600000
       LEFT JOIN LATERAL (SELECT may_move_on, findings FROM pass_clearances WHERE pass = p.id
         ORDER BY revision DESC LIMIT 1) c ON true
     WHERE p.id = ANY($1::bigint[]) AND p.verdict IS NOT NULL AND NOT p.is_provisional
     ORDER BY p.id, l.gateway, l.at DESC`,
    [passes],
  );
  const changes: DifferenceChange[] = [];
  for (const row of rows) {
    const differs = differenceOf(row);
    if (differs === row.differs) continue;
    await client.query(
      'UPDATE door_lights SET differs = $5 WHERE portal = $1 AND since = $2 AND at = $3 AND gateway = $4',
      [row.portal, row.since, row.at, row.gateway, differs],
    );
    const { pass, gateway, light: shown, manifest, differs: before } = row;
    changes.push({ pass, gateway, shown, manifest, before, differs });
  }
  return changes;
}

function differenceOf({ light: shown, at, manifest, verdict, may_move_on, findings }: Compared): string | null {
  const light = lightOf(verdict, { mayMoveOn: may_move_on ?? true });
  if (shown === 'amber' || shown === light) return null;
  const stop = findings?.find(({ stops }) => stops);
  const clock = new Date(at).toISOString().slice(11, 16);
  return serverText('door.differs', {
    ...{ shown, at: clock, manifest, light },
    reason: stop === undefined ? verdict.reason : `${stop.reason} (${stop.count})`,
  });
}
