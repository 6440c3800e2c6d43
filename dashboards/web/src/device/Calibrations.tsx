import { Button, FileInput, NativeSelect, Textarea } from '@mantine/core';
import { useState } from 'react';
import { CALIBRATED_METRICS, type CalibrationView, type DeviceView } from '../../../api/index.ts';
import { segment } from '../ask.ts';
import { Field } from '../parts/Field.tsx';
import { Trouble } from '../parts/States.tsx';
import { TimeField } from '../parts/TimeField.tsx';
import { useZone } from '../parts/Zone.tsx';
import { ReasonField } from '../shipment/ReasonField.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { fromText, full, zoneName } from '../words/when.ts';
import css from './Calibrations.module.css';
import { type CalibrationGiven, useCalibrate, useCalibrations } from './device-queries.ts';
import { inkOf } from './vitals.ts';

/** When it was held against a reference, what is added since, and until when that is good. */
export function Calibrations({ device }: { device: DeviceView }) {
  const may = useMay('device.calibrate');
  const { data: calibrations = [], error } = useCalibrations(device.id);
  const [isAsking, setAsking] = useState(false);
  if (calibrations.length === 0 && !may) return null;
  return (
    <section className={`panel section ${css.section}`} aria-labelledby="calibrations">
      <div className="head">
        <h2 id="calibrations">{say('calibration.title')}</h2>
        <span className="spring" />
        {may && !isAsking ? (
          <Button variant="default" size="xs" onClick={() => setAsking(true)}>
            {say('calibration.record')}
          </Button>
        ) : null}
      </div>
      <Trouble error={error} />
      {calibrations.length === 0 ? <p className="muted">{say('calibration.none')}</p> : null}
      {calibrations.length === 0 ? null : (
        <ul className={css.list}>
          {calibrations.map((one) => (
            <Calibration key={`${one.metric} ${one.effectiveFrom} ${one.at}`} device={device.id} calibration={one} />
          ))}
        </ul>
      )}
      {isAsking ? <CalibrationForm device={device.id} onDone={() => setAsking(false)} /> : null}
    </section>
  );
}

function Calibration({ device, calibration }: { device: string; calibration: CalibrationView }) {
  const zone = useZone();
  const { metric, effectiveFrom, points, certificate, reason, by, isReplaced, state } = calibration;
  const file = certificate?.file;
  return (
    <li className={isReplaced ? css.replaced : ''}>
      <div>
        <b>{say(`metric.${metric}`)}</b>{' '}
        <span>{say('calibration.from', { at: full(Date.parse(effectiveFrom), zone) })}</span>{' '}
        {isReplaced ? (
          <span className="muted">{say('calibration.replaced')}</span>
        ) : certificate === null ? (
          <span className="ink-unknown">{say('calibration.state.unknown')}</span>
        ) : (
          <b className={inkOf(state)}>{say(`calibration.state.${state}`, { due: certificate.due })}</b>
        )}
      </div>
      <div className="figure">{correctionText(points)}</div>
      <div className="muted">
        {certificate === null ? null : say('calibration.certificate', { ...certificate })}{' '}
        {file === undefined ? null : (
          <a href={`/api/v1/devices/${segment(device)}/calibrations/${file}`}>{say('calibration.file')}</a>
        )}{' '}
        {say('calibration.by', { by, reason })}
      </div>
    </li>
  );
}

function correctionText(points: CalibrationView['points']): string {
  const [first] = points;
  if (first === undefined) return say('calibration.nothingAdded');
  if (points.length === 1) return say('calibration.offset', { add: signed(first.reference - first.reported) });
  const pairs = points.map(({ reported, reference }) =>
    say('calibration.point', { reported: String(reported), add: signed(reference - reported) }),
  );
  return pairs.join(' · ');
}

function signed(value: number): string {
  const rounded = Math.round(value * 1000) / 1000;
  return rounded < 0 ? `−${Math.abs(rounded)}` : `+${rounded}`;
}

