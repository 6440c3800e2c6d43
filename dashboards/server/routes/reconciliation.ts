import { InputError } from '../../../domain/index.ts';
import { reconciliationOperations } from '../../api/index.ts';
import { accepted, ok } from '../answer.ts';
import type { Identity } from '../identity.ts';
import { mount } from '../mount.ts';
import type { Received } from '../received.ts';
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
      async ({ parameters: { id }, body, identity, received, seenFrom }) => {
        const commands = at(seenFrom).reconciliationCommands;
        return answer(
          commands,
          { shipment: id },
          await commands.settle({ shipment: id }, body, inNameOf(identity, body.person, received)),
        );
      },
    ),

    mount(reconciliationOperations.settlePass, async ({ parameters: { id }, body, identity, received, seenFrom }) => {
      const commands = at(seenFrom).reconciliationCommands;
      return answer(
        commands,
        { pass: id },
        await commands.settle({ pass: id }, body, inNameOf(identity, body.person, received)),
      );
    }),

    mount(reconciliationOperations.count, async ({ parameters: { id }, body, received, seenFrom }) => {
      const commands = at(seenFrom).reconciliationCommands;
      return answer(commands, { shipment: id }, await commands.count(id, body, received));
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

/**
 * A screen is nobody: who settles at it says who he is, and is named with it. Everybody else is named by how he came in.
 * @throws {InputError} PERSON_MISSING, PERSON_NOT_TAKEN
 */
function inNameOf({ door, name }: Identity, person: string | undefined, received: Received): Received {
  if (door === null) {
    if (person === undefined) return received;
    throw new InputError(
      'PERSON_NOT_TAKEN',
      `person: only the screen of a door says who acts; this is done by ${name}`,
    );
  }
  if (person === undefined)
    throw new InputError('PERSON_MISSING', 'person: expected the name of who acts at this screen');
  return { ...received, source: `${person} (${name})` };
}
