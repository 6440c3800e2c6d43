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
import { unitOf } from '../words/alert.ts';
import { shownDifference, shownValue, temperatureUnit, typedDifference, typedValue } from '../words/scale.ts';
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
      <div className="figure">{correctionText(points, unitOf(metric))}</div>
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

function correctionText(points: CalibrationView['points'], unit: string): string {
  const [first] = points;
  if (first === undefined) return say('calibration.nothingAdded');
  if (points.length === 1) return say('calibration.offset', { add: signed(first.reference - first.reported, unit) });
  const pairs = points.map(({ reported, reference }) =>
    say('calibration.point', {
      reported: thousandth(shownValue(reported, unit)),
      add: signed(reference - reported, unit),
    }),
  );
  return pairs.join(' · ');
}

function signed(kept: number, unit: string): string {
  const shown = shownDifference(kept, unit);
  return `${shown.value < 0 ? '' : '+'}${thousandth(shown)}`;
}

/** Certificates say more than a tenth. */
function thousandth({ value, unit }: { readonly value: number; readonly unit: string }): string {
  return `${String(Math.round(value * 1000) / 1000).replace('-', '−')}\u00a0${unit}`;
}

/** Lines of "reported reference", as typed in the unit that is shown; a line with one number is an offset. */
function pointsIn(text: string, unit: string): Pick<CalibrationGiven, 'offset' | 'points'> | null {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0) return {};
  const rows = lines.map((line) => line.split(/[\s;=]+/).map((number) => Number(number.replace(',', '.'))));
  if (rows.some((row) => row.length > 2 || row.some((number) => !Number.isFinite(number)))) return null;
  const [first] = rows;
  if (rows.length === 1 && first?.length === 1) return { offset: typedDifference(first[0] ?? 0, unit) };
  if (rows.some((row) => row.length !== 2)) return null;
  const typed = rows.map(([reported = 0, reference = 0]) => ({
    reported: typedValue(reported, unit),
    reference: typedValue(reference, unit),
  }));
  return { points: typed };
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
  const unit = unitOf(metric);
  const correction = pointsIn(points, unit);
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
        label={say('calibration.points', { unit: unit === '°C' ? temperatureUnit() : unit })}
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
