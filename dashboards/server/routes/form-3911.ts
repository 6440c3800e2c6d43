import { form3911Operations } from '../../api/index.ts';
import { ok, SENT } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** The data sheet of Form FDA 3911. */
export function form3911Routes({ caseViews, form3911 }: Services) {
  return [
    mount(form3911Operations.get, async ({ parameters: { id }, query: { zone }, seenFrom }) =>
      ok(await form3911.of(await caseViews.get(id, seenFrom), zone)),
    ),

    mount(form3911Operations.pdf, async ({ parameters: { id }, query: { zone }, response, seenFrom }) => {
      const pdf = await form3911.pdf(await caseViews.get(id, seenFrom), zone);
      response.set({
        'content-type': 'application/pdf',
        'content-disposition': `inline; filename="form-3911-${id}.pdf"`,
        'content-length': String(pdf.length),
        'cache-control': 'private, no-store',
      });
      response.end(pdf);
      return SENT;
    }),
  ];
}
