import { organisationOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

const NOT_SAID = { name: null, gln: null, zone: null };

/** Whose installation this is. */
export function organisationRoutes({ organisation }: Services) {
  return [
    mount(organisationOperations.get, async () => {
      const { address, ...own } = (await organisation.get()) ?? { ...NOT_SAID, address: null };
      return ok({ ...own, ...(address != null && { address }) });
    }),

    mount(organisationOperations.put, async ({ body, origination }) => {
      await organisation.set(body, origination);
      const { address, ...own } = body;
      return ok({ ...own, ...(address != null && { address }) });
    }),
  ];
}
