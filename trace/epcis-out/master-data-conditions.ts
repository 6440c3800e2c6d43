import { badParameter } from './bad-parameter.ts';
import type { Condition } from './condition.ts';
import { extensionTexts } from './extension-field.ts';

/**
 * Where each field stands whose value master data may be about (EPCIS 2.0, section 8.2.7.1): the ids that an event gives it, as a
 * set of texts. Words of the CBV are kept bare, and are named in full by master data.
 */
const FIELDS: Readonly<Record<string, string>> = {
  readPoint: 'SELECT read_point',
  bizLocation: 'SELECT biz_location',
  bizStep: wordIn('biz_step', 'bizstep', 'BizStep'),
  disposition: wordIn('disposition', 'disp', 'Disp'),
  epcClass: textsAt('$.*[*].epcClass'),
  bizTransaction: textsAt('$.bizTransactionList[*].bizTransaction'),
  source: textsAt('$.sourceList[*].source'),
  destination: textsAt('$.destinationList[*].destination'),
};
const NAMES = Object.keys(FIELDS).join('|');

/** `HASATTR_bizLocation`, `EQATTR_bizLocation_urn:epcglobal:cbv:mda#city`: by what is known of what a field names. */
export const MASTER_DATA_FAMILIES: readonly (readonly [RegExp, (parts: readonly string[]) => Condition])[] = [
  [
    new RegExp(`^HASATTR_(${NAMES}|[^:]+:.+)$`),
    ([field = '']) =>
      ({ name, values, bind }) =>
        known(field, name, `m.attributes ?| ${bind(values)}::text[]`, bind),
  ],
  [
    // The name of an extension has no `_` of its own here: what follows the first is the attribute's.
    new RegExp(`^EQATTR_(${NAMES}|[^:_]+:[^_]+)_(.+)$`),
    ([field = '', attribute = '']) =>
      ({ name, values, bind }) =>
        known(field, name, `(m.attributes -> ${bind(attribute)}::text) ?| ${bind(values)}::text[]`, bind),
  ],
];

export const MASTER_DATA_NAMES = 'HASATTR_FIELD, EQATTR_FIELD_ATTRIBUTE';

function known(field: string, name: string, condition: string, bind: (value: unknown) => string): string {
  const ids = FIELDS[field] ?? extensionAt(field, name, bind);
  return `EXISTS (SELECT FROM (${ids}) AS given (id) JOIN epcis_master_data m ON m.id = given.id WHERE ${condition})`;
}

function extensionAt(field: string, name: string, bind: (value: unknown) => string): string {
  if (field.length > 200) throw badParameter(name, field, 'a field of at most 200 characters');
  return extensionTexts(field, bind);
}

function textsAt(path: string): string {
  return `SELECT jsonb_path_query(event::jsonb, '${path}') #>> '{}'`;
}

function wordIn(column: string, urn: string, web: string): string {
  return `VALUES (${column}), ('urn:epcglobal:cbv:${urn}:' || ${column}), ('https://ref.gs1.org/cbv/${web}-' || ${column})`;
}
