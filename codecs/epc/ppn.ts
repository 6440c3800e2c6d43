import { InputError } from '../../domain/index.ts';
import { checkDigit, gtin14 } from './digits.ts';
import type { Element } from './elements.ts';

/** Format 06 of ISO/IEC 15434 (data identifiers of ANSI MH10.8.2): `[)>`, record separator, `06`, then its fields. */
const GROUP = '\x1d';
const RECORD = '\x1e';
const END = '\x04';
const ENVELOPES = [`[)>${RECORD}06${GROUP}`, `[)>06${GROUP}`];

/** Which data identifier of a pack (IFA Coding System, specification PPN-Code) is which application identifier. */
const FIELDS = [
  { id: '1T', ai: '10' },
  { id: '16D', ai: '11' },
  { id: '8P', ai: '01' },
  { id: 'D', ai: '17' },
  { id: 'S', ai: '21' },
] as const;

/** Product registration agency: the German PZN. */
const PZN_AGENCY = '11';
/** GS1 prefix under which a PZN is an NTIN. */
const NTIN_PREFIX = '04150';

export function isFormat06(text: string): boolean {
  return text.startsWith('[)>');
}

/**
 * Reads a pack with a Pharmacy Product Number, as German packs carry it: `9N` the PPN, `1T` the lot, `D` the expiry, `S`
 * the serial. The PPN of a PZN is the GTIN under GS1's prefix 4150 (NTIN).
 *
 * @returns the elements that say the same, and the fields that are not read
 * @throws {InputError} EPC_SYNTAX, EPC_CHECK_DIGIT, EPC_NOT_SUPPORTED (a PPN of another agency without a GTIN beside it)
 */
export function readFormat06(text: string): { elements: Element[]; unread: string[] } {
  const envelope = ENVELOPES.find((one) => text.startsWith(one));
  if (envelope === undefined) {
    throw new InputError('EPC_SYNTAX', `${shown(text)}: [)> with format 06 and group separators (0x1D) expected`);
  }
  const fields = text
    .slice(envelope.length)
    .split(GROUP)
    .map((field) => field.replaceAll(RECORD, '').replaceAll(END, ''))
    .filter((field) => field !== '');
  const elements: Element[] = [];
  const unread: string[] = [];
  let ppn: string | null = null;
  for (const field of fields) {
    const known = FIELDS.find(({ id }) => field.startsWith(id));
    if (field.startsWith('9N')) ppn = field.slice(2);
    else if (known === undefined) unread.push(field);
    else add(text, elements, known.ai, field.slice(known.id.length));
  }
  if (ppn === null) return { elements, unread };
  const gtin = gtinOfPpn(checkedPpn(ppn));
  const beside = elements.find(({ ai }) => ai === '01');
  if (beside !== undefined) {
    if (gtin !== null && gtin14(beside.value) !== gtin) {
      throw new InputError('EPC_SYNTAX', `${shown(text)}: PPN ${ppn} is GTIN ${gtin}, 8P says ${beside.value}`);
    }
    return { elements, unread };
  }
  if (gtin === null) {
    const what = `PPN ${ppn} of agency ${ppn.slice(0, 2)}`;
    throw new InputError('EPC_NOT_SUPPORTED', `${what}: only PPNs of a German PZN (11) are read as a GTIN`);
  }
  return { elements: [{ ai: '01', value: gtin }, ...elements], unread };
}

function add(text: string, elements: Element[], ai: string, value: string): void {
  if (elements.some((element) => element.ai === ai)) {
    throw new InputError('EPC_SYNTAX', `${shown(text)}: the field of ${ai} stands in it twice`);
  }
  elements.push({ ai, value: ai === '01' ? value.padStart(14, '0') : value });
}

/** Modulo 97 over the characters' codes, weights 2, 3, 4... from the left (IFA, PPN-Code, annex A). @throws {InputError} */
function checkedPpn(ppn: string): string {
  if (!/^[0-9A-Z]{4,22}$/.test(ppn)) {
    throw new InputError('EPC_SYNTAX', `PPN ${ppn}: agency, number and two check digits expected`);
  }
  let sum = 0;
  for (let i = 0; i < ppn.length - 2; i++) sum += ppn.charCodeAt(i) * (i + 2);
  const expected = String(sum % 97).padStart(2, '0');
  if (ppn.endsWith(expected)) return ppn;
  throw new InputError('EPC_CHECK_DIGIT', `PPN ${ppn}: check digits ${expected} expected`);
}

function gtinOfPpn(ppn: string): string | null {
  const pzn = ppn.slice(2, -2);
  if (!ppn.startsWith(PZN_AGENCY) || !/^[0-9]{8}$/.test(pzn)) return null;
  const digits = `${NTIN_PREFIX}${pzn}`;
  return `${digits}${checkDigit(digits)}`;
}

function shown(text: string): string {
  return text.replaceAll(GROUP, '<GS>').replaceAll(RECORD, '<RS>').replaceAll(END, '<EOT>');
}
