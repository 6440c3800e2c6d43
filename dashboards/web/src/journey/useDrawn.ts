import { useQueries } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { drawnOptions, type Series } from '../queries.ts';
import { duringSpells, type JourneyModel, type Logger } from './journey-model.ts';
import { useViewState } from './useViewStore.ts';
import { type Tile, tileOf } from './view.ts';
import type { ViewStore } from './view-store.ts';

/** Of one metric of one logger, while it was with the shipment. */
export interface Drawn {
  readonly logger: Logger;
  readonly metric: string;
  readonly series: Series;
}

/** Readings are asked for once a gesture rests for so long. */
const REST_MS = 140;

/** What the loggers measured around what is shown, as closely as the chart can show it. */
export function useDrawn(
  store: ViewStore,
  model: JourneyModel,
  { loggers, metrics, width }: { loggers: readonly Logger[]; metrics: readonly string[]; width: number },
): { readonly drawn: readonly Drawn[]; readonly isPending: boolean } {
  const tile = useTile(store, model, width);
  const wanted = loggers.flatMap((logger) =>
    metrics.filter((metric) => logger.metrics.has(metric)).map((metric) => ({ logger, metric })),
  );
  const name = `${tile.to === null ? 'last-' : ''}${tile.from}-${tile.to ?? ''}-${tile.points}`;
  const { series, isPending } = useQueries({
    queries: wanted.map(({ logger, metric }) => drawnOptions(logger.id, metric, name, tile)),
    combine: combined,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: `wanted` is made anew each time; its names stand for it
  const drawn = useMemo(
    () =>
      wanted.flatMap(({ logger, metric }, index): Drawn[] => {
        const found = series[index];
        return found === undefined ? [] : [{ logger, metric, series: duringSpells(found, logger.on) }];
      }),
    [series, wanted.map(({ logger, metric }) => `${logger.id} ${metric}`).join('\n'), model.bounds.from],
  );
  return { drawn, isPending };
}

function combined(results: readonly { readonly data: Series | undefined; readonly isPending: boolean }[]) {
  return { series: results.map(({ data }) => data), isPending: results.some((result) => result.isPending) };
}

function useTile(store: ViewStore, { isOver }: JourneyModel, width: number): Tile {
  const { shown, bounds } = useViewState(store);
  const now = tileOf(shown, bounds, width, isOver);
  const text = `${now.from} ${now.to} ${now.points}`;
  const [kept, setKept] = useState({ tile: now, text });
  useEffect(() => {
    if (kept.text === text) return;
    const [from = '', to = '', points = ''] = text.split(' ');
    const tile = { from: Number(from), to: to === 'null' ? null : Number(to), points: Number(points) };
    const timer = setTimeout(() => setKept({ tile, text }), REST_MS);
    return () => clearTimeout(timer);
  }, [kept.text, text]);
  return kept.tile;
}
