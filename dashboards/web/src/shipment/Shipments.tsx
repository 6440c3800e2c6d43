import { Button, NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconSearch, IconTruckDelivery } from '@tabler/icons-react';
import { useCallback, useEffect, useState } from 'react';
import { Link } from 'react-router';
import type { ConditionState, ShipmentView } from '../../../api/index.ts';
import { useShipmentBoard } from '../board/board-queries.ts';
import { ShipmentBoard } from '../board/ShipmentBoard.tsx';
import { useLive } from '../live/Live.tsx';
import { useNow } from '../live/useNow.ts';
import { LazyMap } from '../map/LazyMap.tsx';
import { ConditionMark } from '../parts/Marks.tsx';
import { OwnAddresses } from '../parts/own-addresses.ts';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { useShipments } from '../queries.ts';
import { useMay, useSeesAll } from '../sign-in/session-queries.ts';
import { say, type TextKey } from '../text/say.ts';
import { count } from '../words/figures.ts';
import { GoneOfView, SavedViews } from './SavedViews.tsx';
import css from './Shipments.module.css';
import { ShipmentTable } from './ShipmentTable.tsx';
import { STATE_WORDS, STATES_BY_URGENCY } from './state-words.ts';
import { type BoardAddress, isSort, SORTS, useBoardAddress, VIEWS, type View } from './useBoardAddress.ts';

/** While somebody types, the next letter is waited for this long, ms. */
const TYPING_MS = 180;

/**
 * All shipments under way, those that need a person first: as a list, by lane and state, or on a map. The head stays while
 * the body changes: who switched the view by keyboard is still where the focus was.
 */
export function Shipments() {
  useLive('fleet');
  const { address, set } = useBoardAddress();
  const title = TITLES[address.view];
  useTitle(say(title));
  return (
    <>
      <Head address={address} set={set} title={say(title)} />
      <GoneOfView />
      {address.view === 'list' ? (
        <ListOfShipments address={address} set={set} />
      ) : (
        <LanesOfShipments address={address} set={set} title={say(title)} />
      )}
    </>
  );
}

const TITLES = {
  list: 'shipment.shipments',
  board: 'board.title.board',
  map: 'board.title.map',
} as const satisfies Readonly<Record<View, TextKey>>;

type Board = ReturnType<typeof useBoardAddress>;

function ListOfShipments({ address, set }: Board) {
  const now = useNow();
  const { condition, find, isAll, sort, origin, destination } = address;
  const q = find.trim();
  const query = useShipments({ condition, q, show: isAll ? 'all' : 'open', sort, origin, destination });
  const { data, error, fetchNextPage, hasNextPage, isFetchingNextPage, isPending, refetch } = query;
  const onNearEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);

  if (isPending) return <Loading rows={7} height={72} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('shipment.shipments')} onRetry={() => void refetch()} />;

  const shown = data.pages.flatMap(({ items }) => items);
  const counts = data.pages[0]?.counts;
  const elsewhere = data.pages[0]?.elsewhere ?? 0;
  const isOneLane = origin !== null || destination !== null;

  return (
    <>
      <Tiles counts={counts} wanted={condition} onChoose={(state) => set('condition', state)} />
      {isOneLane ? (
        <p className={css.lane}>
          {say('board.thisLane')}: <b>{laneOf(shown, address)}</b>{' '}
          <Link to="/shipments?view=board">{say('board.thisLane.all')}</Link>
        </p>
      ) : null}
      {shown.length > 0 ? (
        <>
          <ShipmentTable
            shipments={shown}
            total={isAll || counts === undefined ? (hasNextPage ? null : shown.length) : totalOf(counts, condition)}
            now={now}
            onNearEnd={onNearEnd}
          />
          {hasNextPage ? (
            <div className="more">
              <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                {say('shipment.showMore')}
              </Button>
            </div>
          ) : null}
          <Elsewhere count={elsewhere} />
        </>
      ) : (
        <Empty isFiltered={condition !== null || q !== '' || isOneLane} elsewhere={elsewhere} />
      )}
    </>
  );
}

/** By lane and state, or on the map: both say the same of the same shipments. */
function LanesOfShipments({ address, set, title }: Board & { title: string }) {
  const { condition, find, view } = address;
  const q = find.trim();
  const { data: board, error, isPending, refetch } = useShipmentBoard({ condition, q });
  if (isPending) return <Loading rows={5} height={90} />;
  if (board === undefined) return <Failed error={error ?? new Error('')} what={title} onRetry={() => void refetch()} />;
  return (
    <>
      <Tiles counts={board.counts} wanted={condition} onChoose={(state) => set('condition', state)} />
      {board.lanes.length === 0 ? (
        <Empty isFiltered={condition !== null || q !== ''} elsewhere={board.elsewhere} />
      ) : (
        <>
          {view === 'map' ? <LazyMap board={board} /> : <ShipmentBoard board={board} />}
          <Elsewhere count={board.elsewhere} />
        </>
      )}
    </>
  );
}

