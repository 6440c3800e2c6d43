import { Link } from 'react-router';
import type { LoggerFileAnswerView } from '../../../api/index.ts';
import { say } from '../text/say.ts';
import { valueText } from '../words/figures.ts';
import { full } from '../words/when.ts';
import css from './ReadOut.module.css';

const FIGURES = ['count', 'min', 'max', 'mean', 'mkt'] as const;
const ROWS_SHOWN = 50;

/** What was taken of a file, in words. */
export function Outcome({
  answer,
  isDryRun,
  shipment,
}: {
  readonly answer: LoggerFileAnswerView;
  readonly isDryRun: boolean;
  readonly shipment: string;
}) {
  const taken = answer.devices.reduce((sum, device) => sum + device.taken, 0);
  // A fixed offset is no zone that a clock of the page can show.
  const zone = answer.file.zone.includes('/') ? answer.file.zone : 'UTC';
  const said = isDryRun ? say('readOut.looked') : say('readOut.taken', { taken });
  return (
    <section className="panel section" aria-labelledby="outcome" aria-live="polite">
      <h2 id="outcome">{answer.repeated ? say('readOut.repeated') : said}</h2>
      {answer.notes.map((note) => (
        <p key={note} className="muted">
          {note}
        </p>
      ))}
      {answer.devices.map((device) => (
        <DeviceOutcome key={device.device} device={device} zone={zone} />
      ))}
      <Rows title={say('readOut.refused', { count: answer.refusedCount })} rows={answer.refused} />
      <Rows title={say('readOut.waiting', { count: answer.waiting })} rows={answer.waits} />
      {isDryRun ? null : (
        <p className={css.buttons}>
          {answer.devices.map(({ device }) => (
            <Link key={device} to={`/devices/${encodeURIComponent(device)}`}>
              {say('readOut.toLogger')} {device}
            </Link>
          ))}
          {shipment === '' ? null : (
            <Link to={`/shipments/${encodeURIComponent(shipment)}`}>
              {say('readOut.toShipment')} {shipment}
            </Link>
          )}
        </p>
      )}
    </section>
  );
}

type DeviceAnswer = LoggerFileAnswerView['devices'][number];

function DeviceOutcome({
  device: { device, taken, from, to, theirs, ours, differences },
  zone,
}: {
  readonly device: DeviceAnswer;
  readonly zone: string;
}) {
  const shown = FIGURES.filter((figure) => theirs?.[figure] !== undefined || ours?.[figure] !== undefined);
  const differs = new Set(differences.filter(({ metric }) => metric === 'temperature').map(({ figure }) => figure));
  const text = (figure: (typeof FIGURES)[number], value: number | undefined) =>
    value === undefined ? '–' : figure === 'count' ? String(value) : valueText(value, '°C');
  return (
    <>
      <h3>{say('readOut.of', { device, taken })}</h3>
      {from === null || to === null ? null : (
        <p className="figure muted">
          {say('readOut.span', { from: full(Date.parse(from), zone), to: full(Date.parse(to), zone) })}
        </p>
      )}
      {shown.length === 0 ? null : (
        <table className={`table ${css.figures}`}>
          <thead>
            <tr>
              <th scope="col">{say('readOut.figure')}</th>
              <th scope="col" className="right">
                {say('readOut.theirs')}
              </th>
              <th scope="col" className="right">
                {say('readOut.ours')}
              </th>
              <th scope="col">{say('readOut.differs')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((figure) => (
              <tr key={figure}>
                <td>{say(`readOut.figure.${figure}`)}</td>
                <td className="right figure">{text(figure, theirs?.[figure])}</td>
                <td className="right figure">{text(figure, ours?.[figure])}</td>
                <td className="ink-warning">{differs.has(figure) ? say('readOut.differs') : ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {ours?.suspect === undefined ? null : (
        <p className="ink-warning">{say('readOut.suspect', { count: ours.suspect })}</p>
      )}
      {theirs?.alarms === undefined ? null : (
        <>
          <h4>{say('readOut.alarms')}</h4>
          <ul>
            {theirs.alarms.map((alarm) => (
              <li key={alarm}>{alarm}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Rows({ title, rows }: { readonly title: string; readonly rows: LoggerFileAnswerView['refused'] }) {
  if (rows.length === 0) return null;
  return (
    <>
      <h3 className="ink-warning">{title}</h3>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{say('readOut.row')}</th>
              <th scope="col">{say('readOut.why')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, ROWS_SHOWN).map(({ row, reason, detail }, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row may be refused for each of its probes
              <tr key={`${row}/${reason}/${i}`}>
                <td className="figure">{row}</td>
                <td>{detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
