import { Button, TextInput } from '@mantine/core';
import { IconPlus, IconSearch, IconTruckDelivery } from '@tabler/icons-react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import type { ConditionState, ShipmentView, UnitView } from '../../../api/index.ts';
import { Trend } from '../chart/Trend.tsx';
import { useLive } from '../live/Live.tsx';
import { useNow } from '../live/useNow.ts';
import { CONDITION_WORDS, ConditionMark, conditionText, Temperature } from '../parts/Marks.tsx';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { When } from '../parts/When.tsx';
import { useShipments } from '../queries.ts';
import { useMay, useSeesAll } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { count, counted, shortEpc } from '../words/figures.ts';
import { profileText, STATE_TEXT } from '../words/shipment.ts';
import { RouteLine } from './RouteLine.tsx';
import css from './Shipments.module.css';

const URGENCY: Readonly<Record<ConditionState, number>> = { excursion: 0, warning: 1, unknown: 2, inRange: 3 };
const FILTERS: readonly ConditionState[] = ['excursion', 'warning', 'unknown', 'inRange'];

/** A tile counts alerts of every kind, not temperatures alone. */
const TILE_WORDS: Readonly<Record<ConditionState, string>> = {
  ...CONDITION_WORDS,
  excursion: say('parts.critical'),
  warning: say('parts.warning'),
};

/** All shipments under way, those that need a person first. */
export function Shipments() {
  useTitle(say('shipment.shipments'));
  useLive('fleet');
  const now = useNow();
  const seesAll = useSeesAll();
  const [search, setSearch] = useSearchParams();
  const wanted = FILTERS.find((state) => state === search.get('condition')) ?? null;
  const text = search.get('find') ?? '';
  const isAll = search.get('show') === 'all';
  const query = useShipments({ condition: wanted, q: text.trim(), show: isAll ? 'all' : 'open' });
  const { data, error, isPending, refetch } = query;

  if (isPending) return <Loading rows={7} height={72} />;
  if (data === undefined)
    return (
      <Failed isScreen error={error ?? new Error('')} what={say('shipment.shipments')} onRetry={() => void refetch()} />
    );

  const shown = data.pages.flatMap(({ items }) => items);
  const counts = data.pages[0]?.counts;
  const elsewhere = data.pages[0]?.elsewhere ?? 0;
  const isFiltered = wanted !== null || text.trim() !== '';

  function set(name: string, value: string | null) {
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === null || value === '') next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  }

  return (
    <>
      <div className="head">
        <h1>{say('shipment.shipments')}</h1>
        <span className="spring" />
        <TextInput
          className="head-filter"
          aria-label={say('shipment.filterShipments')}
          placeholder={say('shipment.filter')}
          leftSection={<IconSearch size={16} stroke={1.6} />}
          value={text}
          onChange={(event) => set('find', event.currentTarget.value)}
          type="search"
        />
        <label className={css.check}>
          <input
            type="checkbox"
            checked={isAll}
            onChange={(event) => set('show', event.currentTarget.checked ? 'all' : null)}
          />
          {say('shipment.closedToo')}
        </label>
        {seesAll ? (
          <Button component={Link} to="/lanes" variant="default" size="sm">
            {say('shipment.lanes')}
          </Button>
        ) : null}
        <Announce />
      </div>
      <fieldset className={css.tiles} aria-label={say('shipment.showByCondition')}>
        {FILTERS.map((state) => (
          <button
            key={state}
            type="button"
            className={css.tile}
            aria-pressed={wanted === state}
            onClick={() => set('condition', wanted === state ? null : state)}
          >
            <ConditionMark state={state} size={20} label={null} />
            <b className="figure">{count(counts?.[state] ?? 0)}</b>
            <span>{TILE_WORDS[state]}</span>
          </button>
        ))}
      </fieldset>
      {shown.length > 0 ? (
        <>
          <ShipmentTable shipments={shown} now={now} />
          {query.hasNextPage ? (
            <div className="more">
              <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {say('shipment.showMore')}
              </Button>
            </div>
          ) : null}
          {elsewhere > 0 ? (
            <p className={`muted ${css.elsewhere}`}>{say('shipment.elsewhere', { count: elsewhere })}</p>
          ) : null}
        </>
      ) : !isFiltered ? (
        <Nothing
          title={seesAll ? say('shipment.noShipmentsYet') : say('shipment.nothingAtYourSites')}
          icon={<IconTruckDelivery size={32} stroke={1.4} />}
          action={<Announce />}
        >
          {seesAll ? say('shipment.theyAppearHereAsSoon') : say('shipment.elsewhere', { count: elsewhere })}
        </Nothing>
      ) : (
        <Nothing title={say('shipment.noShipmentMatches')}>{say('shipment.takeAFilterAwayTo')}</Nothing>
      )}
    </>
  );
}

