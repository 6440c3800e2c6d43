/**
 * LLRP on the wire: bytes of the Low Level Reader Protocol 1.0.1 (and 1.1's version negotiation) to typed messages and
 * back, byte for byte. In: TCP chunks, frames, files of frames; out: frames, tag reports as columns. One table of
 * messages and parameters (`table/`) drives both directions; RO_ACCESS_REPORT has a fast path. It must never know a
 * socket, a session, a reader's configuration or what a sighting is used for.
 */
export * from './codes.ts';
export { decodeFrame } from './decode.ts';
export * from './describe.ts';
export { encodeFrame } from './encode.ts';
export { parameterOf, parametersOf } from './find.ts';
export { FRAME_CAP_BYTES, type Frame, type FrameHeader, HEADER_BYTES, readHeader } from './frame.ts';
export { Framer } from './framer.ts';
export * from './impinj.ts';
export {
  type Bits,
  MESSAGES,
  type Message,
  type MessageName,
  type MessageOf,
  PARAMETERS,
  type Parameter,
  type ParameterName,
  type ParameterOf,
} from './table.ts';
export { decodeTags, isTagReport, TAG, TagColumns } from './tags.ts';
