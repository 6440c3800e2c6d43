/**
 * GS1 EPC Tag Data Standard: what stands in a tag's EPC memory, in an EPC URI, in an element string or in a Digital
 * Link, and the one pure identity behind all of them. In: text or hex in any of those forms. Out: the pure identity
 * URI that the platform keeps (`Epc`), and its GTIN, serial or SSCC. A wrong or truncated EPC is an InputError with its
 * reason, never a guess. Pure: it knows no tags it has seen, no products and no shipments.
 */
export { checkDigit, gtin14 } from './digits.ts';
export { gtinOf, isSgtin, isSscc, serialOf, sgtin, sscc, ssccOf } from './identity.ts';
export { keysOf, type ParseOptions, parseEpc } from './parse.ts';
export { decodeTag, encodeTag, identityOfTag, type TagEpc } from './tag.ts';
