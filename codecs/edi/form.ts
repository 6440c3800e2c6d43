import { InputError } from '../../domain/index.ts';
import { type EdifactInterchange, readEdifact } from './edifact.ts';
import { ediText } from './encoding.ts';
import { type IdocLayout, readFixedIdocs } from './fixed-idoc.ts';
import { messagesIn, requireMessages } from './loops.ts';
import { tableRows } from './table-rows.ts';
import { readX12, type X12Interchange } from './x12.ts';
import { xmlTree } from './xml-tree.ts';

/** Forms of files that systems write. `idoc` is an IDoc of fixed columns; as XML it is `xml`. */
export const FILE_FORMS = ['json', 'csv', 'xml', 'x12', 'edifact', 'idoc'] as const;
export type FileForm = (typeof FILE_FORMS)[number];

/** A file as a mapping reads it, one input or more, and the envelopes that ask to be acknowledged. */
export interface ReadFile {
  readonly form: FileForm;
  /** What the mapping is asked for each: a message of EDI, else the whole file. */
  readonly inputs: readonly unknown[];
  readonly interchanges: readonly (X12Interchange | EdifactInterchange)[];
}

/**
 * What form a file has, by its content and never by its name.
 * @throws {InputError} FILE_FORM_UNKNOWN with what it is instead
 */
export function formOf(content: Uint8Array): FileForm {
  const buffer = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (buffer.length === 0) throw unknown('it is empty: perhaps it was fetched while it was still being written');
  const head = buffer.subarray(0, 4).toString('hex');
  if (head === '504b0304') throw unknown('it is a ZIP archive or a workbook; send what is in it, a workbook as CSV');
  if (head.startsWith('1f8b')) throw unknown('it is compressed (gzip); send it unpacked');
  if (head === '25504446') throw unknown('it is a PDF');
  const start = buffer
    .subarray(0, 2_000)
    .toString('latin1')
    .replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, '')
    .replaceAll('\0', '')
    .trimStart();
  if (start.startsWith('-----BEGIN ') || /^(?:MIME-Version|Content-Type):/i.test(start)) {
    throw unknown('it is still signed or encrypted (S/MIME or PGP); the gateway has to open it first');
  }
  if (/^[^A-Za-z0-9]?ISA[^A-Za-z0-9]/.test(start)) return 'x12';
  // With a sign too many before it, it is EDIFACT that is told what is wrong, not a table.
  if (/^[^A-Za-z0-9]?(?:UNA[^A-Za-z0-9]|UNB[^A-Za-z0-9])/.test(start)) return 'edifact';
  if (start.startsWith('EDI_DC40')) return 'idoc';
  if (/^[[{]/.test(start)) return 'json';
  return start.startsWith('<') ? 'xml' : 'csv';
}

/**
 * Reads a file of any form.
 * @throws {InputError} EDI_INVALID, XML_INVALID, TABLE_INVALID, JSON_INVALID, EDI_ENCODING, FILE_FORM_UNKNOWN
 */
export function readFile(content: Uint8Array, layout: IdocLayout = {}): ReadFile {
  const form = formOf(content);
  const text = form === 'xml' ? xmlText(content) : ediText(content);
  if (form === 'x12' || form === 'edifact') {
    const interchanges = form === 'x12' ? readX12(text) : readEdifact(text);
    return { form, interchanges, inputs: requireMessages(messagesIn(interchanges)) };
  }
  const read =
    form === 'json'
      ? json(text)
      : form === 'xml'
        ? xmlTree(text)
        : form === 'csv'
          ? tableRows(text)
          : readFixedIdocs(text, layout);
  return { form, interchanges: [], inputs: [read] };
}

/** XML says its encoding itself. */
function xmlText(content: Uint8Array): string {
  const head = Buffer.from(content.subarray(0, 200)).toString('latin1');
  const declared = /^<\?xml[^>]*?\bencoding\s*=\s*["']([A-Za-z][\w.-]*)["']/.exec(head)?.[1] ?? 'utf-8';
  if (/^utf-?16|^utf-?8$/i.test(declared)) return ediText(content);
  try {
    return new TextDecoder(declared).decode(content);
  } catch (cause) {
    throw new InputError(
      'EDI_ENCODING',
      `encoding ${declared} given; allowed: those of the Encoding Standard`,
      {},
      cause,
    );
  }
}

function json(text: string): unknown {
  const body = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(body);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const position = Number(/position (\d+)/.exec(reason)?.[1] ?? 0);
    const line = body.slice(0, position).split('\n').length;
    throw new InputError('JSON_INVALID', `line ${line}: ${reason.slice(0, 200)}`, { line }, cause);
  }
}

function unknown(reason: string): InputError {
  return new InputError('FILE_FORM_UNKNOWN', `${reason}; allowed: JSON, CSV, XML, X12, EDIFACT, IDoc`);
}
