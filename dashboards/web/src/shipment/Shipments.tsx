import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconSearch, IconTruckDelivery } from '@tabler/icons-react';
import { useCallback, useEffect, useState } from 'react';
import { Link } from 'react-router';
import type { ConditionState } from '../../../api/index.ts';
import { useLive } from '../live/Live.tsx';
import { useNow } from '../live/useNow.ts';
import { ConditionMark } from '../parts/Marks.tsx';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { useShipments } from '../queries.ts';
import { useMay, useSeesAll } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import css from './Shipments.module.css';
import { ShipmentTable } from './ShipmentTable.tsx';
import { STATE_WORDS, STATES_BY_URGENCY } from './state-words.ts';
import { isSort, SORTS, useBoardAddress } from './useBoardAddress.ts';

/** While somebody types, the next letter is waited for this long, ms. */
const TYPING_MS = 180;

/** All shipments under way, those that need a person first. */
export function Shipments() {
  useTitle(say('shipment.shipments'));
  useLive('fleet');
  const now = useNow();
  const seesAll = useSeesAll();
  const { address, set } = useBoardAddress();
  const { condition: wanted, find, isAll, sort } = address;
  const query = useShipments({ condition: wanted, q: find.trim(), show: isAll ? 'all' : 'open', sort });
  const { data, error, fetchNextPage, hasNextPage, isFetchingNextPage, isPending, refetch } = query;
  const onNearEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);

  if (isPending) return <Loading rows={7} height={72} />;
  if (data === undefined)
    return (
      <Failed isScreen error={error ?? new Error('')} what={say('shipment.shipments')} onRetry={() => void refetch()} />
    );

  const shown = data.pages.flatMap(({ items }) => items);
  const counts = data.pages[0]?.counts;
  const elsewhere = data.pages[0]?.elsewhere ?? 0;
  const isFiltered = wanted !== null || find.trim() !== '';

  return (
    <>
      <div className="head">
        <h1>{say('shipment.shipments')}</h1>
        <span className="spring" />
        <FindField value={find} onChange={(value) => set('find', value)} />
        <NativeSelect
          aria-label={say('board.sort')}
          value={sort}
          data={SORTS.map((value) => ({ value, label: say(`board.sort.${value}`) }))}
          onChange={({ currentTarget: { value } }) => isSort(value) && set('sort', value === 'urgency' ? null : value)}
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
        {STATES_BY_URGENCY.map((state) => (
          <button
            key={state}
            type="button"
            className={css.tile}
            aria-pressed={wanted === state}
            onClick={() => set('condition', wanted === state ? null : state)}
          >
            <ConditionMark state={state} size={20} label={null} />
            <b className="figure">{count(counts?.[state] ?? 0)}</b>
            <span>{STATE_WORDS[state]}</span>
          </button>
        ))}
      </fieldset>
      {shown.length > 0 ? (
        <>
          <ShipmentTable
            shipments={shown}
            total={isAll || counts === undefined ? null : totalOf(counts, wanted)}
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

function totalOf(counts: Readonly<Record<ConditionState, number>>, wanted: ConditionState | null): number {
  return wanted === null ? STATES_BY_URGENCY.reduce((sum, state) => sum + counts[state], 0) : counts[wanted];
}

/** What is typed shows at once; it is looked for when the next letter does not come. */
function FindField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [typed, setTyped] = useState(value);
  const [settled] = useDebouncedValue(typed, TYPING_MS);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed is taken over, not what the address says
  useEffect(() => {
    if (settled !== value) onChange(settled);
  }, [settled]);
  // Back, forward and saved views change the address.
  useEffect(() => setTyped(value), [value]);
  return (
    <TextInput
      className="head-filter"
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
