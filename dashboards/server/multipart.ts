import type { IncomingHttpHeaders } from 'node:http';
import { Busboy } from '@fastify/busboy';
import { Refusal } from './problems.ts';

/** What a form sent: one file, and texts by name. */
export interface Form {
  readonly file: { readonly name: string; readonly bytes: Buffer } | null;
  readonly fields: Readonly<Record<string, string>>;
}

/** Texts beside the file, and how long each may be. */
const MOST_FIELDS = 20;
const FIELD_BYTES = 65_536;

/**
 * Takes a body of `multipart/form-data` (RFC 7578) apart; the file is the part named `file`.
 * @throws {Refusal} 400 FORM_MALFORMED
 */
export async function formIn(body: Buffer, headers: IncomingHttpHeaders): Promise<Form> {
  const type = headers['content-type'] ?? '';
  if (!/^multipart\/form-data\b/i.test(type)) throw malformed('expected multipart/form-data with a part named file');
  let parser: InstanceType<typeof Busboy>;
  try {
    const limits = { fields: MOST_FIELDS, fieldSize: FIELD_BYTES, files: 1, parts: MOST_FIELDS + 1, headerPairs: 50 };
    parser = new Busboy({ headers: { ...headers, 'content-type': type }, limits });
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : 'no boundary');
  }
  return new Promise<Form>((resolve, reject) => {
    const fields: Record<string, string> = Object.create(null);
    const chunks: Buffer[] = [];
    let name: string | null = null;
    const tooMany = () => reject(malformed(`expected one file and at most ${MOST_FIELDS} other parts`));
    parser.on('field', (field, value, isNameCut, isCut) => {
      if (isNameCut || isCut) reject(malformed(`${field.slice(0, 40)}: longer than ${FIELD_BYTES} bytes`));
      else if (field in fields) reject(malformed(`${field.slice(0, 40)}: given twice`));
      else fields[field] = value;
    });
    parser.on('file', (field, stream, filename) => {
      if (field !== 'file') {
        reject(malformed(`${field.slice(0, 40)}: a file is expected in the part named file`));
        stream.resume();
        return;
      }
      // Some browsers send a path: only its end is the name.
      name = (filename ?? 'file').replace(/^.*[\\/]/, '').slice(0, 200);
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', (error: Error) => reject(malformed(error.message)));
    });
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) parser.on(limit, tooMany);
    parser.on('error', (error) => reject(malformed(error instanceof Error ? error.message : 'it ends too soon')));
    parser.on('finish', () =>
      resolve({ file: name === null ? null : { name, bytes: Buffer.concat(chunks) }, fields: { ...fields } }),
    );
    parser.end(body);
  });
}

function malformed(reason: string): Refusal {
  return new Refusal(400, 'FORM_MALFORMED', `the form cannot be read: ${reason}`);
}
