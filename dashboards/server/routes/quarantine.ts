import type { SeenFrom } from '../../../domain/index.ts';
import { formatTime, quarantineOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import { notFound } from '../problems.ts';
import { idOf } from '../quarantine-commands.ts';
import type { Services } from '../services.ts';

/** What was refused on its way in, for whoever looks after the installation, and what they decide of it. */
export function quarantineRoutes({ at, quarantine, quarantineCommands }: Services) {
  /** Whose entries are seen. */
  const sees = async (source: string, seenFrom: SeenFrom) =>
    (await at(seenFrom).trace.seenDevices([source])).has(source);
  /** @throws {Refusal} 404 QUARANTINE_UNKNOWN it is of a sender that is not seen, or of nobody known */
  const requireSeen = async (id: string, seenFrom: SeenFrom) => {
    if (seenFrom === null) return;
    const source = await quarantineCommands.sourceOf(id);
    if (source === null || !(await sees(source, seenFrom)))
      throw notFound('QUARANTINE_UNKNOWN', `there is no entry ${id}`);
  };
  const NOTHING = { entries: 0, readings: 0, left: [] };

  return [
    mount(quarantineOperations.list, async ({ query: { source, limit, cursor }, seenFrom }) => {
      const page = await quarantine.list({
        limit,
        seenFrom,
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

    mount(quarantineOperations.adoptAll, async ({ query: { source }, body: { reason }, origination, seenFrom }) =>
      ok(
        (await sees(source, seenFrom))
          ? await quarantineCommands.decideAll(source, 'adopted', reason, origination)
          : NOTHING,
      ),
    ),

    mount(quarantineOperations.discardAll, async ({ query: { source }, body: { reason }, origination, seenFrom }) =>
      ok(
        (await sees(source, seenFrom))
          ? await quarantineCommands.decideAll(source, 'discarded', reason, origination)
          : NOTHING,
      ),
    ),

    mount(
      quarantineOperations.adopt,
      async ({ parameters: { id }, query: { source }, body: { reason }, origination, seenFrom }) => {
        if (source === undefined) await requireSeen(id, seenFrom);
        else if (!(await sees(source, seenFrom))) return ok(NOTHING);
        return ok(
          source === undefined
            ? await quarantineCommands.decide(id, 'adopted', reason, origination)
            : await quarantineCommands.decideAll(source, 'adopted', reason, origination),
        );
      },
    ),

    mount(
      quarantineOperations.discard,
      async ({ parameters: { id }, query: { source }, body: { reason }, origination, seenFrom }) => {
        if (source === undefined) await requireSeen(id, seenFrom);
        else if (!(await sees(source, seenFrom))) return ok(NOTHING);
        return ok(
          source === undefined
            ? await quarantineCommands.decide(id, 'discarded', reason, origination)
            : await quarantineCommands.decideAll(source, 'discarded', reason, origination),
        );
      },
    ),
  ];
}
