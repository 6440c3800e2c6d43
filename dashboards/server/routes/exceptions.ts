import type { Request, Response } from 'express';
import { InputError, isAgreed, type Origination } from '../../../domain/index.ts';
import {
  type ExceptionLink,
  exceptionId,
  originationOfLink,
  type PartnerException,
  type Telling,
} from '../../../partners/index.ts';
import {
  EXCEPTION_LINK_MOST_DAYS,
  type ExceptionDetailView,
  type ExceptionEntryView,
  type ExceptionView,
  exceptionOperations,
  formatTime,
  type LinkedExceptionView,
} from '../../api/index.ts';
import { created, DONE, ok, SENT } from '../answer.ts';
import { addressOf } from '../identity.ts';
import { mount } from '../mount.ts';
import { formIn } from '../multipart.ts';
import { newestPage } from '../paging.ts';
import { notFound, Refusal } from '../problems.ts';
import type { Services } from '../services.ts';

const DAY_MS = 86_400_000;
const TEXT_LENGTH = 4_000;
const NAME_LENGTH = 200;

/** What is wrong between us and partners: for people here, for partners' systems, and for who has a link. */
export function exceptionRoutes(services: Services) {
  const {
    exceptionDrafts,
    exceptionLinks,
    exceptions,
    exceptionTeller,
    organisation,
    partnerQuotas,
    partners,
    shareThrottle,
    tellings,
    time,
  } = services;

  const detail = async (id: string): Promise<ExceptionDetailView> => {
    const one = await exceptions.get(id);
    const [thread, links, telling] = await Promise.all([
      entriesOf(one.number),
      exceptionLinks.of(one.number),
      tellings.of(one.number),
    ]);
    return { ...viewOf(one, time.now()), thread, links: links.map(linkView), telling: tellingView(telling) };
  };
  const entriesOf = async (number: number): Promise<ExceptionEntryView[]> =>
    (await exceptions.thread(number)).map(({ at, ...entry }) => ({ ...entry, at: formatTime(at) }));

  /** Bounded, and the same answer whatever is wrong with the link. */
  const opened = async (request: Request, token: string): Promise<ExceptionLink> => {
    const address = addressOf(request) ?? '';
    const link = await exceptionLinks.find(token);
    if (link === null) {
      shareThrottle.wrong(address);
      throw notFound('LINK_UNKNOWN', 'this link leads nowhere: it has ended, was withdrawn, or was not copied whole');
    }
    shareThrottle.asked(-link.id, address);
    return link;
  };
  const linkedView = async (link: ExceptionLink): Promise<LinkedExceptionView> => {
    const one = await exceptions.get(exceptionId(link.exception));
    const { partner: _p, finding: _f, openedBy: _o, toldAt: _t, closedBy: _c, ...shown } = viewOf(one, time.now());
    const own = await organisation.get();
    const about = { organisation: own?.name ?? null, recipient: link.recipient, endsAt: formatTime(link.endsAt) };
    return { ...shown, ...about, thread: await entriesOf(one.number) };
  };
  const byLink = (link: ExceptionLink, request: Request): Origination =>
    originationOfLink(link, addressOf(request) ?? '');

  return [
    mount(exceptionOperations.list, async ({ query: { state, partner = null, shipment = null, ...page } }) => {
      const { items, nextCursor } = await newestPage(page, async (asked) =>
        (await exceptions.list({ isOpen: state === 'open', partner, shipment, ...asked })).map((one) => ({
          ...{ id: one.number, one },
        })),
      );
      return ok({ items: items.map(({ one }) => viewOf(one, time.now())), nextCursor });
    }),

    mount(exceptionOperations.draft, async ({ parameters: { id } }) =>
      ok({ items: await exceptionDrafts.ofShipment(id), nextCursor: null }),
    ),

    mount(exceptionOperations.passDraft, async ({ parameters: { id } }) =>
      ok({ items: await exceptionDrafts.ofPass(id), nextCursor: null }),
    ),

    mount(exceptionOperations.fileDraft, async ({ parameters: { id, file } }) => {
      await partners.get(id);
      return ok({ items: await exceptionDrafts.ofFile(id, countIn(file)), nextCursor: null });
    }),

    mount(exceptionOperations.get, async ({ parameters: { id } }) => ok(await detail(id))),

    mount(exceptionOperations.open, async ({ body, origination, act }) => {
      const id = act.made ?? exceptionId((await exceptions.open(body, origination, act)).number);
      return created(await detail(id));
    }),

    mount(exceptionOperations.say, async ({ parameters: { id }, body, origination, act }) => {
      const word = { ...body, file: null };
      if (act.made === null) await exceptions.say(id, word, { side: 'ours' }, origination, act);
      return created(await detail(id));
    }),

    mount(exceptionOperations.attach, async ({ parameters: { id }, body, request, origination }) => {
      const { file, text } = await fileIn(body, request);
      await exceptions.say(id, { text, answer: null, file }, { side: 'ours' }, origination);
      return created(await detail(id));
    }),

    mount(exceptionOperations.file, async ({ parameters: { id, number }, response }) => {
      const one = await exceptions.get(id);
      return sendFile(response, await exceptions.file(one.number, countIn(number)));
    }),

    mount(exceptionOperations.tell, async ({ parameters: { id }, origination }) => {
      return ok({ failure: await exceptionTeller.tell(await exceptions.get(id), origination) });
    }),

    mount(exceptionOperations.share, async ({ parameters: { id }, body, origination }) => {
      const one = await exceptions.get(id);
      const now = time.now();
      if (body.endsAt <= now || body.endsAt > now + EXCEPTION_LINK_MOST_DAYS * DAY_MS) {
        const message = `endsAt: expected a time after now, at most ${EXCEPTION_LINK_MOST_DAYS} days from it`;
        throw new InputError('SHARE_END_BAD', message, { errors: [{ path: 'endsAt', message }] });
      }
      const { link, token } = await exceptionLinks.make(one.number, body, origination);
      await exceptions.told(one.number, null);
      await tellings.toldElse(one.number);
      return created({ ...linkView(link), path: `/answer/${token}` });
    }),

    mount(exceptionOperations.unshare, async ({ parameters: { id, link }, origination }) => {
      const one = await exceptions.get(id);
      const isGone = await exceptionLinks.revoke(one.number, countIn(link), origination);
      if (!isGone) throw notFound('LINK_UNKNOWN', `${id} has no such link that holds`);
      return DONE;
    }),

    mount(exceptionOperations.take, async ({ parameters: { id }, body: { data }, origination }) => {
      const partner = await partners.get(id);
      if (!partner.sends.includes('answers') || !isAgreed(partner, time.now())) {
        throw new Refusal(
          403,
          'PARTNER_NOT_AGREED',
          `exceptions are not agreed with ${id} today; ask its contact here`,
        );
      }
      if (!('entry' in data)) return ok({ exception: null });
      await partnerQuotas.countMessage(id, Buffer.byteLength(JSON.stringify(data)));
      const { exception: reference, yours, entry, ...about } = data;
      const { number } = await exceptions.take({ ...about, partner: id }, { reference, yours, entry }, origination);
      return ok({ exception: exceptionId(number) });
    }),

    mount(exceptionOperations.linked, async ({ request, parameters: { token } }) =>
      ok(await linkedView(await opened(request, token))),
    ),

    mount(exceptionOperations.answer, async ({ request, parameters: { token }, body: { author, ...entry } }) => {
      const link = await opened(request, token);
      const speaker = { side: 'theirs', author, identity: null } as const;
      await exceptions.say(exceptionId(link.exception), { ...entry, file: null }, speaker, byLink(link, request));
      return created(await linkedView(link));
    }),

    mount(exceptionOperations.answerFile, async ({ request, parameters: { token }, body }) => {
      const link = await opened(request, token);
      const { file, text, author } = await fileIn(body, request);
      const speaker = { side: 'theirs', author: author === '' ? link.recipient : author, identity: null } as const;
      await exceptions.say(exceptionId(link.exception), { text, answer: null, file }, speaker, byLink(link, request));
      return created(await linkedView(link));
    }),

    mount(exceptionOperations.linkedFile, async ({ request, parameters: { token, number }, response }) => {
      const link = await opened(request, token);
      return sendFile(response, await exceptions.file(link.exception, countIn(number)));
    }),

    mount(exceptionOperations.visit, async ({ request, parameters: { token } }) => {
      const link = await opened(request, token);
      await exceptionLinks.visit(link, addressOf(request) ?? '');
      return DONE;
    }),
  ];
}

