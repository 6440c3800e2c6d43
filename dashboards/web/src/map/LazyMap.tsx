import { lazy, Suspense } from 'react';
import type { ShipmentBoardView } from '../../../api/index.ts';
import { Loading } from '../parts/States.tsx';

/** The map and the world come when somebody asks for them. */
const ShipmentMap = lazy(() => import('./ShipmentMap.tsx'));

export function LazyMap({ board }: { board: ShipmentBoardView }) {
  return (
    <Suspense fallback={<Loading rows={1} height={420} />}>
      <ShipmentMap board={board} />
    </Suspense>
  );
}
