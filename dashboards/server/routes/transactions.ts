import type { Response } from 'express';
import { gtin14 } from '../../../codecs/epc/index.ts';
import { InputError, isAgreed } from '../../../domain/index.ts';
import { transactionOperations } from '../../api/index.ts';
import { ok, SENT } from '../answer.ts';
import { mount } from '../mount.ts';
import { Refusal } from '../problems.ts';
import { sendReport } from '../report/send-report.ts';
import type { Services } from '../services.ts';

/** Transaction information and statements, for people, partners and regulators. */
export function transactionRoutes({
  partnerFiles,
  partners,
  productLabels,
  time,
  trace,
  transactionRecords,
  transactions,
}: Services) {
  return [
    mount(transactionOperations.find, async ({ query }) => ok(await transactionRecords.record(query))),

    mount(transactionOperations.signed, async ({ query, origination, response }) =>
      sendSigned(response, await transactionRecords.signed(query, origination)),
    ),

    mount(transactionOperations.pdf, async ({ query, response }) =>
      sendReport(response, 'transactions', await transactionRecords.pdf(query)),
    ),

    mount(transactionOperations.epcis, async ({ query, response }) => {
      const document = await transactionRecords.epcis(query);
      response.set({ 'content-type': 'application/ld+json', 'cache-control': 'private, no-store' });
      response.attachment('transactions.epcis.json');
      response.end(`${JSON.stringify(document, null, 1)}\n`);
      return SENT;
    }),

    mount(transactionOperations.keys, async () => ok(await transactionRecords.keys())),

    mount(transactionOperations.state, async ({ parameters: { id }, body, origination }) => {
      await transactions.state(id, body, origination);
      return ok(await transactionRecords.record({ shipment: id, serials: 'false' }));
    }),

    mount(transactionOperations.ofPartner, async ({ parameters: { id }, query, origination, response }) => {
      const partner = await partners.get(id);
      if (!partner.sees.includes('records') || !isAgreed(partner, time.now())) {
        throw new Refusal(403, 'PARTNER_NOT_AGREED', `records are not agreed with ${id} today; ask its contact here`);
      }
      const signed = await transactionRecords.signed(query, origination, partner.glns);
      const file = { name: 'transactions.jws', format: 'jws', content: Buffer.from(signed), subject: 'transactions' };
      await partnerFiles.given(partner, file, origination);
      return sendSigned(response, signed);
    }),

    mount(transactionOperations.label, async ({ parameters }) => {
      const gtin = gtin14(parameters.gtin);
      return ok((await productLabels.of([gtin])).get(gtin) ?? { gtin, ...NOT_SAID });
    }),

    mount(transactionOperations.putLabel, async ({ parameters, body, origination }) => {
      const gtin = gtin14(parameters.gtin);
      if ((await trace.productsOf([gtin])).length === 0) {
        throw new InputError('PRODUCT_UNKNOWN', `there is no product ${gtin}`, { gtin });
      }
      await productLabels.put({ gtin, ...body }, origination);
      return ok({ gtin, ...body });
    }),
  ];
}

const NOT_SAID = { ndc: null, strength: null, dosageForm: null, containerSize: null };

function sendSigned(response: Response, jws: string): typeof SENT {
  response.set({ 'content-type': 'application/jose', 'cache-control': 'private, no-store' });
  response.end(jws);
  return SENT;
}
