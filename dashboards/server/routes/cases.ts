import { gtinOf, serialOf } from '../../../codecs/epc/index.ts';
import { InputError, type Sites } from '../../../domain/index.ts';
import { attachmentOf, type NamedSerial } from '../../../quality/index.ts';
import type { TraceQueries } from '../../../trace/index.ts';
import { CASE_STATES, caseOperations } from '../../api/index.ts';
import { created, DONE, ok, SENT } from '../answer.ts';
import { mount } from '../mount.ts';
import { formIn } from '../multipart.ts';
import { Refusal } from '../problems.ts';
import type { Services } from '../services.ts';

/** Cases: what people do about them, but for deciding on their goods. */
export function caseRoutes({ accounts, at, caseViews, caseWork, database, decisionActs }: Services) {
  return [
    mount(caseOperations.list, async ({ query: { state, ...query }, seenFrom }) =>
      ok(await caseViews.list({ ...query, state: statesIn(state) }, seenFrom)),
    ),

    // Before what is found by id, which no word is.
    mount(caseOperations.people, async ({ identity }) => {
      const { sites } = identity;
      // Who is bound to sites is told of nobody who is not concerned with one of them.
      const isNear = (theirs: Sites) =>
        sites === 'all' || theirs === 'all' || theirs.some((site) => sites.includes(site));
      const users = (await accounts.users.list()).filter((user) => !user.isDisabled && isNear(user.sites));
      const items = users.map(({ name, role }) => ({ name, role }));
      return ok({ items, nextCursor: null });
    }),

    mount(caseOperations.mentions, async ({ identity, seenFrom }) =>
      ok({ items: await caseViews.mentionsOf(identity, seenFrom), nextCursor: null }),
    ),

    mount(caseOperations.mentionsSeen, async ({ parameters: { id }, seenFrom, identity, origination }) => {
      await caseViews.get(id, seenFrom);
      // A token of the same name is somebody else.
      if (identity.userId !== null) await caseWork.sawMentions(id, origination);
      return DONE;
    }),

    mount(caseOperations.get, async ({ parameters: { id }, seenFrom, identity }) =>
      ok(await caseViews.detail(id, seenFrom, identity)),
    ),

    mount(caseOperations.serials, async ({ parameters: { id }, query, seenFrom }) =>
      ok(await caseViews.serials(id, query, seenFrom)),
    ),

    mount(caseOperations.changes, async ({ parameters: { id }, query: { after }, seenFrom }) =>
      ok(await caseViews.changes(id, after, seenFrom)),
    ),

    mount(caseOperations.open, async ({ body, seenFrom, identity, origination, act }) => {
      const opened = async (id: string) =>
        created(await caseViews.detail(id, seenFrom, identity), `/api/v1/cases/${id}`);
      if (act.made !== null) return opened(act.made);
      const { trace } = at(seenFrom);
      const { shipment, place, serials } = body;
      if (shipment !== null && (await trace.shipment(shipment)) === null) {
        throw new InputError('SHIPMENT_UNKNOWN', `there is no shipment ${shipment}`, { shipment });
      }
      if (shipment === null && place === null && serials.length === 0) {
        throw new InputError('CASE_EMPTY', 'expected a shipment, a place or serials that the case is about');
      }
      if (seenFrom !== null && place !== null && !seenFrom.includes(place)) {
        throw new InputError('PLACE_UNKNOWN', `there is no place ${place}`);
      }
      const wish = { ...body, serials: await namedIn(trace, serials) };
      const { id } = await caseWork.open(wish, origination, seenFrom, act);
      if (body.kind === 'suspect product') await decisionActs.run();
      return opened(id);
    }),

    mount(caseOperations.close, async ({ parameters: { id }, body: { reason }, seenFrom, identity, origination }) => {
      await caseViews.get(id, seenFrom);
      await caseWork.close(id, reason, origination);
      return ok(await caseViews.detail(id, seenFrom, identity));
    }),

    mount(caseOperations.assign, async ({ parameters: { id }, body: { to }, seenFrom, identity, origination }) => {
      await caseViews.get(id, seenFrom);
      await caseWork.assign(id, to, origination);
      return ok(await caseViews.detail(id, seenFrom, identity));
    }),

    mount(caseOperations.comment, async ({ parameters: { id }, body: { text }, seenFrom, identity, origination }) => {
      await caseViews.get(id, seenFrom);
      await caseWork.comment(id, text, origination);
      return created(await caseViews.detail(id, seenFrom, identity));
    }),

    mount(caseOperations.task, async ({ parameters: { id }, body, seenFrom, identity, origination }) => {
      await caseViews.get(id, seenFrom);
      await caseWork.setTask(id, body, origination);
      return created(await caseViews.detail(id, seenFrom, identity));
    }),

    mount(caseOperations.taskDone, async ({ parameters: { id, number }, seenFrom, identity, origination }) => {
      await caseViews.get(id, seenFrom);
      await caseWork.finishTask(id, countIn(number), origination);
      return ok(await caseViews.detail(id, seenFrom, identity));
    }),

    mount(caseOperations.attach, async ({ parameters: { id }, body, request, seenFrom, identity, origination }) => {
      await caseViews.get(id, seenFrom);
      const { file } = await formIn(body, request.headers);
      if (file === null)
        throw new Refusal(400, 'FORM_MALFORMED', 'the form cannot be read: expected a part named file');
      await caseWork.attach(id, file, origination);
      return created(await caseViews.detail(id, seenFrom, identity));
    }),

    mount(caseOperations.attachment, async ({ parameters: { id, number }, seenFrom, response }) => {
      const one = await caseViews.get(id, seenFrom);
      const file = await attachmentOf(database, one.number, countIn(number));
      if (file === null)
        throw new InputError('CASE_ATTACHMENT_UNKNOWN', `${id} has no attachment ${number.slice(0, 20)}`);
      // Never shown in place: what was uploaded is nobody's page.
      response.attachment(file.name).type('application/octet-stream').set('X-Content-Type-Options', 'nosniff');
      response.end(file.bytes);
      return SENT;
    }),

    mount(caseOperations.finding, async ({ parameters: { id }, body, seenFrom, identity, origination }) => {
      await caseViews.get(id, seenFrom);
      await caseWork.find(id, { isIllegitimate: body.illegitimate, reason: body.reason }, origination);
      return ok(await caseViews.detail(id, seenFrom, identity));
    }),

    mount(caseOperations.clockDone, async ({ parameters: { id, clock }, body, seenFrom, identity, origination }) => {
      await caseViews.get(id, seenFrom);
      await caseWork.stopClock(id, clock, body.reason, origination);
      return ok(await caseViews.detail(id, seenFrom, identity));
    }),
  ];
}

/** As the platform knows them, whatever was scanned. @throws {InputError} EPC_*, SERIAL_UNKNOWN */
async function namedIn(trace: Pick<TraceQueries, 'epcOf'>, given: readonly string[]): Promise<readonly NamedSerial[]> {
  const named: NamedSerial[] = [];
  for (const one of given) {
    const epc = await trace.epcOf(one.trim());
    if (epc === null)
      throw new InputError('SERIAL_UNKNOWN', `nothing is known of serial ${one}; give its EPC, urn:epc:id:sgtin:...`, {
        serial: one,
      });
    named.push({ epc, gtin: gtinOf(epc), serial: serialOf(epc) });
  }
  return named;
}

/** @throws {Refusal} 400 QUERY_INVALID */
function statesIn(text: string | undefined) {
  if (text === undefined || text === '') return undefined;
  return text.split(',').map((name) => {
    const state = CASE_STATES.find((known) => known === name.trim());
    if (state !== undefined) return state;
    throw new Refusal(400, 'QUERY_INVALID', `state: expected ${CASE_STATES.join(', ')}, with commas`);
  });
}

/** Numbers in paths that are none lead nowhere. */
function countIn(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
