import type { Response } from 'express';
import { can } from '../../../domain/index.ts';
import { reportOperations } from '../../api/index.ts';
import { SENT } from '../answer.ts';
import type { Identity } from '../identity.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** Reports to keep: PDF/A-3b. */
export function reportRoutes({ at, reports }: Services) {
  const mayAudit = (identity: Identity) => can(identity, 'audit.read');
  return [
    mount(reportOperations.shipment, async ({ identity, parameters: { id }, query, response, seenFrom }) =>
      send(response, `shipment-${id}`, await reports.shipment(id, askedBy(identity, query, seenFrom))),
    ),

    mount(reportOperations.device, async ({ identity, parameters: { id }, query, response, seenFrom }) =>
      send(response, `device-${id}`, await reports.device(id, askedBy(identity, query, seenFrom))),
    ),

    mount(reportOperations.case, async ({ identity, parameters: { id }, query, response, seenFrom }) => {
      const { revision, ...asked } = query;
      const which = { identity, revision, seenFrom };
      return send(response, `case-${id}`, await reports.case(id, askedBy(identity, asked, seenFrom), which));
    }),

    mount(reportOperations.serial, async ({ identity, parameters: { epc }, query, response, seenFrom }) =>
      send(response, `serial-${epc}`, await reports.serial(epc, askedBy(identity, query, seenFrom))),
    ),
  ];

  function askedBy(
    identity: Identity,
    query: Parameters<typeof reports.shipment>[1]['query'],
    seenFrom: Parameters<typeof at>[0],
  ) {
    return { query, seen: at(seenFrom), withAudit: mayAudit(identity) };
  }
}

/** Shown in the browser, saved under a name that every file system takes. */
function send(response: Response, name: string, pdf: Buffer): typeof SENT {
  const plain = name.replace(/[^A-Za-z0-9.-]+/g, '-').slice(0, 120);
  response.set({
    'content-type': 'application/pdf',
    'content-disposition': `inline; filename="${plain}.pdf"`,
    'content-length': String(pdf.length),
    'cache-control': 'private, no-store',
  });
  response.end(pdf);
  return SENT;
}
