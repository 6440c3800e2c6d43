import { Link, useParams } from 'react-router';
import type { ShipmentDetail, UnitView } from '../../../api/index.ts';
import { AlertRows } from '../alert/AlertRows.tsx';
import { useAlerts } from '../alert/alert-queries.ts';
import { Journey } from '../journey/Journey.tsx';
import { useLive } from '../live/Live.tsx';
import { useNow } from '../live/useNow.ts';
import { ShipmentMarkets } from '../market/ShipmentMarkets.tsx';
import { ConditionMark, conditionText, Temperature } from '../parts/Marks.tsx';
import { ReportLink } from '../parts/ReportLink.tsx';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { When } from '../parts/When.tsx';
import { useSiteZone } from '../parts/Zone.tsx';
import { Reconciliation } from '../portal/Reconciliation.tsx';
import { useShipment } from '../queries.ts';
import { Sharing } from '../share/Sharing.tsx';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import { unitText } from '../words/printed.ts';
import { profileText, stateText } from '../words/shipment.ts';
import { CloseShipment } from './CloseShipment.tsx';
import { NextSteps } from './NextSteps.tsx';
import { ReceiveDelivery } from './ReceiveDelivery.tsx';
import { RouteLine } from './RouteLine.tsx';
import css from './Shipment.module.css';
import { ShipmentChanges } from './ShipmentChanges.tsx';
import { ShipmentHold } from './ShipmentHold.tsx';
import { ShipmentLoggers } from './ShipmentLoggers.tsx';
import { ShipmentSerials } from './ShipmentSerials.tsx';
import { Stops } from './Stops.tsx';
import { UnitCount } from './UnitCount.tsx';

/** One shipment: how its units fare, where it is, what was raised about it. */
export function Shipment() {
  const { id = '' } = useParams();
  useLive(`shipment:${id}`);
  useTitle(say('shipment.shipment', { id }));
  const now = useNow();
  const { data: shipment, error, isPending, refetch } = useShipment(id);
  useSiteZone(shipment?.place?.zone ?? shipment?.destination.zone);
  if (isPending) return <Loading rows={5} height={90} />;
  if (shipment === undefined)
    return (
      <Failed
        error={error ?? new Error('')}
        isScreen
        what={say('shipment.thisShipment')}
        onRetry={() => void refetch()}
      />
    );
  return (
    <>
      <p className="crumbs">
        <Link to="/shipments">{say('shipment.shipments')}</Link>
        <span className="muted">{stateText(shipment.state)}</span>
        <span className="muted">{profileText(shipment.profile)}</span>
        <span className="spring" />
        <Link to={`/cases?state=all&shipment=${encodeURIComponent(shipment.id)}`}>{say('shipment.cases')}</Link>
        <Link to={`/shipments/${encodeURIComponent(shipment.id)}/labels`}>{say('labels.labels')}</Link>
        <ReportLink of="shipments" id={shipment.id} serials={shipment.serialCount} />
      </p>
      <div className="panel shipment-head">
        <h1>
          <ConditionMark state={shipment.condition.state} size={28} label={conditionText(shipment.condition)} />
          {shipment.id}
        </h1>
        <div className={css.shipmentHeadRoute}>
          <RouteLine shipment={shipment} now={now} />
        </div>
        <dl className="figures">
          <div>
            <dt>{say('shipment.condition')}</dt>
            <dd className={`ink-${shipment.condition.state}`}>{conditionText(shipment.condition)}</dd>
          </div>
          <div>
            <dt>{say('shipment.nowAt')}</dt>
            <dd>{shipment.place?.name ?? say('shipment.onTheWay')}</dd>
          </div>
          {shipment.carrier === null ? null : (
            <div>
              <dt>{say('shipment.carrier')}</dt>
              <dd>{shipment.carrier}</dd>
            </div>
          )}
          <div>
            <dt>{say('shipment.units')}</dt>
            <dd className="figure">{count(shipment.unitCount)}</dd>
          </div>
          <div>
            <dt>{say('shipment.serials')}</dt>
            <dd className="figure">{count(shipment.serialCount)}</dd>
          </div>
          <div>
            <dt>{say('shipment.heard')}</dt>
            <dd>{shipment.lastHeard === null ? say('shipment.never') : <When at={shipment.lastHeard} now={now} />}</dd>
          </div>
        </dl>
        <Stops stops={shipment.stops} />
        <NextSteps shipment={shipment} />
      </div>
      <ReceiveDelivery shipment={shipment} />
      <CloseShipment shipment={shipment} />
      <ShipmentChanges shipment={shipment} />
      <Reconciliation of={{ kind: 'shipments', id: shipment.id }} isQuiet={!hasArrived(shipment)} />
      <ShipmentMarkets id={shipment.id} />
      <UnitCount shipment={shipment} />
      <Journey shipment={shipment} now={now} />
      <ShipmentAlerts id={shipment.id} now={now} />
      <ShipmentLoggers shipment={shipment} />
      <UnitTable shipment={shipment} now={now} />
      <ShipmentSerials shipment={shipment} />
      <Products shipment={shipment} />
      <Sharing id={shipment.id} />
      <ShipmentHold id={shipment.id} />
    </>
  );
}

