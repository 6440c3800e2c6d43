/**
 * Exceptions between us and partners: too many, too few, without data, damaged. Opened here or there, told by link or
 * webhook, answered in one thread that nobody changes.
 */
export {
  type ExceptionEntry,
  exceptionId,
  exceptionNumber,
  type NewEntry,
  type NewException,
  type PartnerException,
} from './exception.ts';
export { type ExceptionLink, ExceptionLinks, originationOfLink } from './exception-links.ts';
export {
  type ExceptionMessage,
  ExceptionMessages,
  type ExceptionMessagesOptions,
  type PostMessage,
} from './exception-messages.ts';
export { Exceptions, type ExceptionsOptions, type Speaker, type TheirEntry } from './exceptions.ts';
export { ExceptionTeller, type TellerOptions } from './teller.ts';
export { type ClaimedTelling, type Telling, Tellings } from './tellings.ts';
