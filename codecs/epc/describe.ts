import { InputError } from '../../domain/index.ts';
import { calendarDate } from './application-identifiers.ts';
import {
  checkElements,
  digitalLink,
  type Element,
  elementString,
  elementsOf,
  identityOf,
  serialAi,
} from './elements.ts';
import { type EpcType, type Identity, pureUri, readPureUri } from './identity.ts';
import { writeMemory } from './memory.ts';
import { elementsIn, formOf } from './parse.ts';
import { readScan } from './scan.ts';
import { symbolText } from './symbol.ts';
import { readTag, readTagUri, schemeFor, tagUri } from './tag.ts';

/** What the input alone does not determine. */
export interface DescribeOptions {
  /** Needed to write EPC memory for an identity. */
  readonly filter?: number;
  /** Needed to find the identity of an element string, Digital Link or "+" tag. */
  readonly companyPrefixLength?: number;
  /** The current one: dates of six digits say no century. Without it no expiry is given. */
  readonly year?: number;
}

/** Everything that an EPC's input determines; what it does not is absent. */
export interface EpcDescription {
  readonly input: string;
  /** Of memory or a tag URI the binary scheme, `sgtin-96`; else the kind of identity, `sgtin`. */
  readonly scheme: string;
  readonly hex?: string;
  readonly bits?: number;
  readonly filter?: number;
  readonly tagUri?: string;
  readonly pureUri?: string;
  readonly companyPrefix?: string;
  /** The key under its name: `gtin`, `sscc`, `gln`, `grai`, `giai`, `gsrn`, `gsrnp`, `gdti`, `cpi`, `gcn`, `itip`. */
  readonly gtin?: string;
  readonly sscc?: string;
  readonly gln?: string;
  readonly grai?: string;
  readonly giai?: string;
  readonly gsrn?: string;
  readonly gsrnp?: string;
  readonly gdti?: string;
  readonly cpi?: string;
  readonly gcn?: string;
  readonly itip?: string;
  readonly serial?: string;
  readonly lot?: string;
  /** Calendar date, `2027-06-30`. */
  readonly expiry?: string;
  readonly elementString?: string;
  readonly digitalLink?: string;
  /** Elements of a scan whose application identifiers are newer than the table; they are not read. */
  readonly unread?: readonly string[];
  /** Data follows the EPC in memory; it is not read. */
  readonly moreData?: true;
}

/**
 * Says an EPC in every form, for `isotherm epc`.
 * @throws {InputError} EPC_* what is wrong, what was given, what is allowed
 */
export function describeEpc(input: string, options: DescribeOptions = {}): EpcDescription {
  const form = formOf(input);
  const text = symbolText(input);
  if (form === 'hex') {
    const tag = readTag(text);
    const identity = tag.identity ?? identityIn(tag.elements ?? [], options);
    return {
      ...{ input, scheme: tag.scheme, hex: text.toUpperCase(), bits: tag.bits },
      ...(tag.filter !== null && { filter: tag.filter }),
      ...(tag.tagUri !== null && { tagUri: tag.tagUri }),
      ...wordsOf(tag.type, identity, tag.elements),
      ...(tag.hasMoreData && { moreData: true as const }),
    };
  }
  if (form === 'tag URI') {
    const { scheme, filter, identity } = readTagUri(text);
    return {
      ...{ input, scheme: scheme.name, ...writeMemory(scheme, filter ?? 0, identity) },
      ...(filter !== null && { filter }),
      ...{ tagUri: tagUri(scheme, filter, identity), ...wordsOf(scheme.type, identity, elementsOf(identity)) },
    };
  }
  const elements = form === 'pure identity' ? null : elementsIn(input);
  const identity = elements === null ? readPureUri(text) : identityIn(elements, options);
  const type = identity?.type ?? checkElements(elements ?? []).type;
  const words = {
    ...wordsOf(type, identity, elements ?? (identity && elementsOf(identity))),
    ...attributesOf(elements ?? [], options),
    ...(form === 'scan' && unreadIn(input)),
  };
  if (identity === null || (options.filter === undefined && identity.type !== 'gid')) {
    return { input, scheme: type, ...words };
  }
  const { filter = 0 } = options;
  const scheme = schemeFor(identity, filter);
  const hasFilter = scheme.filterBits > 0;
  return {
    ...{ input, scheme: scheme.name, ...writeMemory(scheme, filter, identity), ...(hasFilter && { filter }) },
    ...{ tagUri: tagUri(scheme, hasFilter ? filter : null, identity), ...words },
  };
}

function unreadIn(scanned: string): Pick<EpcDescription, 'unread'> {
  const { unread } = readScan(scanned);
  return unread.length === 0 ? {} : { unread };
}

/** null where it is not known how long the company prefix is. */
function identityIn(elements: readonly Element[], { companyPrefixLength }: DescribeOptions): Identity | null {
  checkElements(elements);
  if (companyPrefixLength === undefined) return null;
  if (!Number.isInteger(companyPrefixLength) || companyPrefixLength < 6 || companyPrefixLength > 12) {
    throw new InputError('EPC_COMPANY_PREFIX', `company prefix length ${companyPrefixLength}: 6 to 12 expected`);
  }
  return identityOf(elements, companyPrefixLength);
}

const KEY_NAMES: Partial<Record<EpcType, keyof EpcDescription>> = {
  sgtin: 'gtin',
  sscc: 'sscc',
  sgln: 'gln',
  grai: 'grai',
  giai: 'giai',
  gsrn: 'gsrn',
  gsrnp: 'gsrnp',
  gdti: 'gdti',
  cpi: 'cpi',
  sgcn: 'gcn',
  itip: 'itip',
};

/** How many characters of the key come before the serial that it holds. */
const KEY_LENGTHS: Partial<Record<EpcType, number>> = { grai: 14, gdti: 13, sgcn: 13 };

function wordsOf(
  type: EpcType,
  identity: Identity | null,
  elements: readonly Element[] | null,
): Partial<Omit<EpcDescription, 'input' | 'scheme'>> {
  const pure = identity === null ? {} : { pureUri: pureUri(identity) };
  if (elements === null) return { ...pure, serial: identity?.parts.at(-1) ?? '' };
  const { key, serial } = keyAndSerial(type, elements);
  const name = KEY_NAMES[type];
  const companyPrefix = identity?.parts[0];
  return {
    ...pure,
    ...(companyPrefix !== undefined && { companyPrefix }),
    ...(name !== undefined && { [name]: key }),
    ...(serial !== null && { serial }),
    elementString: elementString(elements),
    digitalLink: digitalLink(elements),
  };
}

function attributesOf(elements: readonly Element[], { year }: DescribeOptions): Pick<EpcDescription, 'lot' | 'expiry'> {
  const value = (ai: string) => elements.find((element) => element.ai === ai)?.value;
  const [lot, date] = [value('10'), value('17')];
  return {
    ...(lot !== undefined && { lot }),
    ...(date !== undefined && year !== undefined && { expiry: calendarDate(date, year) }),
  };
}

function keyAndSerial(type: EpcType, elements: readonly Element[]): { key: string; serial: string | null } {
  const ai = serialAi(type);
  const key = elements.find((element) => element.ai !== ai)?.value ?? '';
  const length = KEY_LENGTHS[type];
  if (length !== undefined) return { key: key.slice(0, length), serial: key.slice(length) };
  return { key, serial: elements.find((element) => element.ai === ai)?.value ?? null };
}
