import { InputError, isAgreed, keyStateAt, type Partner, type PartnerUse } from '../../../domain/index.ts';
import { type EndpointTest, keyPrintOf } from '../../../partners/index.ts';
import { formatTime, type PartnerTestView, type PartnerView, partnerOperations } from '../../api/index.ts';
import { created, DONE, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import { pageById } from '../paging.ts';
import type { Services } from '../services.ts';
import { tokenView } from './access.ts';

/** The companies beside us. */
export function partnerRoutes({ accounts, connectionTests, partnerQuotas, partners, time }: Services) {
  const withUse = async (partner: Partner) => ok(viewOf(partner, time.now(), await partnerQuotas.today(partner.id)));
  return [
    mount(partnerOperations.list, async ({ query }) => {
      const { items, nextCursor } = pageById(await partners.list(), ({ id }) => id, query);
      return ok({ items: items.map((partner) => viewOf(partner, time.now(), null)), nextCursor });
    }),

    mount(partnerOperations.get, async ({ parameters: { id } }) => withUse(await partners.get(id))),

    mount(partnerOperations.put, async ({ parameters: { id }, body, origination }) => {
      return withUse(await partners.put(id, body, origination));
    }),

    mount(partnerOperations.remove, async ({ parameters: { id }, origination }) => {
      await partners.get(id);
      // First of all: stopped in between, no token is left that another partner of this id would let in.
      for (const { name } of await accounts.tokens.ofPartner(id)) await accounts.tokens.revoke(name, origination);
      await partners.remove(id, origination);
      return DONE;
    }),

    mount(partnerOperations.test, async ({ parameters: { id }, query: { endpoint }, origination }) => {
      return ok(testView(await connectionTests.run(id, endpoint ?? null, origination)));
    }),

    mount(partnerOperations.tokens, async ({ parameters: { id } }) => {
      await partners.get(id);
      return ok({ items: (await accounts.tokens.ofPartner(id)).map(tokenView), nextCursor: null });
    }),

    mount(partnerOperations.createToken, async ({ parameters: { id }, body: { name, expires }, origination }) => {
      await partners.get(id);
      const wanted = { name, role: 'logistics', scope: ['partner.exchange'], partner: id } as const;
      const lifetime = expires === undefined ? {} : { lifetimeMs: expires };
      const token = await accounts.tokens.create({ ...wanted, ...lifetime }, origination);
      return created({ ...tokenView(await accounts.tokens.get(name)), token });
    }),

    mount(partnerOperations.revokeToken, async ({ parameters: { id, name }, origination }) => {
      const found = (await accounts.tokens.ofPartner(id)).some((one) => one.name === name);
      if (!found) throw new InputError('TOKEN_UNKNOWN', `${id} has no token ${name}`, { name });
      await accounts.tokens.revoke(name, origination);
      return DONE;
    }),
  ];
}

/** @param now epoch ms UTC */
function viewOf({ secretPrints, changedAt, ...partner }: Partner, now: number, today: PartnerUse | null): PartnerView {
  const { webhook = null, authorization = null } = secretPrints;
  return {
    ...partner,
    ...{ roles: [...partner.roles], sees: [...partner.sees], sends: [...partner.sends], formats: [...partner.formats] },
    glns: [...partner.glns],
    publicKeys: partner.publicKeys.map((key) => ({ ...key, state: keyStateAt(key, now), print: keyPrintOf(key.pem) })),
    secrets: { webhook, authorization },
    today,
    agreed: isAgreed(partner, now),
    changedAt: formatTime(changedAt),
  };
}

function testView(tests: readonly EndpointTest[]): PartnerTestView {
  return {
    ok: tests.every(({ isOk }) => isOk),
    endpoints: tests.map(({ endpoint, url, isOk, steps }) => ({
      ...{ endpoint, url, ok: isOk },
      steps: steps.map(({ isOk: isFine, ...step }) => ({ ...step, ok: isFine })),
    })),
  };
}
