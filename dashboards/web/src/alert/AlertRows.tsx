import { Link } from 'react-router';
import type { AlertView } from '../../../api/index.ts';
import { SeverityMark } from '../parts/Marks.tsx';
import { When } from '../parts/When.tsx';
import { say } from '../text/say.ts';
import { headline, STATE_WORDS, whereabouts, worst } from '../words/alert.ts';
import { count } from '../words/figures.ts';
import { ago } from '../words/when.ts';
import css from './AlertRows.module.css';

/** Alerts as rows: what, on what, since when, how many serials, and whether anyone is on it. */
export function AlertRows({
  alerts,
  now,
  isNew = () => false,
}: {
  alerts: readonly AlertView[];
  now: number;
  isNew?: (id: string) => boolean;
}) {
  return (
    <ul className={`panel ${css.rows}`}>
      {alerts.map((alert) => (
        <li key={alert.id}>
          <AlertLink alert={alert} now={now} isNew={isNew(alert.id)} />
        </li>
      ))}
    </ul>
  );
}

/** One alert, to be opened. @param note what there is to say of the row itself */
export function AlertLink({
  alert,
  now,
  isNew = false,
  note = null,
}: {
  alert: AlertView;
  now: number;
  isNew?: boolean;
  note?: string | null;
}) {
  return (
    <Link
      to={`/alerts/${encodeURIComponent(alert.id)}`}
      className={`alert-row ${css.alertRow} ${isNew ? css.alertNew : ''}`}
    >
      <SeverityMark alert={alert} />
      <span className={css.alertWhat}>
        <span className={css.alertTitle}>
          {headline(alert, now)}
          {note === null ? null : <span className="tag">{note}</span>}
          {isNew ? <span className="tag tag-new">{say('alert.new')}</span> : null}
          {alert.detectedLate ? <span className="tag">{say('alert.foundLate')}</span> : null}
          {isSnoozed(alert, now) ? <span className="tag">{say('alert.snoozed')}</span> : null}
          {alert.assignedTo === null || !isStanding(alert) ? null : (
            <span className="tag">{say('alert.assignedTo', { name: alert.assignedTo })}</span>
          )}
        </span>
        <span className={`${css.alertWhere} muted`}>{whereabouts(alert).join(' · ')}</span>
      </span>
      <span className={`${css.alertWorst} muted figure`}>{worst(alert) ?? ''}</span>
      <span className={css.alertCount}>
        <b className="figure">{count(alert.affected.count)}</b>
        <span className="muted">{alert.affected.count === 1 ? say('alert.serial') : say('alert.serials2')}</span>
      </span>
      <span className={css.alertWhen}>
        <When at={alert.from} />
        <span className="muted">{since(alert, now)}</span>
      </span>
      <span className={`state state-${alert.state}`}>{STATE_WORDS[alert.state]}</span>
    </Link>
  );
}

function isStanding({ state }: AlertView): boolean {
  return state === 'open' || state === 'acknowledged';
}

function isSnoozed(alert: AlertView, now: number): boolean {
  return isStanding(alert) && alert.snoozedUntil !== null && Date.parse(alert.snoozedUntil) > now;
}

function since(alert: AlertView, now: number): string {
  const isOver = alert.to !== null && (alert.evidence.endedBy !== null || alert.kind !== 'threshold');
  return isOver ? ago(Date.parse(alert.to ?? alert.from), now) : say('alert.stillGoingOn2');
}
