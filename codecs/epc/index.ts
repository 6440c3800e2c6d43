/**
 * GS1 EPC Tag Data Standard: what stands in a tag's EPC memory, in an EPC URI, in an element string or in a Digital
 * Link, and the one pure identity behind all of them. In: text or hex in any of those forms. Out: the pure identity
 * URI that the platform keeps (`Epc`), its parts, and any other form. A wrong or truncated EPC is an InputError with its
 * reason, never a guess. Pure: it knows no tags it has seen, no products and no shipments.
 */
export { calendarDate } from './application-identifiers.ts';
export { type DescribeOptions, describeEpc, type EpcDescription } from './describe.ts';
export { checkDigit, gtin14 } from './digits.ts';
export { isLikelySplit, separatorDropped } from './dropped-separator.ts';
export { digitalLink, type Element, elementString, elementsOf } from './elements.ts';
export { glnOf, isGln } from './gln.ts';
export {
  type EpcType,
  gtinOf,
  type Identity,
  isSgtin,
  isSscc,
  pureUri,
  readPureUri,
  serialOf,
  sgtin,
  sscc,
  ssccOf,
} from './identity.ts';
export { isPlusTag, kindOfPlusTag, kindOfThing, plusTagOf, plusTagsOf } from './kind.ts';
export { type EpcForm, elementsIn, formOf, keysOf, type ParseOptions, parseEpc } from './parse.ts';
export { writePlus } from './plus.ts';
export { readScan, type Scan } from './scan.ts';
export { symbolText } from './symbol.ts';
export { decodeTag, encodeTag, identityOfTag, readTag, type TagDetail } from './tag.ts';
export type { TagEpc } from './tag-epc.ts';
