import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { Link, useParams } from 'react-router';
import type { AlertDetail } from '../../../api/index.ts';
import { NEW_ALERTS } from '../live/apply.ts';
import { useNow } from '../live/useNow.ts';
import { SeverityMark } from '../parts/Marks.tsx';
import { Failed, Loading } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { WhenExact } from '../parts/When.tsx';
import { useSiteZone, useZone } from '../parts/Zone.tsx';
import { PassDamages } from '../portal/PassDamages.tsx';
import { PassSummary } from '../portal/PassSummary.tsx';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import {
  ENDED_WORDS,
  headline,
  isOfPass,
  limitOf,
  SEVERITY_WORDS,
  STATE_WORDS,
  sentence,
  worst,
} from '../words/alert.ts';
import { count } from '../words/figures.ts';
import { unitText } from '../words/printed.ts';
import { span } from '../words/when.ts';
import { AffectedSerials } from './AffectedSerials.tsx';
import css from './Alert.module.css';
import { AlertActions, AlertHistory } from './AlertActions.tsx';
import { AlertNotices } from './AlertNotices.tsx';
import { AlertStory } from './AlertStory.tsx';
import { AlertVerdicts } from './AlertVerdicts.tsx';
import { useAlert } from './alert-queries.ts';
import { ExcursionChart } from './ExcursionChart.tsx';
import { ReceivedMessage } from './ReceivedMessage.tsx';

/** Everything about one alert: what happened, to which serials, why it was raised, and who does what about it. */
export function AlertPage() {
  const { id = '' } = useParams();
  const now = useNow();
  const { data: alert, error, isPending, refetch } = useAlert(id);
  useSeen(id);
  useSiteZone(alert?.about.zone);
  const zone = useZone();
  useTitle(alert === undefined ? null : headline(alert, now));
  if (isPending) return <Loading rows={5} height={90} />;
  if (alert === undefined)
    return (
      <Failed error={error ?? new Error('')} isScreen what={say('alert.thisAlert')} onRetry={() => void refetch()} />
    );
  const isMeasured = alert.subject.device !== undefined;
  return (
    <article>
      <header>
        <p className="crumbs">
          <Link to="/alerts">{say('alert.alerts')}</Link>
          <span className={`state state-${alert.state}`}>{STATE_WORDS[alert.state]}</span>
          <span className="muted">{SEVERITY_WORDS[alert.severity]}</span>
          {alert.detectedLate ? <span className="tag">{say('alert.foundLateFromReadingsThat')}</span> : null}
        </p>
        <h1 className={css.sentence}>
          <SeverityMark alert={alert} size={30} />
          <span>{sentence(alert, now, zone)}</span>
        </h1>
        <Elsewhere alert={alert} />
        <AlertActions alert={alert} />
      </header>
      <Facts alert={alert} now={now} />
      <div className={isMeasured ? css.alertBody : 'columns'}>
        {isMeasured ? (
          <div className={css.alertSide}>
            <section className="panel section" aria-label={say('alert.readings')}>
              <ExcursionChart alert={alert} now={now} />
            </section>
            <AlertStory alert={alert} />
          </div>
        ) : null}
        <div className={css.alertSide}>
          <Why alert={alert} />
          <AlertVerdicts alert={alert} />
          {isMeasured ? <AlertHistory alert={alert} /> : <AlertStory alert={alert} />}
          <AlertNotices alert={alert} />
        </div>
        {isMeasured ? null : <AlertHistory alert={alert} />}
      </div>
      {alert.evidence.pass === undefined ? null : (
        <>
          <PassSummary id={alert.evidence.pass} />
          <PassDamages pass={alert.evidence.pass} />
        </>
      )}
      <AffectedSerials alert={alert} />
    </article>
  );
}

/** Looking at it is having seen it. */
function useSeen(id: string): void {
  const client = useQueryClient();
  useEffect(() => {
    client.setQueryData<readonly string[]>(NEW_ALERTS, (ids) => ids?.filter((other) => other !== id));
  }, [client, id]);
}

function Elsewhere({ alert }: { alert: AlertDetail }) {
  if (alert.mergedInto !== null) {
    return (
      <p className="note">
        <Say
          text="alert.thisTurnedOutToBe"
          values={{
            link: <Link to={`/alerts/${encodeURIComponent(alert.mergedInto)}`}>{say('alert.anotherAlert')}</Link>,
          }}
        />
      </p>
    );
  }
  if (alert.splitFrom !== null) {
    return (
      <p className="note">
        <Say
          text="alert.thisWasSplitFrom"
          values={{
            link: <Link to={`/alerts/${encodeURIComponent(alert.splitFrom)}`}>{say('alert.anotherAlert')}</Link>,
          }}
        />
      </p>
    );
  }
  if (alert.state === 'retracted')
    return <p className="note">{alert.evidence.reason ?? say('alert.laterDataShowedThatThis')}</p>;
  return null;
}

/** Units named in the facts; the list of serials has them all. */
const MOST_UNITS = 8;

