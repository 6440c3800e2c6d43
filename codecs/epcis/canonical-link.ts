import { checkDigit } from '../epc/index.ts';

const HOST = 'https://id.gs1.org';

/** How the digits of a key follow from company prefix and reference. */
type Key =
  /** The first digit of the reference leads, a check digit ends. */
  | { readonly as: 'indicated'; readonly digits: number }
  /** Prefix, reference, check digit. */
  | { readonly as: 'checked'; readonly digits: number; readonly lead?: string }
  /** Prefix and reference as they are. */
  | { readonly as: 'plain' };

interface Form {
  readonly ai: string;
  readonly key: Key;
  /** The AI of the part behind the key; `within` where it is part of the key. */
  readonly serial?: string;
  /** Parts of fixed length between reference and serial. */
  readonly pieces?: number;
}

/** EPC, EPC class and EPC pattern URIs that are GS1 keys (TDS 1.13, section 6.3; CBV 2.0, section 8.2). */
const FORMS: Readonly<Record<string, Form>> = {
  sgtin: { ai: '01', key: { as: 'indicated', digits: 13 }, serial: '21' },
  lgtin: { ai: '01', key: { as: 'indicated', digits: 13 }, serial: '10' },
  upui: { ai: '01', key: { as: 'indicated', digits: 13 }, serial: '235' },
  itip: { ai: '8006', key: { as: 'indicated', digits: 13 }, serial: '21', pieces: 2 },
  sscc: { ai: '00', key: { as: 'indicated', digits: 17 } },
  sgln: { ai: '414', key: { as: 'checked', digits: 12 }, serial: '254' },
  pgln: { ai: '417', key: { as: 'checked', digits: 12 } },
  grai: { ai: '8003', key: { as: 'checked', digits: 12, lead: '0' }, serial: 'within' },
  gdti: { ai: '253', key: { as: 'checked', digits: 12 }, serial: 'within' },
  sgcn: { ai: '255', key: { as: 'checked', digits: 12 }, serial: 'within' },
  gsrn: { ai: '8018', key: { as: 'checked', digits: 17 } },
  gsrnp: { ai: '8017', key: { as: 'checked', digits: 17 } },
  gsin: { ai: '402', key: { as: 'checked', digits: 16 } },
  giai: { ai: '8004', key: { as: 'plain' } },
  ginc: { ai: '401', key: { as: 'plain' } },
  cpi: { ai: '8010', key: { as: 'plain' }, serial: '8011' },
};

/**
 * The constrained canonical Digital Link of an identifier: GS1's own host, no query, the finest level of identification
 * only (CBV 2.0, section 8.9.2, on what goes into an event hash).
 *
 * @param uri an EPC, EPC class, EPC pattern or Digital Link URI
 * @returns null where it is none of these
 */
export function canonicalLink(uri: string): string | null {
  if (uri.startsWith('urn:epc:')) return ofUrn(uri);
  return /^https?:\/\//i.test(uri) ? ofLink(uri) : null;
}

function ofUrn(uri: string): string | null {
  const [, type = '', rest = ''] = /^urn:epc:(?:id|class|idpat):([a-z]+):([^\s]+)$/.exec(uri) ?? [];
  const form = FORMS[type];
  const [, prefix = '', tail = ''] = /^(\d{6,12})\.(.*)$/.exec(rest) ?? [];
  if (form === undefined || prefix === '') return null;
  const { key, serial, pieces = 0 } = form;
  const parts = tail.split('.');
  // A serial may hold dots; so may a reference of text, which then has no serial but digits behind it.
  const isText = key.as === 'plain';
  const last = serial === undefined ? [] : isText ? parts.splice(-1) : parts.splice(1 + pieces);
  const [reference = '', ...between] = isText ? [parts.join('.')] : parts;
  const digits = keyOf(key, prefix, reference);
  const named = last.join('.');
  if (digits === null || between.length !== pieces || (serial !== undefined && last.length === 0)) return null;
  const stem = `${HOST}/${form.ai}/${escaped(digits)}${between.join('')}`;
  if (serial === undefined || named === '*' || (type === 'sgln' && named === '0')) return stem;
  return serial === 'within' ? `${stem}${escaped(named)}` : `${stem}/${serial}/${escaped(named)}`;
}

