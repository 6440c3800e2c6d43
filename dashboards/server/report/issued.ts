import { createHash } from 'node:crypto';
import { InputError } from '../../../domain/index.ts';

/*
 * A report holds the proof that it was issued: the hash of all its bytes is a leaf of the ledger. The proof cannot be in
 * what is hashed, so that it has a place of a fixed length, which counts as spaces: as the signatures of a PDF have theirs.
 */

export const ISSUED_FILE = 'issued.json';
/** A tlog-proof, the facts' checkpoint and a proof of consistency, of trees of 2^50 leaves, with ten witnesses. */
const ROOM = 16_384;
const MARK = '{"format":"isotherm-issued-1"';
const BEGIN = `stream\n${MARK}`;
const END = '\nendstream';

/** What stands there until the proof does. */
export const NOT_ISSUED = MARK.padEnd(ROOM);

export interface UnissuedReport {
  /** Of the report with spaces for its proof, hex: what its leaf states. */
  readonly sha256: string;
  /** What stands in the place of the proof. */
  readonly issued: string;
}

/**
 * The hash that a report was issued under, whatever its proof says.
 * @throws {InputError} REPORT_UNISSUED where it has no place for one
 */
export function unissued(pdf: Buffer): UnissuedReport {
  const { from, to } = placeIn(pdf);
  const hash = createHash('sha256').update(pdf.subarray(0, from));
  const sha256 = hash
    .update(' '.repeat(to - from))
    .update(pdf.subarray(to))
    .digest('hex');
  return { sha256, issued: pdf.toString('utf8', from, to) };
}

/** The same with its proof. @param issued as the ledger gives it */
export function withProof(pdf: Buffer, issued: string): Buffer {
  const { from, to } = placeIn(pdf);
  const proof = Buffer.from(issued);
  if (proof.length > to - from) {
    throw new InputError(
      'REPORT_PROOF_LONG',
      `the proof takes ${proof.length} bytes, and there is room for ${to - from}`,
    );
  }
  return Buffer.concat([pdf.subarray(0, from), proof, Buffer.alloc(to - from - proof.length, ' '), pdf.subarray(to)]);
}

/** Says no MD5 of the place: it would be one of what stands there first. Optional in ISO 32000-1, 7.11.4. */
export function withoutChecksum(pdf: Buffer): Buffer {
  const { from } = placeIn(pdf);
  const head = pdf.lastIndexOf('/CheckSum (', from);
  const until = pdf.indexOf(')', head);
  if (head === -1 || until === -1 || until > from) return pdf;
  const bytes = Buffer.from(pdf);
  bytes.fill(' ', head, until + 1);
  return bytes;
}

function placeIn(pdf: Buffer): { readonly from: number; readonly to: number } {
  const begin = pdf.indexOf(BEGIN);
  const from = begin + BEGIN.length - MARK.length;
  const to = pdf.indexOf(END, from);
  if (begin === -1 || to === -1 || pdf.includes(BEGIN, to)) {
    throw new InputError(
      'REPORT_UNISSUED',
      'it holds no proof that it was issued: it is no report, an older one, or the proof was taken out',
    );
  }
  return { from, to };
}
