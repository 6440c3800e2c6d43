import { reconciliationOperations } from '../../api/index.ts';
import { accepted, ok } from '../answer.ts';
import { inNameOf } from '../in-name-of.ts';
import { mount } from '../mount.ts';
import type { ReconciliationCommands, Whose } from '../reconciliation-commands.ts';
import type { Services } from '../services.ts';

/** Expected against seen, for a shipment and for a pass, and what people say to it. */
export function reconciliationRoutes({ at }: Services) {
  return [
    mount(reconciliationOperations.ofShipment, async ({ parameters: { id }, seenFrom }) => {
      return ok(await at(seenFrom).reconciliationCommands.view({ shipment: id }));
    }),

    mount(reconciliationOperations.ofPass, async ({ parameters: { id }, seenFrom }) =>
      ok(await at(seenFrom).reconciliationCommands.view({ pass: id })),
    ),

    mount(
      reconciliationOperations.settleShipment,
      async ({ parameters: { id }, body, identity, received, seenFrom, act }) => {
        const commands = at(seenFrom).reconciliationCommands;
        return answer(
          commands,
          { shipment: id },
          await commands.settle({ shipment: id }, body, inNameOf(identity, body.person, received), act),
        );
      },
    ),

    mount(
      reconciliationOperations.settlePass,
      async ({ parameters: { id }, body, identity, received, seenFrom, act }) => {
        const commands = at(seenFrom).reconciliationCommands;
        return answer(
          commands,
          { pass: id },
          await commands.settle({ pass: id }, body, inNameOf(identity, body.person, received), act),
        );
      },
    ),

    mount(reconciliationOperations.count, async ({ parameters: { id }, body, received, seenFrom, act }) => {
      const commands = at(seenFrom).reconciliationCommands;
      return answer(commands, { shipment: id }, await commands.count(id, body, received, act));
    }),
  ];

  async function answer(commands: ReconciliationCommands, whose: Whose, isApplied: boolean) {
    if (isApplied) return ok(await commands.view(whose));
    const subject =
      'shipment' in whose
        ? `shipments/${encodeURIComponent(whose.shipment)}`
        : `passes/${encodeURIComponent(whose.pass)}`;
    return accepted(`/api/v1/${subject}/reconciliation`);
  }
}
