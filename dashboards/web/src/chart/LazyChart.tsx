import { Skeleton } from '@mantine/core';
import { part } from '../frame/part.tsx';

/** The chart, loaded with the first screen that has one. */
export const LazyChart = part(
  async () => (await import('./ReadingsChart.tsx')).default,
  ({ height = 280 }) => <Skeleton height={height + 36} radius="sm" />,
);
