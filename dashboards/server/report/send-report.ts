import type { Response } from 'express';
import { SENT } from '../answer.ts';

/** Shown in the browser, saved under a name that every file system takes. */
export function sendReport(response: Response, name: string, pdf: Buffer): typeof SENT {
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
