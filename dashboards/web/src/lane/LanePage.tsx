import { Button, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearchParams } from 'react-router';
import type { LaneDetailView } from '../../../api/index.ts';
import { ask } from '../ask.ts';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { say } from '../text/say.ts';
import { Figure, Rate } from './Figure.tsx';
import { LaneJourneys } from './LaneJourneys.tsx';
import css from './Lanes.module.css';
import { DAYS, sinceOf } from './period.ts';

type Group = Pick<LaneDetailView, 'key' | 'journeys' | 'withExcursion' | 'excursions' | 'rate' | 'hours' | 'near'>;
type Part = 'leg' | 'season' | 'carrier' | 'device';
interface Row extends Group {
  readonly name: string;
}

/** One lane in its parts, and the journeys behind each figure. */
export function LanePage() {
  const { origin = '', destination = '' } = useParams();
  const [search, setSearch] = useSearchParams();
  const days = DAYS.find((one) => one === search.get('days')) ?? '365';
  const asked = { origin, destination };
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['lane', asked, days],
    queryFn: ({ signal }) => ask<LaneDetailView>('/lanes/detail', { ...asked, from: sinceOf(days) }, signal),
    placeholderData: (before) => before,
  });
  const title =
    data === undefined
      ? say('lane.title')
      : say('lane.way', { origin: data.origin.name, destination: data.destination.name });
  useTitle(title);
  return (
    <>
      <div className="head">
        <h1>{title}</h1>
        <span className="spring" />
        <NativeSelect
          label={say('lane.days')}
          value={days}
          data={DAYS.map((value) => ({ value, label: say('lane.days.of', { days: Number(value) }) }))}
          onChange={(event) => setSearch({ days: event.currentTarget.value }, { replace: true })}
        />
        <Button component={Link} to={`/lanes?days=${days}`} variant="default" size="sm">
          {say('lane.all')}
        </Button>
      </div>
      <p className="muted">{say('lane.lead')}</p>
      {isPending ? <Loading rows={4} height={96} /> : null}
      {data === undefined && error !== null ? (
        <Failed error={error} isScreen what={say('lane.title')} onRetry={() => void refetch()} />
      ) : null}
      {data?.journeys === 0 ? <Nothing title={say('lane.none')}>{say('lane.none.hint')}</Nothing> : null}
      {data === undefined || data.journeys === 0 ? null : <Parts lane={data} days={days} />}
    </>
  );
}

