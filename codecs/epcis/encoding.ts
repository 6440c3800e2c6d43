import { InputError } from '../../domain/index.ts';

/**
 * The text of a document's bytes. JSON is UTF-8 (RFC 8259, 8.1). XML is UTF-8 or UTF-16 by its byte order mark or its
 * first characters, or what its declaration says (XML 1.0, appendix F). Bytes that begin with an ASCII `<?xml` are not
 * UTF-16, whatever is declared: programs write the declaration before they choose the encoding.
 *
 * @throws {InputError} EPCIS_ENCODING
 */
export function documentText(bytes: Uint8Array): string {
  const label = encodingOf(bytes);
  const decoder = decoderOf(label);
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    const name = label.startsWith('utf-16') ? 'UTF-16' : label === 'utf-8' ? 'UTF-8' : label;
    throw new InputError('EPCIS_ENCODING', `not ${name}`, {}, cause);
  }
}

function decoderOf(label: string) {
  try {
    return new TextDecoder(label, { fatal: true });
  } catch (cause) {
    const message = `encoding ${label} is not known; allowed: UTF-8, UTF-16 or a declared one of the Encoding Standard`;
    throw new InputError('EPCIS_ENCODING', message, {}, cause);
  }
}

function encodingOf(bytes: Uint8Array): string {
  const [first = -1, second = -1] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf-16be';
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 200));
  const declared = /^<\?xml[^>]*?\bencoding\s*=\s*["']([A-Za-z][\w.-]*)["']/.exec(start)?.[1] ?? 'utf-8';
  return /^(utf-?16|ucs-?2|iso-10646-ucs-2)/i.test(declared) ? 'utf-8' : declared.toLowerCase();
}