function keyOf(key: Key, prefix: string, reference: string): string | null {
  if (key.as === 'plain') return `${prefix}${reference}`;
  if (!/^\d*$/.test(reference) || prefix.length + reference.length !== key.digits) return null;
  const digits =
    key.as === 'indicated'
      ? `${reference.slice(0, 1)}${prefix}${reference.slice(1)}`
      : `${key.lead ?? ''}${prefix}${reference}`;
  return `${digits}${checkDigit(digits)}`;
}

/** Keys of Digital Links by AI, with the qualifiers that say one of a thing, the finest first (Digital Link 1.2, 4.11). */
const KEYS: Readonly<Record<string, { readonly takes: RegExp; readonly finer?: readonly string[] }>> = {
  '00': { takes: /^\d{18}$/ },
  '01': { takes: /^(\d{8}|\d{12,14})$/, finer: ['21', '235', '10'] },
  '253': { takes: /^\d{13}.{0,17}$/ },
  '255': { takes: /^\d{13,25}$/ },
  '401': { takes: /^\d{4}.{1,26}$/ },
  '402': { takes: /^\d{17}$/ },
  '414': { takes: /^\d{13}$/, finer: ['254'] },
  '417': { takes: /^\d{13}$/ },
  '8003': { takes: /^\d{14}.{0,16}$/ },
  '8004': { takes: /^\d{4}.{1,26}$/ },
  '8006': { takes: /^\d{18}$/, finer: ['21', '10'] },
  '8010': { takes: /^\d{4}.{1,26}$/, finer: ['8011'] },
  '8017': { takes: /^\d{18}$/ },
  '8018': { takes: /^\d{18}$/ },
};

/** Names of AIs in links of the first releases of the standard. */
const NAMES: Readonly<Record<string, string>> = {
  ...{ gtin: '01', itip: '8006', cpid: '8010', gln: '414', party: '417', gsrnp: '8017', gsrn: '8018', gcn: '255' },
  ...{ sscc: '00', gdti: '253', ginc: '401', gsin: '402', grai: '8003', giai: '8004', cpv: '22', lot: '10', ser: '21' },
};

function ofLink(uri: string): string | null {
  const path = (/^[^:]*:\/\/[^/?#]*([^?#]*)/.exec(uri)?.[1] ?? '').split('/').slice(1);
  const steps = path.map((step) => NAMES[step] ?? step);
  const at = steps.findIndex((step, i) => KEYS[step]?.takes.test(path[i + 1] ?? '') === true);
  const ai = steps[at];
  const known = ai === undefined ? undefined : KEYS[ai];
  if (ai === undefined || known === undefined) return null;
  const rest = steps.slice(at + 2);
  for (const qualifier of known.finer ?? []) {
    const found = rest.findIndex((step, i) => i % 2 === 0 && step === qualifier);
    const value = path[at + 2 + found + 1];
    if (found >= 0 && value !== undefined && value !== '')
      return `${stemOf(ai, path[at + 1])}/${qualifier}/${escaped(value)}`;
  }
  return stemOf(ai, path[at + 1]);
}

function stemOf(ai: string, key = ''): string {
  return `${HOST}/${ai}/${ai === '01' ? key.padStart(14, '0') : escaped(key)}`;
}

/** What URNs write as it is and links must escape (Digital Link 1.2, table 7-1); other escapes stay. */
function escaped(text: string): string {
  return text
    .replace(/[!()*+,:]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%[0-9a-f]{2}/gi, (code) => code.toUpperCase());
}