function viewOf(exception: PartnerException, now: number): ExceptionView {
  const { number, openedAt, dueAt, toldAt, answeredAt, closedAt, isTheirs, epcs, ...rest } = exception;
  return {
    ...{ id: exceptionId(number), ...rest, epcs: [...epcs], theirs: isTheirs },
    ...{ openedAt: formatTime(openedAt), due: formatTime(dueAt), overdue: closedAt === null && dueAt < now },
    ...{ toldAt: formatTime(toldAt), answeredAt: formatTime(answeredAt), closedAt: formatTime(closedAt) },
  };
}

function tellingView(telling: Telling | null): ExceptionDetailView['telling'] {
  if (telling === null) return null;
  const { attempts, failure, since, nextAt } = telling;
  return { attempts, failure, since: formatTime(since), nextAt: formatTime(nextAt) };
}

function linkView({ exception: _, madeAt, endsAt, revokedAt, viewedAt, ...link }: ExceptionLink) {
  return {
    ...link,
    ...{ madeAt: formatTime(madeAt), endsAt: formatTime(endsAt) },
    ...{ revokedAt: formatTime(revokedAt), viewedAt: formatTime(viewedAt) },
  };
}

/** @throws {Refusal} 400 FORM_MALFORMED */
async function fileIn(body: Buffer, request: Request) {
  const { file, fields } = await formIn(body, request.headers);
  if (file === null) throw new Refusal(400, 'FORM_MALFORMED', 'the form cannot be read: expected a part named file');
  const name = oneLine(file.name, NAME_LENGTH);
  const text = (fields.text ?? '').trim().slice(0, TEXT_LENGTH);
  return { file: { ...file, name }, text: text === '' ? name : text, author: oneLine(fields.author ?? '', 100) };
}

function oneLine(given: string, most: number): string {
  return given
    .replace(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, most);
}

/** What was uploaded is nobody's page: it is never shown in place. */
function sendFile(response: Response, file: { readonly name: string; readonly bytes: Buffer } | null): typeof SENT {
  if (file === null) throw notFound('EXCEPTION_FILE_UNKNOWN', 'there is no such file');
  response.attachment(file.name).type('application/octet-stream').set('X-Content-Type-Options', 'nosniff');
  response.end(file.bytes);
  return SENT;
}

function countIn(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
