import type { Response } from 'express';
import { can } from '../../../domain/index.ts';
import { type ReportQuery, reportOperations } from '../../api/index.ts';
import { ok, SENT } from '../answer.ts';
import type { Identity } from '../identity.ts';
import { mount } from '../mount.ts';
import { notFound } from '../problems.ts';
import type { ReportAsked } from '../report/reports.ts';
import { sendReport } from '../report/send-report.ts';
import type { Services } from '../services.ts';

const CSV = 'text/csv; charset=utf-8; header=present';
const EPCIS = 'application/ld+json; charset=utf-8';

/** Reports to keep: PDF/A-3b, and the same as tables and events. */
export function reportRoutes({ at, reports, reportProgress, reportTables }: Services) {
  const mayAudit = (identity: Identity) => can(identity, 'audit.read');
  return [
    mount(reportOperations.progress, async ({ identity, parameters: { id } }) => {
      const step = reportProgress.of(id, identity.name);
      if (step === null)
        throw notFound('REPORT_UNKNOWN', `no report ${id} is being made: it is done, or was not begun`);
      return ok(step);
    }),

    mount(reportOperations.shipment, async ({ identity, parameters: { id }, query, response, seenFrom }) =>
      sendReport(
        response,
        `shipment-${id}`,
        await made(identity, query, seenFrom, (asked) => reports.shipment(id, asked)),
      ),
    ),

    mount(reportOperations.device, async ({ identity, parameters: { id }, query, response, seenFrom }) =>
      sendReport(response, `device-${id}`, await made(identity, query, seenFrom, (asked) => reports.device(id, asked))),
    ),

    mount(reportOperations.case, async ({ identity, parameters: { id }, query, response, seenFrom }) => {
      const { revision, ...asked } = query;
      const which = { identity, revision, seenFrom };
      const pdf = await made(identity, asked, seenFrom, (given) => reports.case(id, given, which));
      return sendReport(response, `case-${id}`, pdf);
    }),

    mount(reportOperations.shipmentCsv, async ({ parameters: { id }, response, seenFrom }) =>
      sendText(response, `shipment-${id}.csv`, CSV, await reportTables.shipmentCsv(id, at(seenFrom).trace)),
    ),

    mount(reportOperations.shipmentEpcis, async ({ parameters: { id }, response, seenFrom }) =>
      sendText(
        response,
        `shipment-${id}.epcis.json`,
        EPCIS,
        await epcis(reportTables.shipmentEpcis(id, at(seenFrom).trace)),
      ),
    ),

    mount(reportOperations.caseCsv, async ({ identity, parameters: { id }, response, seenFrom }) =>
      sendText(response, `case-${id}.csv`, CSV, await reportTables.caseCsv(id, { identity, seenFrom })),
    ),

    mount(reportOperations.caseEpcis, async ({ parameters: { id }, response, seenFrom }) =>
      sendText(response, `case-${id}.epcis.json`, EPCIS, await epcis(reportTables.caseEpcis(id, seenFrom))),
    ),

    mount(reportOperations.serial, async ({ identity, parameters: { epc }, query, response, seenFrom }) =>
      sendReport(
        response,
        `serial-${epc}`,
        await made(identity, query, seenFrom, (asked) => reports.serial(epc, asked)),
      ),
    ),
  ];

  function made(
    identity: Identity,
    query: ReportQuery,
    seenFrom: Parameters<typeof at>[0],
    make: (asked: ReportAsked) => Promise<Buffer>,
  ) {
    const asked = { query, seen: at(seenFrom), withAudit: mayAudit(identity) };
    return reportProgress.during({ id: query.progress, by: identity.name }, (onDrawn) => make({ ...asked, onDrawn }));
  }
}

async function epcis(document: Promise<object>): Promise<string> {
  return `${JSON.stringify(await document, null, 1)}\n`;
}

/** Saved under a name that every file system takes. */
function sendText(response: Response, name: string, type: string, text: string): typeof SENT {
  const plain = name.replace(/[^A-Za-z0-9.-]+/g, '-').slice(-120);
  response.set({
    'content-type': type,
    'content-disposition': `attachment; filename="${plain}"`,
    'cache-control': 'private, no-store',
  });
  response.end(text);
  return SENT;
}
