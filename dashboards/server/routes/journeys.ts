import { journeyOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** All of a shipment that has a time. */
export function journeyRoutes({ at }: Services) {
  return [
    mount(journeyOperations.get, async ({ parameters, seenFrom }) =>
      ok(await at(seenFrom).journeyViews.of(parameters.id)),
    ),
  ];
}
