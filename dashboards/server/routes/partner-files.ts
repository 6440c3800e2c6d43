import type { PartnerFile } from '../../../partners/index.ts';
import { formatTime, type PartnerFileView, partnerFileOperations } from '../../api/index.ts';
import { ok, SENT } from '../answer.ts';
import { mount } from '../mount.ts';
import { newestPage } from '../paging.ts';
import { notFound, Refusal } from '../problems.ts';
import type { Services } from '../services.ts';

/** Files of partners, in either direction. */
export function partnerFileRoutes({ partnerFiles, partnerIntake, partners }: Services) {
  return [
    mount(partnerFileOperations.drop, async ({ parameters: { id }, query: { name }, body, origination }) => {
      const partner = await partners.get(id);
      const file = await partnerIntake.take(partner, { via: 'https', name, content: body }, origination);
      if (file.fate === 'refused') {
        const message = `file ${file.id} is kept and was refused: ${file.reason}`;
        throw new Refusal(422, 'PARTNER_FILE_REFUSED', message, { file: file.id, sha256: file.sha256 });
      }
      return ok(viewOf(file));
    }),

    mount(partnerFileOperations.list, async ({ parameters: { id }, query }) => {
      await partners.get(id);
      const { items, nextCursor } = await newestPage(query, (asked) => partnerFiles.of(id, asked));
      return ok({ items: items.map(viewOf), nextCursor });
    }),

    mount(partnerFileOperations.content, async ({ parameters: { id, file }, response }) => {
      const found = await partnerFiles.find(id, /^\d{1,15}$/.test(file) ? Number(file) : 0);
      if (found === null) throw notFound('PARTNER_FILE_UNKNOWN', `${id} has no file ${file.slice(0, 20)}`);
      response.attachment(found.name).type('application/octet-stream').set('X-Content-Type-Options', 'nosniff');
      response.end(found.content);
      return SENT;
    }),
  ];
}

function viewOf({ partner: _, at, ...file }: PartnerFile): PartnerFileView {
  return { ...file, at: formatTime(at) };
}
