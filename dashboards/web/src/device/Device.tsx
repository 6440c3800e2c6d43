import { Button, SegmentedControl, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import type { DeviceView } from '../../../api/index.ts';
import { AlertRows } from '../alert/AlertRows.tsx';
import { useAlerts } from '../alert/alert-queries.ts';
import { LazyChart } from '../chart/LazyChart.tsx';
import { silencesOf } from '../chart/silence.ts';
import { useLive } from '../live/Live.tsx';
import { useNow } from '../live/useNow.ts';
import { ConditionMark, conditionText } from '../parts/Marks.tsx';
import { ReportLink } from '../parts/ReportLink.tsx';
import { Failed, Loading } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { When } from '../parts/When.tsx';
import { readingsOptions, useDevice } from '../queries.ts';
import { useMay } from '../sign-in/session-queries.ts';
import { SuspectReadings } from '../suspect/SuspectReadings.tsx';
import { useSuspects } from '../suspect/suspect-queries.ts';
import { say } from '../text/say.ts';
import { valueText } from '../words/figures.ts';
import { profileText } from '../words/shipment.ts';
import { isStretch, STRETCHES, stretchOf } from '../words/stretch.ts';
import { everyText } from '../words/when.ts';
import { Calibrations } from './Calibrations.tsx';
import { attachedTo } from './Devices.tsx';
import { useCalibrations } from './device-queries.ts';
import { overdueSpans } from './overdue.ts';
import { RegisterDevice } from './RegisterDevice.tsx';
import { SwapDevice } from './SwapDevice.tsx';
import { clockText, inkOf, signalText, worstCalibration } from './vitals.ts';

const NO_LIMITS = { min: null, max: null };

/** One logger: what it says of each metric, and what was raised because of it. */
export function DevicePage() {
  const { id = '' } = useParams();
  useLive(`device:${id}`);
  const now = useNow();
  const [search, setSearch] = useSearchParams();
  const asked = search.get('last');
  const last = isStretch(asked) ? asked : '48h';
  const { data: device, error, isPending, refetch } = useDevice(id);
  useTitle(say('device.logger', { id: device?.name ?? id }));
  const mayAttach = useMay('device.attach');
  const [isSwapping, setSwapping] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const { data: alertPages } = useAlerts({ state: '', severity: '', device: id });
  if (isPending) return <Loading rows={4} height={110} />;
  if (device === undefined)
    return (
      <Failed error={error ?? new Error('')} isScreen what={say('device.thisLogger')} onRetry={() => void refetch()} />
    );
  const clock = clockText(device);
  const worst = worstCalibration(device);
  const alerts = alertPages?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      <p className="crumbs">
        <Link to="/devices">{say('device.loggers')}</Link>
        <span className="spring" />
        <ReportLink of="devices" id={device.id} />
      </p>
      <div className="panel shipment-head">
        <h1>
          <ConditionMark state={device.condition.state} size={28} label={conditionText(device.condition)} />
          {device.name ?? device.id}
        </h1>
        <dl className="figures">
          <div>
            <dt>{say('device.condition')}</dt>
            <dd className={`ink-${device.condition.state}`}>{conditionText(device.condition)}</dd>
          </div>
          <div>
            <dt>{say('device.on')}</dt>
            <dd>
              {device.attachment?.shipment == null ? (
                (attachedTo(device) ?? say('device.nothing'))
              ) : (
                <Link to={`/shipments/${encodeURIComponent(device.attachment.shipment)}`}>{attachedTo(device)}</Link>
              )}
            </dd>
          </div>
          {device.profile === null ? null : (
            <div>
              <dt>{say('device.limits')}</dt>
              <dd>{profileText(device.profile)}</dd>
            </div>
          )}
          {device.interval === null && device.learnedInterval !== undefined ? (
            <div>
              <dt>{say('device.measuresEvery')}</dt>
              <dd className="figure">{say('device.learned', { every: everyText(device.learnedInterval) })}</dd>
            </div>
          ) : null}
          {device.interval === null ? null : (
            <div>
              <dt>{say('device.measuresEvery')}</dt>
              <dd className="figure">{everyText(device.interval)}</dd>
            </div>
          )}
          <div>
            <dt>{say('device.heard')}</dt>
            <dd>{device.lastHeard === null ? say('device.never') : <When at={device.lastHeard} now={now} />}</dd>
          </div>
          {clock === null ? null : (
            <div>
              <dt>{say('device.clock')}</dt>
              <dd className={clock.isOff ? 'ink-warning' : ''}>{clock.text}</dd>
            </div>
          )}
          {device.signal === null ? null : (
            <div>
              <dt>{say('device.signal')}</dt>
              <dd className="figure">{signalText(device)}</dd>
            </div>
          )}
          {worst === null ? null : (
            <div>
              <dt>{say('calibration.title')}</dt>
              <dd className={inkOf(worst.state)}>
                {say(`calibration.state.${worst.state}`, { due: worst.due ?? '' })}
              </dd>
            </div>
          )}
        </dl>
      </div>
      <RegisterDevice id={device.id} isPanel />
      {said === null ? null : (
        <p role="status" className="note">
          {said}
        </p>
      )}
      {isSwapping ? (
        <section className="panel section">
          <SwapDevice
            device={id}
            shipment={device.attachment?.shipment ?? null}
            onDone={(what) => {
              setSwapping(false);
              setSaid(what);
            }}
          />
        </section>
      ) : null}
      <div className="head head-section">
        <h2>{say('device.readings')}</h2>
        <span className="spring" />
        {device.attachment === null || !mayAttach || isSwapping ? null : (
          <Button variant="default" size="xs" onClick={() => setSwapping(true)}>
            {say('device.swap')}
          </Button>
        )}
        <Button component={Link} to={`/devices/~read-out?device=${encodeURIComponent(id)}`} variant="default" size="xs">
          {say('readOut.open')}
        </Button>
        <SegmentedControl
          size="xs"
          data={STRETCHES}
          value={last}
          aria-label={say('device.howFarBack')}
          onChange={(value) => setSearch({ last: value }, { replace: true })}
        />
      </div>
      {device.latest.length === 0 ? <p className="panel section muted">{say('device.nothingHeardFromItYet')}</p> : null}
      {device.latest.map((latest) => (
        <MetricChart key={latest.metric} device={device} latest={latest} last={last} now={now} />
      ))}
      <Calibrations device={device} />
      {alerts.length === 0 ? null : (
        <section className="section-open" aria-labelledby="alerts">
          <h2 id="alerts">{say('device.alerts')}</h2>
          <AlertRows alerts={alerts} now={now} />
        </section>
      )}
    </>
  );
}