/** Lines of "reported reference"; a line with one number is an offset. */
function pointsIn(text: string): Pick<CalibrationGiven, 'offset' | 'points'> | null {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0) return {};
  const rows = lines.map((line) => line.split(/[\s;=]+/).map((number) => Number(number.replace(',', '.'))));
  if (rows.some((row) => row.length > 2 || row.some((number) => !Number.isFinite(number)))) return null;
  const [first] = rows;
  if (rows.length === 1 && first?.length === 1) return { offset: first[0] };
  if (rows.some((row) => row.length !== 2)) return null;
  return { points: rows.map(([reported = 0, reference = 0]) => ({ reported, reference })) };
}

const NO_CERTIFICATE = { number: '', laboratory: '', date: '', due: '' };

function CalibrationForm({ device, onDone }: { device: string; onDone: () => void }) {
  const zone = useZone();
  const calibrate = useCalibrate(device);
  const [metric, setMetric] = useState<CalibrationGiven['metric']>('temperature');
  const [from, setFrom] = useState('');
  const [points, setPoints] = useState('');
  const [certificate, setCertificate] = useState(NO_CERTIFICATE);
  const [file, setFile] = useState<File | null>(null);
  const [reason, setReason] = useState('');
  const correction = pointsIn(points);
  const fromMs = from.trim() === '' ? undefined : fromText(from, zone);
  const hasCertificate = Object.values(certificate).some((text) => text.trim() !== '');
  const isWhole = Object.values(certificate).every((text) => text.trim() !== '');
  const isReady =
    correction !== null && fromMs !== null && (isWhole || (!hasCertificate && file === null)) && reason.trim() !== '';
  const write = (name: keyof typeof NO_CERTIFICATE) => (text: string) =>
    setCertificate({ ...certificate, [name]: text });
  return (
    <form
      className={`ask ${css.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isReady) return;
        const given: CalibrationGiven = {
          ...{ metric, reason: reason.trim(), ...correction },
          ...(fromMs !== undefined && { effectiveFrom: fromMs }),
          ...(isWhole && { certificate }),
        };
        calibrate.mutate({ given, file }, { onSuccess: onDone });
      }}
    >
      <NativeSelect
        label={say('calibration.metric')}
        data={CALIBRATED_METRICS.map((value) => ({ value, label: say(`metric.${value}`) }))}
        value={metric}
        onChange={(event) => {
          const chosen = CALIBRATED_METRICS.find((one) => one === event.currentTarget.value);
          if (chosen !== undefined) setMetric(chosen);
        }}
      />
      <TimeField
        label={say('calibration.effectiveFrom', { zone: zoneName(zone) })}
        value={from}
        zone={zone}
        isOptional
        onChange={setFrom}
      />
      <Textarea
        className={css.wide ?? ''}
        label={say('calibration.points')}
        description={say('calibration.points.hint')}
        placeholder={'0.1 0.0\n8.3 8.0'}
        autosize
        minRows={2}
        value={points}
        error={correction === null ? say('calibration.points.bad') : null}
        onChange={(event) => setPoints(event.currentTarget.value)}
      />
      <Field label={say('calibration.number')} value={certificate.number} onChange={write('number')} />
      <Field label={say('calibration.laboratory')} value={certificate.laboratory} onChange={write('laboratory')} />
      <Field
        label={say('calibration.date')}
        placeholder="2026-11-22"
        value={certificate.date}
        onChange={write('date')}
      />
      <Field label={say('calibration.due')} placeholder="2027-11-22" value={certificate.due} onChange={write('due')} />
      <FileInput label={say('calibration.chooseFile')} clearable value={file} onChange={setFile} />
      <div className={css.wide}>
        <ReasonField
          value={reason}
          often={[say('calibration.often.yearly'), say('calibration.often.new'), say('calibration.often.mistake')]}
          onChange={setReason}
        />
      </div>
      <div className={`buttons ${css.wide}`}>
        <Button type="submit" size="xs" disabled={!isReady} loading={calibrate.isPending}>
          {say('calibration.record')}
        </Button>
        <Button variant="subtle" color="gray" size="xs" onClick={onDone}>
          {say('admin.cancel')}
        </Button>
      </div>
      <Trouble error={calibrate.error} />
    </form>
  );
}
