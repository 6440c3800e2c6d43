import { formatTime, quarantineOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import { idOf } from '../quarantine-commands.ts';
import type { Services } from '../services.ts';

/** What was refused on its way in, for whoever looks after the installation, and what they decide of it. */
export function quarantineRoutes({ quarantine, quarantineCommands }: Services) {
  return [
    mount(quarantineOperations.list, async ({ query: { source, limit, cursor } }) => {
      const page = await quarantine.list({
        limit,
        ...(source === undefined ? {} : { source }),
        ...(cursor === undefined ? {} : { cursor }),
      });
      const items = page.items.map(({ partition, position, index, arrival, decision, ...entry }) => ({
        id: idOf({ partition, position, index }),
        arrival: formatTime(arrival),
        ...entry,
        decision: decision === null ? null : { ...decision, at: formatTime(decision.at) },
      }));
      return ok({ items, nextCursor: page.nextCursor });
    }),

    mount(quarantineOperations.adoptAll, async ({ query: { source }, body: { reason }, origination }) =>
      ok(await quarantineCommands.decideAll(source, 'adopted', reason, origination)),
    ),

    mount(quarantineOperations.discardAll, async ({ query: { source }, body: { reason }, origination }) =>
      ok(await quarantineCommands.decideAll(source, 'discarded', reason, origination)),
    ),

    mount(
      quarantineOperations.adopt,
      async ({ parameters: { id }, query: { source }, body: { reason }, origination }) =>
        ok(
          source === undefined
            ? await quarantineCommands.decide(id, 'adopted', reason, origination)
            : await quarantineCommands.decideAll(source, 'adopted', reason, origination),
        ),
    ),

    mount(
      quarantineOperations.discard,
      async ({ parameters: { id }, query: { source }, body: { reason }, origination }) =>
        ok(
          source === undefined
            ? await quarantineCommands.decide(id, 'discarded', reason, origination)
            : await quarantineCommands.decideAll(source, 'discarded', reason, origination),
        ),
    ),
  ];
}
