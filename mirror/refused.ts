import type { Effects } from '../domain/index.ts';
import { clientOf, timestamp } from '../storage/index.ts';
import type { RefusedPoints } from './sender.ts';

/** Refusals kept for a person to look at; what they were about is in `readings` anyway. */
const KEPT = 1_000;

/** Keeps refused points with their reason, in the transaction that moves past them. @param at epoch ms UTC */
export async function keepRefused(effects: Effects, refused: readonly RefusedPoints[], at: number): Promise<void> {
  if (refused.length === 0) return;
  const client = clientOf(effects);
  await client.query(
    `INSERT INTO influx_refused (at, reason, points, lines)
     SELECT $1, * FROM unnest($2::text[], $3::int[], $4::text[])`,
    [
      timestamp(at),
      refused.map(({ reason }) => reason),
      refused.map(({ lines }) => lines.length),
      refused.map(({ lines }) => lines.join('\n')),
    ],
  );
  await client.query('DELETE FROM influx_refused WHERE id <= (SELECT max(id) FROM influx_refused) - $1', [KEPT]);
}
