import type { Request } from 'express';
import { ConflictError } from '../../../domain/index.ts';
import { factorOperations, formatTime } from '../../api/index.ts';
import { DONE, ok } from '../answer.ts';
import type { Identity } from '../identity.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';
import { codeVerified, personOf, requireOwnFactor, verified, wrongCode } from '../sign-in.ts';

/** One's own second factor: set up, renewed and removed, each time by who can show that it is them. */
export function factorRoutes(services: Services) {
  const { accounts } = services;

  async function requireCode(identity: Identity, request: Request, code: string): Promise<void> {
    await codeVerified(services, request, personOf(identity), code);
  }

  return [
    mount(factorOperations.show, async ({ identity }) => {
      const { id, role } = personOf(identity);
      const { appSince, recoveryCodes } = await accounts.factors.stateOf(id);
      const { requiresFactor: required } = await accounts.roles.get(role);
      return ok({ required, app: appSince === null ? null : { since: formatTime(appSince) }, recoveryCodes });
    }),

    mount(factorOperations.begin, async ({ identity, body: { password }, request }) => {
      const person = personOf(identity);
      await requireOwnFactor(services, identity);
      await verified(services, request, person.name, password);
      return ok(await accounts.factors.begin(person));
    }),

    mount(factorOperations.confirm, async ({ identity, body: { code }, origination }) => {
      const person = personOf(identity);
      await requireOwnFactor(services, identity);
      const recoveryCodes = await accounts.factors.confirm(person, code, person.session ?? 0, origination);
      if (recoveryCodes === null) throw wrongCode();
      return ok({ recoveryCodes });
    }),

    mount(factorOperations.renewCodes, async ({ identity, body: { code }, request, origination }) => {
      await requireCode(identity, request, code);
      return ok({ recoveryCodes: await accounts.factors.renewCodes(personOf(identity), origination) });
    }),

    mount(factorOperations.remove, async ({ identity, body: { code }, request, origination }) => {
      const person = personOf(identity);
      if ((await accounts.roles.get(person.role)).requiresFactor) throw asked(person.role);
      await requireCode(identity, request, code);
      await accounts.factors.remove(person, origination);
      return DONE;
    }),
  ];
}

function asked(role: string): ConflictError {
  const message = `the role ${role} asks for a second factor; an administrator can reset it, and then you set up another`;
  return new ConflictError('SECOND_FACTOR_REQUIRED_BY_ROLE', message, { role });
}
