import { useQuery } from '@tanstack/react-query';
import type { PortalUsualView } from '../../../api/index.ts';
import { ask, segment } from '../ask.ts';
import { say, type TextKey } from '../text/say.ts';
import { clock } from '../words/when.ts';
import css from './Usual.module.css';

const HOUR_MS = 3_600_000;
/** Of fewer nothing is said to be usual: what rules ask for where they say nothing else (docs/rules.md). */
const NEEDED = { days: 7, passes: 20, stays: 5, ways: 5 } as const;

interface Row {
  readonly name: string;
  readonly unit: 'count' | 'percent' | 'minutes';
  readonly of: keyof typeof NEEDED;
  readonly now: number | null;
  readonly usual: PortalUsualView['hours'][number]['tags'];
}

/** What is usual at a door, quietly below what it says now, with how much each figure rests on. */
export function Usual({ portal }: { portal: string }) {
  const { data } = useQuery({
    queryKey: ['portal-usual', portal],
    queryFn: ({ signal }) => ask<PortalUsualView>(`/portals/${segment(portal)}/usual`, {}, signal),
    staleTime: 60_000,
  });
  if (data === undefined) return null;
  return (
    <details className={css.usual}>
      <summary>{say('usual.title')}</summary>
      <p className="muted">{say('usual.about')}</p>
      <div className="scroll">
        <table className="table cards">
          <thead>
            <tr>
              <th scope="col">{say('usual.what')}</th>
              <th scope="col" className={css.figure}>
                {say('usual.now')}
              </th>
              <th scope="col" className={css.figure}>
                {say('usual.usually')}
              </th>
              <th scope="col" className={css.figure}>
                {say('usual.varies')}
              </th>
              <th scope="col">{say('usual.from')}</th>
            </tr>
          </thead>
          <tbody>
            {rowsOf(data).map((row) => (
              <tr key={row.name}>
                <td>{row.name}</td>
                <td className={css.figure} data-label={say('usual.now')}>
                  {figure(row.unit, row.now)}
                </td>
                {row.usual.observations < NEEDED[row.of] ? (
                  <td className="muted" colSpan={3} data-label={say('usual.usually')}>
                    {say(`usual.cold.${row.of}`, { count: row.usual.observations, needed: NEEDED[row.of] })}
                  </td>
                ) : (
                  <>
                    <td className={css.figure} data-label={say('usual.usually')}>
                      {figure(row.unit, row.usual.median)}
                    </td>
                    <td className={css.figure} data-label={say('usual.varies')}>
                      {figure(row.unit, row.usual.mad)}
                    </td>
                    <td data-label={say('usual.from')}>{say(`usual.${row.of}`, { count: row.usual.observations })}</td>
                  </>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function rowsOf({ hours, readRates, stays, ways, zone }: PortalUsualView): Row[] {
  const [hour] = hours;
  const from = hour === undefined ? 0 : Date.parse(hour.from);
  const times = { from: clock(from, zone), to: clock(from + HOUR_MS, zone) };
  return [
    ...(hour === undefined
      ? []
      : [{ name: say('usual.tags', times), unit: 'count', of: 'days', now: null, usual: hour.tags } as const]),
    ...readRates.map(({ antenna, recent, usual }): Row => {
      const name =
        antenna === null
          ? say('usual.door')
          : say('usual.antenna', { antenna: antenna.antenna, reader: antenna.reader });
      return { name, unit: 'percent', of: 'passes', now: recent, usual };
    }),
    ...stays.map(({ place, minutes }): Row => {
      return {
        name: say('usual.stay', { place: place.name }),
        unit: 'minutes',
        of: 'stays',
        now: null,
        usual: minutes,
      };
    }),
    ...ways.map(({ from: site, minutes }): Row => {
      return { name: say('usual.way', { site: site.name }), unit: 'minutes', of: 'ways', now: null, usual: minutes };
    }),
  ];
}

function figure(unit: Row['unit'], value: number | null): string {
  if (value === null) return '–';
  return say(`usual.${unit}` satisfies TextKey, { value: Math.round(value) });
}