interface MetricChartProps {
  readonly device: DeviceView;
  readonly latest: DeviceView['latest'][number];
  readonly last: string;
  readonly now: number;
}

function MetricChart({ device, latest, last, now }: MetricChartProps) {
  const { metric, unit } = latest;
  const { data, isPending } = useQuery(
    readingsOptions(device.id, metric, `last-${last}`, () => stretchOf(last, Date.now())),
  );
  const { data: calibrations = [] } = useCalibrations(device.id);
  const shown = stretchOf(last, now);
  const overdue = overdueSpans(calibrations, metric, now).filter(({ to }) => to > shown.from);
  const suspects = useSuspects(device.id, metric, last, () => stretchOf(last, Date.now()));
  const title = metric.charAt(0).toUpperCase() + metric.slice(1);
  const value = data?.value.at(-1) ?? latest.value;
  return (
    <section className="panel section" aria-label={title}>
      <div className="head">
        <h3>{title}</h3>
        <b className="figure">{valueText(value, unit)}</b>
      </div>
      {isPending ? (
        <Skeleton height={236} radius="sm" />
      ) : data === undefined || data.time.length === 0 ? (
        <p className="muted">{say('device.noReadingsInThisTime')}</p>
      ) : (
        <LazyChart
          lines={[{ label: title, series: data }]}
          unit={unit}
          limits={metric === 'temperature' && device.profile !== null ? device.profile : NO_LIMITS}
          excursions={[]}
          suspects={suspects}
          overdue={overdue}
          silences={unit === '' ? [] : silencesOf(data.time, now)}
          stretch={{ from: stretchOf(last, now).from, to: now }}
          label={say('device.ofLatest', { title, id: device.name ?? device.id, value: valueText(value, unit) })}
          height={metric === 'temperature' ? 260 : 180}
        />
      )}
      {overdue.length === 0 ? null : <p className="ink-warning">{say('calibration.overdueBelow')}</p>}
      <SuspectReadings device={device.id} metric={metric} unit={unit} suspects={suspects} />
    </section>
  );
}