function Parts({ lane, days }: { lane: LaneDetailView; days: string }) {
  const [search] = useSearchParams();
  const { journeys, received, late, hours, near, withExcursion, rate, stops } = lane;
  const by = search.get('by');
  const parts: readonly (readonly [Part, string, readonly Row[]])[] = [
    ['leg', say('lane.legs'), lane.legs.map((one) => ({ ...one, name: legName(one) }))],
    [
      'season',
      say('lane.seasons'),
      lane.seasons.map((one) => ({ ...one, name: say('lane.season', { quarter: one.quarter }) })),
    ],
    [
      'carrier',
      say('lane.carriers'),
      lane.carriers.map((one) => ({ ...one, name: one.carrier ?? say('lane.noCarrier') })),
    ],
    [
      'device',
      say('lane.devices'),
      lane.devices.map((one) => ({ ...one, name: [one.kind, one.sensor].filter(Boolean).join(' · ') })),
    ],
  ];
  const chosen = parts.flatMap(([part, , rows]) => rows.filter(({ key }) => part === by && key === search.get('key')));
  return (
    <>
      {lane.isWhole ? null : <p className="note">{say('lane.notWhole', { journeys })}</p>}
      <section className="panel section" aria-label={say('lane.figures')}>
        <dl className="figures">
          <Figure name={say('lane.journeys')}>{say('lane.journeys.of', { journeys, received })}</Figure>
          <Figure name={say('lane.duration')}>
            {hours === null ? say('lane.tooFewReceived') : say('lane.hours', hours)}
          </Figure>
          <Figure name={say('lane.near')}>
            <Near near={near} />
          </Figure>
          <Figure name={say('lane.late')}>
            {late.of === 0 ? (
              say('lane.notPromised')
            ) : (
              <BehindLink days={days} only="late">
                {say('lane.late.of', { late: late.journeys, of: late.of })}
              </BehindLink>
            )}
          </Figure>
          <Figure name={say('lane.withExcursion')}>
            <BehindLink days={days} only="excursion">
              {say('lane.count.of', { count: withExcursion, of: journeys })}
            </BehindLink>
            <Rate rate={rate} />
          </Figure>
        </dl>
      </section>
      {stops.length === 0 ? null : (
        <section className="panel section">
          <h2>{say('lane.stops')}</h2>
          <dl className="figures">
            {stops.map(({ place, journeys: stood, minutes }) => (
              <Figure key={place.id} name={place.name}>
                {minutes === null ? say('lane.stood', { journeys: stood }) : say('lane.minutes', minutes)}
                {minutes === null ? null : (
                  <span className={`muted ${css.rate}`}>{say('lane.stood', { journeys: stood })}</span>
                )}
              </Figure>
            ))}
          </dl>
        </section>
      )}
      {search.has('by') || search.has('only') ? (
        <LaneJourneys
          key={search.toString()}
          lane={lane}
          by={by}
          part={search.get('key')}
          only={search.get('only')}
          name={chosen[0]?.name ?? null}
        />
      ) : null}
      {parts.map(([part, name, rows]) => (
        <PartTable key={part} part={part} name={name} rows={rows} days={days} />
      ))}
    </>
  );
}

function PartTable({ part, name, rows, days }: { part: Part; name: string; rows: readonly Row[]; days: string }) {
  if (rows.length === 0) return null;
  return (
    <section className="panel section">
      <h2>{name}</h2>
      <table className="table cards" aria-label={name}>
        <thead>
          <tr>
            <th scope="col">{say(`lane.part.${part}`)}</th>
            <th scope="col">{say('lane.withExcursion')}</th>
            <th scope="col">{say('lane.duration')}</th>
            <th scope="col">{say('lane.near')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name: of, journeys, withExcursion, rate, hours, near }) => (
            <tr key={key}>
              <td>{of}</td>
              <td data-label={say('lane.withExcursion')}>
                <div>
                  <BehindLink days={days} by={part} part={key} {...(withExcursion > 0 && { only: 'excursion' })}>
                    {say('lane.count.of', { count: withExcursion, of: journeys })}
                  </BehindLink>
                  <Rate rate={rate} />
                </div>
              </td>
              <td data-label={say('lane.duration')}>
                {hours === null ? <span className="muted">{say('lane.few')}</span> : say('lane.hours', hours)}
              </td>
              <td data-label={say('lane.near')}>
                {near === null ? (
                  <span className="muted">{say('lane.few')}</span>
                ) : (
                  say('lane.near.of', { share: near.share })
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface BehindLinkProps {
  readonly days: string;
  readonly by?: Part;
  readonly part?: string;
  readonly only?: 'excursion' | 'late';
  readonly children: string;
}

/** A figure that leads to the journeys behind it. */
function BehindLink({ days, by, part, only, children }: BehindLinkProps) {
  const search = new URLSearchParams({
    days,
    ...(by !== undefined && part !== undefined && { by, key: part }),
    ...(only !== undefined && { only }),
  });
  return (
    <Link to={`?${search}`} aria-label={say('lane.behind', { figure: children })} preventScrollReset>
      {children}
    </Link>
  );
}

function Near({ near }: Pick<Group, 'near'>) {
  if (near === null) return <span className="muted">{say('lane.few')}</span>;
  return say('lane.near.share', near);
}

function legName({ kind, origin, destination }: LaneDetailView['legs'][number]): string {
  if (kind === 'stop') return say('lane.at', { site: origin.name });
  return say('lane.way', { origin: origin.name, destination: destination.name });
}
