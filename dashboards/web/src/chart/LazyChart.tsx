import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { ReadingsChartProps } from './ReadingsChart.tsx';

const ReadingsChart = lazy(() => import('./ReadingsChart.tsx'));

/** The chart, loaded with the first screen that has one. */
export function LazyChart(props: ReadingsChartProps) {
  return (
    <Suspense fallback={<Skeleton height={(props.height ?? 280) + 36} radius="sm" />}>
      <ReadingsChart {...props} />
    </Suspense>
  );
}
