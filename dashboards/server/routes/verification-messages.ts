import { csvLine } from '../../../domain/index.ts';
import type { AnsweredVerification } from '../../../partners/index.ts';
import { type AnsweredVerificationView, formatTime, verificationMessageOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { sendCsvPages } from '../csv-pages.ts';
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

    mount(verificationMessageOperations.answeredCsv, async ({ query, response }) =>
      sendCsvPages(response, {
        ...{ name: 'verification-answers.csv', columns: COLUMNS },
        page: (from) => verifications.answered.list({ ...query, limit: PART, ...from }),
        lines: (items) => items.map(lineOf).join(''),
      }),
    ),
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
