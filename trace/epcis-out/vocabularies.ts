import { InputError } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { badParameter } from './bad-parameter.ts';
import { identifierForms } from './conditions.ts';
import type { EpcisParameters } from './queries.ts';

/** A vocabulary with what is known of its elements (EPCIS 2.0, section 9.4). */
export interface EpcisVocabulary {
  readonly type: string;
  readonly elements: readonly EpcisVocabularyElement[];
}

export interface EpcisVocabularyElement {
  readonly id: string;
  /** By name, each with its values. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
  /** Ids of what it holds. */
  readonly children: readonly string[];
}

/** Beyond which an answer is refused. */
const MOST = 10_000;

/**
 * Master data by the standard's SimpleMasterDataQuery (EPCIS 2.0, section 8.2.7.2): places, portals and products as they are
 * registered here, and what partners said of theirs when they captured it.
 */
export class EpcisVocabularies {
  readonly #database: Database;

  constructor({ database }: { readonly database: Database }) {
    this.#database = database;
  }

  /** In the order of types and ids. @throws {InputError} EPCIS_PARAMETER, EPCIS_TOO_MANY */
  async find(parameters: EpcisParameters): Promise<readonly EpcisVocabulary[]> {
    for (const name of parameters.keys()) {
      if (!KNOWN.test(name)) throw badParameter(name, (parameters.get(name) ?? []).join('|'), KNOWN_NAMES);
    }
    const hasAttributes = truth('includeAttributes', parameters);
    const hasChildren = truth('includeChildren', parameters);
    const wanted = parameters.get('attributeNames');
    const most = Math.min(mostOf(parameters), MOST);
    const rows = await this.#rows(parameters, hasChildren, most + 1);
    if (rows.length > most)
      throw new InputError('EPCIS_TOO_MANY', `more than ${most} elements; allowed: at most maxElementCount`);
    const elements = rows.map(({ type, id, attributes, children }) => {
      const named = Object.entries(attributes)
        .map(([name, value]) => [name, [value].flat()] as const)
        .toSorted(([a], [b]) => (a < b ? -1 : 1));
      const shown = hasAttributes ? named.filter(([name]) => wanted === undefined || wanted.includes(name)) : [];
      return { type, element: { id, attributes: new Map(shown), children } };
    });
    return [...Map.groupBy(elements, ({ type }) => type)].map(([type, of]) => ({
      type,
      elements: of.map(({ element }) => element),
    }));
  }

  async #rows(parameters: EpcisParameters, hasChildren: boolean, most: number): Promise<readonly ElementRow[]> {
    const given: unknown[] = [];
    const bind = (value: unknown) => `$${given.push(value)}`;
    const conditions = ['true'];
    const types = parameters.get('vocabularyName');
    if (types !== undefined) conditions.push(`type = ANY(${bind(types)}::text[])`);
    const ids = parameters.get('EQ_name')?.flatMap(identifierForms);
    if (ids !== undefined) conditions.push(`id = ANY(${bind(ids)}::text[])`);
    const has = parameters.get('HASATTR');
    if (has !== undefined) conditions.push(`attributes ?& ${bind(has)}::text[]`);
    for (const [name, values] of parameters) {
      if (!name.startsWith('EQATTR_')) continue;
      const attribute = bind(name.slice('EQATTR_'.length));
      conditions.push(`(attributes -> ${attribute}::text) ?| ${bind(values)}::text[]`);
    }
    const within = parameters.get('WD_name')?.flatMap(identifierForms);
    // Children are said by some as all that is below, by others as the next: either way all of it is found.
    const below =
      within &&
      `WITH RECURSIVE below (type, id) AS (
         SELECT type, id FROM epcis_master_data WHERE id = ANY(${bind(within)}::text[])
         UNION SELECT m.type, child FROM below JOIN epcis_master_data m USING (type, id), unnest(m.children) AS child) `;
    if (below !== undefined) conditions.push('(type, id) IN (SELECT type, id FROM below)');
    const { rows } = await this.#database.query<ElementRow>(
      `${below ?? ''}SELECT type, id, attributes, ${hasChildren ? 'children' : "'{}'::text[] AS children"}
       FROM epcis_master_data WHERE ${conditions.join(' AND ')} ORDER BY type, id LIMIT ${bind(most)}`,
      given,
    );
    return rows;
  }
}

interface ElementRow {
  readonly type: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string | readonly string[]>>;
  readonly children: readonly string[];
}

const KNOWN =
  /^(includeAttributes|includeChildren|attributeNames|vocabularyName|EQ_name|WD_name|HASATTR|EQATTR_.+|maxElementCount)$/;
const KNOWN_NAMES =
  'includeAttributes, includeChildren, attributeNames, vocabularyName, EQ_name, WD_name, HASATTR, EQATTR_NAME, maxElementCount';

/** Required by the standard. */
function truth(name: string, parameters: EpcisParameters): boolean {
  const given = parameters.get(name)?.join('|') ?? '';
  if (given === 'true' || given === 'false') return given === 'true';
  throw badParameter(name, given, 'true or false');
}

function mostOf(parameters: EpcisParameters): number {
  const given = parameters.get('maxElementCount')?.join('|');
  if (given === undefined) return MOST;
  if (/^[1-9]\d{0,8}$/.test(given)) return Number(given);
  throw badParameter('maxElementCount', given, 'a whole number from 1');
}
