import { part } from '../frame/part.tsx';
import { Loading } from '../parts/States.tsx';

/** The map and the world come when somebody asks for them. */
export const LazyMap = part(
  async () => (await import('./ShipmentMap.tsx')).default,
  () => <Loading rows={1} height={420} />,
);