/** Before that, that nothing differs says nothing. */
function hasArrived({ state }: ShipmentDetail): boolean {
  return state === 'received' || state === 'closed';
}

function ShipmentAlerts({ id, now }: { id: string; now: number }) {
  const { data } = useAlerts({ state: '', severity: '', shipment: id });
  const alerts = data?.pages.flatMap(({ items }) => items) ?? [];
  if (alerts.length === 0) return null;
  return (
    <section className="section-open" aria-labelledby="alerts">
      <h2 id="alerts">{say('shipment.alerts')}</h2>
      <AlertRows alerts={alerts} now={now} />
    </section>
  );
}

function UnitTable({ shipment, now }: { shipment: ShipmentDetail; now: number }) {
  if (shipment.units.length === 0) return <Nothing title={say('shipment.noUnitsAnnounced')} />;
  return (
    <section className="section-open" aria-labelledby="units">
      <h2 id="units">{say('shipment.units')}</h2>
      <div className="panel scroll">
        <table className="table cards">
          <thead>
            <tr>
              <th scope="col">{say('shipment.unit')}</th>
              <th scope="col">{say('shipment.temperature')}</th>
              <th scope="col">{say('shipment.logger')}</th>
              <th scope="col">{say('shipment.at')}</th>
              <th scope="col" className="right">
                {say('shipment.serials')}
              </th>
              <th scope="col" className="right">
                {say('shipment.heard')}
              </th>
            </tr>
          </thead>
          <tbody>
            {shipment.units.map((unit) => (
              <UnitRow key={unit.epc} unit={unit} now={now} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function UnitRow({ unit, now }: { unit: UnitView; now: number }) {
  return (
    <tr>
      <td className="figure" title={unit.epc}>
        {unitText(unit.epc)}
        {unit.parent === null ? null : (
          <span className="muted">{say('shipment.in', { parent: unitText(unit.parent) })}</span>
        )}
      </td>
      <td data-label={say('shipment.temperature')}>
        <Temperature condition={unit.condition} now={now} />
      </td>
      <td data-label={say('shipment.logger')}>
        {unit.devices.length === 0 ? <span className="muted">{say('shipment.none')}</span> : null}
        {unit.devices.map((device) => (
          <Link key={device} to={`/devices/${encodeURIComponent(device)}`} className="spaced">
            {device}
          </Link>
        ))}
      </td>
      <td data-label={say('shipment.at')}>
        {unit.place?.name ?? <span className="muted">{say('shipment.onTheWay')}</span>}
      </td>
      <td data-label={say('shipment.serials')} className="right figure">
        {count(unit.serialCount)}
      </td>
      <td data-label={say('shipment.heard')} className="right muted">
        {unit.condition.at === null ? say('shipment.never') : <When at={unit.condition.at} now={now} />}
      </td>
    </tr>
  );
}

function Products({ shipment }: { shipment: ShipmentDetail }) {
  if (shipment.products.length === 0) return null;
  return (
    <section className="section-open" aria-labelledby="products">
      <h2 id="products">{say('shipment.products')}</h2>
      <div className="panel scroll">
        <table className="table cards">
          <thead>
            <tr>
              <th scope="col">{say('shipment.name')}</th>
              <th scope="col">{say('shipment.gtin')}</th>
              <th scope="col">{say('shipment.lot')}</th>
              <th scope="col">{say('shipment.expires')}</th>
            </tr>
          </thead>
          <tbody>
            {shipment.products.map((product) => (
              <tr key={`${product.gtin}|${product.lot ?? ''}`}>
                <td>{product.name}</td>
                <td data-label={say('shipment.gtin')} className="figure">
                  {product.gtin}
                </td>
                <td data-label={say('shipment.lot')}>{product.lot ?? '–'}</td>
                <td data-label={say('shipment.expires')} className="figure">
                  {product.expiry ?? '–'}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
