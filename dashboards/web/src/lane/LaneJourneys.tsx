import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Link } from 'react-router';
import type { LaneDetailView, LaneJourneyView } from '../../../api/index.ts';
import { ask, segment } from '../ask.ts';
import { Failed, Loading } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { say } from '../text/say.ts';
import css from './Lanes.module.css';

interface LaneJourneysProps {
  readonly lane: LaneDetailView;
  /** Which part of the lane, which value of it, and which of its journeys, as the address has them. */
  readonly by: string | null;
  readonly part: string | null;
  readonly only: string | null;
  /** What the part is called; null: all of the lane. */
  readonly name: string | null;
}

interface JourneyPage {
  readonly items: readonly LaneJourneyView[];
  readonly nextCursor: string | null;
}

/** The journeys behind a figure, with the alerts of their excursions. */
export function LaneJourneys({ lane, by, part, only, name }: LaneJourneysProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const asked = {
    ...{ origin: lane.origin.id, destination: lane.destination.id, from: lane.from, to: lane.to },
    ...(by !== null && part !== null && { by, key: part }),
    ...(only !== null && { only }),
  };
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useInfiniteQuery({
    queryKey: ['lane journeys', asked],
    queryFn: ({ pageParam, signal }) =>
      ask<JourneyPage>('/lanes/journeys', { ...asked, ...(pageParam !== null && { cursor: pageParam }) }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const journeys = data?.pages.flatMap(({ items }) => items) ?? [];
  const title = say('lane.behind.title', { only: only ?? 'all', name: name ?? 'all' });
  return (
    <section className="panel section" aria-label={title}>
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      {isPending ? <Loading rows={3} height={40} /> : null}
      {data === undefined && error !== null ? (
        <Failed error={error} what={title} onRetry={() => void refetch()} />
      ) : null}
      {data !== undefined && journeys.length === 0 ? <p className="muted">{say('lane.behind.none')}</p> : null}
      {journeys.length === 0 ? null : (
        <table className="table cards" aria-label={title}>
          <thead>
            <tr>
              <th scope="col">{say('lane.shipment')}</th>
              <th scope="col">{say('lane.left')}</th>
              <th scope="col">{say('lane.duration')}</th>
              <th scope="col">{say('lane.near')}</th>
              <th scope="col">{say('lane.evidence')}</th>
            </tr>
          </thead>
          <tbody>
            {journeys.map(({ id, left, hours, lateMinutes, nearShare, carrier, alerts }) => (
              <tr key={id}>
                <td>
                  <Link to={`/shipments/${segment(id)}`}>{id}</Link>
                  {carrier === null ? null : <span className={`muted ${css.rate}`}>{carrier}</span>}
                </td>
                <td data-label={say('lane.left')}>
                  <When at={left} />
                </td>
                <td data-label={say('lane.duration')}>
                  <div>
                    {hours === null ? say('lane.underWay') : say('lane.hours.one', { hours })}
                    {lateMinutes === null || lateMinutes <= 0 ? null : (
                      <span className={`muted ${css.rate}`}>{say('lane.lateBy', { minutes: lateMinutes })}</span>
                    )}
                  </div>
                </td>
                <td data-label={say('lane.near')}>
                  {nearShare === null ? say('lane.notKnown') : say('lane.near.of', { share: nearShare })}
                </td>
                <td data-label={say('lane.evidence')}>
                  <span className={css.evidence}>
                    {alerts.length === 0 ? <span className="muted">{say('lane.noExcursion')}</span> : null}
                    {alerts.map((alert, index) => (
                      <Link
                        key={alert}
                        to={`/alerts/${segment(alert)}`}
                        aria-label={say('lane.alert', { number: index + 1, id: alert })}
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
      {hasNextPage ? (
        <Button variant="default" size="sm" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {say('lane.more')}
        </Button>
      ) : null}
    </section>
  );
}