function Head({ address: { find, isAll, sort, view }, set, title }: Board & { title: string }) {
  const seesAll = useSeesAll();
  return (
    <div className="head">
      <h1>{title}</h1>
      <SegmentedControl
        size="sm"
        aria-label={say('board.view')}
        data={VIEWS.map((value) => ({ value, label: say(`board.view.${value}`) }))}
        value={view}
        onChange={(value) => set('view', value === 'list' ? null : value)}
      />
      <SavedViews />
      <span className="spring" />
      <FindField value={find} onChange={(value) => set('find', value)} />
      {view === 'list' ? (
        <>
          <NativeSelect
            className={css.sort}
            aria-label={say('board.sort')}
            value={sort}
            data={SORTS.map((value) => ({ value, label: say(`board.sort.${value}`) }))}
            onChange={({ currentTarget: { value } }) =>
              isSort(value) && set('sort', value === 'urgency' ? null : value)
            }
          />
          <label className={css.check}>
            <input
              type="checkbox"
              checked={isAll}
              onChange={(event) => set('show', event.currentTarget.checked ? 'all' : null)}
            />
            {say('shipment.closedToo')}
          </label>
        </>
      ) : null}
      {seesAll ? (
        <Button component={Link} to="/lanes" variant="default" size="sm">
          {say('shipment.lanes')}
        </Button>
      ) : null}
      <Announce />
    </div>
  );
}

/** How many are in each state, whatever is chosen of them; each chooses its own. */
function Tiles({
  counts,
  wanted,
  onChoose,
}: {
  counts: Readonly<Record<ConditionState, number>> | undefined;
  wanted: ConditionState | null;
  onChoose: (state: ConditionState | null) => void;
}) {
  return (
    <fieldset className={css.tiles} aria-label={say('shipment.showByCondition')}>
      {STATES_BY_URGENCY.map((state) => (
        <button
          key={state}
          type="button"
          className={css.tile}
          aria-pressed={wanted === state}
          onClick={() => onChoose(wanted === state ? null : state)}
        >
          <ConditionMark state={state} size={20} label={null} />
          <b className="figure">{count(counts?.[state] ?? 0)}</b>
          <span>{STATE_WORDS[state]}</span>
        </button>
      ))}
    </fieldset>
  );
}

function Empty({ isFiltered, elsewhere }: { isFiltered: boolean; elsewhere: number }) {
  const seesAll = useSeesAll();
  if (isFiltered)
    return <Nothing title={say('shipment.noShipmentMatches')}>{say('shipment.takeAFilterAwayTo')}</Nothing>;
  return (
    <Nothing
      title={seesAll ? say('shipment.noShipmentsYet') : say('shipment.nothingAtYourSites')}
      icon={<IconTruckDelivery size={32} stroke={1.4} />}
      action={<Announce />}
    >
      {seesAll ? say('shipment.theyAppearHereAsSoon') : say('shipment.elsewhere', { count: elsewhere })}
    </Nothing>
  );
}

function Elsewhere({ count: elsewhere }: { count: number }) {
  if (elsewhere === 0) return null;
  return <p className={`muted ${css.elsewhere}`}>{say('shipment.elsewhere', { count: elsewhere })}</p>;
}

/** By name where a shipment of it is shown, else by its ids. */
function laneOf(shown: readonly ShipmentView[], { origin, destination }: BoardAddress): string {
  const [one] = shown;
  return say('board.way', {
    origin: one?.origin.name ?? origin ?? '',
    destination: one?.destination.name ?? destination ?? '',
  });
}

function totalOf(counts: Readonly<Record<ConditionState, number>>, wanted: ConditionState | null): number {
  return wanted === null ? STATES_BY_URGENCY.reduce((sum, state) => sum + counts[state], 0) : counts[wanted];
}

/** What is typed shows at once; it is looked for when the next letter does not come. */
function FindField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [typed, setTyped] = useState(value);
  const [settled] = useDebouncedValue(typed, TYPING_MS);
  const [own] = useState(() => new OwnAddresses(value));
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed is taken over, not what the address says
  useEffect(() => {
    if (own.writes(settled)) onChange(settled);
  }, [settled]);
  // Back, forward and saved views change the address; what was typed here comes back with more typed since.
  useEffect(() => {
    if (!own.takes(value)) setTyped(value);
  }, [own, value]);
  return (
    <TextInput
      className={`head-filter ${css.filter}`}
      aria-label={say('shipment.filterShipments')}
      placeholder={say('shipment.filter')}
      leftSection={<IconSearch size={16} stroke={1.6} />}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      type="search"
    />
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
