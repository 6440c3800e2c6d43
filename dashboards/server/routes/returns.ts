import { gtin14 } from '../../../codecs/epc/index.ts';
import { InputError } from '../../../domain/index.ts';
import type { PackIdentifier, ReturnVerification } from '../../../partners/index.ts';
import { formatTime, returnOperations } from '../../api/index.ts';
import { DONE, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import { directoryView, returnView } from '../return-views.ts';
import type { Services } from '../services.ts';
import { readPack } from '../verification-request.ts';

/** Returned packs: who is asked about them, and what they say. */
export function returnRoutes({ time, verifications }: Services) {
  return [
    mount(returnOperations.verify, async ({ body, origination }) => {
      const { batch = null } = body;
      const pack =
        'scan' in body
          ? whole(readPack(body.scan, new Date(time.now()).getUTCFullYear()).request)
          : { ...body, gtin: gtin14(body.gtin) };
      const { gtin, serial, lot, expiry } = pack;
      return ok(returnView(await verifications.returns.verify({ gtin, serial, lot, expiry }, batch, origination)));
    }),

    mount(returnOperations.list, async ({ query }) => {
      const { items, nextCursor } = await verifications.returns.list(query);
      return ok({ items: items.map(returnView), nextCursor });
    }),

    mount(returnOperations.rates, async ({ query: { from, to } }) => {
      const counts = await verifications.returns.outcomes(from, to);
      const of = (...outcomes: ReturnVerification['outcome'][]) =>
        outcomes.reduce((sum, outcome) => sum + (counts.get(outcome) ?? 0), 0);
      const answered = of('verified', 'not verified');
      return ok({
        ...{ from: formatTime(from), to: formatTime(to), asked: of('asked', 'verified', 'not verified', 'unanswered') },
        ...{ verified: of('verified'), notVerified: of('not verified'), unanswered: of('asked', 'unanswered') },
        verifiedPart: answered === 0 ? null : of('verified') / answered,
      });
    }),

    mount(returnOperations.directory, async () => {
      return ok({ items: (await verifications.directory.list()).map(directoryView), nextCursor: null });
    }),

    mount(returnOperations.enter, async ({ parameters: { key }, body, origination }) => {
      return ok(directoryView(await verifications.directory.put(key, body, origination)));
    }),

    mount(returnOperations.remove, async ({ parameters: { key }, origination }) => {
      await verifications.directory.remove(key, origination);
      return DONE;
    }),
  ];
}

/** @throws {InputError} VERIFICATION_PACK_INCOMPLETE */
function whole({
  gtin,
  serial,
  lot,
  expiry,
}: {
  gtin: string;
  serial: string;
  lot: string | null;
  expiry: string | null;
}): PackIdentifier {
  if (lot !== null && expiry !== null) return { gtin, serial, lot, expiry };
  throw new InputError(
    'VERIFICATION_PACK_INCOMPLETE',
    'the code has no lot (10) or no expiry (17), which a maker is asked with: type in what stands on the pack',
  );
}
