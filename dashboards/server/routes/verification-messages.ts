import { csvLine } from '../../../domain/index.ts';
import type { AnsweredVerification } from '../../../partners/index.ts';
import { type AnsweredVerificationView, formatTime, verificationMessageOperations } from '../../api/index.ts';
import { ok, SENT } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

const COLUMNS = [
  ...['id', 'at', 'by', 'requester', 'corrUUID', 'version', 'gtin', 'serial', 'lot', 'expiry', 'status', 'verified'],
  ...['verificationFailureReason', 'additionalInfo', 'findings'],
];
/** Read and written at once. */
const PART = 1_000;

/** What other companies asked of our packs, and what they were told. */
export function verificationMessageRoutes({ verifications }: Services) {
  return [
    mount(verificationMessageOperations.answered, async ({ query }) => {
      const { items, nextCursor } = await verifications.answered.list(query);
      return ok({ items: items.map(viewOf), nextCursor });
    }),

    mount(verificationMessageOperations.answeredCsv, async ({ query, response }) => {
      response.set({
        ...{ 'content-type': 'text/csv; charset=utf-8' },
        'content-disposition': 'attachment; filename="verification-answers.csv"',
      });
      response.write(csvLine(COLUMNS));
      let cursor: string | null = null;
      do {
        const page = await verifications.answered.list({ ...query, limit: PART, ...(cursor !== null && { cursor }) });
        const text = page.items.map(lineOf).join('');
        if (!response.write(text))
          await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
        cursor = response.destroyed ? null : page.nextCursor;
      } while (cursor !== null);
      response.end();
      return SENT;
    }),
  ];
}

function viewOf({ id, at, pack, data, findings, credential, ...one }: AnsweredVerification): AnsweredVerificationView {
  const told = data === null ? null : { ...data };
  return {
    ...one,
    id: String(id),
    at: formatTime(at),
    pack: { ...pack },
    data: told,
    findings: [...findings],
    credential: credential === null ? null : { ...credential },
  };
}

function lineOf({
  id,
  at,
  by,
  requester,
  corrUUID,
  version,
  pack,
  status,
  data,
  findings,
}: AnsweredVerification): string {
  return csvLine([
    ...[id, formatTime(at), by, requester, corrUUID, version, pack.gtin, pack.serial, pack.lot, pack.expiry, status],
    ...[data?.verified ?? null, data?.verificationFailureReason ?? null, data?.additionalInfo ?? null],
    findings.map(({ reason }) => reason).join('; '),
  ]);
}
