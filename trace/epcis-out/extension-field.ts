import { type Bind, exists } from './condition.ts';

/** Prefixes that an event or its document declares, each with its namespace: rows of `p`. */
const DECLARED = `jsonb_path_query(jsonb_build_array(context::jsonb, event::jsonb -> '@context'),
  '$[*][*] ? (@.type() == "object").keyvalue() ? (@.value.type() == "string")') AS p`;

/** Of the CBV, under `cbvmda` in GS1's context. */
const LOT_DATA = 'urn:epcglobal:cbv:mda';

/**
 * Whether an extension has what a filter says, wherever its name leads. A name is a prefix as the event has it
 * (`ext:colour`), a namespace with `#` before the name whatever the prefix of the event (`https://ext.example.com/#colour`;
 * EPCIS 1.2, section 8.2.7.1), or inside another extension a name in no namespace (`#colour`).
 *
 * @param lead JSON path to what the field stands in, with its last point
 * @param filter JSON path from the field on
 */
export function extensionHas(
  { lead, name }: { readonly lead: string; readonly name: string },
  { filter, variables, bind }: { readonly filter: string; readonly variables: object; readonly bind: Bind },
): string {
  const plain = (key: string) => exists(`${lead}${JSON.stringify(key)}${filter}`, variables, bind);
  const qualified = qualifiedName(name);
  if (qualified === null) return plain(name);
  const { namespace, local } = qualified;
  if (namespace === '') return plain(local);
  const key = `to_json((p ->> 'key') || ':' || ${bind(local)}::text)::text`;
  const path = `(${bind(lead)}::text || ${key} || ${bind(filter)}::text)::jsonpath`;
  const found = `jsonb_path_exists_tz(event::jsonb, ${path}, ${bind(JSON.stringify(variables))}::jsonb, true)`;
  const underPrefix = `EXISTS (SELECT FROM ${DECLARED} WHERE rtrim(p ->> 'value', '/#:') = ${bind(namespace)}::text AND ${found})`;
  // JSON-LD may have the whole name as the key, or the prefix of GS1's own context.
  const keys = [
    `${namespace}/${local}`,
    `${namespace}#${local}`,
    ...(namespace === LOT_DATA ? [`cbvmda:${local}`] : []),
  ];
  return `(${[underPrefix, ...keys.map(plain)].join(' OR ')})`;
}

/** Texts of an extension of the event, as a set: for master data about them. */
export function extensionTexts(name: string, bind: Bind): string {
  const qualified = qualifiedName(name);
  const isText = ' ? (@.type() == "string")';
  if (qualified === null) {
    const path = `$.${JSON.stringify(name)}${isText}`;
    return `SELECT jsonb_path_query(event::jsonb, ${bind(path)}::jsonpath) #>> '{}'`;
  }
  const key = `(p ->> 'key') || ':' || ${bind(qualified.local)}::text`;
  return `SELECT jsonb_path_query(event::jsonb -> (${key}), '$[*]${isText}') #>> '{}' FROM ${DECLARED}
    WHERE rtrim(p ->> 'value', '/#:') = ${bind(qualified.namespace)}::text`;
}

/** XML writes a namespace as it is, JSON-LD with the sign that separates it from the name. */
function qualifiedName(name: string): { readonly namespace: string; readonly local: string } | null {
  const [, namespace, local] = /^(.*)#([^#]+)$/s.exec(name) ?? [];
  return namespace === undefined || local === undefined ? null : { namespace: namespace.replace(/[/#:]+$/, ''), local };
}
