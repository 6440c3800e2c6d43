import { createHash } from 'node:crypto';
import { InputError } from '../../domain/index.ts';

/** A photo as it is kept. */
export interface Photo {
  readonly mediaType: 'image/jpeg' | 'image/png';
  readonly bytes: Buffer;
  /** Of the bytes, hex. */
  readonly sha256: string;
}

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
/** What a PNG says beside its picture: EXIF, texts, when (PNG, third edition, 11.3). */
const PNG_TOLD = new Set(['eXIf', 'tEXt', 'zTXt', 'iTXt', 'tIME']);

/**
 * A photo without what cameras write into it: where it was taken, with what device, a small picture of the whole. How it
 * is to be turned is lost too: the page turns it before it is sent.
 * @throws {InputError} PHOTO_BAD neither JPEG nor PNG by its bytes, or cut short
 */
export function photoIn(given: Buffer): Photo {
  const isPng = given.subarray(0, 8).equals(PNG);
  const isJpeg = given[0] === 0xff && given[1] === 0xd8 && given[2] === 0xff;
  if (!isPng && !isJpeg) {
    throw new InputError(
      'PHOTO_BAD',
      'expected a photo as JPEG or PNG; HEIC and others have to be turned into JPEG first',
    );
  }
  const bytes = isPng ? plainPng(given) : plainJpeg(given);
  return {
    mediaType: isPng ? 'image/png' : 'image/jpeg',
    bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

/** Segments before the picture (ITU-T T.81, B.1.1.3): APP1 to APP15 and comments go, but ICC and Adobe, by which colours are right. */
function plainJpeg(given: Buffer): Buffer {
  const kept = [given.subarray(0, 2)];
  let at = 2;
  for (;;) {
    if (at + 4 > given.length || given[at] !== 0xff) throw cut();
    const marker = given[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const length = given.readUInt16BE(at + 2);
    const segment = given.subarray(at, at + 2 + length);
    if (length < 2 || segment.length < 2 + length) throw cut();
    // Start of scan: the picture itself, to the end.
    if (marker === 0xda) return Buffer.concat([...kept, given.subarray(at, endOfPicture(given, at))]);
    const isColour =
      (marker === 0xe2 && segment.subarray(4, 15).toString('latin1') === 'ICC_PROFILE') || marker === 0xee;
    const isTold = (marker >= 0xe1 && marker <= 0xef) || marker === 0xfe;
    if (!isTold || isColour) kept.push(segment);
    at += 2 + length;
  }
}

/** What stands behind the picture, such as a film of the moment before, is none of it. */
function endOfPicture(given: Buffer, from: number): number {
  let at = from + 2 + given.readUInt16BE(from + 2);
  for (;;) {
    at = given.indexOf(0xff, at);
    if (at === -1 || at + 1 >= given.length) throw cut();
    const marker = given[at + 1] ?? 0;
    if (marker === 0xd9) return at + 2;
    // Stuffing, fill and restarts stand between points of the picture; between its scans stand tables.
    const isPicture = marker === 0 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd7);
    if (!isPicture && at + 4 > given.length) throw cut();
    at += isPicture ? (marker === 0xff ? 1 : 2) : 2 + given.readUInt16BE(at + 2);
  }
}

function plainPng(given: Buffer): Buffer {
  const kept = [PNG as Buffer];
  let at = 8;
  for (;;) {
    if (at + 12 > given.length) throw cut();
    const end = at + 12 + given.readUInt32BE(at);
    const type = given.subarray(at + 4, at + 8).toString('latin1');
    if (end > given.length) throw cut();
    if (!PNG_TOLD.has(type)) kept.push(given.subarray(at, end));
    if (type === 'IEND') return Buffer.concat(kept);
    at = end;
  }
}

function cut(): InputError {
  return new InputError('PHOTO_BAD', 'the photo is cut short or damaged; take it again');
}
