/**
 * UTF-8 in which bad bytes survive: a byte that is not UTF-8 becomes a lone surrogate U+DC80..U+DCFF and goes back to
 * that byte, so that a sloppy reader's description round-trips exactly.
 */
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

export function decodeText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeSloppy(bytes);
  }
}

export function encodeText(text: string): Uint8Array {
  if (text.isWellFormed()) return encoder.encode(text);
  const out: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) out.push(code & 0xff);
    else out.push(...encoder.encode(character));
  }
  return Uint8Array.from(out);
}

function decodeSloppy(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes[at] ?? 0);
    const piece = bytes.subarray(at, at + length);
    const good = length > 0 ? tryStrict(piece, length) : undefined;
    if (good === undefined) {
      text += String.fromCharCode(0xdc00 | (bytes[at] ?? 0));
      at++;
    } else {
      text += good;
      at += length;
    }
  }
  return text;
}

function tryStrict(piece: Uint8Array, length: number): string | undefined {
  if (piece.length !== length) return undefined;
  try {
    return strict.decode(piece);
  } catch {
    return undefined;
  }
}

/** Bytes of the sequence a lead byte promises; 0 for a byte that leads nothing. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}
