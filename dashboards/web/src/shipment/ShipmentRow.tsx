import { memo } from 'react';
import { Link, useNavigate } from 'react-router';
import type { ConditionState, ShipmentView, UnitView } from '../../../api/index.ts';
import { Trend } from '../chart/Trend.tsx';
import { ConditionMark, conditionText, conditionWords } from '../parts/Marks.tsx';
import { useStoodStill } from '../parts/stillness.ts';
import { When } from '../parts/When.tsx';
import { say } from '../text/say.ts';
import { count, degrees, shortEpc } from '../words/figures.ts';
import { profileText, stateText } from '../words/shipment.ts';
import { NextSteps } from './NextSteps.tsx';
import { RouteLine } from './RouteLine.tsx';
import css from './Shipments.module.css';

const URGENCY: Readonly<Record<ConditionState, number>> = { excursion: 0, warning: 1, unknown: 2, inRange: 3 };
const UNITS_SHOWN = 4;
/** A shipment in the list. Drawn anew only where it is another: among thousands few change at a time. */
export const ShipmentRow = memo(function ShipmentRow({
  shipment,
  now,
  index,
  measure,
}: {
  shipment: ShipmentView;
  now: number;
  /** In the whole list, from 0. */
  index: number;
  measure: (row: Element | null) => void;
}) {
  const navigate = useNavigate();
  const path = `/shipments/${encodeURIComponent(shipment.id)}`;
  return (
    // The link in the first cell is what keyboards and readers use; the row is a larger target for pointers.
    <tr
      ref={measure}
      data-index={index}
      aria-rowindex={index + 2}
      className={`row-link ${css[`row-${shipment.condition.state}`]}`}
      onClick={() => void navigate(path)}
    >
      <td>
        <span className={css.shipmentName}>
          <ConditionMark state={shipment.condition.state} size={22} label={conditionText(shipment.condition)} />
          <span>
            <Link to={path} onClick={(event) => event.stopPropagation()}>
              {shipment.id}
            </Link>
            <span className="muted">
              {stateText(shipment.state)} · {profileText(shipment.profile)}
            </span>
          </span>
        </span>
      </td>
      <td className={css.shipmentRoute}>
        <RouteLine shipment={shipment} now={now} />
      </td>
      <td className={css.shipmentPlace}>
        {shipment.place?.name ?? <span className="muted">{say('shipment.onTheWay')}</span>}
      </td>
      <td className={css.shipmentUnits}>
        <Units units={shipment.units} isFine={shipment.condition.state === 'inRange'} />
      </td>
      <td className={css.shipmentTrend}>
        {shipment.condition.device === null ? null : (
          <SettledTrend device={shipment.condition.device} limits={shipment.profile} now={now} />
        )}
      </td>
      <td className={`right figure ${css.shipmentSerials}`}>
        {count(shipment.serialCount)}
        <span className="only-narrow">{say('shipment.serials2')}</span>
      </td>
      <td className={css.shipmentNext}>
        <NextSteps shipment={shipment} isShort />
      </td>
      <td className={`right muted ${css.shipmentHeard}`} data-label={say('shipment.heard')}>
        {shipment.lastHeard === null ? say('shipment.never') : <When at={shipment.lastHeard} now={now} />}
      </td>
    </tr>
  );
});

/** Who scrolls past needs no thumbnail, and no request for one. */
function SettledTrend(props: Parameters<typeof Trend>[0]) {
  return useStoodStill() ? <Trend {...props} /> : null;
}

/**
 * The worst of its units; what a unit's state means in words stands on its mark. Where the shipment is not fine none of them
 * is marked so.
 */
function Units({ units, isFine }: { units: readonly UnitView[]; isFine: boolean }) {
  const measured = units.filter(({ devices, condition }) => devices.length > 0 || condition.device !== null);
  if (measured.length === 0) return <span className="muted">{say('shipment.noLogger')}</span>;
  const worstFirst = measured.toSorted((a, b) => URGENCY[a.condition.state] - URGENCY[b.condition.state]);
  return (
    <span className="unit-chips">
      {worstFirst.slice(0, UNITS_SHOWN).map(({ epc, condition: { state, temperature } }) => (
        <span
          key={epc}
          className={state === 'inRange' && !isFine ? 'temperature' : `temperature ink-${state}`}
          title={`${say('shipment.unit2', { epc: shortEpc(epc) })} · ${conditionWords(state)}`}
        >
          {state === 'inRange' && !isFine ? null : <ConditionMark state={state} size={15} />}
          <span className="figure">{temperature === null ? '–' : degrees(temperature)}</span>
        </span>
      ))}
      {worstFirst.length > UNITS_SHOWN ? (
        <span className="muted">{say('shipment.andMore', { value: worstFirst.length - UNITS_SHOWN })}</span>
      ) : null}
    </span>
  );
}
