import { InputError } from '../../domain/index.ts';

/** Repertoires of EDIFACT (UN/EDIFACT syntax rules, ISO 9735, annex A) as the Encoding Standard calls them. */
const REPERTOIRES: Readonly<Record<string, string>> = {
  UNOA: 'utf-8',
  UNOB: 'utf-8',
  UNOC: 'latin1',
  UNOD: 'iso-8859-2',
  UNOE: 'iso-8859-5',
  UNOF: 'iso-8859-7',
  UNOG: 'iso-8859-3',
  UNOH: 'iso-8859-4',
  UNOI: 'iso-8859-6',
  UNOJ: 'iso-8859-8',
  UNOK: 'iso-8859-9',
  UNOW: 'utf-8',
  UNOY: 'utf-8',
};

/**
 * The text of a file of EDI, CSV or fixed columns. EDIFACT says its repertoire in UNB; what says nothing is UTF-8 where
 * it can be, else ISO 8859-1, as systems of warehouses write.
 * @throws {InputError} EDI_ENCODING
 */
export function ediText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return new TextDecoder(first === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes);
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = buffer.subarray(0, 400).toString('latin1');
  const repertoire = /^(?:\xef\xbb\xbf)?\s*(?:UNA[\s\S]{6}\s*)?UNB[\s\S](UNO[A-Z])/.exec(head)?.[1];
  const known = repertoire === undefined ? undefined : REPERTOIRES[repertoire];
  if (repertoire !== undefined && known === undefined) {
    const allowed = Object.keys(REPERTOIRES).join(', ');
    throw new InputError('EDI_ENCODING', `UNB: ${repertoire} given as repertoire; allowed: ${allowed}`);
  }
  if (known === 'latin1') return buffer.toString('latin1');
  if (known !== undefined && known !== 'utf-8') return new TextDecoder(known).decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return buffer.toString('latin1');
  }
}
