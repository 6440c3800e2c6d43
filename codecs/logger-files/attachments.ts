import { z } from 'zod';
import { InputError } from '../../domain/index.ts';

/** A file that stands in a PDF. */
export interface Attachment {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const MOST = 20;
const attached = z.record(
  z.string(),
  z.object({ filename: z.string().optional(), content: z.instanceof(Uint8Array).nullish() }),
);

/**
 * The files embedded in a PDF (ISO 19005-3, PDF/A-3). What is drawn on its pages is for eyes: nothing is read off it.
 * @throws {InputError} LOGGER_FILE_PDF_BAD; LOGGER_FILE_PDF_WITHOUT_DATA
 */
export async function attachmentsOf(bytes: Uint8Array): Promise<readonly Attachment[]> {
  // Loaded for a PDF only: it is large.
  const { getDocumentProxy } = await import('unpdf');
  let found: unknown;
  try {
    const document = await getDocumentProxy(Uint8Array.from(bytes), { verbosity: 0 });
    try {
      found = await document.getAttachments();
    } finally {
      await document.destroy();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError('LOGGER_FILE_PDF_BAD', `the file cannot be read as PDF: ${reason.slice(0, 200)}`);
  }
  const read = attached.safeParse(found ?? {});
  const files = Object.entries(read.success ? read.data : {})
    .slice(0, MOST)
    .flatMap(([key, { filename, content }]) =>
      content === null || content === undefined ? [] : [{ name: filename ?? key, bytes: content }],
    );
  if (files.length === 0) {
    throw new InputError(
      'LOGGER_FILE_PDF_WITHOUT_DATA',
      'the PDF holds no embedded data, only pages for eyes: upload the CSV, text or Excel file that the logger or its program writes beside it',
    );
  }
  return files;
}
