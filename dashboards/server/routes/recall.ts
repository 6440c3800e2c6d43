import type { Response } from 'express';
import type { AuditTrail, Effects, Origination } from '../../../domain/index.ts';
import type {
  Asking,
  Location,
  RecalledSerial,
  RecallQuery,
  TraceQueries,
  VerificationRecord,
  VerificationRequest,
} from '../../../trace/index.ts';
import { formatTime, recallOperations, type VerificationView } from '../../api/index.ts';
import { ok, SENT } from '../answer.ts';
import { placeRefOrNull, type Registered } from '../directory.ts';
import { mount } from '../mount.ts';
import { CSV_HEADER, csvRows, documentEnds, locationEvents } from '../recall-files.ts';
import type { Services } from '../services.ts';
import { readPack, refuseRunTogether } from '../verification-request.ts';

/** Where every serial of a lot is now, and whether a pack is one that is known. */
export function recallRoutes({ at, audit, directory, time }: Services) {
  return [
    mount(recallOperations.find, async ({ query: given, request, response, seenFrom }) => {
      const { trace } = at(seenFrom);
      const { limit, cursor, ...query } = given;
      const asked = request.accepts(['application/json', 'text/csv', 'application/ld+json']);
      if (asked === 'text/csv') return sendCsv(response, query, trace);
      if (asked === 'application/ld+json') return sendEpcis(response, query, trace);
      const [registered, found, page] = await Promise.all([
        directory.registered(),
        trace.recall(query),
        trace.recalledSerials(query, { limit, cursor }),
      ]);
      return ok({
        count: found.serials,
        elsewhere: found.elsewhere,
        groups: found.groups.map(({ serials, since, ...group }) => ({
          ...locationView(registered, group),
          since: formatTime(since),
          count: serials,
        })),
        items: page.items.map(({ since: _, lastSeen, epc, gtin, serial, lot, expiry, status, ...where }) => ({
          ...{ epc, gtin, serial, lot, expiry, status },
          ...locationView(registered, where),
          lastSeen: formatTime(lastSeen),
        })),
        nextCursor: page.nextCursor,
      });
    }),

    mount(recallOperations.csv, async ({ query: { limit: _, cursor: __, ...query }, response, seenFrom }) => {
      return sendCsv(response, query, at(seenFrom).trace);
    }),

    mount(recallOperations.epcis, async ({ query: { limit: _, cursor: __, ...query }, response, seenFrom }) => {
      return sendEpcis(response, query, at(seenFrom).trace);
    }),

    mount(recallOperations.verify, async ({ origination, body: given, seenFrom }) => {
      const { trace } = at(seenFrom);
      const now = time.now();
      const asked =
        'scan' in given
          ? await packOf(given.scan, now, trace)
          : { ...given, lot: given.lot ?? null, expiry: given.expiry ?? null };
      return ok(verificationView(await trace.verify(asked, askingOf(origination, now, audit))));
    }),

    mount(recallOperations.verifications, async ({ identity, query, seenFrom }) => {
      const page = await at(seenFrom).trace.verifications({ ...query, by: identity.name });
      return ok({ items: page.items.map(verificationView), nextCursor: page.nextCursor });
    }),
  ];

  async function packOf(scan: string, now: number, trace: TraceQueries): Promise<VerificationRequest> {
    const pack = readPack(scan, new Date(now).getUTCFullYear());
    await refuseRunTogether(scan, pack, (gtin, serials) => trace.knownSerials(gtin, serials));
    return pack.request;
  }

  async function sendCsv(response: Response, query: RecallQuery, trace: TraceQueries): Promise<typeof SENT> {
    await send(response, query, trace, {
      ...{ type: 'text/csv; charset=utf-8', name: 'recall.csv' },
      ...{ head: CSV_HEADER, between: '', tail: '', part: csvRows },
    });
    return SENT;
  }

  async function sendEpcis(response: Response, query: RecallQuery, trace: TraceQueries): Promise<typeof SENT> {
    const now = time.now();
    await send(response, query, trace, {
      ...{ type: 'application/ld+json', name: 'recall.jsonld', ...documentEnds(now), between: ',' },
      part: (serials) => locationEvents(serials, now),
    });
    return SENT;
  }

  /** As it is looked up, so that a recall of millions needs the memory of some thousands. */
  async function send(response: Response, query: RecallQuery, trace: TraceQueries, file: RecallFile): Promise<void> {
    const { type, name, head, between, tail, part } = file;
    let isFirst = true;
    for await (const serials of trace.everyRecalledSerial(query)) {
      if (isFirst) begin();
      const text = `${isFirst ? head : between}${part(serials)}`;
      isFirst = false;
      if (!response.write(text)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
      if (response.destroyed) return;
    }
    if (isFirst) begin();
    response.end(isFirst ? head + tail : tail);

    function begin(): void {
      response.set({ 'content-type': type, 'content-disposition': `attachment; filename="${name}"` });
    }
  }
}

/** Who asks, with the entry of the audit trail that the answer leaves. */
function askingOf(who: Origination, now: number, audit: AuditTrail): Asking {
  const also = (effects: Effects, { request, answer }: VerificationRecord) =>
    audit.add(effects, {
      ...who,
      ...{ at: now, action: 'pack.verify' },
      subject: answer.epc === null ? `pack:${request.gtin}.${request.serial}` : `serial:${answer.epc}`,
      new: { request, verified: answer.verified, mayMoveOn: answer.mayMoveOn, findings: answer.findings },
    });
  return { by: who.actor.name, now, also };
}

interface RecallFile {
  readonly type: string;
  readonly name: string;
  readonly head: string;
  readonly between: string;
  readonly tail: string;
  readonly part: (serials: readonly RecalledSerial[]) => string;
}

function locationView(registered: Registered, location: Omit<Location, 'since'>) {
  const { unit, outermost, place, site, shipment, shipmentState } = location;
  return {
    ...{ unit, outermost, shipment, shipmentState },
    place: placeRefOrNull(registered, place),
    site: placeRefOrNull(registered, site),
  };
}

function verificationView({ id, at, by, request, answer }: VerificationRecord): VerificationView {
  const findings = answer.findings.map((finding) => ({ ...finding }));
  return { id: String(id), at: formatTime(at), by, request: { ...request }, ...answer, findings };
}
