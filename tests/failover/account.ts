import { pause } from '../chaos/round.ts';
import type { System } from '../chaos/system.ts';
import { accountOfReadings } from '../chaos/truth.ts';
import type { Load } from './load.ts';

const THERE_WITHIN_MS = 60_000;
const LOOK_MS = 300;

/** Of what was acknowledged, by its words. */
export interface Loss {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly differing: readonly string[];
}

/** What is lost or there twice of a load that has ended; what is only late is waited for. */
export async function lossOf(system: System, load: Load): Promise<Loss> {
  const deadline = performance.now() + THERE_WITHIN_MS;
  for (;;) {
    const readings = await accountOfReadings(system.database, load.device, load.sent).catch(() => null);
    if (readings !== null && (readings.lost.length === 0 || performance.now() > deadline)) {
      const holds = await lossOfHolds(system, load);
      return {
        lost: [...readings.lost, ...holds.lost],
        doubled: [...readings.doubled, ...holds.doubled],
        differing: [...readings.differing, ...(await holesOf(system))],
      };
    }
    if (performance.now() > deadline + THERE_WITHIN_MS) throw new Error('the database does not answer');
    await pause(LOOK_MS);
  }
}

/** Each is a row, with its release, and two entries of the audit trail. */
async function lossOfHolds(system: System, { device, holds }: Load): Promise<Pick<Loss, 'lost' | 'doubled'>> {
  const subject = `device:${device}`;
  const { rows } = await system.database.query<{ reason: string; released: string | null }>(
    'SELECT reason, release_reason AS released FROM holds WHERE subject = $1',
    [subject],
  );
  const { rows: entries } = await system.database.query<{ action: string; times: number }>(
    `SELECT action, count(*)::int AS times FROM audit_entries
      WHERE subject = $1 AND action IN ('hold.set', 'hold.release') GROUP BY action`,
    [subject],
  );
  const lost: string[] = [];
  const doubled: string[] = [];
  const found = Map.groupBy(rows, ({ reason }) => reason);
  for (const reason of holds) {
    const [row, ...more] = found.get(reason) ?? [];
    if (row === undefined) lost.push(`hold of ${reason}`);
    else if (row.released !== reason) lost.push(`release of ${reason}`);
    if (more.length > 0) doubled.push(`hold of ${reason}`);
  }
  for (const action of ['hold.set', 'hold.release']) {
    const times = entries.find((one) => one.action === action)?.times ?? 0;
    const text = `${times} entries ${action} of ${holds.length}`;
    if (times < holds.length) lost.push(text);
    if (times > holds.length) doubled.push(text);
  }
  return { lost, doubled };
}

/** What the platform itself calls lost of the log of readings. */
async function holesOf(system: System): Promise<string[]> {
  const { rows } = await system.database.query<{ hole: string }>(
    `SELECT concat_ws(' ', reason, first, last) AS hole FROM log_holes ORDER BY first`,
  );
  return rows.map(({ hole }) => `a hole in the log of readings: ${hole}`);
}
