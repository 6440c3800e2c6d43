import type pg from 'pg';
import { SEVERITIES, type Severity, serverWords, type Words } from '../../domain/index.ts';
import { type AlertRow, LISTED_COLUMNS, recordOf } from '../alert-store.ts';
import { type AlertView, alertView } from '../view.ts';
import type { GroupCount, GroupTelling } from './group-clock.ts';
import type { KeptGroup } from './groups.ts';

/** Alerts that a notification lists, newest told first; the page lists them all. */
const ALERTS_IN_MESSAGE = 100;

/** A group as a notification shows it. */
export interface GroupView {
  readonly id: string;
  readonly route: string;
  readonly by: Readonly<Record<string, string>>;
  /** One line for a person. */
  readonly summary: string;
  /** The same by its key, for other languages. */
  readonly words?: Words;
  /** The worst of its alerts. */
  readonly severity: Severity;
  readonly openedAt: string;
  /** Of all alerts of which somebody was told. */
  readonly counts: GroupCount;
  /** How many of them are told for the first time. */
  readonly added: number;
  readonly alerts: readonly Omit<AlertView, 'evidence'>[];
}

/** The group as it stands in this transaction. @param toldNow numbers of alerts that are told for the first time */
export async function groupView(
  client: pg.ClientBase,
  { id, route, by, openedAt }: KeptGroup,
  counts: GroupCount,
  telling: GroupTelling,
  toldNow: readonly number[],
): Promise<GroupView> {
  const members = `SELECT alert FROM alert_group_members WHERE grp = $1 AND (told_at IS NOT NULL OR alert = ANY($2))`;
  const { rows } = await client.query<AlertRow>(
    `SELECT ${LISTED_COLUMNS} FROM alerts WHERE number IN (${members})
     ORDER BY number = ANY($2) DESC, number LIMIT ${ALERTS_IN_MESSAGE}`,
    [id, toldNow],
  );
  const { rows: severities } = await client.query<{ severity: Severity }>(
    `SELECT DISTINCT severity FROM alerts WHERE number IN (${members})`,
    [id, toldNow],
  );
  const alerts = rows.map((row) => {
    const { evidence: _, ...view } = alertView(recordOf(row).alert, []);
    return view;
  });
  const severity = SEVERITIES.findLast((one) => severities.some(({ severity }) => severity === one)) ?? 'info';
  const about = Object.values(by).join(', ') || route;
  const words: Words = { key: `summary.group.${telling}`, values: { ...counts, about, added: toldNow.length } };
  return {
    ...{
      id: String(id),
      route,
      by,
      words,
      summary: serverWords(words),
      severity,
      counts,
      added: toldNow.length,
      alerts,
    },
    openedAt: new Date(openedAt).toISOString(),
  };
}
