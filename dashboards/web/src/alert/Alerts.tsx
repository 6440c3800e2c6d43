import { Button, SegmentedControl } from '@mantine/core';
import { IconBellCheck } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { NEW_ALERTS } from '../live/apply.ts';
import { useNow } from '../live/useNow.ts';
import { ConditionMark } from '../parts/Marks.tsx';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { useSiteZone } from '../parts/Zone.tsx';
import { useAlerts } from '../queries.ts';
import { AlertRows } from './AlertRows.tsx';
import css from './Alerts.module.css';

const STATES = [
  { value: 'open', label: 'Open' },
  { value: 'acknowledged', label: 'Acknowledged' },
  { value: 'resolved,retracted', label: 'Settled' },
  { value: 'all', label: 'All' },
];
const SEVERITIES = [
  { value: 'critical', label: 'Critical', mark: 'excursion' },
  { value: 'warning', label: 'Warning', mark: 'warning' },
  { value: 'info', label: 'Information', mark: 'unknown' },
] as const;

/** Alerts, newest first; new ones come in at the top by themselves. */
export function Alerts() {
  useTitle('Alerts');
  const now = useNow();
  const [search, setSearch] = useSearchParams();
  const state = search.get('state') ?? 'open';
  const severity = search.get('severity') ?? '';
  const query = useAlerts({ state: state === 'all' ? '' : state, severity });
  const news = useNewAlerts();
  const alerts = query.data?.pages.flatMap(({ items }) => items) ?? [];
  useSiteZone(...alerts.map(({ about }) => about.zone));
  const newShown = alerts.filter(({ id }) => news.has(id)).length;

  function set(name: string, value: string) {
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === '' || (name === 'state' && value === 'open')) next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  }

  return (
    <>
      <div className="head">
        <h1>Alerts</h1>
        <span className="spring" />
        {newShown > 0 ? (
          <Button variant="subtle" size="compact-sm" onClick={news.clear}>
            {newShown === 1 ? 'Mark 1 new as seen' : `Mark ${newShown} new as seen`}
          </Button>
        ) : null}
      </div>
      <div className="filters">
        <SegmentedControl
          data={STATES}
          value={state}
          onChange={(value) => set('state', value)}
          aria-label="State"
          className={css.states}
        />
        <fieldset className="chips" aria-label="Severity">
          {SEVERITIES.map(({ value, label, mark }) => (
            <button
              key={value}
              type="button"
              className="chip"
              aria-pressed={severity === value}
              onClick={() => set('severity', severity === value ? '' : value)}
            >
              <ConditionMark state={mark} size={14} label={null} />
              {label}
            </button>
          ))}
        </fieldset>
      </div>
      {query.isPending ? (
        <Loading rows={6} height={64} />
      ) : query.data === undefined ? (
        <Failed error={query.error ?? new Error('')} what="Alerts" onRetry={() => void query.refetch()} />
      ) : alerts.length === 0 ? (
        <Nothing
          title={state === 'open' ? 'Nothing needs you now' : 'No alerts here'}
          icon={<IconBellCheck size={34} stroke={1.4} />}
        >
          {state === 'open' ? 'A new alert appears here the moment it is raised.' : 'Choose another state or severity.'}
        </Nothing>
      ) : (
        <>
          <AlertRows alerts={alerts} now={now} isNew={(id) => news.has(id)} />
          {query.hasNextPage ? (
            <div className="more">
              <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                Show older
              </Button>
            </div>
          ) : null}
        </>
      )}
    </>
  );
}

function useNewAlerts() {
  const client = useQueryClient();
  const { data = [] } = useQuery<readonly string[]>({
    queryKey: NEW_ALERTS,
    queryFn: () => [],
    staleTime: Number.POSITIVE_INFINITY,
  });
  return {
    has: (id: string) => data.includes(id),
    clear: () => client.setQueryData<readonly string[]>(NEW_ALERTS, []),
  };
}
