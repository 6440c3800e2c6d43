/**
 * What devices say in JSON of their own: a maker's message to our words, and what of it cannot be taken, with why. In:
 * parsed JSON from a stranger; out: tag reads, inputs, signs of life, refusals. Pure. It must never know a topic, a
 * connection, or what time it is: where a message has no time, none is made up.
 */
export { decodeImpinj } from './impinj.ts';
export type { TagEvent, TagEvents, TagRefusal } from './tag-event.ts';
export { decodeZebra } from './zebra.ts';
