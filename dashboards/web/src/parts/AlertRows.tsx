import { Link } from 'react-router';
import type { AlertView } from '../../../api/index.ts';
import { headline, STATE_WORDS, whereabouts, worst } from '../words/alert.ts';
import { count } from '../words/figures.ts';
import { ago } from '../words/when.ts';
import { SeverityMark } from './Marks.tsx';
import { When } from './When.tsx';

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
    <ul className="panel rows">
      {alerts.map((alert) => (
        <li key={alert.id}>
          <Link
            to={`/alerts/${encodeURIComponent(alert.id)}`}
            className={`alert-row ${isNew(alert.id) ? 'alert-new' : ''}`}
          >
            <SeverityMark alert={alert} />
            <span className="alert-what">
              <span className="alert-title">
                {headline(alert, now)}
                {isNew(alert.id) ? <span className="tag tag-new">New</span> : null}
                {alert.detectedLate ? <span className="tag">Found late</span> : null}
              </span>
              <span className="alert-where muted">{whereabouts(alert).join(' · ')}</span>
            </span>
            <span className="alert-worst muted figure">{worst(alert) ?? ''}</span>
            <span className="alert-count">
              <b className="figure">{count(alert.affected.count)}</b>
              <span className="muted">{alert.affected.count === 1 ? 'serial' : 'serials'}</span>
            </span>
            <span className="alert-when">
              <When at={alert.from} zone={alert.about.zone} />
              <span className="muted">{since(alert, now)}</span>
            </span>
            <span className={`state state-${alert.state}`}>{STATE_WORDS[alert.state]}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function since(alert: AlertView, now: number): string {
  const isOver = alert.to !== null && (alert.evidence.endedBy !== null || alert.kind !== 'threshold');
  return isOver ? ago(Date.parse(alert.to ?? alert.from), now) : 'still going on';
}
