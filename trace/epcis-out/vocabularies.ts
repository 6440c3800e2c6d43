import { InputError } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { badParameter, identifierForms } from './conditions.ts';
import type { EpcisParameters } from './queries.ts';

/** A vocabulary with what is known of its elements (EPCIS 2.0, section 9.4). */
export interface EpcisVocabulary {
  readonly type: string;
  readonly elements: readonly EpcisVocabularyElement[];
}

export interface EpcisVocabularyElement {
  readonly id: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Ids of what it holds. */
  readonly children: readonly string[];
}

const LOCATION = 'urn:epcglobal:epcis:vtype:BusinessLocation';
const READ_POINT = 'urn:epcglobal:epcis:vtype:ReadPoint';
const CLASS = 'urn:epcglobal:epcis:vtype:EPCClass';
const NAME = 'urn:epcglobal:cbv:mda#name';
const DESCRIPTION = 'urn:epcglobal:cbv:mda#descriptionShort';
const GLN = 'urn:isotherm:epcis:gln';
const KIND = 'urn:isotherm:epcis:kind';
/** Of each vocabulary, beyond which an answer is refused. */
const MOST = 10_000;

/**
 * Master data by the standard's SimpleMasterDataQuery (EPCIS 2.0, section 8.2.7.2): places, portals and products as they are
 * registered here. What partners send of theirs is not kept.
 */
export class EpcisVocabularies {
  readonly #database: Database;

  constructor({ database }: { readonly database: Database }) {
    this.#database = database;
  }

  /** @throws {InputError} EPCIS_PARAMETER, EPCIS_TOO_MANY */
  async find(parameters: EpcisParameters): Promise<readonly EpcisVocabulary[]> {
    for (const name of parameters.keys()) {
      if (!KNOWN.test(name)) throw badParameter(name, (parameters.get(name) ?? []).join('|'), KNOWN_NAMES);
    }
    const hasAttributes = truth('includeAttributes', parameters);
    const hasChildren = truth('includeChildren', parameters);
    const wanted = parameters.get('attributeNames');
    const types = parameters.get('vocabularyName');
    const all = (await this.#all()).filter(({ type }) => types === undefined || types.includes(type));
    const found = all.map(({ type, elements }) => ({
      type,
      elements: matching(elements, parameters).map(({ id, attributes, children }) => ({
        id,
        attributes: new Map(
          hasAttributes ? [...attributes].filter(([name]) => wanted === undefined || wanted.includes(name)) : [],
        ),
        children: hasChildren ? children : [],
      })),
    }));
    const count = found.reduce((sum, { elements }) => sum + elements.length, 0);
    const most = mostOf(parameters);
    if (count > most)
      throw new InputError('EPCIS_TOO_MANY', `more than ${most} elements; allowed: at most maxElementCount`);
    return found.filter(({ elements }) => elements.length > 0);
  }

  async #all(): Promise<readonly EpcisVocabulary[]> {
    const { rows: places } = await this.#database.query<PlaceRow>(
      'SELECT id, kind, name, parent, gln FROM places ORDER BY id LIMIT $1',
      [MOST],
    );
    const { rows: portals } = await this.#database.query<{ id: string; name: string; site: string }>(
      'SELECT id, name, site FROM portals ORDER BY id LIMIT $1',
      [MOST],
    );
    const { rows: products } = await this.#database.query<{ gtin: string; name: string }>(
      'SELECT gtin, name FROM products ORDER BY gtin LIMIT $1',
      [MOST],
    );
    const inside = Map.groupBy(places, ({ parent }) => parent);
    const locations = places.map(({ id, kind, name, gln }) => ({
      id,
      attributes: new Map([[NAME, name], [KIND, kind], ...(gln === null ? [] : [[GLN, gln] as const])]),
      children: descendants(id, inside),
    }));
    const doors = portals.map(({ id, name, site }) => ({
      ...{ id: `portal:${id}`, children: [] },
      attributes: new Map([
        [NAME, name],
        ['urn:isotherm:epcis:site', site],
      ]),
    }));
    const classes = products.map(({ gtin, name }) => ({
      ...{ id: `https://id.gs1.org/01/${gtin}`, children: [] },
      attributes: new Map([[DESCRIPTION, name]]),
    }));
    return [
      { type: LOCATION, elements: locations },
      { type: READ_POINT, elements: doors },
      { type: CLASS, elements: classes },
    ];
  }
}

interface PlaceRow {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly parent: string | null;
  readonly gln: string | null;
}

/** All that is in a place, in the order in which they are registered under each other. */
function descendants(id: string, inside: ReadonlyMap<string | null, readonly PlaceRow[]>): string[] {
  return (inside.get(id) ?? []).flatMap((one) => [one.id, ...descendants(one.id, inside)]);
}

function matching(
  elements: readonly EpcisVocabularyElement[],
  parameters: EpcisParameters,
): readonly EpcisVocabularyElement[] {
  const named = parameters.get('EQ_name')?.flatMap(identifierForms);
  const within = parameters.get('WD_name')?.flatMap(identifierForms);
  const inside =
    within &&
    new Set(elements.filter(({ id }) => within.includes(id)).flatMap(({ id, children }) => [id, ...children]));
  const has = parameters.get('HASATTR') ?? [];
  const equals = [...parameters].filter(([name]) => name.startsWith('EQATTR_'));
  return elements.filter(
    ({ id, attributes }) =>
      (named === undefined || named.includes(id)) &&
      (inside === undefined || inside.has(id)) &&
      has.every((name) => attributes.has(name)) &&
      equals.every(([name, values]) => values.includes(attributes.get(name.slice('EQATTR_'.length)) ?? '')),
  );
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