function Facts({ alert, now }: { alert: AlertDetail; now: number }) {
  const { device, portal } = alert.subject;
  const isMoment = isOfPass(alert);
  return (
    <dl className="panel facts">
      <Fact name={isMoment ? say('alert.when') : say('alert.began')}>
        <WhenExact at={alert.from} />
      </Fact>
      {isMoment ? null : (
        <Fact name={say('alert.ended')}>
          {alert.to === null || (alert.evidence.endedBy === null && alert.kind !== 'silence') ? (
            <b className="ink-excursion">{say('alert.stillGoingOn')}</b>
          ) : (
            <WhenExact at={alert.to} />
          )}
        </Fact>
      )}
      {isMoment ? null : (
        <Fact name={say('alert.lasted')}>
          <span className="figure">
            {span((alert.to === null ? now : Date.parse(alert.to)) - Date.parse(alert.from))}
          </span>
        </Fact>
      )}
      {worst(alert) === null ? null : (
        <Fact name={say('alert.worst')}>
          <b className="figure">{worst(alert)}</b>
          {limitOf(alert) === null ? null : (
            <span className="muted">{say('alert.limit', { limit: limitOf(alert) ?? '' })}</span>
          )}
        </Fact>
      )}
      <Fact name={say('alert.serials')}>
        <b className="figure">{count(alert.affected.count)}</b>
      </Fact>
      {alert.about.shipments.length === 0 ? null : (
        <Fact name={alert.about.shipments.length === 1 ? say('alert.shipment') : say('alert.shipments')}>
          {alert.about.shipments.map((shipment) => (
            <Link key={shipment} to={`/shipments/${encodeURIComponent(shipment)}`} className="spaced">
              {shipment}
            </Link>
          ))}
        </Fact>
      )}
      {alert.about.shipments.length === 0 ? null : (
        <Fact name={say('alert.cases')}>
          {alert.about.shipments.map((shipment) => (
            <Link key={shipment} to={`/cases?state=all&shipment=${encodeURIComponent(shipment)}`} className="spaced">
              {say('alert.casesOf', { shipment })}
            </Link>
          ))}
        </Fact>
      )}
      {alert.units.length === 0 ? null : (
        <Fact isWide name={alert.units.length === 1 ? say('alert.unit') : say('alert.units')}>
          {alert.units.slice(0, MOST_UNITS).map((unit) => (
            <Link key={unit} to={`/serials/${encodeURIComponent(unit)}`} className="spaced">
              {unitText(unit)}
            </Link>
          ))}
          {alert.units.length > MOST_UNITS ? (
            <span className="muted">{say('alert.andMore', { value: alert.units.length - MOST_UNITS })}</span>
          ) : null}
        </Fact>
      )}
      {device === undefined ? null : (
        <Fact name={say('alert.logger')}>
          <Link to={`/devices/${encodeURIComponent(device)}`}>{alert.about.device ?? device}</Link>
        </Fact>
      )}
      {portal === undefined ? null : (
        <Fact name={say('alert.portal')}>
          <Link to={`/portals/${encodeURIComponent(portal)}`}>{alert.about.portal ?? portal}</Link>
        </Fact>
      )}
      {alert.about.place === null ? null : (
        <Fact name={device === undefined ? say('alert.where') : say('alert.nowAt')}>{alert.about.place.name}</Fact>
      )}
    </dl>
  );
}

function Fact({ name, children, isWide = false }: { name: string; children: ReactNode; isWide?: boolean }) {
  return (
    <div className={isWide ? 'whole-fact' : undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Why({ alert }: { alert: AlertDetail }) {
  const { evidence } = alert;
  return (
    <section className="panel section" aria-labelledby="why">
      <h2 id="why">{say('alert.whyThisAlert')}</h2>
      <dl className="list">
        <dt>{say('alert.rule')}</dt>
        <dd>
          {alert.kind === 'health' ? (
            say('alert.isothermWatchesOverItself')
          ) : (
            <Say
              text="alert.version"
              values={{
                link: (
                  <Link to={`/rules/${encodeURIComponent(alert.rule.id)}`}>
                    <code>{alert.rule.id}</code>
                  </Link>
                ),
                version: alert.rule.version,
              }}
            />
          )}
          {alert.ruleText === null ? null : <div className="muted">{alert.ruleText}</div>}
        </dd>
        <dt>{say('alert.found')}</dt>
        <dd>
          <WhenExact at={alert.detectedAt} />
        </dd>
        {evidence.readings.length === 0 ? null : (
          <>
            <dt>{say('alert.evidence')}</dt>
            <dd>
              <Say
                text="alert.readings2"
                values={{
                  readings: count(evidence.readings.length),
                  detail: evidence.runs.length > 1 ? say('alert.inStretches', { length: evidence.runs.length }) : '',
                  detail2:
                    evidence.minutesOutOfRange === null
                      ? ''
                      : say('alert.outOfRange', { span: span(evidence.minutesOutOfRange * 60_000) }),
                  receivedMessage: <ReceivedMessage alert={alert} />,
                }}
              />
            </dd>
          </>
        )}
        {evidence.endedBy === null ? null : (
          <>
            <dt>{say('alert.ended')}</dt>
            <dd>{ENDED_WORDS[evidence.endedBy] ?? evidence.endedBy}</dd>
          </>
        )}
        {evidence.reason === undefined ? null : (
          <>
            <dt>{say('alert.changed')}</dt>
            <dd>{evidence.reason}</dd>
          </>
        )}
      </dl>
    </section>
  );
}
