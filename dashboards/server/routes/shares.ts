import type { Request } from 'express';
import { InputError } from '../../../domain/index.ts';
import { SHARED_MOST_DAYS, shareOperations } from '../../api/index.ts';
import { created, DONE, ok } from '../answer.ts';
import { addressOf } from '../identity.ts';
import { mount } from '../mount.ts';
import { notFound, Refusal } from '../problems.ts';
import { sendReport } from '../report/send-report.ts';
import type { Services } from '../services.ts';
import type { OpenShare } from '../share-views.ts';
import { personOf } from '../sign-in.ts';

const DAY_MS = 86_400_000;
const AGENT_LENGTH = 300;

/** Links that show a shipment to customers: for who makes them, and for who has one. */
export function shareRoutes({ at, shares, shareThrottle, shareViews, time }: Services) {
  const requireSeen = async (id: string, seenFrom: Parameters<typeof at>[0]) => {
    if ((await at(seenFrom).trace.shipment(id)) === null)
      throw new InputError('SHIPMENT_UNKNOWN', `there is no shipment ${id}`, { shipment: id });
  };
  const requireEnd = (endsAt: number) => {
    const now = time.now();
    if (endsAt > now && endsAt <= now + SHARED_MOST_DAYS * DAY_MS) return;
    const message = `endsAt: expected a time after now, at most ${SHARED_MOST_DAYS} days from it`;
    throw new InputError('SHARE_END_BAD', message, { errors: [{ path: 'endsAt', message }] });
  };
  const find = async (shipment: string, id: string) => {
    const found = (await shares.of(shipment)).find((one) => String(one.id) === id);
    if (found === undefined) throw notFound('SHARE_UNKNOWN', `shipment ${shipment} has no link ${id}`);
    return found;
  };
  /** The link that a customer shows: bounded, and the same answer whatever is wrong with it. */
  const opened = async (request: Request, token: string): Promise<OpenShare> => {
    const address = addressOf(request) ?? '';
    try {
      const open = await shareViews.open(token);
      shareThrottle.asked(open.share.id, address);
      return open;
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) shareThrottle.wrong(address);
      throw error;
    }
  };
  return [
    mount(shareOperations.list, async ({ parameters: { id }, seenFrom }) => {
      await requireSeen(id, seenFrom);
      const items = await Promise.all((await shares.of(id)).map((share) => shareViews.view(share)));
      return ok({ items, nextCursor: null });
    }),

    mount(shareOperations.make, async ({ identity, parameters, body, origination, seenFrom }) => {
      const person = personOf(identity);
      await requireSeen(parameters.id, seenFrom);
      requireEnd(body.endsAt);
      const contents = [...new Set(body.contents)];
      const { recipient, endsAt } = body;
      const wanted = { recipient, endsAt, contents, shipment: parameters.id, madeBy: person };
      const { id, token } = await shares.make(wanted, origination);
      const view = await shareViews.view(await find(parameters.id, String(id)));
      return created({ ...view, path: `/shared/${token}` });
    }),

    mount(shareOperations.extend, async ({ parameters: { id, share }, body, origination, seenFrom }) => {
      await requireSeen(id, seenFrom);
      requireEnd(body.endsAt);
      const found = await find(id, share);
      if (!(await shares.extend(id, found.id, body, origination)))
        throw new Refusal(409, 'SHARE_REVOKED', 'the link was withdrawn; make another one');
      return ok(await shareViews.view(await find(id, share)));
    }),

    mount(shareOperations.revoke, async ({ parameters: { id, share }, origination, seenFrom }) => {
      await requireSeen(id, seenFrom);
      const found = await find(id, share);
      await shares.revoke(id, found.id, origination);
      return DONE;
    }),

    mount(shareOperations.shared, async ({ request, parameters: { token } }) =>
      ok(await shareViews.shipment(await opened(request, token))),
    ),

    mount(shareOperations.chart, async ({ request, parameters: { token } }) =>
      ok(await shareViews.chart(await opened(request, token))),
    ),

    mount(shareOperations.serials, async ({ request, parameters: { token }, query: { cursor } }) =>
      ok(await shareViews.serials(await opened(request, token), cursor)),
    ),

    mount(shareOperations.report, async ({ request, response, parameters: { token }, query: { language } }) => {
      const open = await opened(request, token);
      return sendReport(response, `shipment-${open.share.shipment}`, await shareViews.report(open, language));
    }),

    mount(shareOperations.visit, async ({ request, parameters: { token } }) => {
      const { share } = await opened(request, token);
      const agent = request.get('user-agent')?.slice(0, AGENT_LENGTH) ?? null;
      await shares.visit(share, { address: addressOf(request) ?? '', agent });
      return DONE;
    }),
  ];
}
