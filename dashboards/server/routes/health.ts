import { healthOperations } from '../../api/index.ts';
import { DONE, ok } from '../answer.ts';
import { requireAlso } from '../identity.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** Isotherm's own health, for whoever runs it, and what they do about it. */
export function healthRoutes({ epcisSubscriptions, healthCommands, readerTests }: Services) {
  return [
    mount(healthOperations.get, async () => ok(await healthCommands.view())),

    mount(healthOperations.sendAgain, async ({ parameters: { id }, origination }) => {
      await healthCommands.sendAgain(id, origination);
      return DONE;
    }),

    mount(healthOperations.discardMessage, async ({ parameters: { id }, body: { reason }, origination }) => {
      await healthCommands.discardMessage(id, reason, origination);
      return DONE;
    }),

    mount(healthOperations.resumeSubscription, async ({ parameters: { id }, identity, origination }) => {
      requireAlso(identity, 'records.read');
      await epcisSubscriptions.resume(id, origination);
      return DONE;
    }),

    mount(healthOperations.discardSubscription, async ({ parameters: { id }, body: { reason }, origination }) => {
      await epcisSubscriptions.discard(id, reason, origination);
      return DONE;
    }),

    mount(healthOperations.replay, async ({ parameters: { id }, origination }) => {
      await healthCommands.replay(id, origination);
      return DONE;
    }),

    mount(healthOperations.discardRecord, async ({ parameters: { id }, body: { reason }, origination }) => {
      await healthCommands.discardRecord(id, reason, origination);
      return DONE;
    }),

    mount(healthOperations.testReader, async ({ parameters: { reader } }) => ok(await readerTests.run(reader))),
  ];
}
