import type { DeviceRange } from '../domain/index.ts';
import type { Database } from '../storage/index.ts';

/** What alerts that nobody has resolved yet are about. */
export interface Investigations {
  readonly shipments: readonly string[];
  /** The device of each, from the alert's beginning on; Infinity while it runs. */
  readonly ranges: readonly DeviceRange[];
}

/** Open and acknowledged alerts are under investigation: nothing that they rest on may be deleted. */
export async function investigations(database: Database): Promise<Investigations> {
  const { rows } = await database.query<{
    shipments: string[];
    device: string | null;
    from: number;
    to: number | null;
  }>(
    `SELECT shipments, device, from_at AS "from", CASE WHEN goes_on THEN NULL ELSE to_at END AS "to" FROM alerts WHERE state IN ('open', 'acknowledged')`,
  );
  return {
    shipments: [...new Set(rows.flatMap(({ shipments }) => shipments))],
    ranges: rows.flatMap(({ device, from, to }) =>
      device === null ? [] : [{ device, from, to: to ?? Number.POSITIVE_INFINITY }],
    ),
  };
}
