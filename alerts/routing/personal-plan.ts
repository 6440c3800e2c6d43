import type { Personal } from './personal-settings.ts';
import type { Person, RoutingPlan } from './routing.ts';
import { windowsOf } from './routing-file.ts';

/** A plan with what its people set for themselves in the place of what it says of them. Whom it does not know stays unknown. */
export function personalPlan(plan: RoutingPlan, settings: ReadonlyMap<string, Personal>): RoutingPlan {
  if (settings.size === 0) return plan;
  const people = [...plan.people].map(([id, person]): [string, Person] => {
    const own = settings.get(id);
    if (own === undefined) return [id, person];
    const { language, zone, quiet, addresses } = own;
    return [
      id,
      {
        ...{ ...person, language: language ?? person.language, zone: zone ?? person.zone },
        quiet: quiet === null ? person.quiet : windowsOf(quiet),
        addresses: { ...person.addresses, ...addresses },
      },
    ];
  });
  return { ...plan, people: new Map(people) };
}
