import { z } from 'zod';
import { LINE_MOST } from '../../domain/index.ts';
import { URI } from './event-schema.ts';
import type { XmlElement } from './xml.ts';
import { extensionsOf } from './xml-event.ts';

/** What a sender says of a place, a product or another thing that events name (EPCIS 2.0, sections 6.1.1 and 9.4). */
export interface MasterDataElement {
  /** The vocabulary, a URI. */
  readonly type: string;
  readonly id: string;
  /** By name, each with all its values. One that is no text, such as an address in parts, is JSON as text. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  /** Ids of what it holds. */
  readonly children: readonly string[];
}

const uri = z.string({ error: 'a URI' }).regex(URI, 'a URI').max(LINE_MOST, `a URI of at most ${LINE_MOST} characters`);

/** `epcisMasterData` of a header in JSON-LD. */
export const masterDataJson = z.looseObject({
  vocabularyList: z
    .array(
      z.looseObject({
        type: uri,
        vocabularyElementList: z
          .array(
            z.looseObject({
              id: uri,
              attributes: z.array(z.looseObject({ id: uri, attribute: z.unknown() })).optional(),
              children: z.array(uri).optional(),
            }),
          )
          .optional(),
      }),
    )
    .optional(),
});

export function masterDataFromJson({ vocabularyList = [] }: z.output<typeof masterDataJson>): MasterDataElement[] {
  return vocabularyList.flatMap(({ type, vocabularyElementList = [] }) =>
    vocabularyElementList.map(({ id, attributes = [], children = [] }) => {
      const named = attributes.map(({ id: name, attribute }) => [name, textOf(attribute)] as const);
      return { type, id, attributes: valuesByName(named), children };
    }),
  );
}

/** @param vocabularies elements whose types and ids are URIs */
export function masterDataFromXml(vocabularies: readonly XmlElement[]): MasterDataElement[] {
  return vocabularies.flatMap((vocabulary) =>
    named(vocabulary, 'VocabularyElementList').flatMap((list) =>
      named(list, 'VocabularyElement').map((element) => ({
        type: idOf(vocabulary, 'type'),
        id: idOf(element, 'id'),
        attributes: valuesByName(
          named(element, 'attribute').map((attribute) => {
            const text = attribute.text.trim();
            return [
              idOf(attribute, 'id'),
              attribute.children.length === 0 ? text : textOf(extensionsOf(attribute.children)),
            ];
          }),
        ),
        children: named(element, 'children').flatMap((list_) => named(list_, 'id').map(({ text }) => text.trim())),
      })),
    ),
  );
}

/** An attribute that is said again has one value more. */
function valuesByName(pairs: readonly (readonly [name: string, value: string])[]): Record<string, readonly string[]> {
  const values = Map.groupBy(pairs, ([name]) => name);
  return Object.fromEntries([...values].map(([name, same]) => [name, same.map(([, value]) => value)]));
}

function named(element: XmlElement, local: string): XmlElement[] {
  return element.children.filter((child) => child.local === local);
}

function idOf(element: XmlElement, key: string): string {
  return element.attributes.get(key) ?? '';
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value) ?? '';
}
