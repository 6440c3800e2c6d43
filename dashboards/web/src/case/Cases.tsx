import { Button, SegmentedControl } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link, useSearchParams } from 'react-router';
import type { CaseSummaryView } from '../../../api/case.ts';
import { useNow } from '../live/useNow.ts';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { useMay, useSession } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { count, counted } from '../words/figures.ts';
import { ago } from '../words/when.ts';
import { Clock } from './CaseClocks.tsx';
import css from './case.module.css';
import { UNDECIDED, useCases } from './case-queries.ts';
import { stateText } from './case-words.ts';
import { Mentions } from './Mentions.tsx';
import { OpenCase } from './OpenCase.tsx';

const STATES = [
  {
    value: '',
    get label() {
      return say('case.waiting');
    },
  },
  {
    value: 'evidence changed',
    get label() {
      return say('case.filter.changed');
    },
  },
  {
    value: 'decided',
    get label() {
      return say('case.filter.decided');
    },
  },
  {
    value: 'closed',
    get label() {
      return say('case.filter.closed');
    },
  },
  {
    value: 'all',
    get label() {
      return say('case.all');
    },
  },
];
const ORDERS = [
  {
    value: 'due',
    get label() {
      return say('case.order.due');
    },
  },
  {
    value: 'value',
    get label() {
      return say('case.order.value');
    },
  },
  {
    value: 'opened',
    get label() {
      return say('case.order.opened');
    },
  },
];

/** The inbox of quality: what waits for a decision, what falls due first on top. Filters stand in the address. */
export function Cases() {
  useTitle(say('case.title'));
  const now = useNow();
  const { data: session } = useSession();
  const mayHandle = useMay('case.handle');
  const [search, setSearch] = useSearchParams();
  const given = (name: string) => search.get(name) ?? '';
  const [state, order, assignee] = [given('state'), given('order') || 'due', given('assignee')];
  const isOpening = given('open') !== '';
  const query = useCases({
    state: state === '' ? UNDECIDED : state === 'all' ? '' : state,
    ...{ order, assignee, shipment: given('shipment') },
  });
  const cases = query.data?.pages.flatMap(({ items }) => items) ?? [];
  const isFiltered = state !== '' || assignee !== '' || given('shipment') !== '';

  function set(name: string, value: string, usual = '') {
    const next = new URLSearchParams(search);
    if (value === usual) next.delete(name);
    else next.set(name, value);
    setSearch(next, { replace: true });
  }

  const me = session?.user.name ?? '';
  return (
    <>
      <div className="head">
        <h1>{say('case.title')}</h1>
        <span className="spring" />
        {mayHandle && !isOpening ? (
          <Button variant="default" leftSection={<IconPlus size={17} />} onClick={() => set('open', '1')}>
            {say('case.open')}
          </Button>
        ) : null}
      </div>
      {mayHandle && isOpening ? <OpenCase onDone={() => set('open', '')} /> : null}
      <Mentions now={now} />
      <p className={`muted ${css.hint}`}>{say('case.hint')}</p>
      <div className="filters scroll">
        <SegmentedControl
          data={STATES}
          value={state}
          aria-label={say('case.state')}
          onChange={(value) => set('state', value)}
        />
        <SegmentedControl
          data={ORDERS}
          value={order}
          aria-label={say('case.order')}
          onChange={(value) => set('order', value, 'due')}
        />
        <button
          type="button"
          className="chip"
          aria-pressed={assignee !== ''}
          onClick={() => set('assignee', assignee === '' ? me : '')}
        >
          {say('case.mine')}
        </button>
      </div>
      {query.isPending ? (
        <Loading rows={5} height={64} />
      ) : query.data === undefined ? (
        <Failed error={query.error ?? new Error('')} what={say('case.title')} onRetry={() => void query.refetch()} />
      ) : cases.length === 0 ? (
        <Nothing title={say(isFiltered ? 'case.empty.filtered' : 'case.empty')}>
          {say(isFiltered ? 'case.empty.filtered.hint' : 'case.empty.hint')}
        </Nothing>
      ) : (
        <>
          <ul className={`panel ${css.rows}`}>
            {cases.map((one) => (
              <li key={one.id}>
                <Row one={one} now={now} />
              </li>
            ))}
          </ul>
          {query.hasNextPage ? (
            <div className="more">
              <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {say('case.more')}
              </Button>
            </div>
          ) : null}
        </>
      )}
    </>
  );
}

function Row({ one, now }: { one: CaseSummaryView; now: number }) {
  const { id, kind, state, title, subject, serials, valueClass, assignee, due, openedAt } = one;
  const where = [id, say(`case.kind.${kind}`), subject.shipment, subject.place, ago(Date.parse(openedAt), now)];
  return (
    <Link to={`/cases/${encodeURIComponent(id)}`} className={css.row ?? ''}>
      <span className={css.what}>
        <b>{title}</b>
        <span className="muted">{where.filter((part) => part !== null).join(' · ')}</span>
        {assignee === null ? null : <span className="tag">{say('case.assigned', { name: assignee })}</span>}
      </span>
      <span className={css.count}>
        <b className="figure">{counted(serials.affected, 'serial')}</b>{' '}
        <span className="muted">
          {serials.undecided === 0
            ? say('case.undecided.none')
            : say('case.undecided', { undecided: count(serials.undecided), affected: count(serials.affected) })}
          {serials.waiting === 0 ? null : <>, {say('case.waits', { serials: serials.waiting })}</>}
        </span>
      </span>
      <span>
        {due === null ? null : <Clock clock={due} now={now} />}
        {valueClass === null ? null : <div className="muted">{say('case.value', { value: valueClass })}</div>}
      </span>
      <span className={`state ${css.state}`} data-state={state}>
        {stateText(state)}
      </span>
    </Link>
  );
}
