/**
 * What devices say in a language of their own: a maker's message to our words, and what of it cannot be taken, with why.
 * One file a dialect: which topics are its, which source a topic names, and how a message is read. In: bytes from a
 * stranger; out: readings, tag events, refusals. Pure. It must never know a connection, or what time it is: where a
 * message has no time, none is made up.
 */
export type {
  Decode,
  Decoded,
  Dialect,
  DialectMessage,
  DialectRefusal,
  DialectRefusalReason,
  Frame,
  Measured,
  Reply,
} from './dialect.ts';
export { NO_DEVICE } from './dialect.ts';
export { DIALECTS, dialectNamed, dialectOf } from './dialects.ts';
export { decodeImpinj } from './impinj.ts';
export { lineProtocolIn, PRECISIONS } from './influx/influx.ts';
export { MAX_FIELDS, NotJson, parseJson, parseJsonInPieces, shapeOf } from './json.ts';
export { DECODER_NAMES } from './lorawan/decoders.ts';
export type { TagEvent, TagEvents, TagRefusal } from './tag-event.ts';
export { decodeZebra } from './zebra.ts';
