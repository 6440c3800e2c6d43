import { serialOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** One serial, by EPC URN, Digital Link or the hex of its tag. */
export function serialRoutes({ at }: Services) {
  return [
    mount(serialOperations.get, async ({ parameters, seenFrom }) =>
      ok(await at(seenFrom).serialViews.detail(parameters.epc)),
    ),
  ];
}
