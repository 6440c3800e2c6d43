/**
 * Partners' EPCIS events as they come in: kept whole, read for what they say of containment and presence, and matched
 * with our own things where they name them by Digital Link or by GLN. Knows nothing of passes and shipments.
 */

export { plusTagsOf } from '../../codecs/epc/index.ts';
export { contentBefore, type Emptying, emptyingsAfter, keepCapture } from './capture.ts';
export {
  bareWord,
  type CapturedEvent,
  type EpcisJson,
  epcisSource,
  epcsIn,
  eventContent,
  eventTimeOf,
  keysOfEvent,
  listOf,
  pure,
  spellings,
} from './event.ts';
export { glnOf } from './gln.ts';
export { waitingFor, withKnownNames } from './links.ts';
export { namesOfPlusTags } from './plus-tags.ts';
export { arrivingAt, presenceOf } from './presence.ts';
export { type ShippingEvent, shippingOf } from './shipping-event.ts';
export { type EpcisWordKind, noteWords } from './words.ts';
