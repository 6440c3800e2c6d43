import { exceptionTelling } from '../../dashboards/index.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

/** Tells partners what they could not be told of exceptions when a person asked for it. */
export function tellPartners(surroundings: Surroundings, { audit, database, key }: Storage): void {
  const { lifetime, outgoing, parts, troubles } = surroundings;
  if (!parts.has('alerts')) return;
  const { exceptionTeller } = exceptionTelling({
    ...tools(surroundings, 'partners'),
    ...{ audit, database, key, outgoing },
  });
  exceptionTeller.start(troubles);
  lifetime.started(() => exceptionTeller.stop());
}
