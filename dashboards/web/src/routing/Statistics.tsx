import { Button, NativeSelect } from '@mantine/core';
import { Link, useSearchParams } from 'react-router';
import { type AlertStatisticsView, type AlertStatisticView, type CountedBy, countedBy } from '../../../api/index.ts';
import { AdminPage } from '../admin/AdminPage.tsx';
import css from '../admin/admin.module.css';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import { useStatistics } from './routing-queries.ts';

const DAYS = ['7', '30', '90', '365'] as const;
/** What has a page of its own. */
const PAGES: Readonly<Partial<Record<CountedBy, string>>> = { rule: '/rules/', device: '/devices/' };

/** How often alerts came, how long people took, and how many led to nothing. */
export function Statistics() {
  return (
    <AdminPage text="statistics.title" permission="alert.handle">
      <p className={css.lead}>{say('statistics.lead')}</p>
      <Shown />
    </AdminPage>
  );
}

function Shown() {
  const [search, setSearch] = useSearchParams();
  const days = DAYS.find((one) => one === search.get('days')) ?? '30';
  const by = countedBy.safeParse(search.get('by')).data ?? 'rule';
  const { data, error, isPending, refetch } = useStatistics(by, Number(days));
  return (
    <>
      <div className={`panel section ${css.form}`}>
        <NativeSelect
          label={say('statistics.by')}
          value={by}
          data={countedBy.options.map((value) => ({ value, label: say(`statistics.by.${value}`) }))}
          onChange={(event) => setSearch({ by: event.currentTarget.value, days })}
        />
        <NativeSelect
          label={say('statistics.days')}
          value={days}
          data={DAYS.map((value) => ({ value, label: say('statistics.days.of', { days: value }) }))}
          onChange={(event) => setSearch({ by, days: event.currentTarget.value })}
        />
      </div>
      {isPending ? <Loading rows={6} height={52} /> : null}
      {data === undefined && error !== null ? (
        <Failed error={error} what={say('statistics.title')} onRetry={() => void refetch()} />
      ) : null}
      {data === undefined ? null : <Report statistics={data} />}
    </>
  );
}

function Report({ statistics: { by, total, worst, proposals } }: { statistics: AlertStatisticsView }) {
  if (total.alerts === 0) return <Nothing title={say('statistics.none')}>{say('statistics.none.hint')}</Nothing>;
  return (
    <>
      <section className="section-open" aria-labelledby="worst">
        <h2 id="worst">{say('statistics.worst')}</h2>
        <div className="panel scroll">
          <table className="table cards">
            <thead>
              <tr>
                <th scope="col">{say(`statistics.by.${by}`)}</th>
                <th scope="col" className="right">
                  {say('statistics.alerts')}
                </th>
                <th scope="col" className="right">
                  {say('statistics.retracted')}
                </th>
                <th scope="col" className="right">
                  {say('statistics.withoutAction')}
                </th>
                <th scope="col" className="right">
                  {say('statistics.decided')}
                </th>
                <th scope="col" className="right">
                  {say('statistics.standing')}
                </th>
                <th scope="col">{say('statistics.acknowledge')}</th>
                <th scope="col">{say('statistics.resolve')}</th>
              </tr>
            </thead>
            <tbody>
              {worst.map((one) => (
                <Row key={one.of} of={one} to={PAGES[by]} />
              ))}
              <Row of={total} to={undefined} />
            </tbody>
          </table>
        </div>
      </section>
      <section className="section-open" aria-labelledby="proposals">
        <h2 id="proposals">{say('statistics.proposals')}</h2>
        {proposals.length === 0 ? (
          <p className="muted">{say('statistics.proposals.none')}</p>
        ) : (
          <ul className={`panel ${css.waitingList}`}>
            {proposals.map(({ rule, alerts, decided, lastsMinutes, fewer }) => (
              <li key={rule} className={css.waiting}>
                <div>{say('statistics.proposal', { rule, alerts, decided, minutes: lastsMinutes, fewer })}</div>
                <Button
                  component={Link}
                  to={`/rules/${encodeURIComponent(rule)}?lasts=${lastsMinutes}`}
                  variant="default"
                  size="xs"
                >
                  {say('statistics.proposal.try')}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

function Row({ of: one, to }: { of: AlertStatisticView; to: string | undefined }) {
  const { of, alerts, standing, retracted, decided, withoutAction, acknowledgeSeconds, resolveSeconds } = one;
  const share = (count: number) => say('statistics.share', { count, percent: Math.round((100 * count) / alerts) });
  return (
    <tr>
      <td>
        {of === null ? (
          <b>{say('statistics.all')}</b>
        ) : to === undefined ? (
          of
        ) : (
          <Link to={`${to}${encodeURIComponent(of)}`}>{of}</Link>
        )}
      </td>
      <td className="right figure" data-label={say('statistics.alerts')}>
        {alerts}
      </td>
      <td className="right figure" data-label={say('statistics.retracted')}>
        {share(retracted)}
      </td>
      <td className="right figure" data-label={say('statistics.withoutAction')}>
        {share(withoutAction)}
      </td>
      <td className="right figure" data-label={say('statistics.decided')}>
        {share(decided)}
      </td>
      <td className="right figure" data-label={say('statistics.standing')}>
        {share(standing)}
      </td>
      <td data-label={say('statistics.acknowledge')}>
        <Spread of={acknowledgeSeconds} />
      </td>
      <td data-label={say('statistics.resolve')}>
        <Spread of={resolveSeconds} />
      </td>
    </tr>
  );
}

function Spread({ of }: { of: AlertStatisticView['acknowledgeSeconds'] }) {
  if (of === null) return '–';
  return (
    <div>
      {lasting(of.median)}
      <div className="muted">{say('statistics.spread', { p90: lasting(of.p90) })}</div>
    </div>
  );
}

/** Seconds as people say how long something took. */
function lasting(seconds: number): string {
  if (seconds < 90) return say('statistics.seconds', { value: Math.round(seconds) });
  if (seconds < 5_400) return say('statistics.minutes', { value: Math.round(seconds / 60) });
  if (seconds < 172_800) return say('statistics.hours', { value: Math.round(seconds / 3_600) });
  return say('statistics.dayCount', { value: Math.round(seconds / 86_400) });
}
