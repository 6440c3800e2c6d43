import type { HealthView } from '../../../api/index.ts';

/** Whether everything works, all of it is known, and nothing waits for a person. */
export function isWell({
  ready,
  database,
  troubles,
  checks,
  dead,
  undelivered,
  subscriptions,
  quarantine,
  gateways,
  consumers,
}: Omit<HealthView, 'disk' | 'certificates' | 'databaseBytes' | 'logBytes' | 'lastBackup'>): boolean {
  const isNone = (list: readonly unknown[] | null) => list !== null && list.length === 0;
  return (
    ready &&
    database &&
    quarantine === 0 &&
    [troubles, dead, undelivered, subscriptions].every(isNone) &&
    checks.every(({ state }) => state !== 'trouble') &&
    gateways.every(isGatewayWell) &&
    consumers.every(({ detached }) => !detached)
  );
}

function isGatewayWell({ state, readers, manifest, manifestRefused }: HealthView['gateways'][number]): boolean {
  const isTold = manifestRefused === null && manifest?.isOld !== true;
  return state === 'online' && isTold && readers.every((one) => one.state === 'reading');
}
