import type pg from 'pg';
import type { Portal } from '../../../domain/index.ts';
import type { Database } from '../../../storage/index.ts';
import { hourOf, sameHours } from './local-hours.ts';
import { medianOf, type Usual, usualOf } from './usual.ts';
import {
  MOST_OBSERVATIONS,
  minutesBefore,
  type ShareSeries,
  shareSeries,
  tagsByDay,
  USUAL_DAYS,
  zoneOf,
} from './usual-facts.ts';

const HOUR_MS = 3_600_000;
/** The present read rate is the median of so many passes, as a rule has it that says nothing else. */
const RECENT = 5;

/** What is usual at a portal. */
export interface PortalUsual {
  /** Of the clocks of its site. */
  readonly zone: string;
  /** Tags in each hour of the day, from the present hour on; epoch ms UTC of its latest beginning. */
  readonly hours: readonly { readonly from: number; readonly tags: Usual }[];
  /** Per cent; the door itself, without an antenna, and each antenna. */
  readonly shares: readonly {
    readonly antenna: ShareSeries['antenna'];
    /** Median of the latest passes; null before any. */
    readonly recent: number | null;
    readonly usual: Usual;
  }[];
  /** How long what the door brings stands on its inner and on its outer side, minutes. */
  readonly stays: readonly { readonly place: string; readonly minutes: Usual }[];
  /** How long goods are on their way from other sites, minutes; without sites from which none has come. */
  readonly ways: readonly { readonly site: string; readonly minutes: Usual }[];
}

/** @param now epoch ms UTC */
export function portalUsual(database: Database, portal: Portal, now: number): Promise<PortalUsual> {
  return database.transaction(async (client) => ({
    ...(await hoursOf(client, portal, now)),
    shares: (await shareSeries(client, portal, now)).map(({ antenna, shares }) => {
      const values = shares.map(({ value }) => value);
      const usual = usualOf(values.slice(RECENT, RECENT + MOST_OBSERVATIONS));
      return { antenna, recent: medianOf(values.slice(0, RECENT)), usual };
    }),
    stays: await staysAt(client, portal, now),
    ways: await waysTo(client, portal, now),
  }));
}

async function staysAt(client: pg.ClientBase, { inside, outside }: Portal, now: number): Promise<PortalUsual['stays']> {
  const places = [...new Set([inside, outside])];
  const minutes = await minutesBefore(client, 'stay', places, now);
  return places.map((place) => ({ place, minutes: usualOf(minutes.get(place) ?? []) }));
}

async function waysTo(client: pg.ClientBase, { site }: Portal, now: number): Promise<PortalUsual['ways']> {
  const { rows } = await client.query<{ site: string }>(
    'SELECT DISTINCT site FROM portals WHERE site <> $1 ORDER BY site',
    [site],
  );
  const lanes = rows.map((one) => ({ site: one.site, lane: `${one.site}>${site}` }));
  const minutes = await minutesBefore(
    client,
    'way',
    lanes.map(({ lane }) => lane),
    now,
  );
  return lanes
    .map((one) => ({ site: one.site, minutes: usualOf(minutes.get(one.lane) ?? []) }))
    .filter((one) => one.minutes.observations > 0);
}

async function hoursOf(
  client: pg.ClientBase,
  portal: Portal,
  now: number,
): Promise<Pick<PortalUsual, 'zone' | 'hours'>> {
  const zone = await zoneOf(client, portal.site);
  const latest = Array.from({ length: 24 }, (_, back) => hourOf(zone, now - back * HOUR_MS));
  const days = latest.map((hour) => sameHours(zone, hour, USUAL_DAYS));
  const tags = await tagsByDay(client, portal.id, days.flat());
  const hours = latest.map(({ from }, index) => ({
    ...{ from, tags: usualOf((days[index] ?? []).flatMap((day) => tags.get(day.from) ?? [])) },
  }));
  return { zone, hours };
}
