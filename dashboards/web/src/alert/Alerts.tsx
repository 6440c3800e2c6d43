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
import { useSeesAll } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { AlertRows } from './AlertRows.tsx';
import css from './Alerts.module.css';
import { useAlerts } from './alert-queries.ts';

const STATES = [
  { value: 'open', label: say('alert.open') },
  { value: 'acknowledged', label: say('alert.acknowledged') },
  { value: 'resolved,retracted', label: say('alert.settled') },
  { value: 'all', label: say('alert.all') },
];
const SEVERITIES = [
  { value: 'critical', label: say('alert.critical'), mark: 'excursion' },
  { value: 'warning', label: say('alert.warning'), mark: 'warning' },
  { value: 'info', label: say('alert.information'), mark: 'unknown' },
] as const;

/** Alerts, newest first; new ones come in at the top by themselves. */
export function Alerts() {
  useTitle(say('alert.alerts'));
  const seesAll = useSeesAll();
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
        <h1>{say('alert.alerts')}</h1>
        <span className="spring" />
        {newShown > 0 ? (
          <Button variant="subtle" size="compact-sm" onClick={news.clear}>
            {newShown === 1 ? say('alert.mark1NewAsSeen') : say('alert.markNewAsSeen', { newShown })}
          </Button>
        ) : null}
      </div>
      <div className="filters">
        <SegmentedControl
          data={STATES}
          value={state}
          onChange={(value) => set('state', value)}
          aria-label={say('alert.state')}
          className={css.states}
        />
        <fieldset className="chips" aria-label={say('alert.severity')}>
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
        <Failed error={query.error ?? new Error('')} what={say('alert.alerts')} onRetry={() => void query.refetch()} />
      ) : alerts.length === 0 ? (
        <Nothing
          title={state === 'open' ? say('alert.nothingNeedsYouNow') : say('alert.noAlertsHere')}
          icon={<IconBellCheck size={34} stroke={1.4} />}
        >
          {state !== 'open'
            ? say('alert.chooseAnotherStateOrSeverity')
            : seesAll
              ? say('alert.aNewAlertAppearsHere')
              : say('alert.oneAtYourSitesAppears')}
        </Nothing>
      ) : (
        <>
          <AlertRows alerts={alerts} now={now} isNew={(id) => news.has(id)} />
          {query.hasNextPage ? (
            <div className="more">
              <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {say('alert.showOlder')}
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
