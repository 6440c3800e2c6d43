import type { ReviewSigner, ReviewWish, SignedReview } from '../../../storage/index.ts';
import { type AuditReviewView, auditReviewOperations, formatTime, type reviewInput } from '../../api/index.ts';
import { created, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import { newestPage } from '../paging.ts';
import { notFound, Refusal } from '../problems.ts';
import { sendReport } from '../report/send-report.ts';
import type { Services } from '../services.ts';
import { personOf, verified } from '../sign-in.ts';
import { type Asking, recordOther, shownTo, showToSign, signerOf, signingPerson } from '../signing.ts';
import { signingMethods } from '../signing-methods.ts';

/** Who looked at which stretch of the audit trail, and signed it. */
export function auditReviewRoutes(services: Services) {
  const { auditReviews, reviewReports } = services;
  return [
    mount(auditReviewOperations.next, async ({ identity }) => {
      const { from, until, ...next } = await auditReviews.next(identity.actor.id);
      const methods =
        identity.userId === null || identity.session === null
          ? []
          : await signingMethods(services.accounts, identity.userId, services.openId !== null);
      return ok({ ...next, actions: [...next.actions], from: formatTime(from), until: formatTime(until), methods });
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

    mount(auditReviewOperations.draft, async ({ identity, body, request }) => {
      signingPerson(identity);
      const record = auditReviews.draft(body);
      return ok({ ...(await showToSign(services, { identity, request }, record)), record });
    }),

    mount(auditReviewOperations.sign, async ({ identity, body, origination, request }) => {
      personOf(identity);
      const { signature, ...asked } = body;
      const signer = await reviewSigner({ identity, request, origination }, signature, asked);
      return created(viewOf(await auditReviews.sign(asked, signer, origination)));
    }),

    mount(auditReviewOperations.report, async ({ parameters: { number }, query, response }) => {
      const review = /^\d{1,9}$/.test(number) ? await auditReviews.get(Number(number)) : null;
      if (review === null) throw notFound('AUDIT_REVIEW_UNKNOWN', `there is no review ${number.slice(0, 20)}`);
      return sendReport(response, `audit-review-${number}`, await reviewReports.pdf(review, query));
    }),
  ];

  /** @throws {Refusal} 403 SIGNER_NOT_YOU and what signing refuses @throws {InputError} RECORD_OTHER */
  async function reviewSigner(asking: Asking, signature: ReviewSignature, asked: ReviewWish): Promise<ReviewSigner> {
    const { identity, request } = asking;
    if ('password' in signature) {
      const { name, role } = personOf(identity);
      if (signature.user !== name) {
        throw new Refusal(
          403,
          'SIGNER_NOT_YOU',
          `you are signed in as ${name}; sign with your own name, or sign in as ${signature.user}`,
        );
      }
      await verified(services, request, name, signature.password, { given: signature.code });
      return { name, role, meaning: signature.meaning, method: 'password' };
    }
    const shown = await shownTo(services, asking, signature);
    if (shown !== null && shown.record !== auditReviews.draft(asked)) throw recordOther();
    const { name, role, meaning, method, provider } = await signerOf(services, asking, signature, shown);
    return { name, role, meaning, method, ...(shown && { over: shown.hash }), ...(provider && { provider }) };
  }
}

type ReviewSignature = ReturnType<(typeof reviewInput)['parse']>['signature'];

function viewOf({ number, after, to, chain, byRisk, own, comment, at, signer, recordHash, broken }: SignedReview) {
  const { name: by, role, meaning, method } = signer;
  return {
    ...{ number, after, to, chain, byRisk, own, comment, broken },
    signature: { by, role, at, meaning, method, recordHash },
  } satisfies AuditReviewView;
}
