import type { SignedReview } from '../../../storage/index.ts';
import { type AuditReviewView, auditReviewOperations, formatTime } from '../../api/index.ts';
import { created, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import { newestPage } from '../paging.ts';
import { Refusal } from '../problems.ts';
import type { Services } from '../services.ts';
import { personOf, verified } from '../sign-in.ts';

/** Who looked at which stretch of the audit trail, and signed it. */
export function auditReviewRoutes(services: Services) {
  const { auditReviews } = services;
  return [
    mount(auditReviewOperations.next, async ({ identity }) => {
      const { from, until, ...next } = await auditReviews.next(identity.actor.id);
      return ok({ ...next, actions: [...next.actions], from: formatTime(from), until: formatTime(until) });
    }),

    mount(auditReviewOperations.entries, async ({ query }) => {
      const { items, nextCursor } = await auditReviews.entries(query);
      return ok({ items: items.map(({ at, ...entry }) => ({ ...entry, at: formatTime(at) })), nextCursor });
    }),

    mount(auditReviewOperations.list, async ({ query }) => {
      const page = await newestPage(query, async (request) =>
        (await auditReviews.list(request)).map((review) => ({ ...review, id: review.number })),
      );
      return ok({ items: page.items.map(viewOf), nextCursor: page.nextCursor });
    }),

    mount(auditReviewOperations.sign, async ({ identity, body, origination, request }) => {
      const { name, role } = personOf(identity);
      const { signature, ...asked } = body;
      if (signature.user !== name) {
        throw new Refusal(
          403,
          'SIGNER_NOT_YOU',
          `you are signed in as ${name}; sign with your own name, or sign in as ${signature.user}`,
        );
      }
      await verified(services, request, name, signature.password, { given: signature.code });
      const signer = { name, role, meaning: signature.meaning, method: 'password' } as const;
      return created(viewOf(await auditReviews.sign(asked, signer, origination)));
    }),
  ];
}

function viewOf({ number, after, to, chain, byRisk, own, comment, at, signer, recordHash, broken }: SignedReview) {
  const { name: by, role, meaning, method } = signer;
  return {
    ...{ number, after, to, chain, byRisk, own, comment, broken },
    signature: { by, role, at, meaning, method, recordHash },
  } satisfies AuditReviewView;
}
