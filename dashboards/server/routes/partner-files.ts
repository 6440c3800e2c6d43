import type { PartnerFile } from '../../../partners/index.ts';
import { formatTime, type PartnerFileView, partnerFileOperations } from '../../api/index.ts';
import { ok, SENT } from '../answer.ts';
import { fileGone } from '../file-gone.ts';
import { mount } from '../mount.ts';
import { newestPage } from '../paging.ts';
import { notFound, Refusal } from '../problems.ts';
import type { Services } from '../services.ts';

/** Files of partners, in either direction. */
export function partnerFileRoutes({ partnerFiles, partnerIntake, partnerQuotas, partners }: Services) {
  return [
    mount(
      partnerFileOperations.drop,
      async ({ parameters: { id }, query: { name }, body, origination }) => {
        const partner = await partners.get(id);
        const file = await partnerIntake.take(partner, { via: 'https', name, content: body }, origination);
        if (file.fate === 'refused') {
          const message = `file ${file.id} is kept and was refused: ${file.reason}`;
          throw new Refusal(422, 'PARTNER_FILE_REFUSED', message, { file: file.id, sha256: file.sha256 });
        }
        return ok(viewOf(file));
      },
      // Megabytes that will be turned away are not read first.
      async ({ params: { id }, headers }) =>
        partnerQuotas.requireRoom(String(id), Number(headers['content-length'] ?? 0)),
    ),

    mount(partnerFileOperations.list, async ({ parameters: { id }, query }) => {
      await partners.get(id);
      const { fate, text } = query;
      const { items, nextCursor } = await newestPage(query, (asked) => partnerFiles.of(id, { ...asked, fate, text }));
      return ok({ items: items.map(viewOf), nextCursor });
    }),

    mount(partnerFileOperations.again, async ({ parameters: { id, file }, origination }) =>
      ok(viewOf(await partnerIntake.again(await partners.get(id), numberOf(file), origination))),
    ),

    mount(partnerFileOperations.content, async ({ parameters: { id, file }, response }) => {
      const found = await partnerFiles.find(id, numberOf(file));
      if (found === null) throw notFound('PARTNER_FILE_UNKNOWN', `${id} has no file ${file.slice(0, 20)}`);
      if (found.content === null) throw fileGone(found.id, found);
      response.attachment(found.name).type('application/octet-stream').set('X-Content-Type-Options', 'nosniff');
      response.end(found.content);
      return SENT;
    }),
  ];
}

/** Of a file; 0, which none has, where it is no number. */
function numberOf(file: string): number {
  return /^\d{1,15}$/.test(file) ? Number(file) : 0;
}

function viewOf({ partner: _, at, contentGoneAt, ...file }: PartnerFile): PartnerFileView {
  return { ...file, at: formatTime(at), contentGoneAt: contentGoneAt === null ? null : formatTime(contentGoneAt) };
}