/** For those who may. */
function Announce() {
  if (!useMay('shipment.announce')) return null;
  return (
    <Button component={Link} to="/shipments/~new" leftSection={<IconPlus size={16} stroke={1.6} />}>
      {say('announce.button')}
    </Button>
  );
}

function ShipmentTable({ shipments, now }: { shipments: readonly ShipmentView[]; now: number }) {
  const navigate = useNavigate();
  return (
    <div className="panel">
      <table className={`table ${css.shipments}`}>
        <thead>
          <tr>
            <th scope="col">{say('shipment.shipment2')}</th>
            <th scope="col">{say('shipment.route')}</th>
            <th scope="col">{say('shipment.nowAt')}</th>
            <th scope="col">{say('shipment.temperatureByUnit')}</th>
            <th scope="col">{say('shipment.last24Hours')}</th>
            <th scope="col" className="right">
              {say('shipment.serials')}
            </th>
            <th scope="col">{say('shipment.alerts')}</th>
            <th scope="col" className="right">
              {say('shipment.heard')}
            </th>
          </tr>
        </thead>
        <tbody>
          {shipments.map((shipment) => (
            // The link in the first cell is what keyboards and readers use; the row is a larger target for pointers.
            <tr
              key={shipment.id}
              className={`row-link ${css[`row-${shipment.condition.state}`]}`}
              onClick={() => void navigate(`/shipments/${encodeURIComponent(shipment.id)}`)}
            >
              <td>
                <span className={css.shipmentName}>
                  <ConditionMark state={shipment.condition.state} size={22} label={conditionText(shipment.condition)} />
                  <span>
                    <Link
                      to={`/shipments/${encodeURIComponent(shipment.id)}`}
                      onClick={(event) => event.stopPropagation()}
                    >
                      {shipment.id}
                    </Link>
                    <span className="muted">
                      {STATE_TEXT[shipment.state]} · {profileText(shipment.profile)}
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
                <Units units={shipment.units} now={now} />
              </td>
              <td className={css.shipmentTrend}>
                {shipment.condition.device === null ? null : (
                  <Trend device={shipment.condition.device} limits={shipment.profile} now={now} />
                )}
              </td>
              <td className={`right figure ${css.shipmentSerials}`}>
                {count(shipment.serialCount)}
                <span className="only-narrow">{say('shipment.serials2')}</span>
              </td>
              <td className={css.shipmentAlerts}>
                <UndecidedAlerts shipment={shipment} />
              </td>
              <td className={`right muted ${css.shipmentHeard}`}>
                {shipment.lastHeard === null ? say('shipment.never') : <When at={shipment.lastHeard} now={now} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const UNITS_SHOWN = 4;

function Units({ units, now }: { units: readonly UnitView[]; now: number }) {
  const measured = units.filter(({ devices, condition }) => devices.length > 0 || condition.device !== null);
  if (measured.length === 0) return <span className="muted">{say('shipment.noLogger')}</span>;
  const worstFirst = measured.toSorted((a, b) => URGENCY[a.condition.state] - URGENCY[b.condition.state]);
  return (
    <span className="unit-chips">
      {worstFirst.slice(0, UNITS_SHOWN).map((unit) => (
        <span key={unit.epc} title={say('shipment.unit2', { epc: shortEpc(unit.epc) })}>
          <Temperature condition={unit.condition} now={now} />
        </span>
      ))}
      {worstFirst.length > UNITS_SHOWN ? (
        <span className="muted">{say('shipment.andMore', { value: worstFirst.length - UNITS_SHOWN })}</span>
      ) : null}
    </span>
  );
}

/** Acknowledged ones too: somebody has yet to decide about them. */
function UndecidedAlerts({ shipment }: { shipment: ShipmentView }) {
  const { critical, warning, info } = shipment.undecidedAlerts;
  const total = critical + warning + info;
  if (total === 0) return <span className={`muted ${css.noAlerts}`}>{say('shipment.none2')}</span>;
  return (
    <span className={css.alertCounts} title={counted(total, 'undecided alert')}>
      {critical > 0 ? (
        <span className="ink-excursion figure">
          <ConditionMark state="excursion" size={15} label={say('shipment.critical')} /> {critical}
        </span>
      ) : null}
      {warning > 0 ? (
        <span className="ink-warning figure">
          <ConditionMark state="warning" size={15} label={say('shipment.warning')} /> {warning}
        </span>
      ) : null}
      {info > 0 ? <span className="muted figure">{say('shipment.info', { info })}</span> : null}
    </span>
  );
}
