import type { Request } from 'express';
import type { ChallengeHolder, PasskeyRecord } from '../../../access/index.ts';
import { InputError, networkOf } from '../../../domain/index.ts';
import { formatTime, type PasskeyView, passkeyOperations } from '../../api/index.ts';
import { created, DONE, ok } from '../answer.ts';
import { browserHolder, newBrowserHolder } from '../browser-holder.ts';
import { addressOf, type Identity } from '../identity.ts';
import { mount } from '../mount.ts';
import { notFound, Refusal } from '../problems.ts';
import { requireRelyingParty } from '../relying-party.ts';
import type { Services } from '../services.ts';
import { openSession, personOf, requireOwnFactor, signedIn, verified } from '../sign-in.ts';

/** One's own passkeys, and signing in with one. */
export function passkeyRoutes(services: Services) {
  const { accounts, mode } = services;
  return [
    mount(passkeyOperations.list, async ({ identity }) => {
      const items = await accounts.passkeys.of(personOf(identity).id);
      return ok({ items: items.map(passkeyView), nextCursor: null });
    }),

    mount(passkeyOperations.begin, async ({ identity, body: { password }, request }) => {
      const person = personOf(identity);
      await requireOwnFactor(services, identity);
      const party = requireRelyingParty(mode, request);
      await verified(services, request, person.name, password);
      const options = await accounts.passkeys.registration(person, party, ofSession(identity, request));
      return ok({ options: { ...options } });
    }),

    mount(passkeyOperations.register, async ({ identity, body: { name, response }, request, origination: by }) => {
      await requireOwnFactor(services, identity);
      const party = requireRelyingParty(mode, request);
      const holder = ofSession(identity, request);
      const made = await accounts.passkeys.register(personOf(identity), party, holder, { name, response, by });
      return created(passkeyView(made));
    }),

    mount(passkeyOperations.rename, async ({ identity, parameters: { id }, body: { name }, origination }) => {
      await requireOwnFactor(services, identity);
      return ok(passkeyView(await known(accounts.passkeys.rename(personOf(identity), id, name, origination))));
    }),

    mount(passkeyOperations.remove, async ({ identity, parameters: { id }, origination }) => {
      await requireOwnFactor(services, identity);
      await known(accounts.passkeys.remove(personOf(identity), id, origination));
      return DONE;
    }),

    mount(passkeyOperations.signInOptions, async ({ request, response }) => {
      const party = requireRelyingParty(mode, request);
      const holder = newBrowserHolder(request, response);
      return ok({ options: { ...(await accounts.passkeys.signIn(party, { holder, ...at(request) })) } });
    }),

    mount(passkeyOperations.signIn, async ({ body, request, response }) => {
      const party = requireRelyingParty(mode, request);
      const holder = { holder: browserHolder(request) ?? '', ...at(request) };
      try {
        const user = await accounts.passkeys.signedIn(party, holder, body.response);
        if (user === null) throw new InputError('PASSKEY_REFUSED', 'the passkey was not taken: nobody has it here');
        await openSession(services, user, request, response, 'passkey');
        return ok(await signedIn(services, user, 'passkey'));
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        await accounts.signIns.refused('', { via: 'http', address: addressOf(request) });
        throw new Refusal(401, error.code, error.message);
      }
    }),
  ];
}

/** What is registered is registered in the session that asked. */
function ofSession({ session }: Identity, request: Request): ChallengeHolder {
  return { holder: `session:${session}`, ...at(request) };
}

function at(request: Request) {
  return { address: networkOf(addressOf(request) ?? '') };
}

async function known<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof InputError && error.code === 'PASSKEY_UNKNOWN') throw notFound(error.code, error.message);
    throw error;
  }
}

function passkeyView({ isBackedUp: backedUp, createdAt, lastUsedAt, ...passkey }: PasskeyRecord): PasskeyView {
  return { ...passkey, backedUp, createdAt: formatTime(createdAt), lastUsedAt: formatTime(lastUsedAt) };
}
