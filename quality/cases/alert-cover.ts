import type pg from 'pg';

/** Whether anything of an alert still counts, by what people signed of its cases. */
export interface AlertCover {
  readonly alert: number;
  /** In every case of it a standing step says that all of it does not count; in closed ones, what was signed then. */
  readonly isCovered: boolean;
}

/**
 * Alerts as the standing steps of their cases have them. An excursion is covered where it is excused, or where all of it
 * lies in a stretch that is no part of the journey; the silence of a logger, where the logger is declared lost while it
 * lasts. What a broken logger measured is no matter here: the readings are set aside, and the alert is taken back by that.
 *
 * @param alerts their numbers; those in no case are left out
 */
export async function coverOf(client: pg.ClientBase, alerts: readonly number[]): Promise<readonly AlertCover[]> {
  const { rows } = await client.query<AlertCover>(
    `SELECT m.alert, bool_and(k.step IS NOT NULL) AS "isCovered"
     FROM case_alerts m JOIN cases c ON c.number = m.case_number JOIN alerts a ON a.number = m.alert
       LEFT JOIN LATERAL (
         SELECT s.number AS step FROM case_steps s
         WHERE s.case_number = m.case_number AND s.undoes IS NULL
           AND NOT EXISTS (SELECT FROM case_steps u WHERE u.case_number = s.case_number AND u.undoes = s.number)
           AND CASE s.detail ->> 'step'
             WHEN 'excuse' THEN s.detail ->> 'alert' = a.id
             WHEN 'exclude' THEN s.detail ->> 'device' = a.device AND NOT a.goes_on
               AND (s.detail ->> 'from')::float8 <= extract(epoch FROM a.from_at) * 1000
               AND (s.detail ->> 'to')::float8 >= extract(epoch FROM a.to_at) * 1000
             WHEN 'declare broken' THEN a.kind = 'silence' AND s.detail ->> 'device' = a.device
               AND (a.to_at IS NULL OR (s.detail ->> 'from')::float8 < extract(epoch FROM a.to_at) * 1000)
               AND coalesce((s.detail ->> 'to')::float8, 'infinity') > extract(epoch FROM a.from_at) * 1000
             ELSE false END LIMIT 1) AS k ON true
     WHERE m.alert = ANY($1) AND m.left_at IS NULL AND (c.state <> 'closed' OR k.step IS NOT NULL)
     GROUP BY m.alert ORDER BY m.alert`,
    [alerts],
  );
  return rows;
}

/**
 * Alerts of a case, held until the transaction ends. To be called before the case is locked: who settles alerts holds
 * them first too.
 */
export async function lockAlertsOf(client: pg.ClientBase, caseNo: number): Promise<readonly number[]> {
  const { rows } = await client.query<{ number: number }>(
    `SELECT number FROM alerts WHERE number IN (SELECT alert FROM case_alerts WHERE case_number = $1 AND left_at IS NULL)
     ORDER BY number FOR UPDATE`,
    [caseNo],
  );
  return rows.map(({ number }) => number);
}
