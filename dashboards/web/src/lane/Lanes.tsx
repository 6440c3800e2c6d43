import { Button, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import type { LaneListView, LaneView } from '../../../api/index.ts';
import { ask, segment } from '../ask.ts';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { say } from '../text/say.ts';
import { Figure, Rate } from './Figure.tsx';
import css from './Lanes.module.css';
import { DAYS, sinceOf } from './period.ts';

/** What usually happens from one place to another, the worst lane first. */
export function Lanes() {
  useTitle(say('lane.title'));
  const [search, setSearch] = useSearchParams();
  const days = DAYS.find((one) => one === search.get('days')) ?? '365';
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['lanes', days],
    queryFn: ({ signal }) => ask<LaneListView>('/lanes', { from: sinceOf(days) }, signal),
    placeholderData: (before) => before,
  });
  return (
    <>
      <div className="head">
        <h1>{say('lane.title')}</h1>
        <span className="spring" />
        <NativeSelect
          label={say('lane.days')}
          value={days}
          data={DAYS.map((value) => ({ value, label: say('lane.days.of', { days: Number(value) }) }))}
          onChange={(event) => setSearch({ days: event.currentTarget.value }, { replace: true })}
        />
        <Button component={Link} to="/shipments" variant="default" size="sm">
          {say('lane.shipments')}
        </Button>
      </div>
      <p className="muted">{say('lane.lead')}</p>
      {isPending ? <Loading rows={4} height={96} /> : null}
      {data === undefined && error !== null ? (
        <Failed error={error} isScreen what={say('lane.title')} onRetry={() => void refetch()} />
      ) : null}
      {data?.items.length === 0 ? <Nothing title={say('lane.none')}>{say('lane.none.hint')}</Nothing> : null}
      {data?.items.map((lane) => (
        <LaneCard key={`${lane.origin.id} ${lane.destination.id}`} lane={lane} days={days} />
      ))}
    </>
  );
}

function LaneCard({ lane, days }: { lane: LaneView; days: string }) {
  const { origin, destination, journeys, received, late, hours, withExcursion, rate, legs, quarters } = lane;
  const title = say('lane.way', { origin: origin.name, destination: destination.name });
  return (
    <section className="panel section" aria-label={title}>
      <h2>
        <Link to={`/lanes/${segment(origin.id)}/${segment(destination.id)}?days=${days}`}>{title}</Link>
      </h2>
      <dl className="figures">
        <Figure name={say('lane.journeys')}>{say('lane.journeys.of', { journeys, received })}</Figure>
        <Figure name={say('lane.duration')}>{hours === null ? say('lane.notYet') : say('lane.hours', hours)}</Figure>
        <Figure name={say('lane.late')}>
          {late.of === 0 ? say('lane.notPromised') : say('lane.late.of', { late: late.journeys, of: late.of })}
        </Figure>
        <Figure name={say('lane.withExcursion')}>
          {say('lane.count.of', { count: withExcursion, of: journeys })}
          <Rate rate={rate} />
        </Figure>
      </dl>
      {legs.length === 0 ? null : (
        <table className="table cards">
          <thead>
            <tr>
              <th scope="col">{say('lane.where')}</th>
              <th scope="col">{say('lane.withExcursion')}</th>
              <th scope="col">{say('lane.evidence')}</th>
            </tr>
          </thead>
          <tbody>
            {legs.map(({ site, journeys: touched, rate: ofLeg, evidence }) => (
              <tr key={site?.id ?? ''}>
                <td>{site === null ? say('lane.onTheWay') : say('lane.at', { site: site.name })}</td>
                <td data-label={say('lane.withExcursion')}>
                  <div>
                    {say('lane.count.of', { count: touched, of: journeys })}
                    <Rate rate={ofLeg} />
                  </div>
                </td>
                <td data-label={say('lane.evidence')}>
                  <span className={css.evidence}>
                    {evidence.map((id, index) => (
                      <Link
                        key={id}
                        to={`/alerts/${segment(id)}`}
                        aria-label={say('lane.alert', { number: index + 1, id })}
                      >
                        {say('lane.alert.short', { number: index + 1 })}
                      </Link>
                    ))}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {withExcursion === 0 || quarters.length < 2 ? null : (
        <p className="muted">
          {quarters
            .map(({ quarter, journeys: left, withExcursion: hit }) => say('lane.quarter', { quarter, hit, of: left }))
            .join(' · ')}
        </p>
      )}
    </section>
  );
}
