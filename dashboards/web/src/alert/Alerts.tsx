import { Button, NativeSelect, SegmentedControl } from '@mantine/core';
import { IconBellCheck, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type AlertGrouping, alertGrouping } from '../../../api/index.ts';
import { Groups } from '../inbox/Groups.tsx';
import css from '../inbox/Inbox.module.css';
import { Inbox } from '../inbox/Inbox.tsx';
import { useAlertGroups } from '../inbox/inbox-queries.ts';
import { type InboxFilter, useInboxFilter } from '../inbox/useInboxFilter.ts';
import { NEW_ALERTS } from '../live/apply.ts';
import { useNow } from '../live/useNow.ts';
import { ConditionMark } from '../parts/Marks.tsx';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { useSiteZone } from '../parts/Zone.tsx';
import { useSeesAll, useSession } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { KIND_WORDS } from '../words/rule.ts';
import { useAlerts } from './alert-queries.ts';

const STATES = [
  {
    value: 'open',
    get label() {
      return say('alert.open');
    },
  },
  {
    value: 'acknowledged',
    get label() {
      return say('alert.acknowledged');
    },
  },
  {
    value: 'resolved,retracted',
    get label() {
      return say('alert.settled');
    },
  },
  {
    value: 'all',
    get label() {
      return say('alert.all');
    },
  },
];
const SEVERITIES = [
  {
    value: 'critical',
    get label() {
      return say('alert.critical');
    },
    mark: 'excursion',
  },
  {
    value: 'warning',
    get label() {
      return say('alert.warning');
    },
    mark: 'warning',
  },
  {
    value: 'info',
    get label() {
      return say('alert.information');
    },
    mark: 'unknown',
  },
] as const;
/** Thousands are walked through, in as few requests. */
const A_PAGE = 200;

/** The inbox of alerts, newest first: what there is, what of it belongs together, and what is done about it. */
export function Alerts() {
  useTitle(say('alert.alerts'));
  const { data: session } = useSession();
  const seesAll = useSeesAll();
  const now = useNow();
  const filter = useInboxFilter(session?.user.name ?? '');
  const query = useAlerts(filter.shown, A_PAGE);
  const groups = useAlertGroups(filter.by ?? 'rule', filter.whole);
  const news = useNewAlerts();
  const alerts = query.data?.pages.flatMap(({ items }) => items) ?? [];
  useSiteZone(...alerts.slice(0, A_PAGE).map(({ about }) => about.zone));
  const newShown = alerts.filter(({ id }) => news.has(id)).length;
  const { state, by } = filter;

  return (
    <>
      <div className="head">
        <h1>{say('alert.alerts')}</h1>
        {groups.data === undefined ? null : (
          <span className="muted figure" role="status">
            {say('inbox.total', { total: groups.data.total })}
          </span>
        )}
        <span className="spring" />
        {newShown > 0 ? (
          <Button variant="subtle" size="compact-sm" onClick={news.clear}>
            {newShown === 1 ? say('alert.mark1NewAsSeen') : say('alert.markNewAsSeen', { newShown })}
          </Button>
        ) : null}
      </div>
      <Filters filter={filter} />
      <div className={by === null ? undefined : css.sides}>
        {by === null || groups.data === undefined ? null : <Groups by={by} groups={groups.data} filter={filter} />}
        {query.isPending ? (
          <Loading rows={6} height={64} />
        ) : query.data === undefined ? (
          <Failed
            error={query.error ?? new Error('')}
            what={say('alert.alerts')}
            onRetry={() => void query.refetch()}
          />
        ) : (
          <Inbox
            // Another list starts anew: nothing stays selected that is not shown.
            key={JSON.stringify(filter.shown)}
            alerts={alerts}
            filter={filter.shown}
            total={totalOf(filter, groups.data)}
            now={now}
            isNew={news.has}
            onEnd={() => {
              if (query.hasNextPage && !query.isFetching) void query.fetchNextPage();
            }}
            nothing={
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
            }
          />
        )}
      </div>
    </>
  );
}

/** How many there are in what is shown; null while that is not known. */
function totalOf({ of, by }: InboxFilter, groups: ReturnType<typeof useAlertGroups>['data']): number | null {
  if (groups === undefined) return null;
  if (by === null || of === undefined) return groups.total;
  return groups.groups.find(({ key }) => key === of)?.alerts ?? 0;
}

function Filters({ filter: { state, severity, by, isMine, whole, set } }: { filter: InboxFilter }) {
  const { rule, kind } = whole;
  const groupings: readonly (AlertGrouping | 'none')[] = ['none', ...alertGrouping.options];
  return (
    <div className="filters">
      <SegmentedControl
        data={STATES}
        value={state}
        onChange={(value) => set({ state: value })}
        aria-label={say('alert.state')}
        className={css.states ?? ''}
      />
      <fieldset className="chips" aria-label={say('alert.severity')}>
        {SEVERITIES.map(({ value, label, mark }) => (
          <button
            key={value}
            type="button"
            className="chip"
            aria-pressed={severity === value}
            onClick={() => set({ severity: severity === value ? null : value })}
          >
            <ConditionMark state={mark} size={14} label={null} />
            {label}
          </button>
        ))}
        <button type="button" className="chip" aria-pressed={isMine} onClick={() => set({ mine: isMine ? null : '1' })}>
          {say('inbox.mine')}
        </button>
        {kind === undefined ? null : (
          <Only text={say('alert.onlyKind', { kind: KIND_WORDS[kind] ?? kind })} onAll={() => set({ kind: null })} />
        )}
        {rule === undefined ? null : <Only text={say('alert.onlyRule', { rule })} onAll={() => set({ rule: null })} />}
      </fieldset>
      <NativeSelect
        aria-label={say('inbox.group')}
        value={by ?? 'none'}
        data={groupings.map((value) => ({ value, label: say(`inbox.group.${value}`) }))}
        onChange={({ currentTarget: { value } }) => set({ by: value === 'none' ? null : value, of: null })}
      />
    </div>
  );
}

/** What the address narrows the list to; pressed, all others are there again. */
function Only({ text, onAll }: { text: string; onAll: () => void }) {
  return (
    <button type="button" className="chip" aria-pressed title={say('alert.showOthersToo')} onClick={onAll}>
      {text}
      <IconX size={14} stroke={1.8} aria-hidden="true" />
    </button>
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
