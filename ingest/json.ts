import { InputError } from '../domain/index.ts';

/** Deeper than anything a sensor or gateway says; what is built on recursion is safe up to here. */
const MAX_DEPTH = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * JSON in UTF-8 from a stranger.
 * @throws {InputError} PAYLOAD_NOT_JSON where it is none, or nested deeper than 32 levels
 */
export function parseJson(payload: Uint8Array): unknown {
  if (depthOf(payload) > MAX_DEPTH) {
    throw new InputError('PAYLOAD_NOT_JSON', `nested deeper than ${MAX_DEPTH} levels`);
  }
  try {
    return JSON.parse(decoder.decode(payload));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError('PAYLOAD_NOT_JSON', `not JSON in UTF-8: ${reason.slice(0, 200)}`, {}, cause);
  }
}

/** Most brackets open at once outside of strings. */
function depthOf(bytes: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      for (at++; at < bytes.length && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
    } else if (byte === 0x5b || byte === 0x7b) {
      depth++;
      if (depth > deepest) deepest = depth;
    } else if (byte === 0x5d || byte === 0x7d) {
      depth--;
    }
  }
  return deepest;
}
