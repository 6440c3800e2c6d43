import { SegmentedControl } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { type GeoProjection, geoPath } from 'd3-geo';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import land from 'world-atlas/land-110m.json';
import type { BoardLane, ConditionState, Position, ShipmentBoardView } from '../../../api/index.ts';
import { ConditionMark } from '../parts/Marks.tsx';
import { STATE_WORDS, STATES_BY_URGENCY } from '../shipment/state-words.ts';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import { type Leg, projectionOf } from './projection.ts';
import css from './ShipmentMap.module.css';
import { SPOT_PX, SpotMark } from './SpotMark.tsx';
import { spotsOf } from './spots.ts';

const world = land as unknown as Topology<{ land: GeometryCollection }>;
const LAND = feature(world, world.objects.land);
/** Of a label, about; those that would lie on another are left out. */
const LABEL_PX = { width: 76, height: 16 };

/** Where shipments are: sites, legs and loggers that say where they are. Drawn here from what the page brought along. */
export default function ShipmentMap({ board }: { board: ShipmentBoardView }) {
  const { ref, width } = useElementSize();
  const [extent, setExtent] = useState<'sites' | 'world'>('sites');
  const height = Math.max(220, Math.min(860, Math.round(width * 0.52)));
  const placed = board.sites.flatMap(({ place, position }) => (position === null ? [] : [{ place, position }]));
  const missing = board.sites.filter(({ position }) => position === null);
  const projection = useMemo(() => {
    const points = [...placed.map(({ position }) => position), ...board.positions.map(({ position }) => position)];
    const ways = board.lanes.flatMap(({ origin, destination }): Leg[] => {
      const [from, to] = [origin, destination].map(({ id }) => placed.find(({ place }) => place.id === id)?.position);
      return from === undefined || to === undefined ? [] : [[from, to]];
    });
    return projectionOf(points, [Math.max(width, 1), height], extent === 'world', ways);
  }, [placed, board.positions, board.lanes, width, height, extent]);
  const path = geoPath(projection);
  const at = (position: Position) => pointOf(projection, position);
  const where = new Map(placed.map(({ place, position }) => [place.id, position]));
  const labelled = apart(placed.map(({ place, position }) => ({ id: place.id, at: at(position) })));
  const spots = useMemo(
    () =>
      spotsOf(
        board.positions.map((what) => ({ what, at: pointOf(projection, what.position) })),
        SPOT_PX,
      ),
    [board.positions, projection],
  );
  return (
    <>
      <section className={`panel ${css.map}`} ref={ref} aria-label={say('map.label')}>
        {width === 0 ? null : (
          <svg width={width} height={height} aria-label={say('map.label')}>
            <path className={css.sea} d={path({ type: 'Sphere' }) ?? ''} />
            <path className={css.land} d={path(LAND) ?? ''} />
            {board.lanes.toReversed().map((lane) => {
              const [from, to] = [where.get(lane.origin.id), where.get(lane.destination.id)];
              if (from === undefined || to === undefined) return null;
              const line = path({
                type: 'LineString',
                coordinates: [from, to].map(({ latitude, longitude }) => [longitude, latitude]),
              });
              return (
                <Link key={`${lane.origin.id} ${lane.destination.id}`} to={listOf(lane)} aria-label={laneText(lane)}>
                  <title>{laneText(lane)}</title>
                  <path className={css.reach} d={line ?? ''} />
                  <path className={`${css.leg} ${css[`leg-${worstOf(lane)}`]}`} d={line ?? ''} />
                </Link>
              );
            })}
            {placed.map(({ place, position }) => {
              const [x, y] = at(position);
              return (
                <g key={place.id} transform={`translate(${x} ${y})`}>
                  <title>{place.name}</title>
                  <rect className={css.site} x="-5" y="-5" width="10" height="10" rx="2" />
                  {labelled.has(place.id) ? (
                    <text
                      className={css.name}
                      x={x > width - LABEL_PX.width ? -9 : 9}
                      y="4"
                      textAnchor={x > width - LABEL_PX.width ? 'end' : 'start'}
                    >
                      {place.name}
                    </text>
                  ) : null}
                </g>
              );
            })}
            {spots.toReversed().map((spot) => (
              <SpotMark key={`${spot.all[0].shipment} ${spot.all[0].device}`} spot={spot} />
            ))}
          </svg>
        )}
        <div className={css.under}>
          <Legend />
          <span className="spring" />
          <SegmentedControl
            size="xs"
            aria-label={say('map.extent')}
            data={[
              { value: 'sites', label: say('map.extent.sites') },
              { value: 'world', label: say('map.extent.world') },
            ]}
            value={extent}
            onChange={(value) => setExtent(value === 'world' ? 'world' : 'sites')}
          />
        </div>
      </section>
      {missing.length > 0 ? <Missing names={missing.map(({ place }) => place.name)} /> : null}
    </>
  );
}

/** Sites that the map cannot show, and what to do about it. */
function Missing({ names }: { names: readonly string[] }) {
  const mayPlace = useMay('place.register');
  return (
    <p className={css.missing}>
      {say('map.missing', { count: names.length, names: names.join(', ') })}{' '}
      {mayPlace ? (
        <Link to="/admin/places">{say('map.missing.do')}</Link>
      ) : (
        <span className="muted">{say('map.missing.who')}</span>
      )}
    </p>
  );
}

function Legend() {
  return (
    <ul className={css.legend} aria-label={say('map.legend')}>
      {STATES_BY_URGENCY.map((state) => (
        <li key={state}>
          <svg width="26" height="10" aria-hidden="true">
            <path className={`${css.leg} ${css[`leg-${state}`]}`} d="M1 5H25" />
          </svg>
          <ConditionMark state={state} size={14} label={null} /> {STATE_WORDS[state]}
        </li>
      ))}
    </ul>
  );
}

function worstOf({ counts }: BoardLane): ConditionState {
  return STATES_BY_URGENCY.find((state) => counts[state] > 0) ?? 'inRange';
}

function laneText(lane: BoardLane): string {
  const states = STATES_BY_URGENCY.filter((state) => lane.counts[state] > 0)
    .map((state) => `${count(lane.counts[state])} ${STATE_WORDS[state].toLowerCase()}`)
    .join(', ');
  return say('map.lane', { origin: lane.origin.name, destination: lane.destination.name, states });
}

function listOf({ origin, destination }: BoardLane): string {
  return `/shipments?${new URLSearchParams({ origin: origin.id, destination: destination.id })}`;
}

function pointOf(projection: GeoProjection, { latitude, longitude }: Position): [number, number] {
  return projection([longitude, latitude]) ?? [0, 0];
}

/** Labels that lie on none before them. */
function apart(labels: readonly { readonly id: string; readonly at: readonly number[] }[]): ReadonlySet<string> {
  const kept: { readonly id: string; readonly x: number; readonly y: number }[] = [];
  for (const { id, at } of labels) {
    const [x, y] = at;
    if (x === undefined || y === undefined) continue;
    const isFree = kept.every((one) => Math.abs(one.x - x) > LABEL_PX.width || Math.abs(one.y - y) > LABEL_PX.height);
    if (isFree) kept.push({ id, x, y });
  }
  return new Set(kept.map(({ id }) => id));
}
