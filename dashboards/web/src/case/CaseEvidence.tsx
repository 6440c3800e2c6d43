import { Skeleton } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { CaseView } from '../../../api/case.ts';
import { LazyChart } from '../chart/LazyChart.tsx';
import { useNow } from '../live/useNow.ts';
import { WhenExact } from '../parts/When.tsx';
import { useZone } from '../parts/Zone.tsx';
import { readingsOptions } from '../queries.ts';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { summaryText } from '../words/alert.ts';
import { count } from '../words/figures.ts';
import { plainText } from '../words/said.ts';
import css from './case.module.css';
import { StepButton } from './StepForm.tsx';

/** What the case rests on: readings with the limits, alerts with rule and version, loggers, who was told, originals. */
export function CaseEvidence({ one }: { one: CaseView }) {
  const zone = useZone();
  const { alerts, devices, notices, originals } = one.evidence;
  const mayDecide = useMay('case.decide');
  return (
    <>
      <section className="panel section" aria-labelledby="readings">
        <h2 id="readings">{say('case.evidence.chart')}</h2>
        {devices.length === 0 ? <p className="muted">{say('case.evidence.noReadings')}</p> : <Chart one={one} />}
      </section>
      <div className="columns">
        <section className="panel section" aria-labelledby="alerts">
          <h2 id="alerts">{say('case.evidence.alerts')}</h2>
          {alerts.length === 0 ? <p className="muted">{say('case.evidence.none')}</p> : null}
          <ul className={css.entries}>
            {alerts.map(({ id, kind, summary, rule, from, to, excusedBy, state }) => (
              <li key={id} className={css.entry}>
                <Link to={`/alerts/${encodeURIComponent(id)}`}>{plainText(summaryText({ kind, summary }), zone)}</Link>{' '}
                <span className="tag">{state}</span>
                {excusedBy === null ? null : (
                  <span className="tag">{say('case.evidence.excused', { step: excusedBy })}</span>
                )}
                <div className="muted">
                  {to === null ? (
                    <Say text="case.evidence.since" values={{ from: <WhenExact at={from} /> }} />
                  ) : (
                    <Say
                      text="case.evidence.until"
                      values={{ from: <WhenExact at={from} />, to: <WhenExact at={to} /> }}
                    />
                  )}
                </div>
                <div className="muted">
                  <Say
                    text="case.evidence.rule"
                    values={{
                      link: <Link to={`/rules/${encodeURIComponent(rule.id)}`}>{rule.id}</Link>,
                      version: rule.version,
                    }}
                  />
                  {rule.text === null ? null : (
                    <details>
                      <summary>{say('case.evidence.ruleText')}</summary>
                      <code className={css.ruleText}>{rule.text}</code>
                    </details>
                  )}
                </div>
                {mayDecide && excusedBy === null && one.state !== 'closed' ? (
                  <StepButton
                    one={one}
                    wish={{ step: { step: 'excuse', alert: id } }}
                    title={say('case.step.excuse.of', { summary })}
                    label={say('case.step.excuse.do')}
                  />
                ) : null}
              </li>
            ))}
          </ul>
        </section>
        <section className="panel section" aria-labelledby="devices">
          <h2 id="devices">{say('case.evidence.devices')}</h2>
          {devices.length === 0 ? <p className="muted">{say('case.evidence.none')}</p> : null}
          <ul className={css.entries}>
            {devices.map(({ id, name, kind, calibration, readings }) => (
              <li key={id} className={css.entry}>
                <Link to={`/devices/${encodeURIComponent(id)}`}>{name ?? id}</Link>{' '}
                <span className="muted">{kind}</span>
                <div className="muted">{say('case.evidence.readings', { readings: count(readings) })}</div>
                <div className="muted">
                  {calibration === null
                    ? say('case.evidence.calibrated.none')
                    : `${say('case.evidence.calibrated')}: ${plain(calibration)}`}
                </div>
              </li>
            ))}
          </ul>
        </section>
        <section className="panel section" aria-labelledby="notices">
          <h2 id="notices">{say('case.evidence.notices')}</h2>
          {notices.length === 0 ? <p className="muted">{say('case.evidence.notices.none')}</p> : null}
          <ul className={css.entries}>
            {notices.map(({ alert, who, channel, at, arrived }) => (
              <li key={`${alert} ${who} ${channel} ${at ?? ''}`}>
                {who === channel ? channel : say('case.evidence.notice', { who, channel })}{' '}
                <span className="muted">
                  {at === null ? say('case.evidence.notice.waiting') : <WhenExact at={arrived ?? at} />}
                </span>
              </li>
            ))}
          </ul>
          {originals.length === 0 ? null : (
            <p className="muted">{say('case.evidence.originals.count', { count: originals.length })}</p>
          )}
        </section>
      </div>
    </>
  );
}

/** `due 2027-01-01, number 4711`: what is known of a calibration, as it is kept. */
function plain(calibration: Readonly<Record<string, unknown>>): string {
  return Object.entries(calibration)
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}

const LINES_MOST = 6;
const AROUND_MS = 3_600_000;

/** The readings of the loggers of the case over its alerts, with the limits of the goods. */
function Chart({ one }: { one: CaseView }) {
  const now = useNow(60_000);
  const { alerts } = one.evidence;
  const devices = one.evidence.devices.slice(0, LINES_MOST);
  const ends = [
    ...alerts.map(({ to }) => (to === null ? now : Date.parse(to))),
    ...one.groups.flatMap(({ exposure: { to } }) => (to === null ? [] : [Date.parse(to)])),
  ];
  const starts = [
    ...alerts.map(({ from }) => Date.parse(from)),
    ...one.groups.flatMap(({ exposure: { from } }) => (from === null ? [] : [Date.parse(from)])),
  ];
  const stretch = {
    from: Math.min(now, ...starts) - AROUND_MS,
    to: Math.min(now, (ends.length === 0 ? now : Math.max(...ends)) + AROUND_MS),
  };
  const answers = useQueries({
    queries: devices.map(({ id }) =>
      readingsOptions(id, 'temperature', `case-${one.id}-${one.revision}`, () => stretch),
    ),
  });
  if (answers.some(({ isPending }) => isPending)) return <Skeleton height={336} radius="sm" />;
  const lines = devices.flatMap(({ id, name }, index) => {
    const series = answers[index]?.data;
    return series === undefined || series.time.length === 0 ? [] : [{ label: name ?? id, series }];
  });
  if (lines.length === 0) return <p className="muted">{say('case.evidence.noReadings')}</p>;
  const limits = one.groups[0]?.exposure.limits ?? { min: null, max: null };
  return (
    <LazyChart
      lines={lines}
      unit="°C"
      limits={limits}
      excursions={alerts.map(({ from, to }) => ({ from: Date.parse(from), to: to === null ? now : Date.parse(to) }))}
      stretch={stretch}
      label={say('case.evidence.chartLabel', { devices: lines.map(({ label }) => label).join(', ') })}
      height={300}
    />
  );
}
