import { Button, TextInput } from '@mantine/core';
import { IconSearch, IconTemperature, IconUsb } from '@tabler/icons-react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import type { DeviceView } from '../../../api/index.ts';
import { useLive } from '../live/Live.tsx';
import { useNow } from '../live/useNow.ts';
import { ConditionMark, conditionText } from '../parts/Marks.tsx';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { When } from '../parts/When.tsx';
import { useDevices } from '../queries.ts';
import { useMay, useSeesAll } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { valueText } from '../words/figures.ts';
import { unitText } from '../words/printed.ts';
import { everyText } from '../words/when.ts';
import { DeviceFile } from './DeviceFile.tsx';
import css from './Devices.module.css';
import { batteryOf, clockText, inkOf, signalText, worstCalibration } from './vitals.ts';

export function Devices() {
  useTitle(say('device.loggers'));
  useLive('fleet');
  const now = useNow();
  const seesAll = useSeesAll();
  const mayConnect = useMay('access.manage');
  const mayRegister = useMay('device.register') && seesAll;
  const navigate = useNavigate();
  const { data: devices, error, isPending, refetch } = useDevices();
  const [search, setSearch] = useSearchParams();
  const text = search.get('find') ?? '';
  if (isPending) return <Loading rows={8} height={48} />;
  if (devices === undefined)
    return (
      <Failed isScreen error={error ?? new Error('')} what={say('device.loggers')} onRetry={() => void refetch()} />
    );
  const loggers = devices.filter(({ kind }) => kind !== 'gateway');
  const shown = loggers.filter((device) => matches(device, text));
  const noneYet = seesAll
    ? { title: say('device.noLoggersYet'), next: say('device.aLoggerAppearsHereWith') }
    : { title: say('device.noLoggersAtYourSites'), next: say('device.oneOfYourSitesAppears') };
  return (
    <>
      <div className="head">
        <h1>{say('device.loggers')}</h1>
        <span className="spring" />
        <Button
          component={Link}
          to="/devices/~read-out"
          variant="default"
          leftSection={<IconUsb size={16} stroke={1.6} />}
        >
          {say('readOut.open')}
        </Button>
        <TextInput
          className="head-filter"
          aria-label={say('device.filterLoggers')}
          placeholder={say('device.filter')}
          type="search"
          leftSection={<IconSearch size={16} stroke={1.6} />}
          value={text}
          onChange={(event) =>
            setSearch(event.currentTarget.value === '' ? {} : { find: event.currentTarget.value }, { replace: true })
          }
        />
      </div>
      {shown.length === 0 ? (
        <Nothing
          title={loggers.length === 0 ? noneYet.title : say('device.noLoggerMatches')}
          icon={<IconTemperature size={32} stroke={1.4} />}
          action={
            loggers.length === 0 && mayConnect ? <Link to="/admin/credentials">{say('setup.go.devices')}</Link> : null
          }
        >
          {loggers.length === 0 ? noneYet.next : say('device.takeTheFilterAwayTo')}
        </Nothing>
      ) : (
        <div className="panel scroll">
          <table className={`table cards ${css.devices}`}>
            <thead>
              <tr>
                <th scope="col">{say('device.logger2')}</th>
                <th scope="col">{say('device.latest')}</th>
                <th scope="col">{say('device.on')}</th>
                <th scope="col">{say('device.every')}</th>
                <th scope="col">{say('device.signs')}</th>
                <th scope="col">{say('calibration.title')}</th>
                <th scope="col" className="right">
                  {say('device.heard')}
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((device) => (
                <tr
                  key={device.id}
                  className="row-link"
                  onClick={() => void navigate(`/devices/${encodeURIComponent(device.id)}`)}
                >
                  <td>
                    <span className="with-mark">
                      <ConditionMark state={device.condition.state} size={18} label={conditionText(device.condition)} />
                      <Link
                        to={`/devices/${encodeURIComponent(device.id)}`}
                        onClick={(event) => event.stopPropagation()}
                      >
                        {device.name ?? device.id}
                      </Link>
                      {device.kind === null ? <span className="muted">{say('device.notRegistered')}</span> : null}
                    </span>
                  </td>
                  <td data-label={say('device.latest')}>
                    <span className="unit-chips">
                      {device.latest
                        .filter(isShown)
                        .slice(0, 4)
                        .map(({ metric, value, unit }) => (
                          <span key={metric} className="figure" title={metric}>
                            {valueText(value, unit)}
                          </span>
                        ))}
                    </span>
                  </td>
                  <td data-label={say('device.on')}>
                    {attachedTo(device) ?? <span className="muted">{say('device.nothing')}</span>}
                  </td>
                  <td className="figure muted">{device.interval === null ? '' : everyText(device.interval)}</td>
                  <td>
                    <Signs device={device} />
                  </td>
                  <td>
                    <CalibrationSign device={device} />
                  </td>
                  <td className="right muted" data-label={say('device.heard')}>
                    {device.lastHeard === null ? say('device.never') : <When at={device.lastHeard} now={now} />}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {mayRegister ? <DeviceFile /> : null}
    </>
  );
}

/** Where it is belongs on the map: beside a temperature nobody reads degrees as a place. */
function isShown({ metric }: DeviceView['latest'][number]): boolean {
  return metric !== 'latitude' && metric !== 'longitude';
}

function Signs({ device }: { device: DeviceView }) {
  const battery = batteryOf(device);
  const clock = clockText(device);
  const signal = signalText(device);
  return (
    <span className="unit-chips">
      {battery === null ? null : (
        <span className={`figure ${battery.isLow ? 'ink-warning' : ''}`}>
          {say('device.battery', { percent: battery.percent })}
        </span>
      )}
      {clock === null || !clock.isOff ? null : (
        <span className="ink-warning">{say('device.clock.list', { how: clock.text })}</span>
      )}
      {signal === null ? null : <span className="figure muted">{signal}</span>}
    </span>
  );
}

function CalibrationSign({ device }: { device: DeviceView }) {
  const worst = worstCalibration(device);
  if (worst === null) return null;
  const { state, due } = worst;
  return <span className={inkOf(state) || 'muted'}>{say(`calibration.state.${state}`, { due: due ?? '' })}</span>;
}

export function attachedTo({ attachment }: DeviceView): string | null {
  if (attachment === null) return null;
  const { subject, shipment } = attachment;
  const name = subject.startsWith('urn:epc:')
    ? say('device.unit', { subject: unitText(subject) })
    : subject.replace(/^\w+:/, '');
  return shipment === null ? name : `${shipment}, ${name}`;
}

function matches(device: DeviceView, text: string): boolean {
  const needle = text.trim().toLowerCase();
  return [device.id, device.name, device.site, device.lane, attachedTo(device)].some((part) =>
    part?.toLowerCase().includes(needle),
  );
}
